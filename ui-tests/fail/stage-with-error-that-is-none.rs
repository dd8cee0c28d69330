//~ a stage cannot fail with `Declined`, which is no error

use tense::pipeline_stage;

struct Declined;

#[pipeline_stage(dispatch.funding)]
async fn fund(loan: u32) -> Result<u32, Declined> {
    if loan > 1 { Err(Declined) } else { Ok(loan) }
}

fn main() {
    drop(fund(1));
}
