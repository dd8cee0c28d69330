//! One for every layer of ours: its number, and what it knows of the subscriber that it is in.

use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use tracing_core::dispatcher::WeakDispatch;
use tracing_core::{LevelFilter, Metadata};

pub(crate) struct Mark {
    /// 1 to 255; 0 for one without a number.
    pub(crate) id: u8,
    /// It is known to stand in the global default, or is gone: no scoped default can be the one that it is in.
    is_placed: AtomicBool,
    /// Its own call sites may go directly into the rings.
    is_direct: AtomicBool,
    /// Its own call sites stay real `tracing` spans even then.
    real_spans: bool,
    pub(crate) max_level: LevelFilter,
    dispatch: OnceLock<WeakDispatch>,
    /// The subscriber that it was in is gone.
    pub(crate) is_gone: AtomicBool,
}

static ALL: Mutex<Vec<Option<Arc<Mark>>>> = Mutex::new(Vec::new());

impl Mark {
    /// A mark with a free number; `None` when there are as many layers as there are numbers.
    pub(crate) fn new(max_level: LevelFilter, real_spans: bool) -> Option<Arc<Self>> {
        Self::try_new(max_level, real_spans).or_else(|| {
            // Numbers come back at a pass; there may be some that only wait for one.
            crate::drainer::drain_now();
            Self::try_new(max_level, real_spans)
        })
    }

    fn try_new(max_level: LevelFilter, real_spans: bool) -> Option<Arc<Self>> {
        let mut all = ALL.lock().unwrap_or_else(PoisonError::into_inner);
        let place = all.iter().position(Option::is_none).unwrap_or(all.len());
        let mark = Arc::new(Self {
            id: u8::try_from(place + 1).ok()?,
            is_placed: AtomicBool::new(false),
            is_direct: AtomicBool::new(false),
            real_spans,
            max_level,
            dispatch: OnceLock::new(),
            is_gone: AtomicBool::new(false),
        });
        tense::__private::layer::layer_made();
        match all.get_mut(place) {
            Some(free) => *free = Some(Arc::clone(&mark)),
            None => all.push(Some(Arc::clone(&mark))),
        }
        Some(mark)
    }

    /// The mark of a layer for which there is no number: nothing is recorded for it.
    pub(crate) fn without_number() -> Arc<Self> {
        Arc::new(Self {
            id: 0,
            is_placed: AtomicBool::new(true),
            is_direct: AtomicBool::new(false),
            real_spans: false,
            max_level: LevelFilter::OFF,
            dispatch: OnceLock::new(),
            is_gone: AtomicBool::new(false),
        })
    }

    /// Gives its number back. Only when every record with it has been drained.
    pub(crate) fn retire(&self) {
        let mut all = ALL.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(place) = usize::from(self.id).checked_sub(1).and_then(|place| all.get_mut(place)) {
            *place = None;
        }
    }

    /// The subscriber that it was in is gone. The drainer takes what is left in the rings, and then gives the number back.
    pub(crate) fn leave(&self) {
        self.is_gone.store(true, SeqCst);
        self.place();
    }

    fn place(&self) {
        if !self.is_placed.swap(true, SeqCst) {
            tense::__private::layer::layer_placed();
        }
    }

    pub(crate) fn met(&self, dispatch: WeakDispatch) {
        // The first one counts: a layer stands in one subscriber.
        self.dispatch.set(dispatch).ok();
    }

    pub(crate) fn takes_direct_calls(&self) -> bool {
        self.is_direct.load(SeqCst)
    }

    /// It is in the global default: from now on its call sites may go directly into the rings.
    pub(crate) fn promote(self: &Arc<Self>) {
        let mark = Arc::clone(self);
        if !self.real_spans && tense::__private::layer::set_global(self.id, Box::new(move |site| mark.wants(site))) {
            self.is_direct.store(true, SeqCst);
        }
        self.place();
        tracing_core::callsite::rebuild_interest_cache();
    }

    /// Whether the rest of the global subscriber, its own filters included, lets that call site of ours pass.
    ///
    /// It is asked as `tracing` asks when a call site is registered, because that leaves nothing behind. `enabled` would
    /// leave a note in the per-layer filters of this thread that the next event could trip over.
    fn wants(&self, site: &'static Metadata<'static>) -> bool {
        let Some(dispatch) = self.dispatch.get().and_then(WeakDispatch::upgrade) else { return false };
        let asking = crate::filter::Asking::new();
        let interest = dispatch.register_callsite(site);
        drop(asking);
        *site.level() <= self.max_level && !interest.is_never()
    }
}
