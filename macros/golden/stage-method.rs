//! A method has the events of a stage, and no type of its own.
#[pipeline_stage(dispatch.lend, fields(amount))]
async fn lend(&self, amount: u64) -> Result<Loan, Declined> {
    self.bank.lend(amount).await
}
