//~ a pipeline hands on what a stage returns, and names its type: write the type itself, or put the value in a `Box<dyn ..>` [stage/output]

use std::fmt::Debug;

use tense::pipeline_stage;

#[pipeline_stage(dispatch.funding)]
async fn fund(loan: u32) -> Result<impl Debug, String> {
    Ok(loan)
}

fn main() {
    drop(fund(1));
}
