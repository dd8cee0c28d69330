//~ a stage owns its input, which came out of the stage before it: take the value, not a reference [stage/input]

use tense::pipeline_stage;

#[pipeline_stage(dispatch.funding)]
async fn fund(loan: &u32) -> Result<u32, String> {
    Ok(*loan)
}

fn main() {
    drop(fund(&1));
}
