//~ `skipped` is filled in by pipelines and the recorder; give yours another name [attribute/reserved]

use tense::{Pipeline, name, pipeline_stage};

#[pipeline_stage(dispatch.notify)]
async fn notify(loan: String) -> Result<String, String> {
    Ok(loan)
}

fn main() {
    let _pipeline =
        Pipeline::named(name!(dispatch.loan, |loan: &String| fields(skipped = loan.is_empty()))).stage(NotifyStage);
}
