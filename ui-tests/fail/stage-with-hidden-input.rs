//~ a stage has no generic parameters: write a function for the type that the pipeline carries [stage/generic]

use tense::pipeline_stage;

#[pipeline_stage(dispatch.funding)]
async fn fund(loan: impl Into<u32>) -> Result<u32, String> {
    Ok(loan.into())
}

fn main() {
    drop(fund(1_u8));
}
