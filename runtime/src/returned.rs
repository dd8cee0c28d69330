//! What a function says it returns goes in, as a type; the way its call takes comes out.
//!
//! A function that returns a future does nothing yet, so its span is the future's: it begins with the first poll and
//! ends with the future. A future behind `impl Future` is wrapped. One in a box keeps its type, whatever alias that
//! has, and is boxed once more, when somebody wants the call. Anything else is a value, and its call ends when the
//! function returns.

use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use crate::call::{Call, Head, run};
use crate::clock;
use crate::context::placed::Placed;
use crate::future::{ended, poll_inside};
use crate::kept::{Kept, Place};
use crate::outcome::Outcome;
use crate::site::{Route, Site};

pin_project! {
    /// A future that a function has made, recorded from its first poll on.
    #[derive(Debug)]
    #[must_use = "futures do nothing unless they are awaited"]
    pub struct Constructed<F, O> {
        #[pin]
        inner: F,
        // Behind `inner`, so that what it drops is still inside the span.
        call: Call,
        outcome: O,
        // Until the first poll.
        kept: Option<Box<Kept>>,
        // Where it is put: also what it drops, and its end.
        placed: Option<Box<Placed>>,
    }

    impl<F, O> PinnedDrop for Constructed<F, O> {
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            if let Some(placed) = this.placed {
                placed.enter();
            }
            this.call.enter();
        }
    }
}

impl<F: Future, O: Fn(&F::Output) -> Outcome> Future for Constructed<F, O> {
    type Output = F::Output;

    #[inline]
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let kept = this.kept.take();
        let _within = this.placed.as_mut().map(|placed| placed.within());
        if let Some(kept) = kept {
            kept.begin(this.call);
        } else if this.call.is_open() {
            this.call.enter();
        }
        if !this.call.is_open() {
            return this.inner.poll(context);
        }
        let out = poll_inside(this.inner, this.call, context);
        ended(out, this.call, this.outcome)
    }
}

/// What is known of the call of a future that has been made. Nothing, where nobody wants it.
#[derive(Default)]
struct Made {
    kept: Option<Box<Kept>>,
    placed: Option<Box<Placed>>,
}

impl Made {
    fn construct<F, O>(self, site: &'static Site, inner: F, outcome: O) -> Constructed<F, O> {
        Constructed { inner, call: Call::of(site), outcome, kept: self.kept, placed: self.placed }
    }
}

/// Runs the body of a function that makes a future. When it panics before it has made one, that is the call.
#[inline]
fn make<R>(site: &'static Site, body: impl FnOnce(Head<'_>) -> R) -> (R, Made) {
    if site.route() == Route::Off {
        let mut place = Place::default();
        let out = body(Head::not_itself(&place));
        return (out, Made { kept: None, placed: place.take() });
    }
    let mut making = Making { site, since: clock::ticks(), kept: Box::default(), returned: false };
    let out = body(Head::later(&mut making.kept));
    making.kept.made();
    making.returned = true;
    let mut kept = std::mem::take(&mut making.kept);
    let placed = kept.place.take();
    (out, Made { kept: Some(kept), placed })
}

struct Making {
    site: &'static Site,
    /// What panicked since then is why no future was made.
    since: u64,
    kept: Box<Kept>,
    returned: bool,
}

impl Drop for Making {
    fn drop(&mut self) {
        if !self.returned {
            self.kept.made();
            let mut placed = self.kept.place.take();
            let _within = placed.as_mut().map(|placed| placed.within());
            let mut call = Call::of(self.site);
            self.kept.begin(&mut call);
            call.exit();
            call.end(Outcome::panicked(self.since));
        }
    }
}

