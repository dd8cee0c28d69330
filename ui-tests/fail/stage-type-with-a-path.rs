//~ `stage` takes the name of the type to be made, without quotes [attribute/value]

use tense::pipeline_stage;

#[pipeline_stage(dispatch.credit, stage = stages::Credit)]
async fn credit(amount: u32) -> Result<u32, String> {
    Ok(amount)
}

fn main() {
    drop(credit(1));
}
