//~ missing lifetime specifier

use tense::pipeline_stage;

#[pipeline_stage(dispatch.funding)]
async fn fund(loan: u32) -> Result<&str, String> {
    Ok(if loan > 1 { "a" } else { "b" })
}

fn main() {
    drop(fund(1));
}
