//! One for every layer of ours: its number, and what it knows of the subscriber that it is in.

use std::sync::atomic::Ordering::{Relaxed, SeqCst};
use std::sync::atomic::{AtomicBool, AtomicU8};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, TryLockError};

use tracing_core::dispatcher::WeakDispatch;
use tracing_core::{LevelFilter, Metadata, dispatcher};

pub(crate) struct Mark {
    /// 1 to 255; 0 for one without a number.
    pub(crate) id: u8,
    /// It is known to stand in the global default, or is gone: no scoped default can be the one that it is in.
    is_placed: AtomicBool,
    /// Its own call sites may go directly into the rings.
    is_direct: AtomicBool,
    /// Its own call sites stay real `tracing` spans even then.
    real_spans: bool,
    max_level: AtomicU8,
    /// Whether [`set_max_level`] is meant for it: a capture of a test keeps its own.
    follows: bool,
    dispatch: OnceLock<WeakDispatch>,
    /// The subscriber that it was in is gone.
    pub(crate) is_gone: AtomicBool,
}

static ALL: Mutex<Vec<Option<Arc<Mark>>>> = Mutex::new(Vec::new());

/// So often a process that was forked off tries to lock them: perhaps nobody will let go of them any more.
const TRIES: usize = 1000;

/// `None` where they are out of reach.
fn all() -> Option<MutexGuard<'static, Vec<Option<Arc<Mark>>>>> {
    if tense::__private::layer::arrive() == Some(0) {
        return Some(ALL.lock().unwrap_or_else(PoisonError::into_inner));
    }
    (0..TRIES).find_map(|_| match ALL.try_lock() {
        Ok(all) => Some(all),
        Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
        Err(TryLockError::WouldBlock) => {
            std::thread::yield_now();
            None
        }
    })
}

impl Mark {
    /// A mark with a free number; `None` when there are as many layers as there are numbers.
    pub(crate) fn new(max_level: LevelFilter, real_spans: bool) -> Option<Arc<Self>> {
        Self::with_free_number(max_level, real_spans, true)
    }

    /// The same for a capture, which keeps everything, whatever level the program sets.
    pub(crate) fn of_capture() -> Option<Arc<Self>> {
        Self::with_free_number(LevelFilter::TRACE, false, false)
    }

    fn with_free_number(max_level: LevelFilter, real_spans: bool, follows: bool) -> Option<Arc<Self>> {
        Self::try_new(max_level, real_spans, follows).or_else(|| {
            // Numbers come back at a pass; there may be some that only wait for one.
            crate::drainer::drain_now();
            Self::try_new(max_level, real_spans, follows)
        })
    }

