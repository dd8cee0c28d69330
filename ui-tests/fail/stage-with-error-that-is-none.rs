//~ the trait bound `Declined: Into<Box<(dyn std::error::Error + Send + Sync + 'static)>>` is not satisfied
//+ the same once more, for the call
//+ the trait bound `Declined: std::error::Error` is not satisfied

use tense::pipeline_stage;

struct Declined;

#[pipeline_stage(dispatch.funding)]
async fn fund(loan: u32) -> Result<u32, Declined> {
    if loan > 1 { Err(Declined) } else { Ok(loan) }
}

fn main() {
    drop(fund(1));
}
