//~ a stage returns a `Result`, so that a pipeline knows whether to go on [stage/output]

use tense::pipeline_stage;

#[pipeline_stage(dispatch.funding)]
async fn fund(loan: u32) {
    drop(loan);
}

fn main() {
    drop(fund(1));
}
