//! The future of an annotated async function goes in; one that enters its span at every poll comes out.
//!
//! The span begins at the first poll, at the head of the body, because only there the arguments can be borrowed. The head
//! finds its call in a thread-local that the wrapper fills just before; the two never run apart from each other.

use std::cell::Cell;
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use crate::call::{Call, Open};
use crate::context::above::{Above, below};
use crate::outcome::Outcome;
use crate::site::{Route, Site};
use crate::value::Raw;

thread_local! {
    /// The call whose future is being polled for the first time, until the head of its body takes it.
    static FIRST: Cell<Option<Call>> = const { Cell::new(None) };
    /// The same call, begun. Kept apart, so that a future within that nobody wants finds nothing to take.
    static BEGUN: Cell<Option<Call>> = const { Cell::new(None) };
}

pin_project! {
    /// A future that is recorded from its first poll on. Dropped before it finished, its span ends as cancelled; never
    /// polled, nothing is recorded.
    #[derive(Debug)]
    #[must_use = "futures do nothing unless they are awaited"]
    pub struct Traced<F, O> {
        #[pin]
        inner: F,
        // Behind `inner`, so that what the body drops is still inside the span.
        call: Call,
        outcome: Option<O>,
        polled: bool,
    }

    impl<F, O> PinnedDrop for Traced<F, O> {
        fn drop(this: Pin<&mut Self>) {
            this.project().call.enter_to_be_dropped();
        }
    }
}

/// Wraps the body of an annotated async function, which has [`first`] at its head.
#[inline]
pub fn traced<F: Future, O: FnOnce(&F::Output) -> Outcome>(site: &'static Site, inner: F, outcome: O) -> Traced<F, O> {
    Traced { inner, call: Call::off(site), outcome: Some(outcome), polled: false }
}

/// What the head of an async body has in its hands: a call that can be begun, when somebody wants it.
#[derive(Debug)]
pub struct First(Option<Call>);

/// For the head of a body that is polled for the first time.
#[inline]
pub fn first() -> First {
    First(FIRST.try_with(Cell::take).ok().flatten())
}

impl First {
    /// Whether somebody wants the call: only then its fields are looked at.
    #[inline(always)]
    pub const fn is_on(&self) -> bool {
        self.0.is_some()
    }

    /// Begins the span, and gives the call back to the future that it belongs to. `values` are the site's fields by number.
    #[inline]
    pub fn begin(self, values: &[Raw<'_>]) -> Open {
        let Some(mut call) = self.0 else { return Open::OFF };
        let open = call.begin(values);
        // When the thread is being torn down the call is dropped here, and ends as cancelled.
        BEGUN.try_with(|begun| begun.set(Some(call))).ok();
        open
    }
}

impl First {
    /// The same, below what `parent = ..` says.
    pub fn begin_below(self, parent: &(impl Above + ?Sized), values: &[Raw<'_>]) -> Open {
        below(parent, || self.begin(values))
    }
}

impl<F: Future, O: FnOnce(&F::Output) -> Outcome> Future for Traced<F, O> {
    type Output = F::Output;

    #[inline]
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        if !*this.polled {
            *this.polled = true;
            let route = this.call.route_now();
            if route != Route::Off {
                let out = first_poll(this.inner, this.call, route, context);
                return ended(out, this.call, this.outcome);
            }
        }
        if !this.call.is_open() {
            return this.inner.poll(context);
        }
        this.call.enter();
        let out = poll_inside(this.inner, this.call, context);
        ended(out, this.call, this.outcome)
    }
}

fn first_poll<F: Future>(
    inner: Pin<&mut F>,
    call: &mut Call,
    route: Route,
    context: &mut Context<'_>,
) -> Poll<F::Output> {
    // Both are those of a future around this one, which is being polled for the first time as well.
    let first = FIRST.try_with(|first| first.replace(Some(call.begin_later(route)))).ok().flatten();
    let begun = BEGUN.try_with(Cell::take).ok().flatten();
    let mut found = Found { call, first, begun, returned: false };
    let out = inner.poll(context);
    found.returned = true;
    drop(found);
    out
}

/// Polls inside the span of a call that has been entered, and leaves it.
#[inline]
pub(crate) fn poll_inside<F: Future>(
    inner: Pin<&mut F>,
    call: &mut Call,
    context: &mut Context<'_>,
) -> Poll<F::Output> {
    let mut leave = Leave { call, returned: false };
    let out = inner.poll(context);
    leave.returned = true;
    out
}

#[inline]
pub(crate) fn ended<T, O: FnOnce(&T) -> Outcome>(out: Poll<T>, call: &mut Call, outcome: &mut Option<O>) -> Poll<T> {
    if let Poll::Ready(out) = &out
        && call.is_open()
        && let Some(outcome) = outcome.take()
    {
        call.end(&outcome(out));
    }
    out
}

/// Leaves the span behind a poll. A poll that panics ends it: nobody will poll again.
struct Leave<'a> {
    call: &'a mut Call,
    returned: bool,
}

impl Drop for Leave<'_> {
    #[inline]
    fn drop(&mut self) {
        self.call.exit();
        if !self.returned {
            self.call.end_panicked();
        }
    }
}

/// Fetches the call that the head of the body has begun, behind the first poll.
struct Found<'a> {
    call: &'a mut Call,
    first: Option<Call>,
    begun: Option<Call>,
    returned: bool,
}

impl Drop for Found<'_> {
    fn drop(&mut self) {
        let (first, begun) = (self.first.take(), self.begun.take());
        FIRST.try_with(|place| place.set(first)).ok();
        if let Ok(Some(begun)) = BEGUN.try_with(|place| place.replace(begun)) {
            *self.call = begun;
        }
        drop(Leave { call: self.call, returned: self.returned });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wrapper_stays_small() {
        // The call: its site, trace, span and the way that it takes. A future of some kilobytes does not notice.
        assert!(size_of::<Call>() <= 64, "{} bytes", size_of::<Call>());
    }
}
