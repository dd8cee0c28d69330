//! One call of an annotated function: it begins with its values, and ends with its outcome, or without one when it unwinds
//! or is dropped.

use std::cell::RefCell;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::thread::panicking;

use crate::clock;
use crate::foreign::Tie;
use crate::kept::{self, Kept};
use crate::outcome::Outcome;
use crate::record::{self, Ending};
use crate::routing::{self, Real};
use crate::site::{Route, Site};
use crate::stack::{Attempt, Entry, Hint};
use crate::thread::Local;
use crate::value::{Field, Raw};

/// What the head of a body has in its hands: a call that can be begun, when somebody wants it.
#[derive(Debug)]
pub struct Head<'a>(Begin<'a>);

#[derive(Debug)]
enum Begin<'a> {
    Never,
    Now(&'a mut Call),
    /// The body only makes a future, whose span begins when it is polled.
    Later(&'a mut Kept),
}

impl<'a> Head<'a> {
    pub(crate) const OFF: Self = Self(Begin::Never);

    pub(crate) const fn later(kept: &'a mut Kept) -> Self {
        Self(Begin::Later(kept))
    }

    /// Whether somebody wants the call: only then its fields are looked at.
    #[inline(always)]
    pub const fn is_on(&self) -> bool {
        !matches!(self.0, Begin::Never)
    }

    /// Begins the span. `values` are the site's fields by number.
    #[inline]
    pub fn begin(self, values: &[Raw<'_>]) -> Open {
        match self.0 {
            Begin::Never => Open::OFF,
            Begin::Now(call) => call.begin(values),
            Begin::Later(kept) => kept.keep(values),
        }
    }
}

/// Runs the body of an annotated function. The closure is the function's body with `head.begin(..)` before it.
///
/// Costs one load and one branch when nobody wants the call: not even a `Call` is made then.
#[inline(always)]
pub fn run<R>(site: &'static Site, body: impl FnOnce(Head<'_>) -> R, outcome: impl FnOnce(&R) -> Outcome) -> R {
    let route = site.route();
    if route == Route::Off {
        return body(Head::OFF);
    }
    let mut running = Running(Call::on(site, route));
    let out = body(Head(Begin::Now(&mut running.0)));
    running.0.exit();
    running.0.end(&outcome(&out));
    // Nothing is left in it that has to be dropped.
    std::mem::forget(running);
    out
}

/// A body that runs; when this is dropped with its span still open, the body has panicked.
struct Running(Call);

impl Drop for Running {
    #[inline]
    fn drop(&mut self) {
        if self.0.is_open() {
            self.0.exit();
            self.0.end_panicked();
        }
    }
}

/// The span of a function whose body cannot be moved into a closure, because `#[track_caller]` would lose the caller:
/// it knows that it ended or panicked, and nothing of what it returned.
#[derive(Debug)]
pub struct InPlace {
    call: Call,
    /// It was called by a destructor while its thread panicked: then it cannot tell whether it panics itself.
    panicked_before: bool,
}

impl InPlace {
    /// A call at that site, not begun.
    #[inline]
    pub fn new(site: &'static Site) -> Self {
        Self { call: Call::on(site, site.route()), panicked_before: panicking() }
    }

    /// The call, to be begun when somebody wants it.
    pub fn head(&mut self) -> Head<'_> {
        if self.call.route == Route::Off { Head::OFF } else { Head(Begin::Now(&mut self.call)) }
    }
}

impl Drop for InPlace {
    fn drop(&mut self) {
        self.call.exit();
        let panicked = panicking() && !self.panicked_before;
        self.call.end(&if panicked { Outcome::panicked(self.call.began) } else { Outcome::SUCCESS });
    }
}

/// A call that is on its way. Dropping it before it has ended is how a future is cancelled.
#[derive(Debug)]
pub(crate) struct Call {
    site: &'static Site,
    route: Route,
    /// On this thread's stack: during a poll, or while the function runs.
    entered: bool,
    /// When it began, on our clock.
    began: u64,
    open: Open,
    /// Only on the slow way.
    slow: Option<Box<Slow>>,
}

