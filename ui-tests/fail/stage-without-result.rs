//~ a stage, and what undoes one, returns a `Result`, and this returns `Option<u32>`

use tense::pipeline_stage;

#[pipeline_stage(dispatch.funding)]
async fn fund(loan: u32) -> Option<u32> {
    Some(loan)
}

fn main() {
    drop(fund(1));
}
