//~ a stage, and what undoes one, returns a `Result`, and this returns `()`

use tense::pipeline_stage;

async fn release(_loan: &u32) {}

#[pipeline_stage(dispatch.funding, compensate = release)]
async fn fund(loan: u32) -> Result<u32, String> {
    Ok(loan)
}

fn main() {
    drop(fund(1));
}
