//! Ids of spans and traces: unlike those of any other process, and cheap.

use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed};
use std::sync::atomic::{AtomicU32, AtomicU64};

use crate::clock;

/// How many span ids a thread takes at a time. So many a forked process may repeat, at most: see [`notice_fork`].
pub(crate) const BLOCK: u64 = 1 << 12;

/// Span ids count on from a random place, so that those of two processes do not meet.
static BASE: AtomicU64 = AtomicU64::new(0);
static BLOCKS: AtomicU64 = AtomicU64::new(0);
/// The process that took that place; 0 before anybody did.
static OWNER: AtomicU32 = AtomicU32::new(0);
/// What tells the random part of trace ids from that of the process that this one was forked from.
static SALT: AtomicU64 = AtomicU64::new(0);
/// When somebody last looked whether this is still the same process, in ticks.
static LOOKED: AtomicU64 = AtomicU64::new(0);
/// The last moment at which the parent of this process was known to be itself, in ticks.
static LAST_OF_PARENT: AtomicU64 = AtomicU64::new(0);

/// How often that is looked at, in ticks: about once a millisecond.
const LOOK_EVERY: u64 = 1 << 20;

/// The first of [`BLOCK`] span ids that are the caller's alone. None of them is 0, which means "no span".
pub(crate) fn span_block() -> u64 {
    notice_fork();
    // So that a block ends where the next multiple of its size is, and only one of all begins with 0.
    let base = BASE.load(Relaxed) & !(BLOCK - 1);
    let next = || base.wrapping_add(BLOCKS.fetch_add(1, Relaxed).wrapping_mul(BLOCK));
    match next() {
        0 => next(),
        block => block,
    }
}

/// A fork copies the place and the random state, so both processes would go on with the same ids. There is no hook for
/// it without `unsafe`, and to ask for the process's number is a call of the system; so that is done where a block of
/// ids is used up, and now and then where a trace begins, behind which everything differs. What is left: a child that
/// nobody tells that it was forked, and that goes on below a span which its parent had open, repeats the rest of one
/// block. Says whether this is another process than before.
#[cold]
pub(crate) fn notice_fork() -> bool {
    let (process, before) = (std::process::id(), OWNER.load(Acquire));
    if process == before {
        return false;
    }
    // The standard library's random state is copied as well; the number of the process and the moment are not.
    let (state, base) = splitmix(random() ^ u64::from(process) << 32 ^ clock::ticks());
    // Two threads may both notice. Each goes on from a random place of its own then, and none is lost; and the first of
    // them knows what was looked at before.
    let looked = LOOKED.load(Relaxed);
    BASE.store(base, Relaxed);
    SALT.store(splitmix(state).1, Relaxed);
    if OWNER.compare_exchange(before, process, AcqRel, Acquire).is_ok() {
        LAST_OF_PARENT.store(looked, Relaxed);
    }
    before != 0
}

/// Whether this process was forked since the last look, for somebody who begins a trace at that tick.
#[inline]
pub(crate) fn has_forked(ticks: u64) -> bool {
    ticks.wrapping_sub(LOOKED.load(Relaxed)) >= LOOK_EVERY && {
        let has_forked = notice_fork();
        LOOKED.store(ticks, Relaxed);
        has_forked
    }
}

/// At that tick this is the same process as before: the thread that says so does not survive a fork.
pub(crate) fn is_the_same(ticks: u64) {
    LOOKED.store(ticks, Relaxed);
}

/// What was recorded up to that tick is not this process's but its parent's. What came later, nobody knows.
pub(crate) fn last_of_parent() -> u64 {
    LAST_OF_PARENT.load(Relaxed)
}

/// The process that the ids are taken for.
pub(crate) fn owner() -> u64 {
    OWNER.load(Relaxed).into()
}

/// What a trace id has of that random number in this process.
pub(crate) fn salted(random: u64) -> u64 {
    random ^ SALT.load(Relaxed)
}

/// 64 random bits: a keyed hash whose key the standard library takes from the operating system.
pub(crate) fn random() -> u64 {
    RandomState::new().hash_one(BLOCKS.load(Relaxed))
}

/// The next number of a splitmix64 sequence (Steele, Lea, Flood: "Fast splittable pseudorandom number generators",
/// 2014).
pub(crate) fn splitmix(state: u64) -> (u64, u64) {
    let state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (state, z ^ (z >> 31))
}

/// A UUIDv7 (RFC 9562, section 5.7) as two halves: 48 bits of milliseconds, 12 bits of the fraction of one (method 3 of
/// section 6.2), and 62 random bits.
pub(crate) fn trace_id(unix_nanos: u64, random: u64) -> (u64, u64) {
    let (ms, rest) = (unix_nanos / 1_000_000, unix_nanos % 1_000_000);
    let fraction = rest * 4096 / 1_000_000;
    ((ms << 16) | 0x7000 | fraction, (random >> 2) | (0b10 << 62))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_id_is_a_version_7_uuid_of_its_moment() {
        // The example of RFC 9562, appendix A.6: 2022-02-22T14:22:22-05:00.
        let (high, low) = trace_id(1_645_557_742_000_000_000, u64::MAX);
        assert_eq!(high >> 16, 0x017f_22e2_79b0);
        assert_eq!((high >> 12) & 0xf, 7);
        assert_eq!(low >> 62, 0b10);
        let later = trace_id(1_645_557_742_000_500_000, 0).0;
        assert!(later > high, "half a millisecond later sorts later");
    }
}
