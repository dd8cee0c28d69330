//~ each stage of a group gets a clone of its input, and `Credit` cannot be cloned

use tense::{Pipeline, name, pipeline_stage};

struct Credit;

#[pipeline_stage(dispatch.credit)]
async fn credit(_application: String) -> Result<Credit, String> {
    Ok(Credit)
}

#[pipeline_stage(dispatch.book)]
async fn book(_credit: Credit) -> Result<(), String> {
    Ok(())
}

#[pipeline_stage(dispatch.funding)]
async fn fund(_credit: Credit) -> Result<(), String> {
    Ok(())
}

fn main() {
    let _pipeline = Pipeline::named(name!(dispatch.loan)).stage(CreditStage).parallel((BookStage, FundStage));
}
