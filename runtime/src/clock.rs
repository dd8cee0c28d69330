//! Nanoseconds enter records here: one monotonic clock per process, and its place on the wall clock.
//!
//! The seam for a faster clock: `Instant` costs about 26 ns a read, the bare time stamp counter 9.5.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// The moment 0.
static BEGAN: LazyLock<Instant> = LazyLock::new(|| {
    UNIX.store(wall(), Relaxed);
    Instant::now()
});

/// Where the moment 0 lies on the wall clock, in nanoseconds since 1970.
static UNIX: AtomicU64 = AtomicU64::new(0);

/// How far the clocks may drift apart before one is placed on the other again.
const DRIFT: u64 = 1_000_000_000;

fn wall() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos() as u64)
}

/// Nanoseconds since this process first asked. Fits into 64 bits for 584 years.
#[inline]
pub fn now() -> u64 {
    BEGAN.elapsed().as_nanos() as u64
}

/// The same moment as nanoseconds since 1970.
pub fn unix_nanos(moment: u64) -> u64 {
    UNIX.load(Relaxed).saturating_add(moment)
}

/// Places the monotonic clock on the wall clock again when the two have come apart, after a suspend or a set clock. Durations
/// are differences of moments, so none of them changes.
pub fn follow_the_wall_clock() {
    let moment = now();
    let wall = wall();
    if unix_nanos(moment).abs_diff(wall) > DRIFT {
        UNIX.store(wall.saturating_sub(moment), Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wall_clock_that_was_set_is_followed() {
        let moment = now();
        UNIX.store(0, Relaxed);
        follow_the_wall_clock();
        assert!(unix_nanos(moment).abs_diff(wall()) < DRIFT);
    }
}
