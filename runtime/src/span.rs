//! `span!`: a block, a future or a stretch of time instead of a function.
//!
//! The call site and its values enter; a span that has begun comes out, which is on no thread's stack until somebody
//! enters it. What the block returns is looked at through [`MayFail`], because a method cannot ask the compiler, as the
//! macro does for the body that it is given itself (`outcome.rs`).

use std::fmt::{self, Debug, Display};
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::thread::panicking;

use pin_project_lite::pin_project;

use crate::bounded::Bounded;
use crate::call::{Call, Head, Open, run};
use crate::future::{ended, poll_inside};
use crate::outcome::Outcome;
use crate::panics;
use crate::site::{Route, Site};
use crate::value::Raw;

mod may_fail;

pub use may_fail::MayFail;

/// A span that has begun, made by [`span!`](crate::span!), for what is to happen in it.
///
/// | then | what ends it |
/// |---|---|
/// | [`.in_scope(\|\| ..)`](Self::in_scope) | the closure: with what it returns, or its panic |
/// | [`.instrument(future)`](Self::instrument) | the future: with its output, its panic, or as cancelled when it is dropped |
/// | [`.start()`](Self::start) | you, on whatever thread |
///
/// It costs one load and one branch where nobody wants it, and then nothing of it is looked at.
///
/// ```
/// # fn rows() -> Result<u64, std::io::Error> { Ok(7) }
/// let batch = 3;
/// let rows = tense::span!(operation.rows.loaded, fields(batch)).in_scope(|| rows())?;
/// # assert_eq!(rows, 7);
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// Work that is written into the macro itself, `span!(operation.rows.loaded, || ..)` or `async { .. }`, may return
/// anything, is told with the sources of its errors, and has `record!` and `fail!` of its own.
#[must_use = "a span is over at once unless something happens in it: `.in_scope(..)`, `.instrument(..)` or `.start()`"]
pub struct NewSpan<L = NoFieldsLeftOpen> {
    held: Held,
    left_open: L,
}

/// A span that was started by hand, and ends by hand: [`end`](Self::end), [`end_with`](Self::end_with).
///
/// It may go to another thread and end there. It is on no thread's stack unless it is entered, so what happens
/// elsewhere in the meantime is not below it. Dropped without an end it is cancelled, as a future is that is dropped on
/// its way; while its thread panics it has panicked.
///
/// ```
/// let span = tense::span!(dispatch.batch.*, fields(size = 3, stored = _)).start();
/// let below = std::thread::spawn(move || {
///     let stored = span.in_scope(|| 2);
///     tense::record!(in span, stored);
///     if stored < 3 {
///         tense::fail!(in span, "{} of 3 are missing", 3 - stored);
///     }
///     span.end();
/// });
/// # below.join().unwrap();
/// ```
#[must_use = "a started span is cancelled when it is dropped: keep it, and call `.end()`"]
pub struct StartedSpan<L = NoFieldsLeftOpen> {
    held: Held,
    left_open: L,
}

/// Of a span that has no field declared with `= _`.
#[derive(Debug, Clone, Copy)]
pub struct NoFieldsLeftOpen(());

/// What [`span!`](crate::span!) expands to. `values` gives the site's fields by number, and is not called where nobody
/// wants it.
#[inline]
pub fn span(site: &'static Site, values: impl FnOnce(&mut dyn FnMut(&[Raw<'_>]))) -> NewSpan {
    let mut held = Held { call: Call::of(site), panicked_before: false };
    if site.route() == Route::Off {
        held.call.let_go();
    } else {
        values(&mut |values| held.begin(values));
    }
    NewSpan { held, left_open: NoFieldsLeftOpen(()) }
}

impl NewSpan {
    /// With fields that are filled in later, by the methods of an `L`. Nobody calls it but the macro.
    #[doc(hidden)]
    pub fn leaving_open<L>(self, open: impl FnOnce(Open) -> L) -> NewSpan<L> {
        let left_open = open(self.held.call.span());
        NewSpan { held: self.held, left_open }
    }
}

impl<L> NewSpan<L> {
    /// Runs the closure inside of the span, which ends with it. Gives back what it returns.
    pub fn in_scope<R: MayFail>(mut self, work: impl FnOnce() -> R) -> R {
        if !self.held.call.can_be_entered() {
            return work();
        }
        // Whatever unwinds from here on is the closure's.
        self.held.panicked_before = false;
        self.held.call.enter();
        let out = work();
        self.held.call.exit();
        if self.held.call.is_open() {
            self.held.call.end(outcome(&out));
        }
        out
    }

