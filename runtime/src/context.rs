//! What a piece of work is under, and what it hands down, goes from where it was asked for to where the work is done:
//! into a closure, a future, another thread, another process.
//!
//! A [`Context`] holds the spans that a thread was in. While work runs in it, they stand on the stack of whichever
//! thread does the work (`entered`), on top of an entry for all layers (`scope`) that keeps out what that thread is in
//! itself. Work under a span of another process is under a [`TraceContext`] (`trace`), which is read and written as
//! headers (`w3c`) and as JSON (`carried`), with what is decided about keeping its trace (`sampled`). What `context!`
//! names is `given` to the innermost span, and to all that begin below it; where a context is innermost, to what begins
//! in that.

pub(crate) mod scope;
mod entered;
pub(crate) mod given;
mod future;
mod trace;
pub(crate) mod sampled;
pub(crate) mod above;
pub(crate) mod placed;
pub(crate) mod w3c;
#[cfg(feature = "serde")]
mod carried;
#[cfg(feature = "tokio")]
mod spawn;

use std::panic::{RefUnwindSafe, UnwindSafe};

use crate::call::Open;
use crate::clock;
use crate::real::Real;
use crate::record::{self, Kind};
use crate::routing;
use crate::stack::EVERY;
use crate::thread::Local;

pub use future::{InContext, WithContext};
#[cfg(feature = "tokio")]
pub use spawn::spawn;
pub use trace::TraceContext;
pub use w3c::TraceparentError;

use given::Given;
use scope::Base;

/// What a thread was in when it was asked: its innermost span, and with it the fields that are handed down.
///
/// Made by [`current_context`]. Work that runs in it, on whichever thread, is below that span, also when the span has
/// ended since; what the thread is in itself is left aside meanwhile. A clone is the same context.
///
/// Where another layer of `tracing` looks as well, the real span is part of it, and stays open as long as the context
/// lives.
#[derive(Debug, Clone, Default)]
#[must_use = "a context does nothing by itself: `.in_scope(|| ..)`, or `future.in_context(context)`"]
pub struct Context {
    base: Base,
    /// As each layer sees it. There is one layer, nearly always.
    span: Option<Held>,
    also: Vec<Held>,
    /// The layers for which it was in nothing but a span whose begin was lost: what a line is there, it is here.
    lost: Vec<u8>,
    real: Option<RealSpan>,
    /// What `context!` was given right in the context that this one was made in.
    given: Given,
}

/// What this thread is in: for work that is handed to another thread, or kept for later.
///
/// ```
/// #[tense::traced(operation.pages.fetched)]
/// fn fetch_all() {
///     let context = tense::current_context();
///     std::thread::spawn(move || context.in_scope(fetch_one)); // below `fetch_all`, also when that has ended
/// }
///
/// #[tense::traced(operation.page.fetched)]
/// fn fetch_one() {}
/// # fetch_all();
/// ```
///
/// For a future there is [`InContext::in_current_context`], and for tokio `tense::spawn`. It costs two small records
/// and no allocation where somebody records (in a trace of elsewhere, one), and next to nothing where nobody does.
pub fn current_context() -> Context {
    if matches!(Base::current(), Base::Silence) {
        return Context::silence();
    }
    let (mut span, mut also, mut lost) = (None, Vec::<Held>::new(), Vec::new());
    // Of the layers that are in nothing but the scope, what that was given goes along.
    let mut is_in_span = [false; 256];
    if let Some(local) = Local::existing() {
        for entry in local.stack.all().take_while(|entry| entry.layer != EVERY) {
            if entry.is_lost {
                lost.push(entry.layer);
                continue;
            }
            let open = Open { trace: entry.trace, span: entry.span, layer: entry.layer, is_real: false };
            match &span {
                Some(Held(first)) if first.layer == open.layer => continue,
                Some(_) if also.iter().any(|held| held.0.layer == open.layer) => continue,
                Some(_) => also.push(Held::new(open)),
                None => span = Some(Held::new(open)),
            }
            is_in_span[usize::from(open.layer)] = entry.scope.is_none();
        }
    }
    lost.sort_unstable();
    lost.dedup();
    lost.retain(|layer| span.iter().chain(&also).all(|held| held.0.layer != *layer));
    let (base, given) = scope::handed_on(|layer| !is_in_span[usize::from(layer)]);
    let real = if routing::has_layer() { Real::current().map(RealSpan) } else { None };
    Context { base, span, also, lost, real, given }
}

impl Context {
    /// Runs the closure in it, on this thread, and gives back what it returns. What [`context!`](crate::context) sets
    /// right in the closure holds for what begins in it from then on.
    ///
    /// ```
    /// let context = tense::current_context();
    /// assert_eq!(std::thread::spawn(move || context.in_scope(|| 7)).join().unwrap(), 7);
    /// ```
    pub fn in_scope<R>(&self, work: impl FnOnce() -> R) -> R {
        // What this piece of work is given, another one in the same context, which runs beside it, does not get.
        let mut given = self.given.clone();
        let _entered = self.enter(&mut given);
        work()
    }

    /// Nothing that begins in it is recorded.
    fn silence() -> Self {
        Self { base: Base::Silence, ..Self::default() }
    }
}

/// Work below a span of another process, or in a trace that was begun with an id of the caller's.
impl From<TraceContext> for Context {
    fn from(above: TraceContext) -> Self {
        Self { base: Base::under(above), ..Self::default() }
    }
}

impl From<&TraceContext> for Context {
    fn from(above: &TraceContext) -> Self {
        above.clone().into()
    }
}

impl From<&Self> for Context {
    fn from(context: &Self) -> Self {
        context.clone()
    }
}

/// Silences a piece of work: what begins in the closure is not recorded. That holds for annotated functions, which no
/// other layer of `tracing` sees either, and for spans and events of other crates, as far as our layer is concerned.
///
/// What has begun outside goes on being recorded, also with what begins in it while it is entered or polled within; and
/// so does what is spawned within without its context. It holds as deep as functions call each other. The future form
/// is [`InContext::suppressed`].
///
/// ```
/// #[tense::traced(operation.health.checked)]
/// fn check_health() -> bool {
///     true
/// }
///
/// assert!(tense::suppress(check_health)); // a thousand times an hour, and of no interest
/// ```
pub fn suppress<R>(work: impl FnOnce() -> R) -> R {
    Context::silence().in_scope(work)
}

/// A span whose fields are wanted for as long as this lives.
#[derive(Debug)]
struct Held(Open);

impl Held {
    fn new(open: Open) -> Self {
        note(Kind::Hold, open);
        Self(open)
    }
}

impl Clone for Held {
    fn clone(&self) -> Self {
        Self::new(self.0)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        note(Kind::Release, self.0);
    }
}

fn note(kind: Kind, open: Open) {
    Local::lend(|local| record::keep(local, kind, clock::ticks(), open.span, open.layer));
}

/// The span of `tracing` that the work is to be in as well.
#[derive(Clone)]
struct RealSpan(Real);

/// It is a number and a subscriber, which a panic in between leaves as they were.
impl UnwindSafe for RealSpan {}
impl RefUnwindSafe for RealSpan {}

impl std::fmt::Debug for RealSpan {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RealSpan")
    }
}

/// It goes along with closures and futures, so it must not take from these what they were.
const _: fn() = || {
    fn holds<T: Send + Sync + Unpin + UnwindSafe + RefUnwindSafe>() {}
    holds::<Context>();
    holds::<TraceContext>();
};