    fn try_new(max_level: LevelFilter, real_spans: bool, follows: bool) -> Option<Arc<Self>> {
        let mut all = all()?;
        let place = all.iter().position(Option::is_none).unwrap_or(all.len());
        let mark = Arc::new(Self {
            id: u8::try_from(place + 1).ok()?,
            is_placed: AtomicBool::new(false),
            is_direct: AtomicBool::new(false),
            real_spans,
            max_level: AtomicU8::new(number(max_level)),
            follows,
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

    /// The mark of a layer that is switched off, or for which there is no number: nothing is recorded for it.
    pub(crate) fn without_number() -> Arc<Self> {
        Arc::new(Self {
            id: 0,
            is_placed: AtomicBool::new(true),
            is_direct: AtomicBool::new(false),
            real_spans: false,
            max_level: AtomicU8::new(number(LevelFilter::OFF)),
            follows: false,
            dispatch: OnceLock::new(),
            is_gone: AtomicBool::new(false),
        })
    }

    /// Whether anything is recorded for it.
    pub(crate) fn has_number(&self) -> bool {
        self.id != 0
    }

    /// Gives its number back. Only when every record with it has been drained.
    pub(crate) fn retire(&self) {
        let Some(mut all) = all() else { return };
        if let Some(place) = usize::from(self.id).checked_sub(1).and_then(|place| all.get_mut(place)) {
            *place = None;
        }
    }

    /// The subscriber that it was in is gone. The drainer takes what is left in the rings, and then gives the number
    /// back.
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
        if !self.has_number() {
            return;
        }
        let mark = Arc::clone(self);
        if self.real_spans {
            tense::__private::layer::set_global_of_real_spans();
        } else if tense::__private::layer::set_global(self.id, Box::new(move |site| mark.wants(site))) {
            self.is_direct.store(true, SeqCst);
        }
        self.place();
        tense::__private::layer::ask_again();
    }

    /// Whether the rest of the global subscriber, its own filters included, lets that call site of ours pass.
    ///
    /// It is asked as `tracing` asks when a call site is registered, because that leaves nothing behind. `enabled`
    /// would leave a note in the per-layer filters of this thread that the next event could trip over.
    fn wants(&self, site: &'static Metadata<'static>) -> bool {
        let Some(dispatch) = self.dispatch.get().and_then(WeakDispatch::upgrade) else { return false };
        let asking = crate::filter::Asking::new();
        let interest = dispatch.register_callsite(site);
        drop(asking);
        *site.level() <= self.max_level() && !interest.is_never()
    }

    pub(crate) fn max_level(&self) -> LevelFilter {
        LEVELS.get(usize::from(self.max_level.load(Relaxed))).copied().unwrap_or(LevelFilter::OFF)
    }
}

const LEVELS: [LevelFilter; 6] = [
    LevelFilter::OFF,
    LevelFilter::ERROR,
    LevelFilter::WARN,
    LevelFilter::INFO,
    LevelFilter::DEBUG,
    LevelFilter::TRACE,
];

fn number(level: LevelFilter) -> u8 {
    LEVELS.iter().zip(0..).find(|(known, _)| **known == level).map_or(0, |(_, number)| number)
}

/// From now on the layers of this program record spans and events up to this level, and no others. A span that is open
/// ends as it would have.
///
/// It holds for the layer of [`init`](crate::init) and for all that were made by [`layer`](crate::layer()) until now;
/// what [`testing`](crate::testing) captures is not touched. Where a layer has a [`filter`](crate::Builder::filter),
/// that has to let a call pass as well. Takes `tracing`'s lock and asks every call site anew, some 100 ns each: not for
/// a hot path. Of calls that are made meanwhile on other threads some still go by the old level. Where it is called
/// while another thread is at it, or by a filter or a layer that is just being asked, it comes back at once, and the
/// call sites are asked some 50 ms later. Once a subscriber of
/// the program's has panicked when it was asked about a call site (`health().subscriber_panics`), `tracing` is not made
/// to ask any more, and a level that is raised only reaches what was let pass until then.
///
/// ```
/// use tracing::Level;
///
/// tense_layer::set_max_level(Level::DEBUG);
/// ```
pub fn set_max_level(level: impl Into<LevelFilter>) {
    let level = number(level.into());
    let set = |marks: MutexGuard<'_, Vec<Option<Arc<Mark>>>>| {
        let following = marks.iter().flatten().filter(|mark| mark.follows);
        following.filter(|mark| mark.max_level.swap(level, SeqCst) != level).count()
    };
    let is_another = all().is_some_and(|marks| set(marks) > 0);
    // A filter that sets it where it is asked would be asked for ever.
    if is_another {
        ask_again_for_all();
    }
}

/// Has everybody asked, wherever the layers of ours stand.
pub(crate) fn ask_again_for_all() {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    // Of two at a time, `tracing` could keep the highest level of the one and the call sites' answers of the other. But
    // who is asked is the host's code, and may hold a lock that the other needs: nobody waits here.
    let _alone = match ONE_AT_A_TIME.try_lock() {
        Ok(alone) => alone,
        Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
        Err(TryLockError::WouldBlock) => return tense::__private::layer::put_off_asking(),
    };
    let dispatch = all().and_then(|marks| {
        let mut following = marks.iter().flatten().filter(|mark| mark.follows);
        following.find_map(|mark| mark.dispatch.get().and_then(WeakDispatch::upgrade))
    });
    // Where there is a single subscriber, `tracing` asks this thread's instead, which may have none.
    match dispatch {
        Some(dispatch) => dispatcher::with_default(&dispatch, tense::__private::layer::ask_again),
        None => tense::__private::layer::ask_again(),
    }
}
