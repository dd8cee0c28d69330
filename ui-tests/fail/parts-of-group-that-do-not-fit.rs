//~ the stage `Parallel<(BookStage, NotifyStage)>` cannot follow `SplitStage`

use tense::{Pipeline, name, pipeline_stage};

#[pipeline_stage(dispatch.split)]
fn split(loan: String) -> Result<(String, u32), String> {
    Ok((loan, 1))
}

#[pipeline_stage(dispatch.book)]
async fn book(amount: u32) -> Result<u32, String> {
    Ok(amount)
}

#[pipeline_stage(dispatch.notify)]
async fn notify(loan: String) -> Result<String, String> {
    Ok(loan)
}

fn main() {
    let _pipeline = Pipeline::named(name!(dispatch.loan)).stage(SplitStage).parallel_parts((BookStage, NotifyStage));
}
