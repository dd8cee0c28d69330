//~ mismatched types

use tense::{Pipeline, name, pipeline_stage};

#[pipeline_stage(dispatch.credit)]
async fn credit(amount: u64) -> Result<u64, String> {
    Ok(amount)
}

fn main() {
    let pipeline = Pipeline::named(name!(dispatch.loan)).stage(CreditStage);
    drop(pipeline.run("7"));
}
