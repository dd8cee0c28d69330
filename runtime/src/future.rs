//! The future of an annotated async function goes in; one that enters its span at every poll comes out.
//!
//! The span begins at the first poll, at the head of the body, because only there the arguments can be borrowed. The
//! head finds its call in a thread-local that the wrapper fills just before; the two never run apart from each other.

use std::cell::{Cell, RefCell};
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use crate::call::{Call, Open, Slow, begin_direct, easy_begin};
use crate::context::above::Above;
use crate::context::placed;
use crate::outcome::Outcome;
use crate::routing;
use crate::site::{Route, Site};
use crate::thread::Local;
use crate::value::Raw;

thread_local! {
    /// The call whose future is being polled for the first time, until the head of its body takes it: the first thing
    /// that it does.
    static FIRST: Cell<Option<&'static Site>> = const { Cell::new(None) };
    /// The span that the head has begun for it, until the future has been polled, and takes it. Those of the futures
    /// within put it back.
    static BEGUN: Cell<Begun> = const { Cell::new(Begun::NOT) };
    /// The same where that is not all: on the slow way, and deeper than a thread is followed. The last one is of the
    /// innermost future.
    static BEGUN_OTHERWISE: RefCell<Vec<Otherwise>> = const { RefCell::new(Vec::new()) };
}

/// A span that has begun in the first poll of its future, and is entered.
#[derive(Clone, Copy)]
struct Begun {
    /// 0 for none.
    span: u64,
    /// When, on our clock; the greatest number of all for the last one in `BEGUN_OTHERWISE`.
    at: u64,
}

impl Begun {
    const NOT: Self = Self { span: 0, at: 0 };
    const OTHERWISE: Self = Self { span: 0, at: u64::MAX };
}

enum Otherwise {
    Slow(Box<Slow>),
    Deep(Open, u64),
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
        outcome: O,
    }

    impl<F, O> PinnedDrop for Traced<F, O> {
        fn drop(this: Pin<&mut Self>) {
            // What it drops, a guard that gives something back, is within its span. The call is dropped behind that,
            // and leaves.
            this.project().call.enter();
        }
    }
}

/// Wraps the body of an annotated async function, which has [`first`] at its head.
#[inline]
pub fn traced<F: Future, O: Fn(&F::Output) -> Outcome>(site: &'static Site, inner: F, outcome: O) -> Traced<F, O> {
    Traced { inner, call: Call::of(site), outcome }
}

/// What the head of an async body has in its hands: a call that can be begun, when somebody wants it.
///
/// It is a copy and never lent, so that the future need not keep it.
#[derive(Debug, Clone, Copy)]
pub struct First(Option<&'static Site>);

/// For the head of a body that is polled for the first time.
#[inline]
pub fn first() -> First {
    First(FIRST.try_with(Cell::take).ok().flatten())
}

impl First {
    /// Whether somebody wants the call: only then its fields are looked at.
    #[inline(always)]
    pub const fn is_on(self) -> bool {
        self.0.is_some()
    }

    /// Begins the span, for the future that it belongs to. `values` are the site's fields by number.
    // Without optimization it would only make the frame of every poll larger, and futures nest deeply.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn begin(self, values: &[Raw<'_>]) -> Open {
        let Some(site) = self.0 else { return Open::OFF };
        let (route, header) = site.way();
        if route == Route::Direct
            && let Some((open, at)) = easy_begin(header, values)
        {
            BEGUN.try_with(|begun| begun.set(Begun { span: open.span, at })).ok();
            return open;
        }
        begin_otherwise(site, values)
    }

    /// Of a call with `parent = ..`: whether somebody wants what is done in it, if not the call itself.
    #[inline]
    pub fn is_placed(self) -> bool {
        self.is_on() || routing::has_layer()
    }

    /// Puts all that the call does there, before it begins.
    pub fn put_below(self, parent: &(impl Above + ?Sized)) {
        placed::put(parent);
    }
}

#[cold]
#[inline(never)]
fn begin_otherwise(site: &'static Site, values: &[Raw<'_>]) -> Open {
    let (open, begun) = match site.route() {
        Route::Off => return Open::OFF,
        Route::Direct => {
            let Some(local) = Local::current() else { return Open::OFF };
            let at = local.ticks();
            let open = begin_direct(local, site, 0, at, values);
            (open, Otherwise::Deep(open, at))
        }
        Route::Slow => {
            let Some(slow) = Slow::begin(site, 0, values) else { return Open::OFF };
            (slow.handle(), Otherwise::Slow(slow))
        }
    };
    // When the thread is being torn down a real span is closed here.
    if BEGUN_OTHERWISE.try_with(|last| last.borrow_mut().push(begun)).is_ok() {
        BEGUN.try_with(|begun| begun.set(Begun::OTHERWISE)).ok();
    }
    open
}

