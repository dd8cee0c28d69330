//~ a name comes first: `layer.domain.action`, as in `operation.tokens.created` [name/missing]

use tense::pipeline_stage;

#[pipeline_stage]
async fn fund(loan: u32) -> Result<u32, String> {
    Ok(loan)
}

fn main() {
    drop(fund(1));
}
