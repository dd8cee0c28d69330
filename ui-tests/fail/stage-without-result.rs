//~ a stage returns a `Result`, and this one returns `Option<u32>`
//+ the same once more, for the call

use tense::pipeline_stage;

#[pipeline_stage(dispatch.funding)]
async fn fund(loan: u32) -> Option<u32> {
    Some(loan)
}

fn main() {
    drop(fund(1));
}
