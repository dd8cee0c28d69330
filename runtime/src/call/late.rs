//! A value or a failure that a call says while it runs goes in, with the id of its span; where that is a real span, the
//! layers of others hear of it too.
//!
//! The body of a call has a copy of its id and nothing more, and may use that on any thread, so the real span is found
//! by it. Only calls with a field that is left open are written down for that, and only failures that were told.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, DefaultHasher};
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::call::Open;
use crate::clock;
use crate::outcome::Outcome;
use crate::real::Real;
use crate::record;
use crate::site::Site;
use crate::thread::Local;
use crate::value::Raw;

/// A call that is a real span and has fields to be filled in.
pub(super) struct LeftOpen {
    pub(super) site: &'static Site,
    /// A handle of its own: the span does not close while somebody fills it in.
    pub(super) real: Real,
    /// As our layers record it.
    pub(super) ours: Vec<Open>,
}

type Spans = HashMap<u64, Arc<LeftOpen>, BuildHasherDefault<DefaultHasher>>;

/// Several, so that threads seldom wait for each other.
const SHARDS: usize = 16;

/// Real spans with fields that are left open.
static LEFT_OPEN: [Mutex<Spans>; SHARDS] =
    [const { Mutex::new(HashMap::with_hasher(BuildHasherDefault::new())) }; SHARDS];

fn shard(span: u64) -> MutexGuard<'static, Spans> {
    // The number of shards is a power of two, so there is one.
    let [first, ..] = &LEFT_OPEN;
    let shard = LEFT_OPEN.get(span as usize % SHARDS).unwrap_or(first);
    shard.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Fields of that span will be filled in.
pub(super) fn leave_open(span: u64, left_open: LeftOpen) {
    shard(span).insert(span, Arc::new(left_open));
}

// Other layers are asked when the lock is free again: they may record themselves.

/// It is over.
pub(super) fn close(span: u64) {
    let left_open = shard(span).remove(&span);
    drop(left_open);
}

/// Fills in a field, if that is a real span. Says whether it is.
#[cold]
#[inline(never)]
pub(super) fn fill(span: u64, field: u8, value: Raw<'_>) -> bool {
    let left_open = shard(span).get(&span).cloned();
    let Some(LeftOpen { site, real, ours }) = left_open.as_deref() else { return false };
    if let Some(local) = Local::current() {
        let ticks = clock::ticks();
        ours.iter().for_each(|open| _ = record::fields(local, ticks, open.span, open.layer, field, &[value]));
    }
    real.fill(site, field, value);
    true
}

/// As many failures of calls that have not ended are kept; a copy of an id can outlive its call.
const MOST_FAILURES: usize = 1024;

static FAILURES: Mutex<Vec<(u64, Outcome)>> = Mutex::new(Vec::new());
/// How many there are, so that a call that ends well takes no lock.
static FAILED: AtomicUsize = AtomicUsize::new(0);

/// A real span says that it failed, and goes on. The first reason stands.
#[cold]
pub(crate) fn fail(span: u64, failure: Outcome) {
    let mut failures = FAILURES.lock().unwrap_or_else(PoisonError::into_inner);
    if failures.len() < MOST_FAILURES && failures.iter().all(|(other, _)| *other != span) {
        failures.push((span, failure));
    }
    FAILED.store(failures.len(), Relaxed);
}

/// What the span has said of its failure.
pub(super) fn take_failure(span: u64) -> Option<Outcome> {
    if FAILED.load(Relaxed) == 0 {
        return None;
    }
    let mut failures = FAILURES.lock().unwrap_or_else(PoisonError::into_inner);
    let at = failures.iter().position(|(other, _)| *other == span)?;
    let (_, failure) = failures.swap_remove(at);
    FAILED.store(failures.len(), Relaxed);
    Some(failure)
}
