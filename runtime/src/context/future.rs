//! A future goes in; one that is polled in a context, whichever thread polls it, comes out.

use std::pin::Pin;
use std::task::{Context as Waking, Poll};

use pin_project_lite::pin_project;

use super::given::Given;
use super::{Context, current_context};

/// Gives a future a context, which holds for each of its polls and for what it drops.
///
/// ```
/// use tense::InContext;
///
/// # async fn send() {}
/// # async fn example() {
/// let sent = send().in_current_context(); // below the span that this thread is in now, wherever it is polled
/// # sent.await;
/// # }
/// ```
pub trait InContext: Future + Sized {
    /// Runs it in what this thread is in now: what it begins is below the innermost span of this moment, also when that
    /// span has ended since. Of tasks that are spawned, of `join_all` and the like. What [`context!`](crate::context)
    /// sets right in the future is the future's alone.
    fn in_current_context(self) -> WithContext<Self> {
        self.in_context(current_context())
    }

    /// Runs it in that [`Context`], or below that [`TraceContext`](super::TraceContext).
    ///
    /// ```
    /// use tense::{InContext, TraceContext};
    ///
    /// # async fn process() {}
    /// # async fn example() {
    /// process().in_context(TraceContext::begin("order-4711")).await;
    /// # }
    /// ```
    fn in_context(self, context: impl Into<Context>) -> WithContext<Self> {
        let mut context = context.into();
        let given = std::mem::take(&mut context.given);
        WithContext { inner: Some(self), context, given }
    }

    /// Silences it, as [`suppress`](super::suppress) does a closure: what begins in it is not recorded.
    ///
    /// ```
    /// use tense::InContext;
    ///
    /// # async fn poll_queue() {}
    /// # async fn example() {
    /// poll_queue().suppressed().await;
    /// # }
    /// ```
    fn suppressed(self) -> WithContext<Self> {
        self.in_context(Context::silence())
    }
}

impl<F: Future> InContext for F {}

pin_project! {
    /// A future that runs in a context; made by [`InContext`].
    #[derive(Debug)]
    #[must_use = "futures do nothing unless they are awaited"]
    pub struct WithContext<F> {
        // Always there, until it is dropped in its context.
        #[pin]
        inner: Option<F>,
        context: Context,
        // What `context!` has given it, which is its own.
        given: Given,
    }

    impl<F> PinnedDrop for WithContext<F> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            let _entered = this.context.enter(this.given);
            this.inner.set(None);
        }
    }
}

impl<F: Future> Future for WithContext<F> {
    type Output = F::Output;

    #[inline]
    fn poll(self: Pin<&mut Self>, waking: &mut Waking<'_>) -> Poll<F::Output> {
        let this = self.project();
        let _entered = this.context.enter(this.given);
        match this.inner.as_pin_mut() {
            Some(inner) => inner.poll(waking),
            None => Poll::Pending,
        }
    }
}