/// Runs the body of a function that returns `impl Future<Output = T>`.
#[inline]
pub fn construct<T, F: Future<Output = T>, O: Fn(&T) -> Outcome>(
    site: &'static Site,
    body: impl FnOnce(Head<'_>) -> F,
    outcome: O,
) -> Constructed<F, O> {
    let (inner, made) = make(site, body);
    made.construct(site, inner, outcome)
}

/// Runs the body of a function whose return type may be an alias of a boxed future.
#[inline(always)]
pub fn run_as<W: Way>(
    way: W,
    site: &'static Site,
    body: impl FnOnce(Head<'_>) -> W::Returned,
    outcome: fn(&W::Seen) -> Outcome,
) -> W::Returned {
    way.run(site, body, outcome)
}

/// How a call is run whose function returns such a type.
pub trait Way {
    /// The type.
    type Returned;
    /// What the outcome is seen from: the type itself, or what its future gives.
    type Seen;

    /// Runs the body.
    fn run(
        self,
        site: &'static Site,
        body: impl FnOnce(Head<'_>) -> Self::Returned,
        outcome: fn(&Self::Seen) -> Outcome,
    ) -> Self::Returned;
}

/// Asks which way a return type goes: the expansion calls `__tense_way` on three references to this, and the compiler
/// takes the first implementation that fits while it peels them off.
#[derive(Debug)]
pub struct Returned<R>(PhantomData<fn() -> R>);

impl<R> Returned<R> {
    /// Of that type.
    pub const TYPE: Self = Self(PhantomData);
}

/// The way of a function that returns a value.
#[derive(Debug)]
pub struct AsValue<R>(PhantomData<fn() -> R>);

impl<R> Way for AsValue<R> {
    type Returned = R;
    type Seen = R;

    #[inline(always)]
    fn run(self, site: &'static Site, body: impl FnOnce(Head<'_>) -> R, outcome: fn(&R) -> Outcome) -> R {
        run(site, body, outcome)
    }
}

/// The way of a function that returns a future in a box of the type `B`, which gives an `O`.
#[derive(Debug)]
pub struct AsBoxed<B, O>(PhantomData<fn() -> (B, O)>);

/// A future in a box.
pub trait ViaBoxed {
    /// That way.
    type Way;

    /// That way.
    fn __tense_way(&self) -> Self::Way;
}

macro_rules! boxed {
    ($($new:path => $boxed:ty;)*) => { $(
        impl<'a, O: 'a> Way for AsBoxed<$boxed, O> {
            type Returned = $boxed;
            type Seen = O;

            #[inline]
            fn run(
                self,
                site: &'static Site,
                body: impl FnOnce(Head<'_>) -> $boxed,
                outcome: fn(&O) -> Outcome,
            ) -> $boxed {
                match make(site, body) {
                    (inner, Made { kept: None, placed: None }) => inner,
                    (inner, made) => $new(made.construct(site, inner, outcome)),
                }
            }
        }

        impl<'a, O: 'a> ViaBoxed for &&Returned<$boxed> {
            type Way = AsBoxed<$boxed, O>;

            fn __tense_way(&self) -> Self::Way {
                AsBoxed(PhantomData)
            }
        }
    )* };
}

boxed! {
    Box::pin => Pin<Box<dyn Future<Output = O> + 'a>>;
    Box::pin => Pin<Box<dyn Future<Output = O> + Send + 'a>>;
    Box::pin => Pin<Box<dyn Future<Output = O> + Sync + 'a>>;
    Box::pin => Pin<Box<dyn Future<Output = O> + Send + Sync + 'a>>;
    Box::new => Box<dyn Future<Output = O> + Unpin + 'a>;
    Box::new => Box<dyn Future<Output = O> + Unpin + Send + 'a>;
    Box::new => Box<dyn Future<Output = O> + Unpin + Sync + 'a>;
    Box::new => Box<dyn Future<Output = O> + Unpin + Send + Sync + 'a>;
}

/// A future that can be wrapped without changing its type: there is no such type beyond those above.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is a future of a type that nothing can be wrapped in, so its span would end before it does",
    label = "return `impl Future` here",
    note = "behind `impl Future<Output = ..>`, or in a `Pin<Box<dyn Future<Output = ..>>>`, it is recorded until it ends",
    note = "or annotate the function that does the work, or say `returns = value`: the call then ends when this function returns"
)]
pub trait Wrapped {}

/// A future of a type of its own. Where a trait names the type, the function cannot return another one: there it is not
/// asked for, and the way is that of a value.
pub trait ViaFuture<R> {
    /// The way of a value, after the error that there is no other.
    fn __tense_way(&self) -> AsValue<R>
    where
        R: Wrapped;
}

impl<R: Future> ViaFuture<R> for &Returned<R> {
    fn __tense_way(&self) -> AsValue<R>
    where
        R: Wrapped,
    {
        AsValue(PhantomData)
    }
}

/// Anything else.
pub trait ViaValue<R> {
    /// The way of a value.
    fn __tense_way(&self) -> AsValue<R>;
}

impl<R> ViaValue<R> for Returned<R> {
    fn __tense_way(&self) -> AsValue<R> {
        AsValue(PhantomData)
    }
}
