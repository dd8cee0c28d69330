//! Whether a subscriber is being asked on this thread whether it wants a call site: then an annotated call that would
//! have to ask as well is off.
//!
//! What is asked is the host's code, a filter or a layer, often under `tracing`'s locks. It may call annotated
//! functions: to ask about those in turn could wait for oneself, or never come to an end. And it may panic, which
//! changes no result of the host's, and must not leave `tracing`'s locks behind in pieces.

use std::cell::{Cell, OnceCell};
use std::sync::atomic::Ordering::{Relaxed, SeqCst};
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, fence};
use std::sync::{Arc, Mutex};

use tracing_core::field::FieldSet;
use tracing_core::metadata::Kind;
use tracing_core::{Callsite, Interest, Level, Metadata, callsite, dispatcher, identify_callsite};

use crate::listed::{Listed, all};
use crate::panics;

thread_local! {
    /// Set while we ask.
    static BY_US: Cell<bool> = const { Cell::new(false) };
    /// Whether `tracing` asks everybody about a call site of ours: a number that is odd as long as it does. Another one
    /// each time, because another thread may find out that it is over, see [`catch_up`].
    static BY_TRACING: OnceCell<Arc<AtomicU64>> = const { OnceCell::new() };
}

/// While it lives, this thread asks.
#[derive(Debug)]
pub struct Asked(());

impl Asked {
    /// `None` where somebody is being asked on this thread already, and on one that is torn down.
    pub fn begin() -> Option<Self> {
        if BY_US.try_with(Cell::get).unwrap_or(true) {
            return None;
        }
        if is_by_tracing() {
            doubt();
            return None;
        }
        BY_US.try_with(|here| here.set(true)).ok();
        Some(Self(()))
    }
}

impl Drop for Asked {
    fn drop(&mut self) {
        BY_US.try_with(|here| here.set(false)).ok();
        end_by_tracing();
    }
}

fn is_by_tracing() -> bool {
    BY_TRACING.try_with(|cell| cell.get().is_some_and(|asks| asks.load(SeqCst) % 2 == 1)).unwrap_or(true)
}

/// `tracing` begins to ask everybody about a call site of ours.
pub(super) fn begin_by_tracing() {
    BY_TRACING
        .try_with(|cell| {
            let asks = cell.get_or_init(Arc::default);
            let before = asks.load(SeqCst);
            asks.store(before + 1 + before % 2, SeqCst);
        })
        .ok();
}

/// It has everybody's answer.
pub(super) fn end_by_tracing() {
    BY_TRACING
        .try_with(|cell| {
            if let Some(asks) = cell.get() {
                let before = asks.load(SeqCst);
                asks.store(before + before % 2, SeqCst);
            }
        })
        .ok();
}

// When a subscriber panics while the host has everybody asked, `tracing` never says that it is over. No clock knows
// that either, because a subscriber may take its time. But the host asks about our call sites under one lock of
// `tracing`'s: whoever has been through that lock since knows. This thread must not wait for it; the drainer may.

/// Threads on which an annotated call has found that everybody is being asked, each with the number then.
static DOUBTS: Mutex<Vec<(Arc<AtomicU64>, u64)>> = Mutex::new(Vec::new());
/// There is one, or a call site that this thread may not register.
static IS_BEHIND: AtomicBool = AtomicBool::new(false);

/// Has the drainer look whether this thread is really being asked. A call that finds the list taken leaves it to the
/// next one: nobody waits.
fn doubt() {
    let Ok(Some(asks)) = BY_TRACING.try_with(|cell| cell.get().cloned()) else { return };
    let Ok(mut doubts) = DOUBTS.try_lock() else { return };
    let number = asks.load(SeqCst);
    match doubts.iter_mut().find(|(known, _)| Arc::ptr_eq(known, &asks)) {
        Some((_, known)) => *known = number,
        None => doubts.push((asks, number)),
    }
    IS_BEHIND.store(true, SeqCst);
}

