//~ a stage or a pipeline is named without its action, so leave out `*`: its life is implied [name/wildcard]

use tense::pipeline_stage;

#[pipeline_stage(dispatch.funding.*)]
async fn fund(loan: u32) -> Result<u32, String> {
    Ok(loan)
}

fn main() {
    drop(fund(1));
}
