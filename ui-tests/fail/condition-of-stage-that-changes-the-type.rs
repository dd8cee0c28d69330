//~ the stage `CreditStage` cannot be left out: it does not give what it takes

use tense::{Pipeline, name, pipeline_stage};

#[pipeline_stage(dispatch.validate)]
async fn validate(application: String) -> Result<String, String> {
    Ok(application)
}

#[pipeline_stage(dispatch.credit)]
async fn credit(application: String) -> Result<usize, String> {
    Ok(application.len())
}

fn main() {
    let _pipeline = Pipeline::named(name!(dispatch.loan)).stage(ValidateStage).stage_if(|_| true, CreditStage);
}
