//~ a stage owns its input, which came out of the stage before it: take the value, not a reference [stage/input]

use tense::pipeline_stage;

#[pipeline_stage(dispatch.funding)]
async fn fund((amount, _name): (u8, &str)) -> Result<u8, String> {
    Ok(amount)
}

fn main() {
    drop(fund((1, "")));
}
