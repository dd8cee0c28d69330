//! An application enters the first stage; an approved loan leaves the last one. What a stage has done is undone by its
//! compensation when a later one fails.
//!
//! | stage | does | fails when | is undone by |
//! |---|---|---|---|
//! | `dispatch.validate` | looks at the application alone | it asks for too much | |
//! | `dispatch.credit` | reserves in the ledger | the income is too low | [`release_credit`] |
//! | `dispatch.funding` | books in the ledger | the fund is empty | [`return_funds`] |
//! | `dispatch.notify` | tells the applicant, in three attempts | none is answered | |

use std::future::pending;
use std::sync::Arc;

use tense::{pipeline_stage, traced};

use crate::applications::Application;
use crate::endpoint::Notice;
use crate::ledger::{Ledger, LedgerError};
use crate::notices::{NoticeError, Notices};

/// More is a matter for people.
const MOST: u32 = 50_000;
/// A loan may be so many yearly incomes.
const INCOMES: u32 = 2;

/// What the stages work with.
#[derive(Debug)]
pub(crate) struct Bank {
    pub(crate) ledger: Ledger,
    pub(crate) notices: Notices,
    /// The application whose funding never comes back, for whoever wants to kill the program in the middle of it.
    pub(crate) held: Option<String>,
}

/// An application on its way through the bank. A stage takes one input, so it carries the bank along.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) application: Application,
    pub(crate) bank: Arc<Bank>,
}

/// A request whose amount is set aside.
#[derive(Debug, Clone)]
pub(crate) struct Reserved(Request);

/// A request whose amount is booked.
#[derive(Debug, Clone)]
pub(crate) struct Funded {
    request: Request,
    instalment: u32,
}

/// The applicant has been told, and nothing is left to be done.
#[derive(Debug)]
pub(crate) struct Approved;

#[derive(Debug, thiserror::Error)]
pub(crate) enum ValidateError {
    #[error("{amount} is more than the {MOST} that can be asked for")]
    TooMuch { amount: u32 },
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum CreditError {
    #[error("{amount} is more than {INCOMES} incomes of {income}")]
    Refused { amount: u32, income: u32 },
    #[error("reserve the amount")]
    Ledger(#[from] LedgerError),
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum FundingError {
    #[error("insufficient funds")]
    Insufficient(#[source] LedgerError),
    #[error("book the loan")]
    Ledger(#[source] LedgerError),
}

#[pipeline_stage(dispatch.validate)]
pub(crate) async fn validate(request: Request) -> Result<Request, ValidateError> {
    let amount = request.application.amount;
    if amount > MOST {
        return Err(ValidateError::TooMuch { amount });
    }
    // That `months` may be 0 has been forgotten here, on purpose: a real program has such bugs, and `fund` will find
    // it.
    Ok(request)
}

#[pipeline_stage(dispatch.credit, compensate = release_credit)]
pub(crate) async fn credit(request: Request) -> Result<Reserved, CreditError> {
    let Application { ref id, amount, income, .. } = request.application;
    if amount > income.saturating_mul(INCOMES) {
        return Err(CreditError::Refused { amount, income });
    }
    request.bank.ledger.reserve(id, amount)?;
    Ok(Reserved(request))
}

#[traced(dispatch.release_credit)]
async fn release_credit(reserved: &Reserved) -> Result<(), LedgerError> {
    let Request { application, bank } = &reserved.0;
    bank.ledger.release(&application.id)
}

#[pipeline_stage(dispatch.funding, compensate = return_funds, fields(instalment = _))]
pub(crate) async fn fund(reserved: Reserved) -> Result<Funded, FundingError> {
    let Request { application, bank } = &reserved.0;
    let instalment = application.amount / application.months;
    tense::record!(instalment = instalment);
    if bank.held.as_ref() == Some(&application.id) {
        pending::<()>().await;
    }
    bank.ledger.debit(&application.id, application.fund, application.amount).map_err(|error| match error {
        LedgerError::TooLittle { .. } => FundingError::Insufficient(error),
        other => FundingError::Ledger(other),
    })?;
    Ok(Funded { request: reserved.0, instalment })
}

#[traced(dispatch.return_funds)]
async fn return_funds(funded: &Funded) -> Result<(), LedgerError> {
    let Request { application, bank } = &funded.request;
    bank.ledger.refund(&application.id, application.fund, application.amount)
}

#[pipeline_stage(dispatch.notify, retry(when = NoticeError::may_pass, attempts = 3, backoff = "50ms"))]
pub(crate) async fn notify(funded: Funded) -> Result<Approved, NoticeError> {
    let Funded { request: Request { application, bank }, instalment } = funded;
    let notice = Notice { application: application.id, amount: application.amount, instalment };
    bank.notices.send(&notice, application.inbox).await?;
    Ok(Approved)
}