    /// The future inside of the span: entered at every poll, and ended with the future. The span has begun already,
    /// below the one that this thread is in now, wherever the future is polled.
    ///
    /// ```
    /// # async fn send(batch: u64) -> Result<(), std::io::Error> { Ok(()) }
    /// # async fn example() -> Result<(), std::io::Error> {
    /// tense::span!(dispatch.batch.*, fields(batch = 7)).instrument(send(7)).await?;
    /// # Ok(()) }
    /// ```
    pub fn instrument<F: Future<Output: MayFail>>(self, future: F) -> Instrumented<F> {
        Instrumented { inner: future, held: self.held, outcome }
    }

    /// The span as a value of its own, to be ended by hand.
    pub fn start(self) -> StartedSpan<L> {
        StartedSpan { held: self.held, left_open: self.left_open }
    }
}

impl<L> StartedSpan<L> {
    /// What happens on this thread is below the span until the guard is dropped. Not to be held across an `.await`: the
    /// thread does other work meanwhile, which would be below the span as well.
    ///
    /// ```
    /// let span = tense::span!(dispatch.batch.*).start();
    /// let entered = span.enter();
    /// tense::event!(operation.row.stored); // below the span
    /// drop(entered);
    /// span.end();
    /// ```
    pub fn enter(&self) -> Entered<'_> {
        self.held.call.enter_here();
        Entered { call: &self.held.call, of_this_thread: PhantomData }
    }

    /// Runs the closure below the span, which goes on afterwards, whatever the closure returns.
    pub fn in_scope<R>(&self, work: impl FnOnce() -> R) -> R {
        let _entered = self.enter();
        work()
    }

    /// Says that it failed, and why. It goes on, and fails when it ends, or is dropped: as with
    /// [`fail!`](crate::fail!), which takes a text with values in it: `fail!(in span, "{n} rows are missing")`. The
    /// reason is formatted here, at most 4 KiB of it, when somebody wants it.
    ///
    /// ```
    /// let span = tense::span!(dispatch.batch.*).start();
    /// if let Err(error) = "x".parse::<u64>() {
    ///     span.fail(error);
    /// }
    /// span.end();
    /// ```
    pub fn fail(&self, reason: impl Display) {
        self.held.call.span().fail(&reason);
    }

    /// It is done. A failure if it has said so before.
    ///
    /// ```
    /// let span = tense::span!(dispatch.batch.*).start();
    /// let last = std::thread::spawn(move || span.end()); // wherever the last of it happens
    /// # last.join().unwrap();
    /// ```
    pub fn end(mut self) {
        self.held.call.end(Outcome::Success);
    }

    /// It is done, as well as that is: with an `Err` it has failed.
    ///
    /// ```
    /// let span = tense::span!(operation.rows.loaded).start();
    /// let rows: Result<u64, std::num::ParseIntError> = "7".parse();
    /// span.end_with(&rows);
    /// # assert_eq!(rows, Ok(7));
    /// ```
    pub fn end_with(mut self, out: &impl MayFail) {
        if self.held.call.is_open() {
            self.held.call.end(outcome(out));
        }
    }

    /// Whether somebody wants it: otherwise nothing that is said of it goes anywhere.
    ///
    /// ```
    /// # fn costly_summary() -> String { String::new() }
    /// let span = tense::span!(dispatch.batch.*, fields(summary = _)).start();
    /// if span.is_recorded() {
    ///     let summary = costly_summary();
    ///     tense::record!(in span, summary);
    /// }
    /// span.end();
    /// ```
    pub fn is_recorded(&self) -> bool {
        self.held.call.is_open()
    }

    /// The same span under a type that can be written down, for a `struct` that keeps it. Fields that were left open
    /// can no longer be filled in.
    ///
    /// ```
    /// struct Upload {
    ///     span: tense::StartedSpan,
    /// }
    ///
    /// let upload = Upload { span: tense::span!(dispatch.upload.*, fields(bytes = _)).start().erase() };
    /// upload.span.end();
    /// ```
    pub fn erase(self) -> StartedSpan {
        StartedSpan { held: self.held, left_open: NoFieldsLeftOpen(()) }
    }
}

/// For `fail!(in span, ..)`.
pub fn open_of<L>(span: &StartedSpan<L>) -> Open {
    span.held.call.span()
}

/// For `record!(in span, ..)`.
pub fn left_open_of<L: Copy>(span: &StartedSpan<L>) -> L {
    span.left_open
}

/// What is returned where a body is written into `span!`: known to the compiler before the body is.
#[derive(Debug)]
pub struct Expected<R>(PhantomData<fn() -> R>);

