//~ a stage or a pipeline is named by a layer and what it works on, as in `dispatch.funding` [name/too-short]

use tense::pipeline_stage;

#[pipeline_stage(dispatch)]
async fn fund(loan: u32) -> Result<u32, String> {
    Ok(loan)
}

fn main() {
    drop(fund(1));
}
