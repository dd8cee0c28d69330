//~ `count` (integer) is missing, which `dispatch.batch.start` declares: record it in `fields(..)`
//~ `applied` (integer) is missing, which `dispatch.batch.complete` declares: record it in `fields(..)`

use tense::pipeline_stage;

#[pipeline_stage(dispatch.batch)]
fn run(count: u32) -> Result<u32, String> {
    Ok(count)
}

fn main() {
    run(7).unwrap();
}
