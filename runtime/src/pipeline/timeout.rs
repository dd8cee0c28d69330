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

/// How long something may take, running.
pub(super) struct Limit {
    duration: Duration,
    timer: Sleep,
}

impl Limit {
    /// From now on; [`NoTimer`] where nothing measures time.
    pub(super) fn of(duration: Option<Duration>) -> Result<Option<Self>, Failure> {
        let limit = |duration| Some(Self { duration, timer: sleep(duration)? });
        duration.map(|duration| limit(duration).ok_or_else(|| Failure::of(NoTimer))).transpose()
    }
}

/// Drops the future when it has taken so long. `span` is the one that the future ends then: it failed.
pub(super) async fn within<F: Future>(limit: Option<Limit>, span: u64, future: F) -> Result<F::Output, Failure> {
    let mut future = pin!(Some(future));
    let (limit, timer) = limit.map(|Limit { duration, timer }| (duration, timer)).unzip();
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

#[cfg(feature = "tokio")]
pub(super) use with_tokio::{Sleep, sleep};
#[cfg(not(feature = "tokio"))]
pub(super) use without::{Sleep, sleep};

#[cfg(feature = "tokio")]
mod with_tokio {
    use std::sync::Mutex;
    use std::time::Duration;

    use tokio::runtime::{Handle, Id};
    pub(in super::super) use tokio::time::Sleep;

    use crate::panics;
    use crate::process::{Apiece, GENERATIONS};

    /// Runtimes that were built without time. tokio has no word for that but a panic, which must not be caused every
    /// time; its ids are counted up, and are not used again.
    ///
    /// Locked while a runtime is asked, so that two threads of one do not ask it both; never across an await.
    static TIMELESS: Apiece<Vec<Id>> = Apiece::of([const { Mutex::new(Vec::new()) }; GENERATIONS]);

    /// So many of them are remembered.
    const MOST: usize = 64;

    /// A timer of the runtime that this is polled in; `None` when it has none.
    pub(in super::super) fn sleep(duration: Duration) -> Option<Sleep> {
        let runtime = Handle::try_current().ok()?.id();
        let mut timeless = TIMELESS.lock();
        if timeless.as_ref().is_some_and(|timeless| timeless.contains(&runtime)) {
            return None;
        }
        // The only way to learn it is to be told by a panic.
        let timer = panics::survive(|| tokio::time::sleep(duration));
        if timer.is_none()
            && let Some(timeless) = &mut timeless
        {
            if timeless.len() == MOST {
                timeless.remove(0);
            }
            timeless.push(runtime);
        }
        timer
    }
}

/// Without the feature the macros refuse whatever needs a timer, so this is not called.
#[cfg(not(feature = "tokio"))]
mod without {
    use std::time::Duration;

    pub(in super::super) type Sleep = std::future::Pending<()>;

    pub(in super::super) fn sleep(_duration: Duration) -> Option<Sleep> {
        None
    }
}
