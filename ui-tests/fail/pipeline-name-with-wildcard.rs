//~ a stage or a pipeline is named without its action, so leave out `*`: its life is implied [name/wildcard]

use tense::{Pipeline, name, pipeline_stage};

#[pipeline_stage(dispatch.credit)]
async fn credit(amount: u64) -> Result<u64, String> {
    Ok(amount)
}

fn main() {
    let _pipeline = Pipeline::named(name!(dispatch.loan.*)).stage(CreditStage);
}
