//! A batch of which nothing was written goes in; how long to wait before it is tried again comes out, or that it is
//! enough.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::time::{Duration, Instant};

const FIRST: Duration = Duration::from_millis(20);
const LONGEST: Duration = Duration::from_secs(2);

/// Pauses that double, each shortened by up to a half, so that many programs that lost the same server do not come back
/// to it at one moment. (Equal jitter; see the AWS Architecture Blog, "Exponential Backoff And Jitter".)
#[derive(Debug)]
pub(super) struct Pauses {
    end: Instant,
    next: Duration,
    tries: u64,
    chance: RandomState,
}

impl Pauses {
    /// From that moment on, for so long.
    pub(super) fn new(from: Instant, time: Duration) -> Self {
        // For ever is as good as for a year.
        let end = from.checked_add(time.min(Duration::from_secs(365 * 86_400))).unwrap_or(from);
        Self { end, next: FIRST, tries: 0, chance: RandomState::new() }
    }

    /// The next one; nothing when it would end too late.
    pub(super) fn next(&mut self, at: Instant) -> Option<Duration> {
        self.tries += 1;
        let half = self.next / 2;
        let share = self.chance.hash_one(self.tries) >> 32;
        let pause = half + half.mul_f64(share as f64 / f64::from(u32::MAX));
        self.next = (self.next * 2).min(LONGEST);
        (at.checked_add(pause)? <= self.end).then_some(pause)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_a_bound_within_the_time() {
        let from = Instant::now();
        let (mut pauses, mut at) = (Pauses::new(from, Duration::from_secs(20)), from);
        let mut longest = FIRST;
        while let Some(pause) = pauses.next(at) {
            assert!(pause >= longest / 2 && pause <= longest, "{pause:?} where at most {longest:?} were due");
            longest = (longest * 2).min(LONGEST);
            at += pause;
        }
        assert!(at <= from + Duration::from_secs(20) && at > from + Duration::from_secs(18), "{:?}", at - from);
    }

    #[test]
    fn two_that_begin_together_do_not_go_on_together() {
        let from = Instant::now();
        let of_one = || {
            let mut pauses = Pauses::new(from, Duration::from_secs(60));
            (0..8).map(|_| pauses.next(from)).collect::<Vec<_>>()
        };
        assert_ne!(of_one(), of_one());
    }

    #[test]
    fn without_time_there_is_none() {
        let from = Instant::now();
        assert_eq!(Pauses::new(from, Duration::ZERO).next(from), None);
        assert!(Pauses::new(from, Duration::MAX).next(from).is_some());
    }
}
