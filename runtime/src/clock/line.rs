//! Ticks and nanoseconds of the same moments go in, one pair a second; a line through them comes out, which never goes
//! back.

use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use std::sync::atomic::{AtomicU64, fence};
use std::sync::{Mutex, TryLockError};

/// From one tick on so many nanoseconds each; and how many it was before that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line {
    ticks: u64,
    nanos: u64,
    /// Nanoseconds a tick, in parts of 2^32.
    slope: u64,
    before: u64,
}

impl Line {
    /// A tick is a nanosecond.
    pub const SAME: Self = Self { ticks: 0, nanos: 0, slope: 1 << 32, before: 1 << 32 };

    /// The moment of a tick.
    #[inline]
    pub fn nanos(&self, ticks: u64) -> u64 {
        if ticks >= self.ticks {
            self.nanos.saturating_add(scaled(ticks - self.ticks, self.slope))
        } else {
            self.nanos.saturating_sub(scaled(self.ticks - ticks, self.before))
        }
    }
}

#[inline]
fn scaled(ticks: u64, slope: u64) -> u64 {
    ((u128::from(ticks) * u128::from(slope)) >> 32) as u64
}

/// Ticks, and the nanoseconds that the other clock shows then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Pair {
    pub(super) ticks: u64,
    pub(super) nanos: u64,
}

/// What the line is off by is made good in that time, in nanoseconds, so that it bends and does not jump.
const CATCH_UP: i128 = 10_000_000_000;

/// A line that is off by more has not drifted: the machine slept, or the counter began anew.
const JUMP: u128 = 100_000_000;

/// Nanoseconds between two measurements at least.
const PAUSE: u64 = 1_000_000_000;

/// The line of this moment, for any thread that reads, and what it is made of, for the one that measures.
pub(super) struct Lines {
    /// Its lowest bit says which of the two lines holds; the other one is the next to be written.
    generation: AtomicU64,
    lines: [[AtomicU64; 4]; 2],
    measured: Mutex<Measured>,
}

struct Measured {
    /// Ticks are counted from here to know how long one is: the longer, the more exactly.
    origin: Pair,
    last: u64,
    /// How much further the line is than the other clock, since it did not follow that backwards.
    ahead: u64,
}

impl Lines {
    /// A line that begins there, of so many nanoseconds in 2^40 ticks.
    pub(super) fn new(origin: Pair, nanos_of_2_40_ticks: u64) -> Self {
        let slope = nanos_of_2_40_ticks >> 8;
        let line = [origin.ticks, origin.nanos, slope, slope];
        Self {
            generation: AtomicU64::new(0),
            lines: [line.map(AtomicU64::new), line.map(AtomicU64::new)],
            measured: Mutex::new(Measured { origin, last: origin.nanos, ahead: 0 }),
        }
    }

    /// The line that holds now. Takes no lock; it looks again when a new one has been made meanwhile, one a second.
    #[inline]
    pub(super) fn now(&self) -> Line {
        loop {
            let generation = self.generation.load(Acquire);
            let [even, odd] = &self.lines;
            let words = if generation & 1 == 0 { even } else { odd };
            let [ticks, nanos, slope, before] = words.each_ref().map(|word| word.load(Relaxed));
            fence(Acquire);
            if self.generation.load(Relaxed) == generation {
                return Line { ticks, nanos, slope, before };
            }
        }
    }

    /// Bends the line towards what is measured. Does not even look when the last time was less than a second before
    /// `now`, in nanoseconds of the other clock.
    pub(super) fn measure(&self, now: u64, look: impl FnOnce() -> Pair) {
        // Whoever holds it measures, or did so in the process that this one was forked off, and will not let go of it
        // any more: then the line stays as it is.
        let mut measured = match self.measured.try_lock() {
            Ok(measured) => measured,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => return,
        };
        if now.saturating_sub(measured.last) < PAUSE {
            return;
        }
        let pair = look();
        measured.last = pair.nanos;
        let line = self.now();
        let Pair { ticks, nanos } = pair;
        let (here, there) = (line.nanos(ticks), nanos.saturating_add(measured.ahead));
        let off = i128::from(there) - i128::from(here);
        let next = if off.unsigned_abs() > JUMP || ticks < line.ticks {
            // Forwards it jumps, backwards it stays where it is and goes on from there.
            measured.origin = pair;
            measured.ahead = here.saturating_sub(nanos);
            Line { ticks, nanos: here.max(there), slope: line.slope, before: line.slope }
        } else {
            let Pair { ticks: first, nanos: began } = measured.origin;
            let (ran, took) = (ticks.saturating_sub(first).max(1), nanos.saturating_sub(began));
            let slope = (i128::from(took) << 32) / i128::from(ran);
            let bent = slope + slope * off / CATCH_UP;
            Line { ticks, nanos: here, slope: bent.max(1) as u64, before: line.slope }
        };
        self.publish(next);
    }

