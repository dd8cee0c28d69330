//! Spans and events of other crates enter the same records here, written by the layer that sees them.

use std::collections::BTreeMap;
use std::sync::Mutex;

use crate::call::Open;
use crate::clock;
use crate::context::scope;
use crate::listed::{Listed, enlist};
use crate::process::{Apiece, GENERATIONS};
use crate::record;
use crate::spec::Spec;
use crate::stack::Inside;
use crate::thread::Local;
use crate::value::Raw;
use tracing_core::Metadata;

/// A foreign span or one of ours, as a layer keeps it beside the real span.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tie {
    /// The trace, in two halves.
    pub trace: (u64, u64),
    /// Our id of it.
    pub span: u64,
}

/// Gives a foreign call site its number, the same to all layers that say the same of it; the list keeps it for good.
/// With a `spec` it is one that is mapped to an event of ours. Takes a lock: for what is met for the first time.
pub fn enlist_foreign(metadata: &'static Metadata<'static>, spec: Option<&'static Spec>) -> u32 {
    static KNOWN: Apiece<BTreeMap<(usize, usize), u32>> =
        Apiece::of([const { Mutex::new(BTreeMap::new()) }; GENERATIONS]);
    // Both are there as long as the program is, so nothing else ever stands in their places.
    let key = (std::ptr::from_ref(metadata).addr(), spec.map_or(0, |spec| std::ptr::from_ref(spec).addr()));
    let enlist = || enlist(spec.map_or(Listed::Foreign(metadata), |spec| Listed::Mapped(spec, metadata)));
    // Where nothing is recorded no record has a number.
    KNOWN.lock().map_or(0, |mut known| *known.entry(key).or_insert_with(enlist))
}

/// A foreign span begins, under that span or as a root. The word beside it says whether it is lost, because there was
/// no room. `None` where it is not to be recorded.
pub fn begin(site: u32, layer: u8, above: Option<Tie>, values: &[Raw<'_>]) -> Option<(Tie, bool)> {
    let local = Local::current().filter(|local| !local.stack.silences(layer))?;
    let ticks = clock::ticks();
    let (tie, parent) = place(local, layer, above, ticks);
    Some((tie, !record::begin(local, site, ticks, parent, tie.open(layer), values)))
}

/// A foreign event happens.
pub fn point(site: u32, layer: u8, above: Option<Tie>, values: &[Raw<'_>]) {
    let Some(local) = Local::current().filter(|local| !local.stack.silences(layer)) else { return };
    let ticks = clock::ticks();
    let (tie, parent) = place(local, layer, above, ticks);
    record::point(local, site, ticks, parent, tie.open(layer), values);
}

/// A foreign event is lost with the span that it is in.
#[cold]
pub fn lose_point(layer: u8) {
    if let Some(local) = Local::current().filter(|local| !local.stack.silences(layer)) {
        local.ring.lose_one();
    }
}

fn place(local: &Local, layer: u8, above: Option<Tie>, ticks: u64) -> (Tie, u64) {
    let trace = above.map_or_else(|| local.trace_id(ticks), |above| above.trace);
    let tie = Tie { trace, span: local.span_id() };
    // Where it is said what it is under, that may be something else than what the thread is in.
    let said = above.unwrap_or(Tie { trace: (0, 0), span: 0 });
    let around = local.stack.innermost(layer).filter(|around| (around.trace, around.span) == (said.trace, said.span));
    scope::tell(local, around, ticks, tie.open(layer));
    (tie, above.map_or(0, |above| above.span))
}

/// A foreign span that is mapped gets values.
pub fn fill(tie: Tie, layer: u8, values: &[Raw<'_>]) {
    if let Some(local) = Local::current() {
        record::fields(local, clock::ticks(), tie.span, layer, 0, values);
    }
}

/// A foreign span ends.
pub fn end(tie: Tie, layer: u8) {
    if let Some(local) = Local::current() {
        record::success(local, clock::ticks(), tie.span, layer);
    }
}

/// The thread enters it.
pub fn enter(tie: Tie, layer: u8) {
    if let Some(local) = Local::current() {
        local.stack.enter(tie.open(layer));
    }
}

/// The thread enters one that is lost.
#[cold]
pub fn enter_lost(tie: Tie, layer: u8) {
    if let Some(local) = Local::current() {
        local.stack.enter_lost(tie.open(layer).lost());
    }
}

/// The thread leaves it.
pub fn exit(tie: Tie) {
    if let Some(local) = Local::current() {
        local.stack.exit(tie.span);
    }
}

/// The thread leaves one that is lost.
#[cold]
pub fn exit_lost(tie: Tie) {
    if let Some(local) = Local::current() {
        local.stack.exit_lost(tie.span);
    }
}

/// What the thread is in, seen by that layer.
pub fn current(layer: u8) -> Option<Tie> {
    Local::current()?.stack.top(layer).map(|top| Tie { trace: top.trace, span: top.span })
}

/// Whether the thread is in nothing that layer sees but a span that is lost.
#[cold]
pub fn is_in_lost(layer: u8) -> bool {
    Local::existing().is_some_and(|local| local.stack.inside(layer) == Inside::Lost)
}

impl Tie {
    fn open(self, layer: u8) -> Open {
        Open { trace: self.trace, span: self.span, layer, is_real: false }
    }
}
