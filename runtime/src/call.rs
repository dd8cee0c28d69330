//! One call of an annotated function: it begins with its values, and ends with its outcome, or without one when it
//! unwinds or is dropped.

mod written;
mod slow;
pub(crate) mod late;
mod of_future;

use std::thread::panicking;

use crate::clock;
use crate::context::above::Above;
use crate::context::placed;
use crate::kept::{self, Kept, Place};
use crate::outcome::Outcome;
use crate::record::{self, Header};
use crate::routing;
use crate::site::{Route, Site};
use crate::stack::{Entry, Hint};
use crate::thread::Local;
use crate::value::{Field, Raw};

pub(crate) use of_future::{Call, give_up};
pub(crate) use slow::Slow;
use written::end;
pub use written::point;
pub(crate) use written::{begin_direct, easy_begin, point_for};

/// What the head of a body has in its hands: a call that can be begun, when somebody wants it.
#[derive(Debug)]
pub struct Head<'a>(Begin<'a>);

#[derive(Debug)]
enum Begin<'a> {
    Never,
    Now(&'a mut Running),
    /// The body only makes a future, whose span begins when it is polled.
    Later(&'a mut Kept),
    /// The same where nobody wants the span, and it may say where the future is put all the same.
    NotItself(&'a Place),
}

impl<'a> Head<'a> {
    pub(crate) const OFF: Self = Self(Begin::Never);

    pub(crate) const fn later(kept: &'a mut Kept) -> Self {
        Self(Begin::Later(kept))
    }

    pub(crate) const fn not_itself(place: &'a Place) -> Self {
        Self(Begin::NotItself(place))
    }

    /// Whether somebody wants the call: only then its fields are looked at.
    #[inline(always)]
    pub const fn is_on(&self) -> bool {
        !matches!(self.0, Begin::Never | Begin::NotItself(_))
    }

    /// Begins the span. `values` are the site's fields by number.
    #[inline(always)]
    pub fn begin(self, values: &[Raw<'_>]) -> Open {
        match self.0 {
            Begin::Never | Begin::NotItself(_) => Open::OFF,
            Begin::Now(running) => running.begin(values),
            Begin::Later(kept) => kept.keep(values),
        }
    }
}

/// Of a call with `parent = ..`.
impl Head<'_> {
    /// Whether somebody wants what is done in the call, if not the call itself: only then its place is looked at.
    #[inline]
    pub fn is_placed(&self) -> bool {
        self.is_on() || routing::has_layer()
    }

    /// Puts all that the call does there, before it begins.
    pub fn put_below(&self, parent: &(impl Above + ?Sized)) {
        match &self.0 {
            Begin::Later(kept) => kept.place.put(parent),
            Begin::NotItself(place) => place.put(parent),
            Begin::Never | Begin::Now(_) => placed::put(parent),
        }
    }
}

/// Runs the body of an annotated function. The closure is the function's body with `head.begin(..)` before it.
///
/// Costs one load and one branch when nobody wants the call.
#[inline(always)]
pub fn run<R>(site: &'static Site, body: impl FnOnce(Head<'_>) -> R, outcome: impl FnOnce(&R) -> Outcome) -> R {
    let (route, header) = site.way();
    if route == Route::Off {
        return body(Head::OFF);
    }
    let mut running = Running::on(site, header);
    let out = body(Head(Begin::Now(&mut running)));
    running.end(outcome(&out));
    // Nothing is left in it that has to be dropped.
    std::mem::forget(running);
    out
}

/// A function that runs; when this is dropped with its span still open, the function has panicked.
///
/// What it keeps fits into registers. A future, which leaves its thread, has a [`Call`].
#[derive(Debug)]
struct Running {
    site: &'static Site,
    /// Of its begin on the direct way.
    header: Header,
    begun: Begun,
    /// Only on the slow way.
    slow: Option<Box<Slow>>,
}

/// A span that has begun on the direct way.
#[derive(Debug, Clone, Copy)]
struct Begun {
    /// 0 when nothing is recorded.
    span: u64,
    /// When, on our clock. Where nothing is recorded, the span that is lost, or 0 for none.
    at: u64,
}

impl Begun {
    const NOT: Self = Self { span: 0, at: 0 };

    /// Whether there is nothing to be left and nothing to be ended.
    #[inline(always)]
    const fn is_not(self) -> bool {
        self.span == 0 && self.at == 0
    }
}

impl Running {
    #[inline(always)]
    const fn on(site: &'static Site, header: Header) -> Self {
        Self { site, header, begun: Begun::NOT, slow: None }
    }

    #[inline(always)]
    fn begin(&mut self, values: &[Raw<'_>]) -> Open {
        if self.header != Header::NONE {
            self.begun = begin_here(self.site, self.header, values);
            return Open { trace: (0, 0), span: self.begun.span, layer: self.header.layer(), is_real: false };
        }
        self.slow = Slow::begin(self.site, 0, values);
        self.slow.as_ref().map_or(Open::OFF, |slow| slow.handle())
    }

    #[inline(always)]
    fn end(&mut self, outcome: Outcome) {
        let Begun { span, .. } = self.begun;
        // On the slow way there is none.
        let is_easy = span != 0 && matches!(outcome, Outcome::Success);
        if !is_easy || end_here(span, self.header.layer()).is_none() {
            end_otherwise(self.begun, self.slow.take(), outcome);
        }
    }

    #[inline(always)]
    fn end_panicked(&mut self) {
        if !self.begun.is_not() || self.slow.is_some() {
            end_panicked(self.begun, self.slow.take());
        }
    }
}

impl Drop for Running {
    #[inline(always)]
    fn drop(&mut self) {
        self.end_panicked();
    }
}

// What ends takes its parts, and not itself, which would then have to lie in memory.

#[cold]
#[inline(never)]
fn end_otherwise(begun: Begun, slow: Option<Box<Slow>>, outcome: Outcome) {
    if let Some(slow) = slow {
        // First what cannot panic, as somebody else's layer can.
        slow.end(&outcome);
        slow.exit();
    } else if begun.span != 0
        && let Some(local) = Local::current()
    {
        local.stack.exit(begun.span);
        end(local, local.ticks(), begun.span, routing::global_layer(), &outcome);
    } else if begun.at != 0
        && let Some(local) = Local::existing()
    {
        // It is lost: it has no end, and was counted when it began.
        local.stack.exit_lost(begun.at);
    }
}

#[cold]
#[inline(never)]
fn end_panicked(begun: Begun, slow: Option<Box<Slow>>) {
    let since = slow.as_ref().map(|slow| slow.began).or((begun.span != 0).then_some(begun.at));
    // Nobody is told what was said of it where it is lost.
    end_otherwise(begun, slow, since.map_or(Outcome::Dropped, Outcome::panicked));
}

// What follows is in line at every call site, where it knows the kinds of the values, and calls nothing: that is half
// of what a span costs. In a build that is not optimized it would only be more to compile.

/// A function's span begins, and is entered.
#[cfg_attr(debug_assertions, inline(never))]
#[cfg_attr(not(debug_assertions), inline(always))]
fn begin_here(site: &'static Site, header: Header, values: &[Raw<'_>]) -> Begun {
    match easy_begin(header, values) {
        Some((open, at)) => Begun { span: open.span, at },
        None => begin_otherwise(site, values),
    }
}

/// It ends, and is left. `None`: it has to be done in another way.
#[cfg_attr(debug_assertions, inline(never))]
#[cfg_attr(not(debug_assertions), inline(always))]
fn end_here(span: u64, layer: u8) -> Option<()> {
    let local = Local::existing()?;
    record::easy_success(local, local.ticks(), span, layer)?;
    local.stack.exit(span);
    Some(())
}

#[cold]
#[inline(never)]
fn begin_otherwise(site: &'static Site, values: &[Raw<'_>]) -> Begun {
    let Some(local) = Local::current() else { return Begun::NOT };
    let at = local.ticks();
    let open = begin_direct(local, site, 0, at, values);
    if open.is_recorded() {
        Begun { span: open.span, at }
    } else {
        Begun { span: 0, at: open.lost_span().unwrap_or(0) }
    }
}

