//! Ticks enter records here; who reads them gets nanoseconds, since this process began and since 1970.
//!
//! A tick is one of the processor's time stamp counter where that is invariant, which takes a third of the time that
//! `Instant` takes, and else a nanosecond of `Instant`'s clock. How long one is the drainer measures again and again
//! against `Instant` ([`follow`]), as long as the program runs: durations are off by a few millionths, and no clock
//! that somebody sets changes any.

mod line;

use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

pub use line::Line;
use line::{Lines, Pair};

/// The two clocks, side by side from the moment 0 on.
struct Clocks {
    counter: quanta::Clock,
    /// The moment 0.
    began: Instant,
    lines: Lines,
    /// Where the moment 0 lies on the wall clock, in nanoseconds since 1970.
    unix: AtomicU64,
}

/// Half a millisecond, when the first layer is made: the counter is measured for the first time.
static CLOCKS: LazyLock<Clocks> = LazyLock::new(|| {
    let counter = quanta::Clock::new();
    let (ticks, began) = (counter.raw(), Instant::now());
    let lines = Lines::new(Pair { ticks, nanos: 0 }, nanos_of_2_40_ticks(&counter));
    Clocks { counter, began, lines, unix: AtomicU64::new(wall()) }
});

/// How far the clocks may drift apart before one is placed on the other again.
const DRIFT: u64 = 1_000_000_000;

/// Before 1970 it is 0, and from the year 2554 on, which is as far as 64 bits go, it stands.
fn wall() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| u64::try_from(since.as_nanos()).unwrap_or(u64::MAX))
}

fn nanos_of_2_40_ticks(counter: &quanta::Clock) -> u64 {
    counter.delta_as_nanos(0, 1 << 40)
}

/// Ticks, now. What they mean, [`line`] says.
#[inline]
pub fn ticks() -> u64 {
    CLOCKS.counter.raw()
}

/// Tells ticks to one thread, without looking first whether there is a clock.
pub(crate) struct Ticker(quanta::Clock);

impl Ticker {
    pub(crate) fn new() -> Self {
        Self(CLOCKS.counter.clone())
    }

    /// Ticks, now.
    #[inline(always)]
    pub(crate) fn ticks(&self) -> u64 {
        self.0.raw()
    }
}

/// How ticks are read as nanoseconds, for some records: all by the same measure.
pub fn line() -> Line {
    CLOCKS.lines.now()
}

/// Nanoseconds since this process first asked. Fits into 64 bits for 584 years.
pub fn now() -> u64 {
    line().nanos(ticks())
}

/// A moment as nanoseconds since 1970.
pub fn unix_nanos(moment: u64) -> u64 {
    CLOCKS.unix.load(Relaxed).saturating_add(moment)
}

/// Whether ticks are those of a counter of the processor, and not of the operating system's clock.
pub fn is_counter() -> bool {
    // A nanosecond is one nanosecond long, to the last of 40 bits; a counter is not.
    nanos_of_2_40_ticks(&CLOCKS.counter) != 1 << 40
}

/// Measures the ticks again, at most once a second: for the drainer.
///
/// Also places the monotonic clock on the wall clock again when the two have come apart, after a suspend or a set
/// clock. Durations are differences of moments, so none of them changes.
pub fn follow() {
    let clocks = &*CLOCKS;
    clocks.lines.measure(clocks.began.elapsed().as_nanos() as u64, || both(clocks));
    let (moment, wall) = (now(), wall());
    if unix_nanos(moment).abs_diff(wall) > DRIFT {
        clocks.unix.store(wall.saturating_sub(moment), Relaxed);
    }
}

/// Ticks and nanoseconds of the same moment: the closest of a few looks, because a thread may have to rest between the
/// two.
fn both(clocks: &Clocks) -> Pair {
    let look = || {
        let before = clocks.counter.raw();
        let nanos = clocks.began.elapsed().as_nanos() as u64;
        let width = clocks.counter.raw().saturating_sub(before);
        (width, Pair { ticks: before.wrapping_add(width / 2), nanos })
    };
    (0..4).map(|_| look()).fold(look(), std::cmp::min).1
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_wall_clock_that_was_set_is_followed() {
        let moment = now();
        CLOCKS.unix.store(0, Relaxed);
        follow();
        assert!(unix_nanos(moment).abs_diff(wall()) < DRIFT);
    }

    #[test]
    fn ticks_and_instants_measure_the_same() {
        let (began, ticks_began) = (Instant::now(), ticks());
        while began.elapsed() < Duration::from_millis(20) {
            std::hint::spin_loop();
        }
        let (took, ticks_ended) = (began.elapsed().as_nanos() as f64, ticks());
        follow();
        let line = line();
        let measured = (line.nanos(ticks_ended) - line.nanos(ticks_began)) as f64;
        // The thread may have to rest between the two looks, but not for long each time.
        assert!((measured / took - 1.0).abs() < 0.05, "{measured} ns against {took} ns");
    }
}
