//! A stage that fails and may try again goes in; it is called until it succeeds, gives up, or fails for good.
//!
//! Its span is then the pipeline's to make, because the function's own span is that of one attempt.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use super::name::{Take, begin_with};
use super::run::{Cause, Halted, Run, limit_of, outcome_of, told};
use super::stage::{Failure, Given, StageFn, StageOutput};
use super::timeout::{Sleep, sleep, within};
use crate::call::Open;
use crate::future::traced;
use crate::id;
use crate::site::{Route, Site};
use crate::stack::{Attempt, Hint};

/// What `retry(..)` says, beside when.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct Retry {
    /// How often the function is called at most; at least once.
    pub attempts: u32,
    /// The wait before the second attempt; twice as long before the third, and so on. Zero for none.
    pub backoff: Duration,
    /// The longest wait.
    pub max_backoff: Duration,
}

/// What the macro knows of a stage that may try again.
#[doc(hidden)]
pub struct Again<S: StageFn> {
    /// Of the stage as a whole.
    pub stage: &'static Site,
    /// Of one attempt.
    pub attempt: &'static Site,
    pub retry: Retry,
    /// Whether an error is worth another attempt.
    pub when: fn(&<S::Returned as StageOutput>::Err) -> bool,
    pub clone: fn(&S::In) -> S::In,
    /// The fields that the stage records of its input.
    pub fields: fn(&S::In, Take<'_>),
}

/// An input that a second attempt can have as well.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "a stage that is tried again needs its input again, and `{Self}` cannot be cloned",
    label = "asks for `Clone`",
    note = "derive `Clone` for `{Self}`"
)]
pub trait InputOfRetried: Sized {
    fn again(&self) -> Self;
}

#[diagnostic::do_not_recommend]
impl<T: Clone> InputOfRetried for T {
    fn again(&self) -> Self {
        self.clone()
    }
}

/// The same input, for another attempt.
#[doc(hidden)]
pub fn input_again<T: InputOfRetried>(input: &T) -> T {
    input.again()
}

impl Run<'_> {
    /// Waits, and no longer than until the run is told to stop.
    async fn rest(self, timer: Sleep) {
        let mut timer = pin!(timer);
        // Whoever polls the run has looked first whether it is to stop, and is woken by that.
        poll_fn(|context| match self.ledger.is_stopping() {
            true => Poll::Ready(()),
            false => timer.as_mut().poll(context),
        })
        .await;
    }

    /// Runs the function of a stage until it succeeds, or there is no point in trying again.
    pub async fn again<S: StageFn>(self, input: S::In, how: Again<S>) -> Result<Given<S>, Halted> {
        let limit = limit_of::<S>()?;
        let span = self.begin();
        let site = how.stage;
        let body = async move {
            let open = begin_with(|take| (how.fields)(&input, take));
            attempts::<S>(self, open, input, &how).await
        };
        let hint = Hint { to: Hint::addressee(S::NAME), span, ..Hint::NONE };
        let result = within(limit, span, told(self.open, hint, traced(site, body, outcome_of))).await;
        self.end::<S>(span, result.map_err(Cause::Failed).and_then(|given| given))
    }
}

async fn attempts<S: StageFn>(run: Run<'_>, open: Open, mut input: S::In, how: &Again<S>) -> Result<Given<S>, Cause> {
    // Puts the site on the list, so that it has the number that an attempt's record carries.
    let site = if how.attempt.route() == Route::Off { 0 } else { how.attempt.id() };
    let (mut waited, mut number) = (Duration::ZERO, 1);
    loop {
        let attempt = Attempt { site, number, backoff_ms: waited.as_millis() as u64 };
        let hint = Hint { to: Hint::addressee(S::NAME), attempt: attempt.packed(), ..Hint::NONE };
        // The last attempt has the input itself.
        let (taken, kept) =
            if number < how.retry.attempts { ((how.clone)(&input), Some(input)) } else { (input, None) };
        let result = told(open, hint, S::call(taken)).await.into_result();
        let wait = match next::<S>(result, kept, number, how) {
            Next::Over(result) => return result.map_err(Cause::Failed),
            Next::Again(kept, wait) => {
                input = kept;
                wait
            }
        };
        if let Some((duration, timer)) = wait {
            waited = duration;
            run.rest(timer).await;
        }
        if run.is_to_stop().await {
            return Err(Cause::Stopped);
        }
        number += 1;
    }
}

/// What follows an attempt.
enum Next<S: StageFn> {
    Over(Result<Given<S>, Failure>),
    /// Another one, with that input, after a wait.
    Again(S::In, Option<(Duration, Sleep)>),
}

/// Decides it. The error stays in here and is gone before the wait: what it holds, a connection or a permit, is needed
/// elsewhere meanwhile, and it need not be `Send`.
fn next<S: StageFn>(
    result: Result<Given<S>, <S::Returned as StageOutput>::Err>,
    kept: Option<S::In>,
    number: u32,
    how: &Again<S>,
) -> Next<S> {
    let error = match result {
        Ok(given) => return Next::Over(Ok(given)),
        Err(error) => error,
    };
    let Some(input) = kept.filter(|_| (how.when)(&error)) else { return Next::Over(Err(Failure::of(error))) };
    let wait = how.retry.wait(number, id::random());
    if wait.is_zero() {
        return Next::Again(input, None);
    }
    match sleep(wait) {
        Some(timer) => Next::Again(input, Some((wait, timer))),
        // Where nothing measures time, trying again at once would be what the back-off is there to prevent.
        None => Next::Over(Err(Failure::of(error))),
    }
}

impl Retry {
    /// The wait behind that attempt: doubled each time up to the bound, and of that between half and all of it, so that
    /// many who failed together do not come back together. In whole milliseconds, as it is recorded.
    fn wait(self, attempt: u32, random: u64) -> Duration {
        if self.backoff.is_zero() {
            // However often it is doubled.
            return Duration::ZERO;
        }
        let doubled = 1_u32.checked_shl(attempt.saturating_sub(1)).and_then(|times| self.backoff.checked_mul(times));
        let full = doubled.unwrap_or(Duration::MAX).min(self.max_backoff).as_millis() as u64;
        let half = full / 2;
        Duration::from_millis(full - random % (half + 1))
    }
}

impl<S: StageFn> std::fmt::Debug for Again<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Again").field("retry", &self.retry).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_doubles_up_to_its_bound_and_is_half_of_it_at_least() {
        let ms = Duration::from_millis;
        let retry = Retry { attempts: 99, backoff: ms(100), max_backoff: ms(1500) };
        for (attempt, full) in [(1, 100), (2, 200), (4, 800), (5, 1500), (33, 1500), (90, 1500)] {
            assert_eq!(retry.wait(attempt, 0), ms(full), "behind attempt {attempt}");
            let waits = (0..5000).map(|random| retry.wait(attempt, random));
            assert_eq!(waits.min(), Some(ms(full - full / 2)), "behind attempt {attempt}");
        }
        for attempt in [1, 3, 33, 90] {
            assert_eq!(Retry { backoff: Duration::ZERO, ..retry }.wait(attempt, 7), Duration::ZERO);
        }
    }
}