/// For the drainer: does what the threads of the host could not do without waiting for themselves, perhaps. It waits
/// where they would have, as long as the host's subscribers take.
pub fn catch_up() {
    if !IS_BEHIND.load(Relaxed) || !IS_BEHIND.swap(false, SeqCst) {
        return;
    }
    let mut doubts = DOUBTS.try_lock().map(|mut doubts| std::mem::take(&mut *doubts)).unwrap_or_default();
    // Most are over by now.
    doubts.retain(|(asks, number)| number % 2 == 1 && asks.load(SeqCst) == *number);
    if !doubts.is_empty()
        && let Some(_asked) = Asked::begin()
    {
        // Takes the lock, if only to find it poisoned. It stays on the list of `tracing` once more for each time, which
        // is for each panic and each subscriber that takes longer than the drainer rests.
        survive_asking_all(|| callsite::register(&THROUGH));
        for (asks, number) in doubts {
            asks.compare_exchange(number, number + 1, SeqCst, SeqCst).ok();
        }
    }
    for known in all().filter_map(Listed::ours).filter(|known| !known.has_begun_registration()) {
        known.site().evaluate();
    }
}

/// What is registered to get through the lock. Nothing goes through it. It stays on the list, so the host's threads are
/// asked about it under that lock later, as they are about the first one.
struct Through;

static THROUGH: Through = Through;
static METADATA_OF_THROUGH: Metadata<'static> = Metadata::new(
    "tense.through",
    "tense",
    Level::TRACE,
    None,
    None,
    None,
    FieldSet::new(&[], identify_callsite!(&THROUGH)),
    Kind::HINT,
);

impl Callsite for Through {
    fn set_interest(&self, _: Interest) {
        end_by_tracing();
    }

    fn metadata(&self) -> &Metadata<'_> {
        begin_by_tracing();
        &METADATA_OF_THROUGH
    }
}

// Of call sites of others, which come first, nobody tells us that `tracing` asks about them. But before it asks about
// all there are it asks every subscriber, and so a layer of ours, for the highest level; and behind those of others
// stands the first one of ours. In between a call site must not be registered, which would take the same locks: the
// drainer does that. Where it does not come to the first one of ours, because somebody panicked or asked for another
// reason, the drainer goes on doing so for this thread.

thread_local! {
    static REBUILDING: Cell<bool> = const { Cell::new(false) };
}

/// A layer of ours is asked for the highest level on this thread.
pub fn begin_rebuild() {
    REBUILDING.try_with(|here| here.set(true)).ok();
}

fn end_rebuild() {
    REBUILDING.try_with(|here| here.set(false)).ok();
}

/// Whether `tracing` may be asking about all call sites on this thread.
fn may_be_rebuilding() -> bool {
    REBUILDING.try_with(Cell::get).unwrap_or(true)
}

/// Whether a call site has to be registered by the drainer, which is then told.
pub(super) fn leave_registering() -> bool {
    let is_left = may_be_rebuilding();
    if is_left {
        IS_BEHIND.store(true, SeqCst);
    }
    is_left
}

/// The first call site of ours. Nothing goes through it.
struct First;

static FIRST: First = First;
static METADATA: Metadata<'static> = Metadata::new(
    "tense",
    "tense",
    Level::TRACE,
    None,
    None,
    None,
    FieldSet::new(&[], identify_callsite!(&FIRST)),
    Kind::HINT,
);

impl Callsite for First {
    fn set_interest(&self, _: Interest) {
        end_by_tracing();
    }

    fn metadata(&self) -> &Metadata<'_> {
        end_rebuild();
        begin_by_tracing();
        &METADATA
    }
}

/// Puts the first call site of ours in its place, before a layer is made.
pub(crate) fn stand_first() {
    static ONCE: AtomicBool = AtomicBool::new(false);
    if !ONCE.swap(true, SeqCst) {
        let _asked = Asked::begin();
        survive_asking(|| callsite::register(&FIRST));
    }
}