impl<F: Future, O: Fn(&F::Output) -> Outcome> Future for Traced<F, O> {
    type Output = F::Output;

    #[inline]
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let out = {
            let mut polled = Polled::begin(this.call);
            let out = this.inner.poll(context);
            polled.leave();
            out
        };
        ended(out, this.call, this.outcome)
    }
}

/// Polls inside the span of a call that has been entered, and leaves it.
#[inline]
pub(crate) fn poll_inside<F: Future>(
    inner: Pin<&mut F>,
    call: &mut Call,
    context: &mut Context<'_>,
) -> Poll<F::Output> {
    let mut polled = Polled { call, is_first: false, around: Begun::NOT, is_left: false };
    let out = inner.poll(context);
    polled.leave();
    out
}

#[inline]
pub(crate) fn ended<T>(out: Poll<T>, call: &mut Call, outcome: &impl Fn(&T) -> Outcome) -> Poll<T> {
    if let Poll::Ready(out) = &out
        && call.is_open()
    {
        call.end(outcome(out));
    }
    out
}

/// A future is being polled. When this is dropped and its span has not been left, the poll has panicked, and the span
/// ends: nobody will poll again.
struct Polled<'a> {
    call: &'a mut Call,
    /// The head of the body begins the span now.
    is_first: bool,
    /// What the future around this one has begun, if this one is polled for the first time.
    around: Begun,
    is_left: bool,
}

impl<'a> Polled<'a> {
    /// In front of the poll, which is called at one place only, so that it can be in line.
    #[inline(always)]
    fn begin(call: &'a mut Call) -> Self {
        let is_first = match call.waiting() {
            Some(site) if site.route() != Route::Off => {
                FIRST.try_with(|first| first.set(Some(site))).ok();
                true
            }
            Some(_) => {
                call.let_go();
                false
            }
            None => {
                call.enter();
                false
            }
        };
        let around =
            if is_first { BEGUN.try_with(|begun| begun.replace(Begun::NOT)).unwrap_or(Begun::NOT) } else { Begun::NOT };
        Self { call, is_first, around, is_left: false }
    }

    /// Behind the poll.
    #[inline(always)]
    fn leave(&mut self) {
        self.is_left = true;
        if self.is_first {
            fetch(self.call, self.around);
        } else {
            self.call.exit();
        }
    }
}

impl Drop for Polled<'_> {
    #[inline(always)]
    fn drop(&mut self) {
        if !self.is_left {
            panicked(self.call, self.is_first, self.around);
        }
    }
}

// These take the parts of a poll, and not itself, which would then have to lie in memory.

#[cold]
#[inline(never)]
fn panicked(call: &mut Call, is_first: bool, around: Begun) {
    if is_first {
        fetch(call, around);
    } else {
        call.exit();
    }
    call.end_panicked();
}

/// Fetches the span that the head of the body has begun, leaves it, and puts back what the future around it has.
#[inline]
fn fetch(call: &mut Call, around: Begun) {
    let Begun { span, at } = BEGUN.try_with(|begun| begun.replace(around)).unwrap_or(Begun::NOT);
    if let Some(open) = Local::existing().filter(|_| span != 0).and_then(|local| local.stack.take(span)) {
        call.began(open, at, false);
    } else {
        fetch_otherwise(call, at);
    }
}

#[cold]
#[inline(never)]
fn fetch_otherwise(call: &mut Call, at: u64) {
    let last = BEGUN_OTHERWISE.try_with(|begun| if at == u64::MAX { begun.borrow_mut().pop() } else { None });
    match last.ok().flatten() {
        Some(Otherwise::Slow(slow)) => call.began_slow(Some(slow)),
        Some(Otherwise::Deep(open, at)) => call.began(open, at, true),
        None => call.let_go(),
    }
    call.exit();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wrapper_stays_small() {
        // The call: its trace, its span, when it began, and the way that it takes. A future of some kilobytes does not
        // notice.
        assert!(size_of::<Call>() <= 40, "{} bytes", size_of::<Call>());
    }
}
