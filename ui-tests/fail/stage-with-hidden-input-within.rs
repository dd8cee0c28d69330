//~ a stage has no generic parameters: write a function for the type that the pipeline carries [stage/generic]

use tense::pipeline_stage;

#[pipeline_stage(dispatch.funding)]
async fn fund(loans: (u32, Vec<impl Into<u32>>)) -> Result<u32, String> {
    Ok(loans.0)
}

fn main() {
    drop(fund((1, vec![1_u8])));
}
