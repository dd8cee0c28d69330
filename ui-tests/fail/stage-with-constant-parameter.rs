//~ a stage has no generic parameters: write a function for the type that the pipeline carries [stage/generic]

use tense::pipeline_stage;

#[pipeline_stage(dispatch.funding)]
async fn fund<const N: usize>(loans: [u32; N]) -> Result<usize, String> {
    Ok(loans.len())
}

fn main() {
    drop(fund([1]));
}
