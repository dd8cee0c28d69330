//~ `= _` stands for a value that the body of a function fills in; here it has to be given now [attribute/later]

use tense::{Pipeline, name, pipeline_stage};

#[pipeline_stage(dispatch.credit)]
async fn credit(amount: u64) -> Result<u64, String> {
    Ok(amount)
}

fn main() {
    let _pipeline = Pipeline::named(name!(dispatch.loan, |amount: &u64| fields(amount = _))).stage(CreditStage);
}
