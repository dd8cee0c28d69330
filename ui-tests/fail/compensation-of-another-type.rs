//~ mismatched types

use tense::pipeline_stage;

async fn release(_loan: &String) -> Result<(), String> {
    Ok(())
}

#[pipeline_stage(dispatch.funding, compensate = release)]
async fn fund(loan: u32) -> Result<u32, String> {
    Ok(loan)
}

fn main() {
    drop(fund(1));
}
