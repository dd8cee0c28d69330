//~ a stage has no generic parameters: write a function for the type that the pipeline carries [stage/generic]

use tense::pipeline_stage;

#[pipeline_stage(dispatch.funding)]
async fn fund<T>(loan: T) -> Result<T, String> {
    Ok(loan)
}

fn main() {
    drop(fund(1));
}
