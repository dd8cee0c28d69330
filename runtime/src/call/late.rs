//! A value or a failure that a call says while it runs goes in, with the id of its span; where that is a real span, the
//! layers of others hear of it too.
//!
//! The body of a call has a copy of its id and nothing more, and may use that on any thread, also when the call is
//! over. So every call that is a real span is written down by its id while it is open; one that is not there is over.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, DefaultHasher};
use std::sync::{Arc, Mutex};

use crate::call::Open;
use crate::clock;
use crate::drain::lose_at_fork;
use crate::outcome::Outcome;
use crate::process::{Apiece, GENERATIONS};
use crate::real::Real;
use crate::record;
use crate::site::Site;
use crate::thread::Local;
use crate::value::Raw;

/// What a call needs that has fields to be filled in.
pub(super) struct LeftOpen {
    pub(super) site: &'static Site,
    /// A handle of its own: the span does not close while somebody fills it in.
    pub(super) real: Real,
    /// As our layers record it.
    pub(super) ours: Vec<Open>,
}

/// A call that is a real span, and is open.
#[derive(Default)]
struct Running {
    left_open: Option<Arc<LeftOpen>>,
    /// What it has said of its failure. The first reason stands.
    failed: Option<Outcome>,
}

type Calls = HashMap<u64, Running, BuildHasherDefault<DefaultHasher>>;

/// Several, so that threads seldom wait for each other.
const SHARDS: usize = 16;

static RUNNING: [Apiece<Calls>; SHARDS] =
    [const { Apiece::of([const { Mutex::new(HashMap::with_hasher(BuildHasherDefault::new())) }; GENERATIONS]) };
        SHARDS];

fn shard(span: u64) -> &'static Apiece<Calls> {
    // The number of shards is a power of two, so there is one.
    let [first, ..] = &RUNNING;
    RUNNING.get(span as usize % SHARDS).unwrap_or(first)
}

/// What was written down of a call. That of one which was open when this process was forked off may be out of reach:
/// then layers of others miss what it says late, which is counted.
fn find<R>(span: u64, look: impl FnMut(&mut Calls) -> Option<R>) -> Option<R> {
    shard(span).find(look).unwrap_or_else(|_| {
        lose_at_fork(1);
        None
    })
}

/// It begins; perhaps with fields that will be filled in.
pub(super) fn begin(span: u64, left_open: Option<LeftOpen>) {
    let running = Running { left_open: left_open.map(Arc::new), failed: None };
    if let Some(mut calls) = shard(span).lock() {
        calls.insert(span, running);
    }
}

// Other layers are asked when the lock is free again: they may record themselves.

/// It is over. Gives back what it has said of its failure.
pub(super) fn end(span: u64) -> Option<Outcome> {
    find(span, |calls| calls.remove(&span))?.failed
}

/// Fills in a field, if that is a real span. Says whether it is.
#[cold]
#[inline(never)]
pub(super) fn fill(span: u64, field: u8, value: Raw<'_>) -> bool {
    let left_open = find(span, |calls| calls.get(&span).map(|running| running.left_open.clone())).flatten();
    let Some(LeftOpen { site, real, ours }) = left_open.as_deref() else { return false };
    if let Some(local) = Local::current() {
        let ticks = clock::ticks();
        ours.iter().for_each(|open| _ = record::fields(local, ticks, open.span, open.layer, field, &[value]));
    }
    real.fill(site, field, value);
    true
}

/// A real span says that it failed, and goes on. One that is over is as others have seen it end.
#[cold]
pub(crate) fn fail(span: u64, failure: Outcome) {
    let mut failure = Some(failure);
    find(span, |calls| calls.get_mut(&span).map(|running| running.failed = running.failed.take().or(failure.take())));
}