/// The span of a call, for values that its body fills in. Does nothing when nobody wanted the call.
#[derive(Debug, Clone, Copy)]
pub struct Open {
    pub(crate) trace: (u64, u64),
    /// 0 when nothing is recorded.
    pub(crate) span: u64,
    pub(crate) layer: u8,
}

impl Open {
    /// The span of a call that nobody wants.
    pub const OFF: Self = Self { trace: (0, 0), span: 0, layer: 0 };

    /// The span of a call that begins later, on whatever layer that will be.
    pub(crate) const fn later(span: u64) -> Self {
        Self { trace: (0, 0), span, layer: 0 }
    }

    /// Whether somebody wanted the call.
    pub const fn is_recorded(self) -> bool {
        self.span != 0
    }

    /// Gives the span a value of the field of that number: what `record!` does.
    pub fn record(self, field: u8, value: &(impl Field + ?Sized)) {
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
        Entry { trace: self.trace, span: self.span, layer: self.layer, hint }
    }
}

/// A call is ids and atomics; after a panic it is ended, and not looked into.
impl UnwindSafe for Call {}
impl RefUnwindSafe for Call {}

struct Slow {
    real: Real,
    /// Further layers of ours that record the same span.
    also: Vec<Open>,
}

impl std::fmt::Debug for Slow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Slow").field("also", &self.also).finish_non_exhaustive()
    }
}

impl Call {
    #[inline]
    pub(crate) const fn off(site: &'static Site) -> Self {
        Self::on(site, Route::Off)
    }

    #[inline]
    pub(crate) const fn on(site: &'static Site, route: Route) -> Self {
        Self { site, route, entered: false, began: 0, open: Open::OFF, slow: None }
    }

