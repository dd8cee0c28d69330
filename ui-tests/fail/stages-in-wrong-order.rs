//~ the stage `NotifyStage` cannot follow `CreditStage`
//~ the stage `FundStage` cannot follow `NotifyStage`

use tense::{Pipeline, name, pipeline_stage};

struct Application;
struct Credit;
struct Loan;

#[pipeline_stage(dispatch.credit)]
async fn credit(_application: Application) -> Result<Credit, String> {
    Ok(Credit)
}

#[pipeline_stage(dispatch.funding)]
async fn fund(_credit: Credit) -> Result<Loan, String> {
    Ok(Loan)
}

#[pipeline_stage(dispatch.notify)]
async fn notify(_loan: Loan) -> Result<(), String> {
    Ok(())
}

fn main() {
    let _pipeline = Pipeline::named(name!(dispatch.loan)).stage(CreditStage).stage(NotifyStage).stage(FundStage);
}
