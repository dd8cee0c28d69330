//~ the stage `NotifyStage` cannot follow `Parallel<(CreditStage, FraudStage)>`

use tense::{Pipeline, name, pipeline_stage};

struct Score;

#[pipeline_stage(dispatch.credit)]
async fn credit(_application: String) -> Result<Score, String> {
    Ok(Score)
}

#[pipeline_stage(dispatch.fraud)]
async fn fraud(_application: String) -> Result<bool, String> {
    Ok(false)
}

#[pipeline_stage(dispatch.notify)]
async fn notify(_scores: (Score, Score)) -> Result<(), String> {
    Ok(())
}

fn main() {
    let _pipeline = Pipeline::named(name!(dispatch.loan)).parallel((CreditStage, FraudStage)).stage(NotifyStage);
}
