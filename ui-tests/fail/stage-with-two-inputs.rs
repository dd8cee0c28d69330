//~ a stage takes one owned input: put what it needs into one struct, or capture it in a closure [stage/input]

use tense::pipeline_stage;

#[pipeline_stage(dispatch.funding)]
async fn fund(loan: u32, account: u32) -> Result<u32, String> {
    Ok(loan + account)
}

fn main() {
    drop(fund(1, 2));
}
