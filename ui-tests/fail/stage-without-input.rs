//~ a stage takes one owned input: put what it needs into one struct, or capture it in a closure [stage/input]

use tense::pipeline_stage;

#[pipeline_stage(dispatch.funding)]
async fn fund() -> Result<u32, String> {
    Ok(1)
}

fn main() {
    drop(fund());
}
