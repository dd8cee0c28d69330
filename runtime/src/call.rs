//! One call of an annotated function: it begins with its values, and ends with its outcome, or without one when it unwinds
//! or is dropped.

use std::cell::RefCell;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::thread::panicking;

use crate::clock;
use crate::context::above::{Above, below};
use crate::context::scope;
use crate::foreign::Tie;
use crate::kept::{self, Kept};
use crate::outcome::Outcome;
use crate::record::{self, Header, Known};
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
    Now(&'a mut Running),
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
    #[inline(always)]
    pub fn begin(self, values: &[Raw<'_>]) -> Open {
        match self.0 {
            Begin::Never => Open::OFF,
            Begin::Now(running) => running.begin(values),
            Begin::Later(kept) => kept.keep(values),
        }
    }
}

impl Head<'_> {
    /// The same, below what `parent = ..` says.
    pub fn begin_below(self, parent: &(impl Above + ?Sized), values: &[Raw<'_>]) -> Open {
        match self.0 {
            Begin::Later(kept) => {
                let open = kept.keep(values);
                kept.put_below(parent);
                open
            }
            Begin::Never | Begin::Now(_) => below(parent, || self.begin(values)),
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
    /// When, on our clock.
    at: u64,
}

impl Begun {
    const NOT: Self = Self { span: 0, at: 0 };
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
            return Open { trace: (0, 0), span: self.begun.span, layer: self.header.layer() };
        }
        self.slow = Slow::begin(self.site, 0, values);
        self.slow.as_ref().map_or(Open::OFF, |slow| slow.open)
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
        if self.begun.span != 0 || self.slow.is_some() {
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
    }
}

#[cold]
#[inline(never)]
fn end_panicked(begun: Begun, slow: Option<Box<Slow>>) {
    let since = slow.as_ref().map_or(begun.at, |slow| slow.began);
    end_otherwise(begun, slow, Outcome::panicked(since));
}

// What follows is in line at every call site, where it knows the kinds of the values, and calls nothing: that is half of what a span
// costs. In a build that is not optimized it would only be more to compile.

/// A function's span begins, and is entered.
#[cfg_attr(debug_assertions, inline(never))]
#[cfg_attr(not(debug_assertions), inline(always))]
fn begin_here(site: &'static Site, header: Header, values: &[Raw<'_>]) -> Begun {
    match easy_begin(header, values) {
        Some((open, at)) => Begun { span: open.span, at },
        None => begin_otherwise(site, values),
    }
}

/// A span begins below another one of the same layer, where nothing else is to be done, and is entered.
#[inline(always)]
pub(crate) fn easy_begin(header: Header, values: &[Raw<'_>]) -> Option<(Open, u64)> {
    let (known, layer) = (Known::of(values), header.layer());
    let local = Local::existing()?;
    let at = local.ticks();
    let span = local.easy_span_id()?;
    let draft = local.ring.easy_draft()?;
    let below = local.stack.below(layer)?;
    let open = Open { trace: below.trace, span, layer };
    // Entered first: what is above it need not be kept while the values are written.
    below.enter(open)?;
    if record::easy_begin(draft, header, at, below.parent, open, known).is_none() {
        local.stack.exit(open.span);
        return None;
    }
    Some((open, at))
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
    Begun { span: begin_direct(local, site, 0, at, values).span, at }
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

/// The call of a future, on its way. Dropping it before it has ended is how a future is cancelled.
#[derive(Debug)]
pub(crate) struct Call(Standing);

/// Where a call stands.
#[derive(Debug)]
enum Standing {
    /// It has not begun.
    Waiting(&'static Site),
    Direct {
        trace: (u64, u64),
        span: u64,
        /// When it began, on our clock.
        began: u64,
        layer: u8,
        /// On this thread's stack: during a poll.
        entered: bool,
    },
    Slow {
        slow: Box<Slow>,
        entered: bool,
    },
    /// It has ended, or nobody wanted it.
    Done,
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

impl Call {
    #[inline]
    pub(crate) const fn of(site: &'static Site) -> Self {
        Self(Standing::Waiting(site))
    }

    /// The call site, as long as it has not begun.
    #[inline]
    pub(crate) const fn waiting(&self) -> Option<&'static Site> {
        if let Standing::Waiting(site) = self.0 { Some(site) } else { None }
    }

    /// Nobody wants it.
    #[inline]
    pub(crate) fn let_go(&mut self) {
        self.0 = Standing::Done;
    }

    /// Begins the span of one that waits, and enters it. `values` are the site's fields by number; the id is one that was given out
    /// before, or 0 for none.
    pub(crate) fn begin(&mut self, wish: u64, values: &[Raw<'_>]) {
        let Standing::Waiting(site) = self.0 else { return };
        self.0 = Standing::Done;
        match site.route() {
            Route::Off => {}
            Route::Direct => {
                if let Some(local) = Local::current() {
                    let at = local.ticks();
                    self.began(begin_direct(local, site, wish, at, values), at);
                }
            }
            Route::Slow => self.began_slow(Slow::begin(site, wish, values)),
        }
    }

    /// It has begun, if that is recorded, and is entered.
    #[inline]
    pub(crate) fn began(&mut self, open: Open, at: u64) {
        let Open { trace, span, layer } = open;
        self.0 =
            if span == 0 { Standing::Done } else { Standing::Direct { trace, span, began: at, layer, entered: true } };
    }

    /// It has begun on the slow way, where somebody wanted it there, and is entered.
    pub(crate) fn began_slow(&mut self, slow: Option<Box<Slow>>) {
        self.0 = slow.map_or(Standing::Done, |slow| Standing::Slow { slow, entered: true });
    }

    /// Puts the span on this thread's stack, at every poll.
    #[inline]
    pub(crate) fn enter(&mut self) {
        match &mut self.0 {
            // By itself, so that one look tells all of it.
            Standing::Direct { trace, span, layer, entered, .. } => {
                *entered = true;
                if let Some(local) = Local::current() {
                    local.stack.enter(Open { trace: *trace, span: *span, layer: *layer });
                }
            }
            Standing::Slow { slow, entered } => {
                *entered = true;
                slow.enter();
            }
            Standing::Waiting(_) | Standing::Done => {}
        }
    }

    /// The same for a span that may be entered by several threads at a time: each leaves it by itself.
    #[inline]
    pub(crate) fn enter_here(&self) {
        match &self.0 {
            Standing::Direct { trace, span, layer, .. } => {
                if let Some(local) = Local::current() {
                    local.stack.enter(Open { trace: *trace, span: *span, layer: *layer });
                }
            }
            Standing::Slow { slow, .. } => slow.enter(),
            Standing::Waiting(_) | Standing::Done => {}
        }
    }

    /// Takes it off again.
    #[inline]
    pub(crate) fn exit(&mut self) {
        match &mut self.0 {
            Standing::Direct { span, entered, .. } => {
                if std::mem::take(entered)
                    && let Some(local) = Local::existing()
                {
                    local.stack.exit(*span);
                }
            }
            Standing::Slow { slow, entered } => {
                if std::mem::take(entered) {
                    slow.exit();
                }
            }
            Standing::Waiting(_) | Standing::Done => {}
        }
    }

    /// The same for this thread alone.
    #[inline]
    pub(crate) fn leave_here(&self) {
        match &self.0 {
            Standing::Direct { span, .. } => {
                if let Some(local) = Local::existing() {
                    local.stack.exit(*span);
                }
            }
            Standing::Slow { slow, .. } => slow.exit(),
            Standing::Waiting(_) | Standing::Done => {}
        }
    }

    /// Its span, to be filled in, or to say that it failed.
    pub(crate) fn span(&self) -> Open {
        match &self.0 {
            Standing::Direct { trace, span, layer, .. } => Open { trace: *trace, span: *span, layer: *layer },
            Standing::Slow { slow, .. } => slow.open,
            Standing::Waiting(_) | Standing::Done => Open::OFF,
        }
    }

    /// Ends the span of a poll that unwinds.
    #[cold]
    #[inline(never)]
    pub(crate) fn end_panicked(&mut self) {
        let since = match &mut self.0 {
            Standing::Direct { began, .. } => *began,
            Standing::Slow { slow, .. } => slow.began,
            Standing::Waiting(_) | Standing::Done => return,
        };
        self.end_as(&Outcome::panicked(since));
    }

    /// Writes the end, once.
    #[inline]
    pub(crate) fn end(&mut self, outcome: Outcome) {
        if let Standing::Direct { span, layer, .. } = self.0
            && matches!(outcome, Outcome::Success)
            && let Some(local) = Local::existing()
            && record::easy_success(local, local.ticks(), span, layer).is_some()
        {
            self.0 = Standing::Done;
            return;
        }
        self.end_as(&outcome);
    }

    #[cold]
    #[inline(never)]
    fn end_as(&mut self, outcome: &Outcome) {
        match std::mem::replace(&mut self.0, Standing::Done) {
            Standing::Direct { span, layer, .. } => {
                Local::lend(|local| end(local, local.ticks(), span, layer, outcome));
            }
            Standing::Slow { slow, .. } => slow.end(outcome),
            Standing::Waiting(_) | Standing::Done => {}
        }
    }

    #[inline]
    pub(crate) const fn is_open(&self) -> bool {
        matches!(self.0, Standing::Direct { .. } | Standing::Slow { .. })
    }
}

impl Drop for Call {
    #[inline]
    fn drop(&mut self) {
        if self.is_open() {
            self.end_dropped();
        }
    }
}

impl Call {
    #[cold]
    #[inline(never)]
    fn end_dropped(&mut self) {
        self.exit();
        let span = match &mut self.0 {
            Standing::Direct { span, .. } => *span,
            Standing::Slow { slow, .. } => slow.open.span,
            Standing::Waiting(_) | Standing::Done => 0,
        };
        let given_up =
            GIVEN_UP.try_with(|given_up| Some(given_up.try_borrow_mut().ok()?.take_if(|of| of.0 == span)?.1));
        let given_up = given_up.ok().flatten();
        self.end_as(&given_up.unwrap_or(Outcome::Dropped));
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

#[inline]
fn end(local: &Local, ticks: u64, span: u64, layer: u8, outcome: &Outcome) {
    match outcome {
        Outcome::Success => record::success(local, ticks, span, layer),
        outcome => end_told(local, ticks, span, layer, outcome),
    }
}

#[cold]
fn end_told(local: &Local, ticks: u64, span: u64, layer: u8, outcome: &Outcome) {
    let values = match outcome {
        Outcome::Other(told) => &[Raw::Str(told.error_type), told.message.raw()][..],
        // A success has nothing to say, and neither has a future that is dropped.
        Outcome::Success | Outcome::Dropped => &[],
    };
    record::end(local, ticks, span, layer, outcome.ending(), values);
}

/// A span that is a real one of `tracing` as well.
pub(crate) struct Slow {
    real: Real,
    began: u64,
    /// As the first of our layers records it, if one does.
    pub(crate) open: Open,
    /// As further layers of ours do.
    also: Vec<Open>,
}

impl Slow {
    /// Begins one, with an id that was given out before, or 0 for none, and enters it. `None` when this thread's subscriber does not
    /// want it.
    #[cold]
    pub(crate) fn begin(site: &'static Site, wish: u64, values: &[Raw<'_>]) -> Option<Box<Self>> {
        let local = Local::current().filter(|local| !local.stack.is_silent())?;
        // Which layers record it is only known once it is made, so a pipeline's word is looked for on the very top.
        // An id that was given out already, to `record!`, stays.
        let hinted = local.stack.hinted_span(site).filter(|_| wish == 0);
        let span = hinted.unwrap_or_else(|| local.span_id_or(wish));
        let began = clock::ticks();
        let tie = Tie { trace: local.trace_id(began), span };
        let (real, claims) = Real::open(site, tie, values)?;
        let mut opens = claims
            .map(|layer| begin_for(local, site, layer, Some(tie), 0, began, values))
            .filter(|open| open.span != 0);
        let slow = Box::new(Self { real, began, open: opens.next().unwrap_or(Open::OFF), also: opens.collect() });
        let mut entering = Entering(Some(slow));
        entering.0.as_ref().inspect(|slow| slow.enter());
        entering.0.take()
    }

    // Other layers are asked while it is not on the stack: where one of them panics, it does not stay there.

    #[cold]
    fn enter(&self) {
        self.real.enter();
        if let Some(local) = Local::current() {
            self.opens().for_each(|open| local.stack.enter(*open));
        }
    }

    #[cold]
    fn exit(&self) {
        if let Some(local) = Local::current() {
            self.opens().for_each(|open| local.stack.exit(open.span));
        }
        self.real.exit();
    }

    #[cold]
    fn end(&self, outcome: &Outcome) {
        let ticks = clock::ticks();
        Local::lend(|local| self.opens().for_each(|open| end(local, ticks, open.span, open.layer, outcome)));
    }

    fn opens(&self) -> impl Iterator<Item = &Open> {
        std::iter::once(&self.open).filter(|open| open.is_recorded()).chain(&self.also)
    }
}

/// A span that is being entered; it has ended if somebody else's layer panics then.
struct Entering(Option<Box<Slow>>);

impl Drop for Entering {
    fn drop(&mut self) {
        if let Some(slow) = self.0.take() {
            slow.end(&Outcome::panicked(slow.began));
        }
    }
}

impl std::fmt::Debug for Slow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Slow").field("open", &self.open).field("also", &self.also).finish_non_exhaustive()
    }
}

/// Begins a span on the direct way, and enters it; `Open::OFF` when there was no room.
pub(crate) fn begin_direct(
    local: &'static Local,
    site: &'static Site,
    wish: u64,
    ticks: u64,
    values: &[Raw<'_>],
) -> Open {
    let layer = routing::global_layer();
    // The usual case by itself: below a span that has no word for it.
    let open = match local.stack.below(layer).filter(|_| wish == 0) {
        Some(below) => {
            let open = Open { trace: below.trace, span: local.span_id(), layer };
            if record::begin(local, site.id(), ticks, below.parent, open, values) { open } else { Open::OFF }
        }
        None => begin_for(local, site, layer, None, wish, ticks, values),
    };
    if open.is_recorded() {
        local.stack.enter(open);
    }
    open
}

/// Writes the begin of a span for one layer; `Open::OFF` when there was no room, which the ring has counted.
#[cold]
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
    if above.is_none() && local.stack.silences(layer) {
        return Open::OFF;
    }
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
    scope::tell(local, above, ticks, open);
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
        Route::Slow if Local::existing().is_some_and(|local| local.stack.is_silent()) => {}
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
    if above.is_none() && local.stack.silences(layer) {
        return;
    }
    let trace = above.map_or_else(|| local.trace_id(ticks), |above| above.trace);
    let this = Open { trace, span: local.span_id(), layer };
    scope::tell(local, above, ticks, this);
    record::point(local, site.id(), ticks, above.map_or(0, |above| above.span), this, values);
}
