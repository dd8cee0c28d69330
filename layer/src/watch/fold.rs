//! Spans that are worth an alarm go in; at most one a second comes out, with how many are folded into it.

use tense_event::{SpanId, Timestamp, TraceId};

/// How far two alarms of one kind and type are apart at least, in nanoseconds.
pub(super) const SECOND: u64 = 1_000_000_000;

/// A span that is worth one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Case {
    pub(super) trace: TraceId,
    pub(super) span: Option<SpanId>,
    pub(super) at: Timestamp,
    /// In nanoseconds.
    pub(super) took: u64,
    pub(super) threshold: u64,
    /// It has ended.
    pub(super) is_over: bool,
}

/// Slow spans of one type.
#[derive(Default)]
pub(super) struct Fold {
    /// When the last alarm was, in nanoseconds.
    told: Option<u64>,
    /// The slowest since, and how many there were besides.
    waiting: Option<(Case, u64)>,
}

impl Fold {
    /// Says what is to be told now: that one, or a slower one that has waited.
    pub(super) fn take(&mut self, case: Case, at: u64) -> Option<(Case, u64)> {
        self.waiting = match self.waiting {
            None => Some((case, 0)),
            Some((slowest, more)) if slowest.took >= case.took => Some((slowest, more + 1)),
            Some((_, more)) => Some((case, more + 1)),
        };
        self.due(at)
    }

    /// The same at a later moment.
    pub(super) fn due(&mut self, at: u64) -> Option<(Case, u64)> {
        if self.told.is_some_and(|told| at.saturating_sub(told) < SECOND) {
            return None;
        }
        self.waiting.take().inspect(|_| self.told = Some(at))
    }

    /// What waits, at the end, when nothing comes any more that it could be told with.
    pub(super) fn rest(&mut self) -> Option<(Case, u64)> {
        self.waiting.take()
    }

    pub(super) fn is_waiting(&self) -> bool {
        self.waiting.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn case(took: u64) -> Case {
        let (trace, at) = (TraceId::from_bytes([1; 16]), Timestamp::from_unix_nanos(0));
        Case { trace, span: SpanId::new(took), at, took, threshold: 1, is_over: true }
    }

    #[test]
    fn the_first_is_told_at_once_and_the_slowest_of_those_behind_it_a_second_later() {
        let mut fold = Fold::default();
        assert_eq!(fold.take(case(5), 10), Some((case(5), 0)));
        for took in [7, 9, 8] {
            assert_eq!(fold.take(case(took), 20), None);
        }
        assert_eq!(fold.due(SECOND + 9), None);
        assert!(fold.is_waiting());
        assert_eq!(fold.due(SECOND + 10), Some((case(9), 2)));
        assert_eq!((fold.due(9 * SECOND), fold.is_waiting()), (None, false), "nothing is told twice");
        assert_eq!(fold.take(case(3), 10 * SECOND), Some((case(3), 0)));
    }

    #[test]
    fn what_comes_when_the_second_is_over_is_told_with_those_that_waited() {
        let mut fold = Fold::default();
        assert_eq!(fold.take(case(5), 0), Some((case(5), 0)));
        assert_eq!(fold.take(case(9), 1), None);
        assert_eq!(fold.take(case(6), 2 * SECOND), Some((case(9), 1)));
    }
}