/// The span of a function whose body cannot be moved into a closure, because `#[track_caller]` would lose the caller:
/// it knows that it ended or panicked, and nothing of what it returned.
#[derive(Debug)]
pub struct InPlace {
    running: Running,
    is_on: bool,
    /// It was called by a destructor while its thread panicked: then it cannot tell whether it panics itself.
    panicked_before: bool,
}

impl InPlace {
    /// A call at that site, not begun.
    #[inline]
    pub fn new(site: &'static Site) -> Self {
        let (route, header) = site.way();
        Self { running: Running::on(site, header), is_on: route != Route::Off, panicked_before: panicking() }
    }

    /// The call, to be begun when somebody wants it.
    pub fn head(&mut self) -> Head<'_> {
        if self.is_on { Head(Begin::Now(&mut self.running)) } else { Head::OFF }
    }
}

impl Drop for InPlace {
    fn drop(&mut self) {
        let panicked = panicking() && !self.panicked_before;
        if panicked {
            self.running.end_panicked();
        } else {
            self.running.end(Outcome::Success);
        }
        self.running.begun = Begun::NOT;
    }
}

/// The span of a call, for values that its body fills in. Does nothing when nobody wanted the call.
#[derive(Debug, Clone, Copy)]
pub struct Open {
    /// The trace. Of a span that is lost its id, which only the stack of its thread is told.
    pub(crate) trace: (u64, u64),
    /// 0 when nothing is recorded.
    pub(crate) span: u64,
    /// The layer of ours that records it. 0 when that is not known yet, and where only layers of others see it.
    pub(crate) layer: u8,
    /// Layers of others see it too, and have to hear of what comes late.
    pub(crate) is_real: bool,
}

