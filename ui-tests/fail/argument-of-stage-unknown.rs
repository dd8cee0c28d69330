//~ unknown argument `undo`; known are `fields`, `level`, `target`, `tags`, `exempt`, `crate`, `compensate`, `stage`, `retry`, `timeout` [attribute/unknown]

use tense::pipeline_stage;

#[pipeline_stage(dispatch.funding, undo = release)]
async fn fund(loan: u32) -> Result<u32, String> {
    Ok(loan)
}

fn main() {
    drop(fund(1));
}
