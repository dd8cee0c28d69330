//! Whether a subscriber is being asked on this thread whether it wants a call site: then an annotated call that would
//! have to ask as well is off.
//!
//! What is asked is the host's code, a filter or a layer, often under `tracing`'s locks. It may call annotated
//! functions: to ask about those in turn could wait for oneself, or never come to an end. And it may panic, which
//! changes no result of the host's, and must not leave `tracing`'s locks behind in pieces.

use std::cell::Cell;
use std::sync::atomic::Ordering::{Relaxed, SeqCst};
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, fence};
use std::time::{Duration, Instant};

use tracing_core::field::FieldSet;
use tracing_core::metadata::Kind;
use tracing_core::{Callsite, Interest, Level, Metadata, callsite, dispatcher, identify_callsite};

use crate::listed::{Listed, all};
use crate::panics;

thread_local! {
    /// Set while we ask.
    static BY_US: Cell<bool> = const { Cell::new(false) };
    /// Since when `tracing` asks everybody about a call site of ours.
    static BY_TRACING: Cell<Option<Instant>> = const { Cell::new(None) };
}

/// A subscriber that panics is not heard of again. It takes no longer than that to say what it wants.
const LONGEST: Duration = Duration::from_secs(1);

/// While it lives, this thread asks.
#[derive(Debug)]
pub struct Asked(());

impl Asked {
    /// `None` where somebody is being asked on this thread already, and on one that is torn down.
    pub fn begin() -> Option<Self> {
        let is_by_tracing = BY_TRACING.try_with(|since| since.get().is_some_and(|since| since.elapsed() < LONGEST));
        if is_by_tracing.unwrap_or(true) || BY_US.try_with(|here| here.replace(true)).unwrap_or(true) {
            return None;
        }
        Some(Self(()))
    }
}

impl Drop for Asked {
    fn drop(&mut self) {
        BY_US.try_with(|here| here.set(false)).ok();
        end_by_tracing();
    }
}

/// `tracing` begins to ask everybody about a call site of ours.
pub(super) fn begin_by_tracing() {
    BY_TRACING.try_with(|since| since.set(Some(Instant::now()))).ok();
}

/// It has everybody's answer.
pub(super) fn end_by_tracing() {
    BY_TRACING.try_with(|since| since.set(None)).ok();
}

// Of call sites of others, which come first, nobody tells us that `tracing` asks about them. But before it asks about
// all there are it asks every subscriber, and so a layer of ours, for the highest level; and behind those of others
// stands the first one of ours. In between a call site must not be registered, which would take the same locks.

thread_local! {
    /// Since when.
    static REBUILDING: Cell<Option<Instant>> = const { Cell::new(None) };
}

/// A layer of ours is asked for the highest level on this thread. Somebody may do that for another reason, so it means
/// nothing for long.
pub fn begin_rebuild() {
    REBUILDING.try_with(|since| since.set(Some(Instant::now()))).ok();
}

fn end_rebuild() {
    REBUILDING.try_with(|since| since.set(None)).ok();
}

/// Whether `tracing` may be asking about all call sites on this thread.
pub(super) fn may_be_rebuilding() -> bool {
    REBUILDING.try_with(|since| since.get().is_some_and(|since| since.elapsed() < LONGEST)).unwrap_or(true)
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
    let answer = panics::survive(ask);
    if answer.is_none() {
        PANICS.fetch_add(1, Relaxed);
        end_by_tracing();
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
/// For that each of them writes, passes a fence and reads. What is read behind a fence is not all of it in the one order
/// of `SeqCst` (that a call site is on the list at all is read relaxed), so without the fences each could miss the other.
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