impl Open {
    /// The span of a call that nobody wants.
    pub const OFF: Self = Self { trace: (0, 0), span: 0, layer: 0, is_real: false };

    /// The span of a call that begins later, on whatever layer that will be.
    pub(crate) const fn later(span: u64) -> Self {
        Self { trace: (0, 0), span, layer: 0, is_real: false }
    }

    /// As our own layers know it; off where only layers of others see it.
    pub(crate) const fn ours(self) -> Self {
        if self.is_real && self.layer == 0 { Self::OFF } else { self }
    }

    /// The same span, whose begin found no room: nothing of it is recorded.
    pub(crate) const fn lost(self) -> Self {
        Self { trace: (0, self.span), span: 0, layer: self.layer, is_real: false }
    }

    /// The id of a span that is lost, so that its thread can be in it, and leave it.
    pub(crate) const fn lost_span(self) -> Option<u64> {
        if self.span == 0 && self.trace.1 != 0 { Some(self.trace.1) } else { None }
    }

    /// Whether somebody wanted the call.
    pub const fn is_recorded(self) -> bool {
        self.span != 0
    }

    /// Gives the span a value of the field of that number: what `record!` does.
    pub fn record(self, field: u8, value: &(impl Field + ?Sized)) {
        // On the direct way the layer is known, and nobody else is.
        if (self.is_real || self.layer == 0) && late::fill(self.span, field, value.raw()) {
            return;
        }
        if self.span != 0
            && let Some(local) = Local::current()
        {
            let layer = if self.layer == 0 { local.stack.layer_of(self.span) } else { Some(self.layer) };
            match layer {
                Some(layer) => {
                    record::fields(local, clock::ticks(), self.span, layer, field, &[value.raw()]);
                }
                None => kept::record(self.span, field, value.raw()),
            }
        }
    }

    pub(crate) fn entry(self, hint: Hint) -> Entry {
        Entry { trace: self.trace, span: self.span, layer: self.layer, hint, scope: None, is_lost: false }
    }
}