    fn publish(&self, line: Line) {
        let next = self.generation.load(Relaxed).wrapping_add(1);
        // Who reads one of the words below also sees that the generation before has begun.
        fence(Release);
        let [even, odd] = &self.lines;
        let words = if next & 1 == 0 { even } else { odd };
        for (word, value) in words.iter().zip([line.ticks, line.nanos, line.slope, line.before]) {
            word.store(value, Relaxed);
        }
        self.generation.store(next, Release);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicBool;

    use super::*;

    const SECOND: u64 = 1_000_000_000;

    /// A counter of that many ticks a nanosecond, measured once a second, the first time with that error in millionths.
    struct Simulated {
        lines: Lines,
        ticks: f64,
        nanos: f64,
    }

    impl Simulated {
        fn new(rate: f64, error: f64) -> Self {
            let nanos_of_2_40 = (1_u64 << 40) as f64 / rate * (1.0 + error / 1e6);
            Self {
                lines: Lines::new(Pair { ticks: 5_000, nanos: 0 }, nanos_of_2_40 as u64),
                ticks: 5_000.0,
                nanos: 0.0,
            }
        }

        /// A second goes by, in which the counter counts at that rate.
        fn second(&mut self, rate: f64) -> i64 {
            self.ticks += rate * SECOND as f64;
            self.nanos += SECOND as f64;
            let off = self.lines.now().nanos(self.ticks as u64) as i64 - self.nanos as i64;
            let pair = Pair { ticks: self.ticks as u64, nanos: self.nanos as u64 };
            self.lines.measure(pair.nanos, || pair);
            off
        }
    }

    #[test]
    fn a_counter_that_was_measured_badly_is_on_time_after_a_minute() {
        let mut clock = Simulated::new(2.6, 200.0);
        assert!(clock.second(2.6).abs() > 100_000, "the error is there at first");
        for _ in 0..60 {
            clock.second(2.6);
        }
        assert!(clock.second(2.6).abs() < 2_000, "{}", clock.second(2.6));
    }

    #[test]
    fn a_counter_that_changes_its_rate_is_followed() {
        let mut clock = Simulated::new(2.6, 0.0);
        for _ in 0..60 {
            clock.second(2.6);
        }
        let far = (0..600).map(|_| clock.second(2.6 * 1.000_05).abs()).max();
        assert!(far < Some(1_000_000), "{far:?}");
    }

    #[test]
    fn no_moment_is_before_an_earlier_one() {
        let mut clock = Simulated::new(2.6, 500.0);
        let mut last = 0;
        for second in 0..1_000_u64 {
            let rate = 2.6 * (1.0 + (second % 7) as f64 / 1e5);
            let from = clock.ticks as u64;
            // What was written before the line was bent is read by either.
            for ticks in (from.saturating_sub(1_000_000)..from).step_by(250_000) {
                let moment = clock.lines.now().nanos(ticks);
                assert!(moment + 2 >= last || ticks < from, "{moment} behind {last}");
            }
            for part in 0..10 {
                let moment = clock.lines.now().nanos(from + (rate * SECOND as f64) as u64 / 10 * part);
                assert!(moment >= last, "{moment} behind {last}");
                last = moment;
            }
            clock.second(rate);
        }
    }

    #[test]
    fn a_machine_that_slept_is_on_time_at_once_and_no_moment_goes_back() {
        for (ticks, nanos) in [(0, 3_600 * SECOND), (2 * 3_600 * SECOND, 0)] {
            let mut clock = Simulated::new(2.0, 0.0);
            clock.second(2.0);
            let before = clock.lines.now().nanos(clock.ticks as u64);
            clock.ticks += ticks as f64;
            clock.nanos += nanos as f64;
            clock.second(2.0);
            let after = clock.lines.now().nanos(clock.ticks as u64);
            assert!(after >= before + 3_600 * SECOND, "one of the two clocks has gone on: {before} {after}");
            for _ in 0..10 {
                clock.second(2.0);
            }
            let took = clock.lines.now().nanos(clock.ticks as u64) - after;
            assert!(took.abs_diff(10 * SECOND) < 1_000, "{took}");
        }
    }

    #[test]
    fn a_counter_that_begins_anew_goes_on_from_where_it_was() {
        let mut clock = Simulated::new(2.0, 0.0);
        clock.second(2.0);
        let before = clock.lines.now().nanos(clock.ticks as u64);
        clock.ticks = 0.0;
        clock.second(2.0);
        let after = clock.lines.now().nanos(clock.ticks as u64);
        assert!(after >= before, "{before} {after}");
    }

    /// Whether a reader sees a line that nobody has published, while another thread publishes that way.
    fn is_torn(lines_published: u64, publish: fn(&Lines, Line)) -> bool {
        let (lines, is_over) = (Lines::new(Pair { ticks: 0, nanos: 0 }, 1 << 40), AtomicBool::new(false));
        std::thread::scope(|scope| {
            scope.spawn(|| {
                for n in (1..lines_published).take_while(|_| !is_over.load(Relaxed)) {
                    publish(&lines, Line { ticks: n, nanos: n, slope: n, before: n });
                }
                is_over.store(true, Relaxed);
            });
            let mut is_torn = false;
            while !is_torn && !is_over.load(Relaxed) {
                let Line { ticks, nanos, slope, before } = lines.now();
                is_torn = ticks != 0 && (ticks != nanos || nanos != slope || slope != before);
            }
            is_over.store(true, Relaxed);
            is_torn
        })
    }

    #[test]
    fn a_reader_sees_a_line_as_a_whole() {
        assert!(!is_torn(400_000, Lines::publish));
    }

    #[test]
    fn the_test_sees_a_line_that_is_written_over_while_it_holds() {
        let over_itself = |lines: &Lines, line: Line| {
            let [even, _] = &lines.lines;
            for (word, value) in even.iter().zip([line.ticks, line.nanos, line.slope, line.before]) {
                word.store(value, Relaxed);
            }
        };
        assert!(is_torn(u64::MAX, over_itself), "the seeded bug was not seen");
    }
}
