//~ a stage returns a `Result`, so that a pipeline knows whether to go on [stage/output]

use tense::pipeline_stage;

#[pipeline_stage(dispatch.funding)]
fn fund(loan: u32) -> ! {
    panic!("{loan}")
}

fn main() {
    fund(1)
}
