//~ `count` (integer), `applied` (integer) are missing, which `dispatch.batch.complete` declares: record them in `fields(..)`, or say in tense.toml that they may be absent, as in `"integer?"` [fields/missing]

use tense::pipeline_stage;

#[pipeline_stage(dispatch.batch)]
fn run(count: u32) -> Result<u32, String> {
    Ok(count)
}

fn main() {
    run(7).unwrap();
}
