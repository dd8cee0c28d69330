//! A future and what follows it go in; one future comes out.
//!
//! Written out, because a row of `async` blocks, each around the one before, is too deep for the compiler after twenty.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use pin_project_lite::pin_project;

use super::run::Halted;

pin_project! {
    /// The first future until it is ready, and then the second, which is made of what the first one gave.
    #[project = Stands]
    pub(super) enum AndThen<A, N, B> {
        Before { #[pin] first: A, next: Option<N> },
        Behind { #[pin] second: B },
    }
}

impl<A, N, B> AndThen<A, N, B> {
    pub(super) const fn new(first: A, next: N) -> Self {
        Self::Before { first, next: Some(next) }
    }
}

impl<A, N, B, T, U> Future for AndThen<A, N, B>
where
    A: Future<Output = Result<T, Halted>>,
    N: FnOnce(T) -> B,
    B: Future<Output = Result<U, Halted>>,
{
    type Output = Result<U, Halted>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        if let Stands::Before { first, next } = self.as_mut().project() {
            let out = ready!(first.poll(context))?;
            // It is taken once: from now on this stands behind it.
            let Some(next) = next.take() else { return Poll::Pending };
            self.set(Self::Behind { second: next(out) });
        }
        match self.project() {
            Stands::Behind { second } => second.poll(context),
            Stands::Before { .. } => Poll::Pending,
        }
    }
}
