//! A stage that can be undone.
#[pipeline_stage(dispatch.credit, compensate = release)]
async fn credit(loan: Loan) -> Result<Loan, Declined> {
    Ok(loan)
}
