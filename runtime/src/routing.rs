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

use tracing_core::field::{Value, ValueSet};
use tracing_core::span::{Attributes, Id};
use tracing_core::{Dispatch, Event, LevelFilter, Metadata, dispatcher};

use crate::clock;
use crate::foreign::Tie;
use crate::site::Site;
use crate::thread::Local;
use crate::value::Raw;

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
    UNPLACED.fetch_add(1, SeqCst);
}

/// It has become the global one, or is gone.
pub fn layer_placed() {
    UNPLACED.fetch_sub(1, SeqCst);
}

pub(crate) fn may_be_scoped() -> bool {
    UNPLACED.load(SeqCst) > 0
}

pub(crate) fn global_wants(metadata: &'static Metadata<'static>) -> bool {
    GLOBAL.get().is_some_and(|wants| wants(metadata))
}

/// Whether anybody may be recording: a layer of ours is there.
pub(crate) fn has_layer() -> bool {
    has_global() || may_be_scoped() || GLOBAL_OF_REAL_SPANS.load(SeqCst)
}

#[inline]
pub(crate) fn global_layer() -> u8 {
    GLOBAL_LAYER.load(Relaxed)
}

/// Up to so many fields, our mark among them, a real span takes no memory of its own for them.
const FEW: usize = 16;

/// As many layers of ours may stand in one subscriber.
const CLAIMS: usize = 4;

thread_local! {
    /// Our span whose real span is being made, with the trace that it begins if there is nothing above it.
    static PENDING: Cell<Option<Tie>> = const { Cell::new(None) };
    static CLAIMED: Cell<[u8; CLAIMS]> = const { Cell::new([0; CLAIMS]) };
    /// Set while we ourselves enter or leave a real span.
    static OWN_MOVE: Cell<bool> = const { Cell::new(false) };
    /// Set while the thread is torn down, when what a registry keeps of it may be gone.
    static IS_CLOSED: Cell<bool> = const { Cell::new(false) };
    static CLOSING: Closing = const { Closing };
}

/// A registry keeps something of every thread, and panics when it is asked after that is gone, which in a destructor of
/// a thread-local is the end of the host. Destructors run in the reverse order in which the thread-locals were made; so
/// this one is made behind the first real span, and runs before that of the registry.
struct Closing;

impl Drop for Closing {
    fn drop(&mut self) {
        IS_CLOSED.set(true);
    }
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

/// A real `tracing` span beside ours. Dropping it closes the span.
pub(crate) struct Real {
    dispatch: Dispatch,
    id: Id,
}

impl Real {
    /// Makes one when this thread's subscriber wants it, and says which layers of ours claim it.
    pub(crate) fn open(site: &'static Site, span: Tie, values: &[Raw<'_>]) -> Option<(Self, impl Iterator<Item = u8>)> {
        let ((dispatch, id), claims) = offer(site, span, values, |dispatch, values| {
            let id = dispatch.new_span(&Attributes::new(site.metadata(), values));
            (dispatch.clone(), id)
        })?;
        Some((Self { dispatch, id }, claims))
    }

    /// Another handle of the real span that this thread is in, ours or not; it stays open as long as there is one.
    pub(crate) fn current() -> Option<Self> {
        if IS_CLOSED.get() {
            return None;
        }
        dispatcher::get_default(|dispatch| {
            let id = dispatch.current_span().id().map(|id| dispatch.clone_span(id))?;
            Some(Self { dispatch: dispatch.clone(), id })
        })
    }

    /// A real event instead of a span.
    pub(crate) fn emit(site: &'static Site, values: &[Raw<'_>]) -> Option<impl Iterator<Item = u8>> {
        // Nothing is put below a point, so its ids are not looked at; that there are some says that it is ours.
        offer(site, Tie { trace: (0, 0), span: 0 }, values, |dispatch, values| {
            dispatch.event(&Event::new(site.metadata(), values));
        })
        .map(|(_, claims)| claims)
    }

    pub(crate) fn enter(&self) {
        let _own = Restored::set(&OWN_MOVE, true);
        if !IS_CLOSED.get() {
            self.dispatch.enter(&self.id);
        }
    }

    pub(crate) fn exit(&self) {
        let _own = Restored::set(&OWN_MOVE, true);
        if !IS_CLOSED.get() {
            self.dispatch.exit(&self.id);
        }
    }
}

/// Shows it to this thread's subscriber, when that wants it, and collects the claims of our layers in it.
fn offer<T>(
    site: &'static Site,
    span: Tie,
    values: &[Raw<'_>],
    show: impl FnOnce(&Dispatch, &ValueSet<'_>) -> T,
) -> Option<(T, impl Iterator<Item = u8>)> {
    let metadata = site.metadata();
    if *metadata.level() > LevelFilter::current() || IS_CLOSED.get() {
        return None;
    }
    // Most have no text in pieces and few fields; those take no memory from the heap.
    let has_pieces = values.iter().any(|raw| matches!(raw, Raw::Pieces(_)));
    let texts: Vec<_> = if has_pieces { values.iter().map(Raw::text).collect() } else { Vec::new() };
    let (mut here, mut heap) = ([None; FEW], Vec::new());
    let fields = metadata.fields().len();
    let all: &mut [Option<&dyn Value>] = match here.get_mut(..fields) {
        Some(here) => here,
        None => {
            heap.resize(fields, None);
            &mut heap
        }
    };
    for (place, (at, raw)) in all.iter_mut().zip(values.iter().enumerate()) {
        *place = raw.as_value(texts.get(at).and_then(Option::as_ref));
    }
    let values = metadata.fields().value_set_all(all);
    let mut show = Some(show);
    let (made, claims) = dispatcher::get_default(|dispatch| {
        if !dispatch.enabled(metadata) {
            return None;
        }
        let _before = (Restored::set(&PENDING, Some(span)), Restored::set(&CLAIMED, [0; CLAIMS]));
        let made = show.take().map(|show| show(dispatch, &values));
        CLOSING.try_with(|_| ()).ok();
        Some((made?, CLAIMED.get()))
    })?;
    Some((made, claims.into_iter().filter(|layer| *layer != 0)))
}

impl Clone for Real {
    fn clone(&self) -> Self {
        Self { dispatch: self.dispatch.clone(), id: self.dispatch.clone_span(&self.id) }
    }
}

impl Drop for Real {
    fn drop(&mut self) {
        if !IS_CLOSED.get() {
            self.dispatch.try_close(self.id.clone());
        }
    }
}

impl Raw<'_> {
    /// The text of a value that comes in pieces, because `tracing` takes whole ones.
    fn text(&self) -> Option<String> {
        if let Self::Pieces(pieces) = self { Some(pieces.text().0) } else { None }
    }

    fn as_value<'a>(&'a self, text: Option<&'a String>) -> Option<&'a dyn Value> {
        match self {
            Self::Absent => None,
            Self::Bool(value) => Some(value),
            Self::I64(value) => Some(value),
            Self::U64(value) => Some(value),
            Self::F64(value) => Some(value),
            Self::Str(value) | Self::CutStr(value) | Self::Json(value) | Self::CutJson(value) => Some(value),
            Self::Pieces(_) => text.map(|text| text as &dyn Value),
        }
    }
}