/// How often a subscriber has panicked where it was asked.
static PANICS: AtomicU64 = AtomicU64::new(0);
/// One that is not ours to catch it in has, about a call site of ours.
static MAY_POISON: AtomicBool = AtomicBool::new(false);

/// How often a subscriber has panicked where it was asked what it wants, and the host did not notice.
pub fn panics_of_subscribers() -> u64 {
    PANICS.load(Relaxed)
}

/// Asks the host's code; `None` when it has panicked.
pub fn survive_asking<T>(ask: impl FnOnce() -> T) -> Option<T> {
    let (was_by_tracing, was_rebuilding) = (is_by_tracing(), may_be_rebuilding());
    let answer = panics::survive(ask);
    if answer.is_none() {
        PANICS.fetch_add(1, Relaxed);
        // What had begun in there is over, and nothing else.
        if !was_by_tracing {
            end_by_tracing();
        }
        if !was_rebuilding {
            end_rebuild();
        }
    }
    answer
}

/// The same where the panic passes through `tracing`, or would when it asks the next time.
pub(crate) fn survive_asking_all<T>(ask: impl FnOnce() -> T) -> Option<T> {
    let answer = survive_asking(ask);
    if answer.is_none() {
        MAY_POISON.store(true, SeqCst);
    }
    answer
}

/// Somebody would have asked again, where that could be to wait for oneself.
static PUT_OFF: AtomicBool = AtomicBool::new(false);

/// Leaves it to the drainer to ask again, on a thread of its own that holds nothing.
pub fn put_off_asking() {
    PUT_OFF.store(true, SeqCst);
}

/// For the drainer: whether it was left to it since the last time.
pub fn take_put_off() -> bool {
    PUT_OFF.load(Relaxed) && PUT_OFF.swap(false, SeqCst)
}

/// How many threads are in [`ask_again`].
static ASKING_AGAIN: AtomicU32 = AtomicU32::new(0);

/// Whether a call site that is not registered yet has to wait with that. Whoever has begun to register one asks this
/// afterwards, and who asks again looks afterwards which of them have begun: one of the two sees the other.
///
/// For that each of them writes, passes a fence and reads. What is read behind a fence is not all of it in the one
/// order of `SeqCst` (that a call site is on the list at all is read relaxed), so without the fences each could
/// miss the other.
pub(super) fn is_anybody_asking_again() -> bool {
    fence(SeqCst);
    ASKING_AGAIN.load(SeqCst) > 0
}

/// Has `tracing` ask everybody about every call site.
///
/// It asks about those of ours under a lock that a panic would poison, and then no subscriber could be made any more in
/// the whole program. So this thread's subscriber is asked beforehand, without that lock, and no further call site is
/// registered until it is over; and when a subscriber has ever panicked, only our own call sites ask again, each at its
/// next call.
///
/// A thread that is being asked itself may hold that lock already: there it is left to the drainer.
pub fn ask_again() {
    if may_be_rebuilding() {
        return put_off_asking();
    }
    let Some(_asked) = Asked::begin() else { return put_off_asking() };
    ASKING_AGAIN.fetch_add(1, SeqCst);
    // See `is_anybody_asking_again`.
    fence(SeqCst);
    for known in all().filter_map(Listed::ours).filter(|known| known.has_begun_registration()) {
        if MAY_POISON.load(SeqCst) {
            break;
        }
        survive_asking_all(|| dispatcher::get_default(|dispatch| dispatch.register_callsite(known.metadata())));
    }
    if !MAY_POISON.load(SeqCst) {
        survive_asking_all(callsite::rebuild_interest_cache);
    }
    ASKING_AGAIN.fetch_sub(1, SeqCst);
    if MAY_POISON.load(SeqCst) {
        all().filter_map(Listed::ours).for_each(|known| known.site().grow_stale());
    }
}