impl<R> Expected<R> {
    /// Whatever it will be.
    #[inline(always)]
    #[expect(clippy::new_without_default, reason = "the macro makes it, and nobody else")]
    pub const fn new() -> Self {
        Self(PhantomData)
    }

    /// Stands for one; never called.
    pub fn never(&self) -> R {
        unreachable!()
    }

    /// Runs the body, as that of an annotated function.
    #[inline(always)]
    pub fn run(self, site: &'static Site, body: impl FnOnce(Head<'_>) -> R, outcome: impl FnOnce(&R) -> Outcome) -> R {
        run(site, body, outcome)
    }
}

/// A call that is nobody's frame: when it is dropped with its span open, it was cancelled, or its thread panics.
struct Held {
    call: Call,
    /// It was begun by a destructor while the thread panicked.
    panicked_before: bool,
}

impl Held {
    fn begin(&mut self, values: &[Raw<'_>]) {
        self.panicked_before = panicking();
        self.call.begin(0, values);
        self.call.exit();
    }
}

impl Drop for Held {
    #[inline]
    fn drop(&mut self) {
        if self.call.is_open() && panicking() && !self.panicked_before {
            self.call.exit();
            self.call.end_panicked();
        }
    }
}

/// While it lives, this thread is in the span.
///
/// Another thread could not leave it, so it cannot be sent to one:
///
/// ```compile_fail,E0277
/// let span = tense::span!(operation.rows.loaded).start();
/// let entered = span.enter();
/// std::thread::scope(|scope| {
///     scope.spawn(move || drop(entered));
/// });
/// ```
#[must_use = "the span is left at once when the guard is dropped"]
pub struct Entered<'a> {
    call: &'a Call,
    of_this_thread: PhantomData<*const ()>,
}

impl Drop for Entered<'_> {
    fn drop(&mut self) {
        self.call.leave_here();
    }
}

pin_project! {
    /// Made by [`NewSpan::instrument`].
    #[must_use = "futures do nothing unless they are awaited"]
    pub struct Instrumented<F: Future> {
        #[pin]
        inner: F,
        // Behind `inner`, so that what it drops is still inside the span.
        held: Held,
        outcome: fn(&F::Output) -> Outcome,
    }

    impl<F: Future> PinnedDrop for Instrumented<F> {
        fn drop(this: Pin<&mut Self>) {
            let held = this.project().held;
            // A future that is dropped while something else panics has not panicked itself.
            held.panicked_before = true;
            held.call.enter();
        }
    }
}

impl<F: Future> Future for Instrumented<F> {
    type Output = F::Output;

    #[inline]
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        if !this.held.call.can_be_entered() {
            return this.inner.poll(context);
        }
        this.held.call.enter();
        let out = poll_inside(this.inner, &mut this.held.call, context);
        ended(out, &mut this.held.call, this.outcome)
    }
}

/// What the value says of itself; it may panic, and the host would not have asked.
fn outcome<R: MayFail>(out: &R) -> Outcome {
    let reason = panics::survive(|| out.failure().map(|reason| Bounded::of(&reason)));
    match reason.unwrap_or_else(|| Some(Bounded::of(&"<panicked while it was asked whether it failed>"))) {
        None => Outcome::Success,
        Some(reason) => Outcome::error(R::error_type(), reason),
    }
}

macro_rules! shown {
    ($($name:ident<$($life:lifetime)? $($param:ident $(: $bound:ident)?)?>, |$of:ident| $call:expr;)*) => { $(
        impl<$($life)? $($param $(: $bound)?)?> Debug for $name<$($life)? $($param)?> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let $of = self;
                f.debug_tuple(stringify!($name)).field($call).finish()
            }
        }
    )* };
}

shown! {
    NewSpan<L>, |of| &of.held.call;
    StartedSpan<L>, |of| &of.held.call;
    Entered<'a>, |of| of.call;
    Instrumented<F: Future>, |of| &of.held.call;
}

#[cfg(test)]
mod tests {
    use std::panic::UnwindSafe;

    use super::*;

    #[test]
    fn a_span_may_go_wherever_its_work_goes() {
        fn goes_anywhere<T: Send + Sync + UnwindSafe>() {}
        goes_anywhere::<NewSpan>();
        goes_anywhere::<StartedSpan>();
        goes_anywhere::<Instrumented<std::future::Ready<()>>>();
        // Each of them is moved by value, and a future of some kilobytes does not notice.
        assert!(size_of::<StartedSpan>() <= 48, "{} bytes", size_of::<StartedSpan>());
    }
}
