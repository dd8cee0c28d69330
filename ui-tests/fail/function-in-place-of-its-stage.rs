//~ `#[pipeline_stage(layer.name)]` on `async fn fund(..)` makes the stage `FundStage`

use tense::{Pipeline, name, pipeline_stage};

#[pipeline_stage(dispatch.credit)]
async fn credit(application: String) -> Result<String, String> {
    Ok(application)
}

fn main() {
    let _pipeline = Pipeline::named(name!(dispatch.loan)).stage(credit);
}
