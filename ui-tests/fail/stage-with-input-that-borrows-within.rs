//~ a stage owns its input, which came out of the stage before it: take the value, not a reference [stage/input]

use tense::pipeline_stage;

#[pipeline_stage(dispatch.funding)]
async fn fund(loan: Option<&str>) -> Result<usize, String> {
    Ok(loan.map_or(0, str::len))
}

fn main() {
    drop(fund(None));
}
