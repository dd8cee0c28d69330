//! Successes, failures and the time go in; whether the sink may be called comes out.

use std::time::{Duration, Instant};

use serde::Serialize;

/// When it opens, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rules {
    /// In a row, a time-out being one.
    pub(super) failures: u32,
    pub(super) rest: Duration,
}

/// What the circuit breaker of a sink does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum BreakerState {
    /// Batches go to the sink. (Others call this closed.)
    Delivering,
    /// The sink is left alone. (Open.)
    Resting,
    /// One batch goes to the sink, and decides which of the two comes next. (Half-open.)
    Probing,
}

#[derive(Debug)]
pub(super) struct Breaker {
    rules: Rules,
    failures: u32,
    now: Now,
    /// How often it has opened.
    opened: u64,
}

#[derive(Debug, Clone, Copy)]
enum Now {
    Delivering,
    Resting(Instant),
    Probing,
}

impl Breaker {
    pub(super) fn new(rules: Rules) -> Self {
        Self { rules, failures: 0, now: Now::Delivering, opened: 0 }
    }

    /// Whether a batch may be taken for the sink at that moment; else when one may be. The one that ends a rest is the
    /// probe, and no other goes before something is known of it.
    pub(super) fn ask(&mut self, at: Instant) -> Result<(), Instant> {
        match self.now {
            Now::Resting(until) if at < until => Err(until),
            Now::Resting(_) => {
                self.now = Now::Probing;
                Ok(())
            }
            Now::Delivering | Now::Probing => Ok(()),
        }
    }

    /// Whether the sink is left alone at that moment.
    pub(super) fn is_resting(&self, at: Instant) -> bool {
        matches!(self.now, Now::Resting(until) if at < until)
    }

    pub(super) fn succeeded(&mut self) {
        self.failures = 0;
        self.now = Now::Delivering;
    }

    /// Says whether the sink is to be left alone from now on.
    pub(super) fn failed(&mut self, at: Instant) -> bool {
        self.failures = self.failures.saturating_add(1);
        match self.now {
            Now::Delivering if self.failures < self.rules.failures => return false,
            Now::Delivering | Now::Probing => self.opened += 1,
            // A call that hangs goes on failing.
            Now::Resting(_) => {}
        }
        // A rest without an end is as good as one of a year.
        let year = Duration::from_secs(365 * 86_400);
        let until = at.checked_add(self.rules.rest.min(year)).unwrap_or(at);
        self.now = Now::Resting(until);
        true
    }

    pub(super) fn state(&self) -> BreakerState {
        match self.now {
            Now::Delivering => BreakerState::Delivering,
            Now::Resting(_) => BreakerState::Resting,
            Now::Probing => BreakerState::Probing,
        }
    }

    pub(super) fn opened(&self) -> u64 {
        self.opened
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REST: Duration = Duration::from_secs(30);

    fn breaker() -> (Breaker, Instant) {
        (Breaker::new(Rules { failures: 5, rest: REST }), Instant::now())
    }

    #[test]
    fn it_opens_at_the_fifth_failure_in_a_row_and_not_before() {
        let (mut breaker, at) = breaker();
        for _ in 0..10 {
            for _ in 0..4 {
                assert!(!breaker.failed(at));
            }
            breaker.succeeded();
        }
        let opened: Vec<bool> = (0..5).map(|_| breaker.failed(at)).collect();
        assert_eq!(opened, [false, false, false, false, true]);
        assert_eq!((breaker.state(), breaker.opened()), (BreakerState::Resting, 1));
    }

    #[test]
    fn it_rests_and_then_lets_one_batch_decide() {
        let (mut breaker, at) = breaker();
        assert_eq!((0..5).filter(|_| breaker.failed(at)).count(), 1);
        let end = at + REST;
        assert_eq!(breaker.ask(end - Duration::from_nanos(1)), Err(end));
        assert!(breaker.is_resting(end - Duration::from_nanos(1)) && !breaker.is_resting(end));
        assert_eq!((breaker.ask(end), breaker.state()), (Ok(()), BreakerState::Probing));
        assert!(breaker.failed(end), "one failure is enough now");
        assert_eq!((breaker.ask(end), breaker.opened()), (Err(end + REST), 2));
        assert_eq!(breaker.ask(end + REST), Ok(()));
        breaker.succeeded();
        assert_eq!(breaker.state(), BreakerState::Delivering);
        assert!(!breaker.failed(end + REST), "and it counts from the start again");
    }

    #[test]
    fn a_call_that_hangs_prolongs_the_rest() {
        let (mut breaker, at) = breaker();
        assert_eq!((0..5).filter(|_| breaker.failed(at)).count(), 1);
        assert!(breaker.failed(at + REST));
        assert_eq!((breaker.ask(at + REST), breaker.opened()), (Err(at + 2 * REST), 1));
    }
}
