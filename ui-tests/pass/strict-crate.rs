//! A crate that refuses every warning takes all annotations, public and private.

#![deny(warnings, missing_docs, unused_qualifications, unused_results, unreachable_pub, unused_lifetimes)]
#![deny(rust_2018_idioms, let_underscore_drop, single_use_lifetimes, elided_lifetimes_in_paths)]
#![deny(clippy::all, clippy::pedantic, clippy::nursery)]
#![allow(clippy::unwrap_used, reason = "it is a test")]
#![forbid(unsafe_code)]

use std::fmt;

use tense::{Pipeline, name, pipeline_stage, traced};

/// Why a card was refused.
#[derive(Debug)]
pub struct Declined;

impl fmt::Display for Declined {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("declined")
    }
}

impl std::error::Error for Declined {}

/// Charges a card.
///
/// # Errors
/// When the amount is too large.
#[traced(operation.cards.charged, fields(amount, who = name.len(), receipt = _), level = "debug", tags("saga"))]
pub fn charge(amount: u8, name: &str) -> Result<usize, Declined> {
    tense::record!(receipt = name.len());
    tense::event!(operation.cards.checked, amount);
    if amount > 9 { Err(Declined) } else { Ok(name.len()) }
}

#[traced(dispatch.batch.*, fields(size))]
async fn run_batch(size: u32) -> Option<u32> {
    size.checked_sub(1)
}

/// Checks the credit.
///
/// # Errors
/// When there is none.
#[pipeline_stage(dispatch.credit)]
pub async fn credit(amount: u64) -> Result<u64, Declined> {
    if amount > 5000 { Err(Declined) } else { Ok(amount) }
}

#[traced(operation.funds.released)]
async fn release(_amount: &u64) -> Result<(), Declined> {
    Ok(())
}

#[pipeline_stage(dispatch.funding, compensate = release, stage = Funding)]
fn fund(amount: u64) -> Result<u64, Declined> {
    amount.checked_mul(2).ok_or(Declined)
}

// In no pipeline yet, and no dead code.
#[pipeline_stage(dispatch.notify, retry(when = |_| false, attempts = 2), fields(amount))]
async fn notify(amount: u64) -> Result<(), Declined> {
    if amount == 0 { Err(Declined) } else { Ok(()) }
}

struct Till {
    sum: u64,
}

impl Till {
    #[traced(operation.tills._)]
    fn update_sum(&mut self, by: u64) -> &mut u64 {
        self.sum += by;
        &mut self.sum
    }
}

fn main() {
    assert!(charge(1, "abc").is_ok() && charge(10, "abc").is_err());
    assert_eq!(*Till { sum: 1 }.update_sum(2), 3);
    let pipeline =
        Pipeline::named(name!(dispatch.loan, |amount: &u64| fields(amount))).stage(CreditStage).stage(Funding);
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
        assert_eq!(run_batch(3).await, Some(2));
        assert_eq!(pipeline.run(7).await.unwrap(), 14);
        assert!(pipeline.run(7000).await.is_err());
    });
}
