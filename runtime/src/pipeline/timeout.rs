//! A future and how long it may take go in; what it gave comes out, or the failure of having taken longer.
//!
//! Time is measured by tokio, behind the feature of that name. Nothing here starts a runtime.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use super::report::{NoTimer, TimedOut};
use super::stage::Failure;
use crate::call::give_up;

/// Drops the future when it has taken so long. `span` is the one that the future ends then: it failed.
pub(super) async fn within<F: Future>(limit: Option<Duration>, span: u64, future: F) -> Result<F::Output, Failure> {
    let mut future = pin!(Some(future));
    let timer = limit.map(|limit| sleep(limit).ok_or_else(|| Failure::of(NoTimer))).transpose()?;
    let mut timer = pin!(timer);
    let finished = poll_fn(|context| {
        if let Some(future) = future.as_mut().as_pin_mut()
            && let Poll::Ready(out) = future.poll(context)
        {
            return Poll::Ready(Some(out));
        }
        timer.as_mut().as_pin_mut().map_or(Poll::Pending, |timer| timer.poll(context).map(|_| None))
    })
    .await;
    if let Some(out) = finished {
        return Ok(out);
    }
    let failure = Failure::of(TimedOut { limit: limit.unwrap_or_default() });
    give_up(span, failure.outcome(), || future.set(None));
    Err(failure)
}

/// A timer of the runtime that this is polled in; `None` when it has none.
#[cfg(feature = "tokio")]
pub(super) fn sleep(duration: Duration) -> Option<tokio::time::Sleep> {
    tokio::runtime::Handle::try_current().ok()?;
    // A runtime may have been built without time; the only way to learn that is to be told by a panic.
    crate::panics::survive(|| tokio::time::sleep(duration))
}

/// Without the feature the macros refuse whatever needs a timer, so this is not called.
#[cfg(not(feature = "tokio"))]
pub(super) fn sleep(_duration: Duration) -> Option<std::future::Pending<()>> {
    None
}
