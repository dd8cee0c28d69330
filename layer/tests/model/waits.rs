//! Work goes in; futures come out that are not ready, panic, are dropped on their way, or are polled side by side.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::run::{Ended, Work};

/// Not ready, once.
pub(crate) struct Yield(pub(crate) bool);

impl Future for Yield {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if std::mem::replace(&mut self.0, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    }
}

/// Drops what panics.
pub(crate) struct Caught(pub(crate) Option<Work>);

impl Future for Caught {
    type Output = Ended;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Ended> {
        let Some(work) = &mut self.0 else { return Poll::Ready(Ok(())) };
        catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(context))).unwrap_or_else(|_| {
            self.0 = None;
            Poll::Ready(Ok(()))
        })
    }
}

/// Drops what is not ready after so many polls.
pub(crate) struct Cut {
    pub(crate) work: Option<Work>,
    pub(crate) polls: u32,
}

impl Future for Cut {
    type Output = Ended;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Ended> {
        let Some(polls) = self.polls.checked_sub(1) else { return Poll::Ready(Ok(())) };
        self.polls = polls;
        let out = self.work.as_mut().map_or(Poll::Ready(Ok(())), |work| work.as_mut().poll(context));
        if out.is_pending() && polls == 0 {
            self.work = None;
            return Poll::Ready(Ok(()));
        }
        out
    }
}

/// Polls all of them, in their order, until none is left.
pub(crate) struct Joined(pub(crate) Vec<Option<Work>>);

impl Future for Joined {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        for work in &mut self.0 {
            if work.as_mut().is_some_and(|work| work.as_mut().poll(context).is_ready()) {
                *work = None;
            }
        }
        if self.0.iter().all(Option::is_none) { Poll::Ready(()) } else { Poll::Pending }
    }
}

/// How `Instrumented` must not be written.
pub(crate) struct Leaking {
    pub(crate) span: tracing::Span,
    pub(crate) work: Work,
    pub(crate) is_in: bool,
}

impl Future for Leaking {
    type Output = Ended;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Ended> {
        if !std::mem::replace(&mut self.is_in, true) {
            self.span.with_subscriber(|(id, subscriber)| subscriber.enter(id));
        }
        let out = self.work.as_mut().poll(context);
        if out.is_ready() {
            self.span.with_subscriber(|(id, subscriber)| subscriber.exit(id));
        }
        out
    }
}
