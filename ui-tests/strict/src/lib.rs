//! Nothing here may be warned of, whether it was written or expanded: `cargo clippy` is run over it with all other
//! packages.
//!
//! Of clippy's restrictions those are allowed that contradict others, or speak of what stands here as it would without
//! us.

#![deny(warnings, unused, missing_docs, missing_debug_implementations, missing_copy_implementations)]
#![deny(unused_results, unused_qualifications, unused_lifetimes, unused_import_braces, unreachable_pub)]
#![deny(
    rust_2018_idioms,
    let_underscore_drop,
    single_use_lifetimes,
    elided_lifetimes_in_paths,
    variant_size_differences
)]
#![deny(trivial_casts, trivial_numeric_casts, explicit_outlives_requirements, redundant_lifetimes, non_ascii_idents)]
#![deny(
    future_incompatible,
    nonstandard_style,
    keyword_idents,
    let_underscore,
    macro_use_extern_crate,
    meta_variable_misuse
)]
#![deny(clippy::all, clippy::pedantic, clippy::nursery, clippy::cargo, clippy::restriction)]
#![forbid(unsafe_code)]
#![allow(
    clippy::arbitrary_source_item_ordering,
    clippy::blanket_clippy_restriction_lints,
    clippy::implicit_return,
    clippy::question_mark_used,
    clippy::single_call_fn,
    clippy::missing_trait_methods,
    clippy::pub_with_shorthand,
    clippy::semicolon_outside_block,
    clippy::separated_literal_suffix,
    reason = "they contradict others, or what everybody writes"
)]
#![allow(clippy::exhaustive_structs, reason = "a stage is a unit struct, made where it is named")]
#![allow(clippy::cargo_common_metadata, clippy::multiple_crate_versions, reason = "it is not published")]

use core::error::Error;
use core::fmt::{Display, Formatter, Result as Written};
use core::future::ready;
use core::panic::Location;
use core::pin::Pin;

use tense::{StartedSpan, event, fail, log, pipeline_stage, prepared, record, span, traced};

/// Why a card was refused.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Declined;

impl Display for Declined {
    #[inline]
    fn fmt(&self, f: &mut Formatter<'_>) -> Written {
        f.write_str("declined")
    }
}

impl Error for Declined {}

/// Charges a card.
///
/// # Errors
/// When the amount is too large.
#[inline]
#[traced(operation.cards.charged, fields(amount, who = name.len(), %name, receipt = _), level = "debug", tags("saga"))]
pub fn charge(amount: u8, name: &str) -> Result<usize, Declined> {
    record!(receipt = name.len());
    event!(operation.cards.checked, amount);
    if amount > 9 { Err(Declined) } else { Ok(name.len()) }
}

/// Looks for a card.
#[inline]
#[must_use]
#[traced(operation.cards.found, none = failed)]
pub fn find(number: u64) -> Option<u64> {
    number.checked_sub(7)
}

/// With patterns and arguments that nobody uses.
#[inline]
#[must_use]
#[traced(operation.cards.listed, fields(first))]
pub fn list((first, _second): (u8, u8), _: u8, _unused: &str, mut all: Vec<u8>) -> Vec<u8> {
    all.push(first);
    all
}

/// Runs a batch.
///
/// # Errors
/// When there is nothing left.
#[inline]
#[traced(dispatch.batch.*, fields(size, left = _))]
pub async fn run_batch(size: u32) -> Result<u32, Declined> {
    ready(()).await;
    let left = size.checked_sub(1).ok_or(Declined)?;
    record!(left);
    Ok(left)
}

/// Hidden.
#[inline]
#[traced(operation.cards.read)]
pub fn read(name: &str) -> impl Future<Output = usize> + Send {
    async move { name.len() }
}

/// Boxed.
#[inline]
#[must_use]
#[traced(operation.cards.read, fields(name))]
pub fn read_boxed(name: &str) -> Pin<Box<dyn Future<Output = usize> + Send + '_>> {
    Box::pin(async move { name.len() })
}

