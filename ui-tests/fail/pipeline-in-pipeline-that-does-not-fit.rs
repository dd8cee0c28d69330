//~ cannot follow `CreditStage`

use tense::{Pipeline, name, pipeline_stage};

#[pipeline_stage(dispatch.credit)]
async fn credit(application: String) -> Result<usize, String> {
    Ok(application.len())
}

#[pipeline_stage(dispatch.notify)]
async fn notify(loan: String) -> Result<String, String> {
    Ok(loan)
}

fn main() {
    let inner = Pipeline::named(name!(dispatch.send)).stage(NotifyStage);
    let _pipeline = Pipeline::named(name!(dispatch.loan)).stage(CreditStage).stage(inner);
}
