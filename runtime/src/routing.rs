//! Which layer a call is recorded for: the global one of ours at once, or those that claim the call's real `tracing`
//! span.
//!
//! A layer of ours cannot be found reliably inside a subscriber (it may be wrapped in `reload` or another layer), so it
//! is asked the other way round: the runtime makes the real span, and every layer of ours that sees it *claims* it.

use std::cell::Cell;
use std::sync::OnceLock;
use std::sync::atomic::Ordering::{Relaxed, SeqCst};
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicUsize};
use std::thread::LocalKey;

use tracing_core::Metadata;

use crate::clock;
use crate::foreign::Tie;
use crate::site::{stand_first, survive_asking_all};
use crate::thread::Local;

type Wants = Box<dyn Fn(&'static Metadata<'static>) -> bool + Send + Sync>;

static GLOBAL: OnceLock<Wants> = OnceLock::new();
static GLOBAL_LAYER: AtomicU8 = AtomicU8::new(0);

/// A layer of ours has learned that it is the global default. `wants` asks the rest of its subscriber about a call
/// site. Says whether it was the first.
pub fn set_global(layer: u8, wants: Wants) -> bool {
    let first = GLOBAL.set(wants).is_ok();
    if first {
        GLOBAL_LAYER.store(layer, Relaxed);
    }
    first
}

/// Whether a layer of ours is known to be the global one: only then is there a direct way to be opened.
pub fn has_global() -> bool {
    GLOBAL.get().is_some()
}

/// A layer of ours is the global one, and wants real spans: there is no direct way then, and somebody records all the
/// same.
static GLOBAL_OF_REAL_SPANS: AtomicBool = AtomicBool::new(false);

/// A layer of ours that wants real spans has learned that it is the global default.
pub fn set_global_of_real_spans() {
    GLOBAL_OF_REAL_SPANS.store(true, SeqCst);
}

/// Layers of ours that are not known to be in the global default.
static UNPLACED: AtomicUsize = AtomicUsize::new(0);

/// A layer of ours was made. The first one measures the counter, so that no call has to.
pub fn layer_made() {
    clock::now();
    stand_first();
    UNPLACED.fetch_add(1, SeqCst);
}

/// It has become the global one, or is gone.
pub fn layer_placed() {
    UNPLACED.fetch_sub(1, SeqCst);
}

pub(crate) fn may_be_scoped() -> bool {
    UNPLACED.load(SeqCst) > 0
}

/// `None` when a subscriber has panicked where it was asked: then nobody knows.
pub(crate) fn global_wants(metadata: &'static Metadata<'static>) -> Option<bool> {
    let Some(wants) = GLOBAL.get() else { return Some(false) };
    // `tracing` would ask the same under its lock when it asks again.
    survive_asking_all(|| wants(metadata))
}

/// Whether anybody may be recording: a layer of ours is there.
pub(crate) fn has_layer() -> bool {
    has_global() || may_be_scoped() || GLOBAL_OF_REAL_SPANS.load(SeqCst)
}

#[inline]
pub(crate) fn global_layer() -> u8 {
    GLOBAL_LAYER.load(Relaxed)
}

/// As many layers of ours may stand in one subscriber.
const CLAIMS: usize = 4;

thread_local! {
    /// Our span whose real span is being made, with the trace that it begins if there is nothing above it.
    static PENDING: Cell<Option<Tie>> = const { Cell::new(None) };
    static CLAIMED: Cell<[u8; CLAIMS]> = const { Cell::new([0; CLAIMS]) };
    /// Set while we ourselves enter or leave a real span.
    static OWN_MOVE: Cell<bool> = const { Cell::new(false) };
}

/// Restores a cell, also when somebody else's layer panics in between.
struct Restored<T: Copy + 'static>(&'static LocalKey<Cell<T>>, T);

impl<T: Copy + 'static> Restored<T> {
    fn set(cell: &'static LocalKey<Cell<T>>, value: T) -> Self {
        Self(cell, cell.replace(value))
    }
}

impl<T: Copy + 'static> Drop for Restored<T> {
    fn drop(&mut self) {
        self.0.set(self.1);
    }
}

/// For a layer of ours that sees a new span or event of ours: claims it, and gets our ids of it. `None`: it was not
/// made by this runtime, and is a foreign one to it.
pub fn claim(layer: u8) -> Option<Tie> {
    let pending = PENDING.try_with(Cell::get).ok().flatten()?;
    let mut claimed = CLAIMED.get();
    if let Some(free) = claimed.iter_mut().find(|claim| **claim == 0) {
        *free = layer;
    }
    CLAIMED.set(claimed);
    let above = Local::current().and_then(|local| local.stack.top(layer));
    Some(Tie { trace: above.map_or(pending.trace, |above| above.trace), span: pending.span })
}

/// For a layer of ours: whether an enter or exit that it sees is the runtime's own, which keeps the stack itself.
pub fn is_own_move() -> bool {
    OWN_MOVE.try_with(Cell::get).unwrap_or(true)
}

/// Does what shows that span or event of ours to layers, and tells which of ours have claimed it; 0 is none.
pub(crate) fn claims<T>(span: Tie, work: impl FnOnce() -> T) -> (T, [u8; CLAIMS]) {
    let _before = (Restored::set(&PENDING, Some(span)), Restored::set(&CLAIMED, [0; CLAIMS]));
    (work(), CLAIMED.get())
}

/// Enters or leaves a real span, as the runtime's own move.
pub(crate) fn as_own_move(work: impl FnOnce()) {
    let _own = Restored::set(&OWN_MOVE, true);
    work();
}
