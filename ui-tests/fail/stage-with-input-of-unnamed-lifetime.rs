//~ a stage owns its input, which came out of the stage before it: take the value, not a reference [stage/input]

use std::borrow::Cow;

use tense::pipeline_stage;

#[pipeline_stage(dispatch.funding)]
async fn fund(loan: Cow<'_, str>) -> Result<usize, String> {
    Ok(loan.len())
}

fn main() {
    drop(fund(Cow::Borrowed("")));
}