/// Blocks, lines, and failures that are no errors.
///
/// # Errors
/// When the amount is too large.
#[inline]
#[traced(operation.cards.counted, fields(missing = _))]
pub fn count(cards: &[u64], wanted: usize) -> Result<usize, Declined> {
    log!(step, "counting {wanted} cards", wanted = wanted);
    log!(data, wanted);
    let found = span!(operation.cards.listed, fields(first = cards.first(), known = _), || {
        record!(known = cards.len());
        if cards.is_empty() {
            fail!("no cards");
        }
        cards.len()
    });
    let known = span!(operation.cards.listed).in_scope(|| found.checked_sub(1).ok_or(Declined))?;
    if found < wanted {
        fail!("{} of {wanted} are missing", wanted.abs_diff(found), missing = known);
    }
    Ok(known)
}

/// Waits in spans of its own.
#[inline]
pub async fn count_later(cards: &[u64]) -> usize {
    let counted =
        span!(operation.cards.counted, fields(first = cards.first()), async { ready(cards.len()).await }).await;
    span!(operation.cards.counted, fields(counted)).instrument(ready(counted)).await
}

/// Begins what is ended elsewhere.
#[inline]
pub fn begin(cards: &[u64]) -> StartedSpan {
    let span = span!(dispatch.cards.*, fields(size = cards.len(), first = _)).start();
    record!(in span, first = cards.first());
    if cards.is_empty() {
        fail!(in span, "no cards");
    }
    span.erase()
}

/// Where it was called.
#[inline]
#[track_caller]
#[must_use]
#[traced(operation.places.found)]
pub fn place() -> u32 {
    Location::caller().line()
}

/// Checks the credit.
///
/// # Errors
/// When there is none.
#[inline]
#[pipeline_stage(dispatch.credit)]
pub async fn credit(amount: u64) -> Result<u64, Declined> {
    ready(()).await;
    if amount > 5000 { Err(Declined) } else { Ok(amount) }
}

/// Asks more than once.
///
/// # Errors
/// When there is none.
#[inline]
#[pipeline_stage(dispatch.renewal, fields(amount), retry(when = |error| matches!(*error, Declined), attempts = 3))]
pub async fn renew(mut amount: u64) -> Result<u64, Declined> {
    ready(()).await;
    amount = amount.saturating_add(1);
    if amount > 5000 { Err(Declined) } else { Ok(amount) }
}

/// Gives the money back.
///
/// # Errors
/// Never.
#[inline]
#[traced(operation.funds.released)]
pub async fn release(amount: &u64) -> Result<(), Declined> {
    ready(()).await;
    if *amount == 0 { Err(Declined) } else { Ok(()) }
}

/// What is asked for.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Request {
    /// How much.
    pub amount: u64,
}

/// Asks for money.
///
/// # Errors
/// When there is none.
#[inline]
#[traced(operation.funds.requested, fields(request.amount, first = tries.first().copied(), asked = _))]
pub async fn ask(request: Request, _reason: &str, mut tries: Vec<u64>) -> Result<usize, Declined> {
    ready(()).await;
    tries.push(request.amount);
    record!(asked = tries.len());
    if tries.is_empty() { Err(Declined) } else { Ok(tries.len()) }
}

/// Pays.
///
/// # Errors
/// When it is too much.
#[inline]
#[pipeline_stage(dispatch.funding, compensate = release, stage = Funding)]
pub fn fund(amount: u64) -> Result<u64, Declined> {
    amount.checked_mul(2).ok_or(Declined)
}

/// Holds a sum.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Till {
    /// In cents.
    sum: u64,
}

#[traced(operation.tills._)]
impl Till {
    /// An empty one.
    #[inline]
    #[must_use]
    pub const fn new() -> Self {
        Self { sum: 0 }
    }

    /// Reads it.
    #[inline]
    #[must_use]
    pub const fn sum(&self) -> u64 {
        self.sum
    }

    /// Adds to it.
    #[inline]
    pub fn update_sum(&mut self, by: u64) -> &mut u64 {
        self.sum = self.sum.saturating_add(by);
        &mut self.sum
    }

    /// Closes it.
    #[inline]
    #[must_use]
    pub fn close(self) -> u64 {
        let Self { sum } = self;
        sum
    }

    /// Waits for it.
    #[inline]
    pub async fn await_sum(&mut self) -> Option<u64> {
        ready(()).await;
        self.sum.checked_sub(1)
    }

    /// Plans.
    #[inline]
    #[traced(skip)]
    pub fn plan(&self) {
        prepared!(decision.tills.close, sum = self.sum).emit();
    }
}
