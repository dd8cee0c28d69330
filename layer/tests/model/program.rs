//! A program: what a service does all day, and what goes wrong in it, as a tree of steps. An `author` writes it.
//!
//! Two things read it: `run` does it, `reference` says what has to be recorded of it. So a step says what is done, and
//! nothing of how that is recorded.

use std::sync::Arc;

/// Steps that are done one after the other.
pub(crate) type Body = Arc<Vec<Step>>;

/// What a program does. Every number `n` is there once in a program.
#[derive(Debug, Clone)]
pub(crate) enum Step {
    /// Calls an annotated function; an error that it returns is left aside.
    Call { n: u32, shape: Shape, body: Body },
    /// Awaits an annotated function that is async, or that returns a future.
    Await { n: u32, shape: Promise, body: Body },
    /// A span that is started and ended by hand. The first body is run in it, the second one meanwhile.
    Started { n: u32, inside: Body, is_blamed: bool, meanwhile: Body, is_ended_elsewhere: bool, ending: ByHand },
    /// A span of `tracing`, entered by a guard.
    Foreign(Body),
    /// Two such spans, one within the other; the guard of the outer one is dropped between the second and the third
    /// body.
    Overlapping(Body, Body, Body),
    /// A guard that is handed to an annotated function, which drops it between the two bodies.
    HandedIn { n: u32, before: Body, after: Body },
    /// A future with a span of `tracing`.
    Instrumented(Body),
    /// `event!`
    Point(u32),
    /// The same with `parent = ..`, below the place of that number.
    PlacedPoint(u32),
    /// `info!`
    Said(u32),
    /// `log!`
    Logged(u32),
    /// `context!`, which sets the `job_id`: for the innermost span, or for what a task or a future in a context begins.
    Give(u32),
    /// A value that calls an annotated function when it is dropped, at the end of the body, however that ends.
    Releasing(u32),
    /// Nothing of it is recorded.
    Suppressed(Body),
    /// Below a span of another process.
    Remote { key: u32, body: Body },
    /// Below what this thread is in, as if it had come back from another process.
    There(Body),
    /// Catches a panic.
    Caught(Body),
    /// Panics.
    Panic(u32),
    /// Returns an error from the innermost function.
    Fail(u32),
    /// A future of this task is not ready, once.
    Yield,
    /// Drops a future after so many polls.
    Cut { polls: u32, body: Body },
    /// Futures side by side in one task; with `true` in the context of the moment.
    Joined(Vec<(bool, Body)>),
    /// Another task, in this context or in none; it may be dropped after so many polls.
    Spawned { is_carried: bool, polls: Option<u32>, body: Body },
    /// Another thread, in this context or in none, which is waited for.
    Thread { is_carried: bool, body: Body },
}

impl Step {
    /// What stands in it.
    pub(crate) fn bodies(&self) -> Vec<&Body> {
        match self {
            Self::Call { body, .. }
            | Self::Await { body, .. }
            | Self::Foreign(body)
            | Self::Instrumented(body)
            | Self::Suppressed(body)
            | Self::Remote { body, .. }
            | Self::There(body)
            | Self::Caught(body)
            | Self::Cut { body, .. }
            | Self::Spawned { body, .. }
            | Self::Thread { body, .. } => vec![body],
            Self::Overlapping(first, second, third) => vec![first, second, third],
            Self::HandedIn { before: first, after: second, .. }
            | Self::Started { inside: first, meanwhile: second, .. } => vec![first, second],
            Self::Joined(bodies) => bodies.iter().map(|(_, body)| body).collect(),
            Self::Point(_)
            | Self::PlacedPoint(_)
            | Self::Said(_)
            | Self::Logged(_)
            | Self::Give(_)
            | Self::Releasing(_)
            | Self::Panic(_)
            | Self::Fail(_)
            | Self::Yield => Vec::new(),
        }
    }

    /// The same with other ones, as many.
    pub(crate) fn with(&self, mut others: Vec<Body>) -> Self {
        let mut step = self.clone();
        let mut next = || if others.is_empty() { Body::default() } else { others.remove(0) };
        match &mut step {
            Self::Call { body, .. }
            | Self::Await { body, .. }
            | Self::Foreign(body)
            | Self::Instrumented(body)
            | Self::Suppressed(body)
            | Self::Remote { body, .. }
            | Self::There(body)
            | Self::Caught(body)
            | Self::Cut { body, .. }
            | Self::Spawned { body, .. }
            | Self::Thread { body, .. } => *body = next(),
            Self::Overlapping(first, second, third) => (*first, *second, *third) = (next(), next(), next()),
            Self::HandedIn { before: first, after: second, .. }
            | Self::Started { inside: first, meanwhile: second, .. } => (*first, *second) = (next(), next()),
            Self::Joined(bodies) => bodies.iter_mut().for_each(|(_, body)| *body = next()),
            Self::Point(_)
            | Self::PlacedPoint(_)
            | Self::Said(_)
            | Self::Logged(_)
            | Self::Give(_)
            | Self::Releasing(_)
            | Self::Panic(_)
            | Self::Fail(_)
            | Self::Yield => {}
        }
        step
    }
}

/// How an annotated function is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// `fn`
    Plain,
    /// With `#[track_caller]`: its body stays where it is, so it is not seen what it returns.
    InPlace,
    /// With an event for its start.
    Life,
    /// Says `fail!` before it does anything else.
    Blamed,
    /// `span!(.., || ..)`
    Block,
    /// `span!(..).in_scope(|| ..)`
    InScope,
    /// With `parent = ..`, below the place of its number.
    Placed,
}

/// The same of one that is awaited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Promise {
    /// `async fn`
    Plain,
    /// `fn -> impl Future`
    Returned,
    /// With an event for its start.
    Life,
    /// Says `fail!` before it does anything else.
    Blamed,
    /// `span!(.., async { .. })`
    Block,
    /// `span!(..).instrument(..)`
    InSpan,
    /// With `parent = ..`, below the place of its number.
    Placed,
}

/// How a span ends that is ended by hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ByHand {
    End,
    EndWithError,
    Drop,
}
