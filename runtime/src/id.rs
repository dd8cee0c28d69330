//! Ids of spans and traces: unlike those of any other process, and cheap.

use std::hash::{BuildHasher, RandomState};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// How many span ids a thread takes at a time.
pub(crate) const BLOCK: u64 = 1 << 20;

/// Span ids count on from a random place, so that those of two processes do not meet.
static BASE: LazyLock<u64> = LazyLock::new(random);
static BLOCKS: AtomicU64 = AtomicU64::new(0);

/// The first of [`BLOCK`] span ids that are the caller's alone. None of them is 0, which means "no span".
pub(crate) fn span_block() -> u64 {
    // So that a block ends where the next multiple of its size is, and only one of all begins with 0.
    let first = || (*BASE & !(BLOCK - 1)).wrapping_add(BLOCKS.fetch_add(1, Relaxed).wrapping_mul(BLOCK));
    match first() {
        0 => first(),
        block => block,
    }
}

/// 64 random bits: a keyed hash whose key the standard library takes from the operating system.
pub(crate) fn random() -> u64 {
    RandomState::new().hash_one(BLOCKS.load(Relaxed))
}

/// The next number of a splitmix64 sequence (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", 2014).
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