    /// Begins the span, and enters it. `values` are the site's fields by number.
    #[inline]
    pub(crate) fn begin(&mut self, values: &[Raw<'_>]) -> Open {
        self.begin_as(0, values);
        self.open
    }

    /// The same with an id that was given out before; 0 for none.
    pub(crate) fn begin_as(&mut self, wish: u64, values: &[Raw<'_>]) {
        self.entered = true;
        if self.route == Route::Slow {
            self.begin_slow(wish, values);
            return self.enter();
        }
        let Some(local) = Local::current().filter(|_| self.route == Route::Direct) else { return };
        let layer = routing::global_layer();
        let ticks = clock::ticks();
        self.began = ticks;
        // The usual case by itself: below a span that has no word for it. Word by word, because a whole that is read right after
        // its parts were written makes the processor wait.
        if let Some((trace, parent)) = local.stack.above(layer)
            && wish == 0
        {
            let span = local.span_id();
            let open = Open { trace, span, layer };
            if record::begin(local, self.site.id(), ticks, parent, open, values) {
                local.stack.enter(open);
                self.open.trace.0 = trace.0;
                self.open.trace.1 = trace.1;
                self.open.span = span;
                self.open.layer = layer;
            }
            return;
        }
        self.open = begin_for(local, self.site, layer, None, wish, ticks, values);
        if self.open.span != 0 {
            local.stack.enter(self.open);
        }
    }

    #[cold]
    fn begin_slow(&mut self, wish: u64, values: &[Raw<'_>]) {
        let Some(local) = Local::current() else { return };
        // Which layers record it is only known once it is made, so a pipeline's word is looked for on the very top.
        // An id that was given out already, to `record!`, stays.
        let hinted = local.stack.hinted_span(self.site).filter(|_| wish == 0);
        let span = hinted.unwrap_or_else(|| local.span_id_or(wish));
        self.began = clock::ticks();
        let tie = Tie { trace: local.trace_id(self.began), span };
        let Some((real, claims)) = Real::open(self.site, tie, values) else { return };
        let mut opens: Vec<_> = claims
            .map(|layer| begin_for(local, self.site, layer, Some(tie), 0, self.began, values))
            .filter(|open| open.span != 0)
            .collect();
        self.open = if opens.is_empty() { Open::OFF } else { opens.remove(0) };
        self.slow = Some(Box::new(Slow { real, also: opens }));
    }

    /// Puts the span on this thread's stack: at its begin, and for a future at every poll.
    #[inline]
    pub(crate) fn enter(&mut self) {
        self.entered = true;
        self.enter_here();
    }

    /// The same for a span that may be entered by several threads at a time: each leaves it by itself.
    #[inline]
    pub(crate) fn enter_here(&self) {
        if self.open.span != 0
            && let Some(local) = Local::current()
        {
            local.stack.enter(self.open);
        }
        if let Some(slow) = &self.slow {
            slow.enter();
        }
    }

    /// Of a future that is dropped on its way: what it drops, a guard that gives something back, is within its span. The call
    /// itself is dropped behind that, and takes it off again.
    #[inline]
    pub(crate) fn enter_to_be_dropped(&mut self) {
        if self.is_open() {
            self.enter();
        }
    }

    /// Takes it off again.
    #[inline]
    pub(crate) fn exit(&mut self) {
        if std::mem::take(&mut self.entered) {
            self.leave_here();
        }
    }

    #[inline]
    pub(crate) fn leave_here(&self) {
        if let Some(slow) = &self.slow {
            slow.exit();
        }
        if self.open.span != 0
            && let Some(local) = Local::current()
        {
            local.stack.exit(self.open.span);
        }
    }

    /// Ends the span of a poll that unwinds.
    #[cold]
    pub(crate) fn end_panicked(&mut self) {
        self.end(&Outcome::panicked(self.began));
    }

    /// Writes the end, once.
    #[inline]
    pub(crate) fn end(&mut self, outcome: &Outcome) {
        let span = std::mem::replace(&mut self.open.span, 0);
        if span != 0
            && let Some(local) = Local::current()
        {
            let ticks = clock::ticks();
            if outcome.ending == Ending::Success {
                record::success(local, ticks, span, self.open.layer);
            } else {
                end_otherwise(local, ticks, span, self.open.layer, outcome);
            }
            if let Some(slow) = &self.slow {
                slow.end(local, ticks, outcome);
            }
        }
        if self.slow.is_some() {
            self.slow = None;
        }
    }

    /// Where the call of a future goes that is polled for the first time.
    #[inline]
    pub(crate) fn route_now(&self) -> Route {
        self.site.route()
    }

    /// The same call, on that way, to be begun by the head of its body.
    #[inline]
    pub(crate) const fn begin_later(&self, route: Route) -> Self {
        Self::on(self.site, route)
    }

    /// Its span, to be filled in, or to say that it failed.
    #[inline]
    pub(crate) const fn span(&self) -> Open {
        self.open
    }

    #[inline]
    pub(crate) fn is_open(&self) -> bool {
        self.open.span != 0 || self.slow.is_some()
    }
}

impl Drop for Call {
    #[inline]
    fn drop(&mut self) {
        if self.is_open() {
            self.exit();
            let span = self.open.span;
            let given_up =
                GIVEN_UP.try_with(|given_up| Some(given_up.try_borrow_mut().ok()?.take_if(|of| of.0 == span)?.1));
            let given_up = given_up.ok().flatten();
            self.end(&given_up.unwrap_or(Outcome::CANCELLED));
        }
    }
}

thread_local! {
    /// The span that is being dropped because it failed in the eyes of whoever waited for it, and how.
    static GIVEN_UP: RefCell<Option<(u64, Outcome)>> = const { RefCell::new(None) };
}

/// Drops what that span belongs to. It ends so, instead of as cancelled; what is dropped below it is cancelled.
pub(crate) fn give_up(span: u64, outcome: Outcome, drop: impl FnOnce()) {
    let before = GIVEN_UP.try_with(|given_up| given_up.replace(Some((span, outcome)))).ok().flatten();
    drop();
    GIVEN_UP.try_with(|given_up| given_up.replace(before)).ok();
}

#[cold]
fn end_otherwise(local: &Local, ticks: u64, span: u64, layer: u8, outcome: &Outcome) {
    let values: &[Raw<'_>] = match outcome.ending {
        Ending::Success => &[],
        // A future that is dropped says nothing.
        Ending::Cancelled if outcome.error_type.is_empty() => &[],
        _ => &[Raw::Str(outcome.error_type), outcome.message.raw()],
    };
    record::end(local, ticks, span, layer, outcome.ending, values);
}

impl Slow {
    #[cold]
    fn end(&self, local: &Local, ticks: u64, outcome: &Outcome) {
        for also in &self.also {
            end_otherwise(local, ticks, also.span, also.layer, outcome);
        }
    }

    #[cold]
    fn enter(&self) {
        if let Some(local) = Local::current() {
            self.also.iter().for_each(|open| local.stack.enter(*open));
        }
        self.real.enter();
    }

    #[cold]
    fn exit(&self) {
        self.real.exit();
        if let Some(local) = Local::current() {
            self.also.iter().for_each(|open| local.stack.exit(open.span));
        }
    }
}

/// Writes the begin of a span for one layer; `Open::OFF` when there was no room, which the ring has counted.
#[inline(never)]
fn begin_for(
    local: &'static Local,
    site: &'static Site,
    layer: u8,
    given: Option<Tie>,
    wish: u64,
    ticks: u64,
    values: &[Raw<'_>],
) -> Open {
    let above = local.stack.top(layer);
    let hint =
        if above.is_some_and(|above| above.hint.is_for(site)) { local.stack.take_hint(layer) } else { Hint::NONE };
    let trace = match (above, given) {
        (Some(above), _) => above.trace,
        (None, Some(given)) => given.trace,
        (None, None) => local.trace_id(ticks),
    };
    let span = match given {
        Some(given) => given.span,
        // An id that was given out already, to `record!`, stays.
        None if hint.span != 0 && wish == 0 => hint.span,
        None => local.span_id_or(wish),
    };
    let open = Open { trace, span, layer };
    let parent = above.map_or(0, |above| above.span);
    let attempt = Some(hint.attempt).filter(|packed| *packed != 0).map(Attempt::unpacked);
    let number = attempt.map(|attempt| attempt.site).filter(|number| *number != 0).unwrap_or_else(|| site.id());
    if !record::begin(local, number, ticks, parent, open, values) {
        return Open::OFF;
    }
    if let Some(Attempt { number, backoff_ms, .. }) = attempt {
        // The call site of an attempt has the fields of the function's, and two more behind them.
        let behind = site.fields().len().min(usize::from(u8::MAX)) as u8;
        record::fields(local, ticks, span, layer, behind, &[Raw::U64(number.into()), Raw::U64(backoff_ms)]);
    }
    if hint.undoes != 0 {
        record::link(local, ticks, span, layer, hint.undoes);
    }
    open
}

/// Something that happens at a moment: what `event!` does.
pub fn point(site: &'static Site, values: impl FnOnce(&mut dyn FnMut(&[Raw<'_>]))) {
    match site.route() {
        Route::Off => {}
        Route::Direct => values(&mut |values| point_for(site, routing::global_layer(), values)),
        Route::Slow => values(&mut |values| {
            if let Some(claims) = Real::emit(site, values) {
                claims.for_each(|layer| point_for(site, layer, values));
            }
        }),
    }
}

pub(crate) fn point_for(site: &'static Site, layer: u8, values: &[Raw<'_>]) {
    let Some(local) = Local::current() else { return };
    let ticks = clock::ticks();
    let above = local.stack.top(layer);
    let trace = above.map_or_else(|| local.trace_id(ticks), |above| above.trace);
    let this = Open { trace, span: local.span_id(), layer };
    record::point(local, site.id(), ticks, above.map_or(0, |above| above.span), this, values);
}
