//~ the trait bound `Loan: Clone` is not satisfied

use tense::pipeline_stage;

struct Loan;

async fn release(_loan: &Loan) -> Result<(), String> {
    Ok(())
}

#[pipeline_stage(dispatch.funding, compensate = release)]
async fn fund(_amount: u32) -> Result<Loan, String> {
    Ok(Loan)
}

fn main() {
    drop(fund(1));
}
