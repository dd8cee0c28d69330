//! Traces enter; their failures leave in groups of a kind: the same error, at the same place, in the same words but for
//! numbers and ids. What failed only because something below it did is told apart from what it all began with.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

use tense_event::{ErrorKind, SpanId, Timestamp, TraceId};

use crate::alike::alike;
use crate::retries::Retries;
use crate::why::Link;
use crate::{Outcome, Span, Trace};

/// Failures of one kind.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ErrorGroup {
    /// What they have in common.
    pub key: ErrorKey,
    /// How many were first causes: nothing that failed below explains them. Those of calls that were made again are
    /// not among them.
    pub causes: u64,
    /// How many failed because of another failure: one below them, or were dropped by one that failed, because its time
    /// was up, or because of one beside them.
    pub cascades: u64,
    /// How many were first causes of a call that was made again right there, with success or in vain.
    pub tried_again: u64,
    /// In how many traces they happened.
    pub traces: u64,
    /// When the first of them ended.
    pub first_seen: Timestamp,
    /// When the last of them ended.
    pub last_seen: Timestamp,
    /// One of them: a first cause where there is one, of these the latest.
    pub example: ErrorExample,
}

/// What failures of one kind have in common.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct ErrorKey {
    /// An error, a panic, or a future that was dropped.
    pub kind: ErrorKind,
    /// The type of the error; may be empty.
    pub error_type: String,
    /// The name of the span that failed.
    pub operation: String,
    /// Where its annotation stands; may be empty.
    pub source: String,
    /// What the error says, without what differs from one time to the next, see [`alike`](fn@crate::alike::alike).
    pub message: String,
}

/// One failure of a group.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ErrorExample {
    /// Its trace.
    pub trace: TraceId,
    /// The span.
    pub span: SpanId,
    /// When it ended.
    pub at: Timestamp,
    /// What its error says.
    pub message: String,
    is_cause: bool,
}

/// What a failure was in its trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Cause,
    Cascade,
    TriedAgain,
}

/// The failures of many traces, in groups of a kind. Each span counts for as many as it stands for.
///
/// ```
/// use tense_event::{ErrorInfo, ErrorKind, Event, SpanId, Status, Timestamp, TraceId};
/// use tense_store::{Trace, errors::Errors};
///
/// let mut errors = Errors::default();
/// for (n, balance) in [(1, 120), (2, 7)] {
///     let id = TraceId::from_bytes([n; 16]);
///     let at = Timestamp::from_unix_nanos(1_795_255_200_000_123_000);
///     let mut failed = Event::new(id, SpanId::new(1).unwrap(), "operation.cards.charge_failed", Status::Failed, at);
///     let mut error = ErrorInfo::new(ErrorKind::Error);
///     error.error_message = format!("balance {balance} < 5000");
///     failed.error = Some(error);
///     errors.add(&Trace::from_events(id, [failed]));
/// }
/// let groups = errors.into_groups();
/// assert_eq!((groups[0].key.message.as_str(), groups[0].causes, groups[0].traces), ("balance # < #", 2, 2));
/// ```
#[derive(Debug, Clone, Default)]
pub struct Errors {
    groups: HashMap<ErrorKey, ErrorGroup>,
}

impl Errors {
    /// Takes the failures of one more trace. Time: *n* log *n* in its spans.
    pub fn add(&mut self, trace: &Trace) {
        self.add_weighing(trace, |span| span.sample_weight.into());
    }

    /// The groups: those with the most first causes come first, then those of the most traces, then the latest.
    pub fn into_groups(self) -> Vec<ErrorGroup> {
        let mut groups: Vec<_> = self.groups.into_values().collect();
        groups.sort_unstable_by(|a, b| {
            let rank = |group: &ErrorGroup| {
                let others = group.cascades.saturating_add(group.tried_again);
                (group.causes, group.traces, others, group.last_seen)
            };
            rank(b).cmp(&rank(a)).then_with(|| a.key.words().cmp(&b.key.words()))
        });
        groups
    }

    fn add_weighing(&mut self, trace: &Trace, weight: impl Fn(&Span) -> u64) {
        // What fails in one trace that stands for three fails in three.
        let mut of_this_trace: HashMap<ErrorKey, u64> = HashMap::new();
        for (span, part) in trace.failures() {
            let key = ErrorKey::of(span);
            let most = of_this_trace.entry(key.clone()).or_default();
            *most = weight(span).max(*most);
            let example = ErrorExample {
                trace: trace.id(),
                span: span.id,
                at: span.ended.unwrap_or(span.began),
                message: span.error_message().to_owned(),
                is_cause: part == Part::Cause,
            };
            match self.groups.entry(key) {
                Entry::Occupied(group) => group.into_mut().add(part, weight(span), example),
                Entry::Vacant(place) => {
                    let nothing = ErrorGroup::nothing(place.key().clone(), &example);
                    place.insert(nothing).add(part, weight(span), example);
                }
            }
        }
        for (key, weight) in of_this_trace {
            if let Some(group) = self.groups.get_mut(&key) {
                group.traces = group.traces.saturating_add(weight);
            }
        }
    }
}

impl ErrorGroup {
    fn nothing(key: ErrorKey, example: &ErrorExample) -> Self {
        let (first_seen, last_seen) = (example.at, example.at);
        Self { key, causes: 0, cascades: 0, tried_again: 0, traces: 0, first_seen, last_seen, example: example.clone() }
    }

    fn add(&mut self, part: Part, weight: u64, example: ErrorExample) {
        let count = match part {
            Part::Cause => &mut self.causes,
            Part::Cascade => &mut self.cascades,
            Part::TriedAgain => &mut self.tried_again,
        };
        *count = count.saturating_add(weight);
        self.first_seen = self.first_seen.min(example.at);
        self.last_seen = self.last_seen.max(example.at);
        if example.rank() > self.example.rank() {
            self.example = example;
        }
    }
}

impl ErrorExample {
    /// Which one is taken does not depend on the order in which they come.
    fn rank(&self) -> (bool, Timestamp, TraceId, SpanId) {
        (self.is_cause, self.at, self.trace, self.span)
    }
}

impl ErrorKey {
    /// What a failed span has in common with others of its kind.
    pub fn of(span: &Span) -> Self {
        Self {
            kind: match span.outcome {
                Outcome::Panicked => ErrorKind::Panic,
                Outcome::Cancelled => ErrorKind::Cancelled,
                _ => ErrorKind::Error,
            },
            error_type: span.error.as_ref().map_or_else(String::new, |error| error.error_type.to_string()),
            operation: span.name.to_string(),
            source: span.source.to_string(),
            message: alike(span.error_message()),
        }
    }

    /// An order for keys that nothing else tells apart.
    fn words(&self) -> [&str; 5] {
        [&self.operation, &self.error_type, &self.message, &self.source, self.kind.as_str()]
    }
}

impl Trace {
    /// The failures of this trace, in groups of a kind. Each span counts once, whatever it stands for.
    ///
    /// Time: *n* log *n* in the spans.
    pub fn errors(&self) -> Vec<ErrorGroup> {
        let mut errors = Errors::default();
        errors.add_weighing(self, |_| 1);
        errors.into_groups()
    }

    /// Every span that failed, without log lines, and what its failure was. What was dropped by somebody who did not
    /// fail has not failed either: it lost a race.
    fn failures(&self) -> Vec<(&Span, Part)> {
        let retries = Retries::of(self);
        let explanations = self.explanations(&retries);
        // What holds for a span holds for what failed below it.
        let mut within_retry: HashSet<SpanId> = HashSet::new();
        let dropped = self.dropped();
        // Of them, those that nobody dropped because of a failure.
        let mut without_failure: HashSet<SpanId> = HashSet::new();
        let mut found = Vec::new();
        for (_, span) in self.walk().filter(|(_, span)| span.outcome.is_failure() && !span.is_log()) {
            let is_dropped = dropped.contains(&span.id);
            let above = self.parent(span).filter(|above| above.outcome.is_failure());
            let is_within_retry =
                retries.tried_again.contains(&span.id) || above.is_some_and(|above| within_retry.contains(&above.id));
            if is_within_retry {
                within_retry.insert(span.id);
            }
            if is_dropped && above.is_none_or(|above| without_failure.contains(&above.id)) {
                without_failure.insert(span.id);
                continue;
            }
            let is_explained = explanations.get(&span.id).is_some_and(|cause| cause.link != Link::Perhaps);
            let part = match () {
                () if is_dropped || is_explained => Part::Cascade,
                () if is_within_retry => Part::TriedAgain,
                () => Part::Cause,
            };
            found.push((span, part));
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{TRACE, action, dropped, failed, id, loan};
    use tense_event::{Event, Status};

    /// Each group as text: operation, message, and how many there are of each part.
    fn groups(events: Vec<Event>) -> Vec<String> {
        let told = |group: &ErrorGroup| {
            let ErrorGroup { key, causes, cascades, tried_again, .. } = group;
            format!("{} {} {causes}/{cascades}/{tried_again}", key.operation, key.message)
        };
        Trace::from_events(TRACE, events).errors().iter().map(told).collect()
    }

    #[test]
    fn the_first_cause_is_counted_and_what_followed_from_it_is_told_apart() {
        let told = groups(loan());
        assert_eq!(told[0], "operation.ledger.debited balance # < # 1/0/0");
        assert_eq!(told.len(), 3, "{told:?}");
        assert!(told[1..].iter().all(|group| group.ends_with(" 0/1/0")), "{told:?}");
    }

    #[test]
    fn attempts_are_one_failure_and_items_are_as_many_as_there_are() {
        let attempts = (2..5).flat_map(|n| {
            let mut attempt = failed(n, 1, "a.ask", n * 10..n * 10 + 5, "timeout");
            attempt.data.insert("attempt", n);
            [attempt, failed(n + 10, n, "a.send", n * 10 + 1..n * 10 + 4, "timeout")]
        });
        let told = groups(attempts.chain([failed(1, 0, "a.run", 0..100, "gave up")]).collect());
        assert_eq!(told, ["a.send timeout 1/0/2", "a.ask timeout 0/3/0", "a.run gave up 0/1/0"]);

        let items = (2..5).map(|n| {
            let mut item = failed(n, 1, "a.item", n * 10..n * 10 + 5, "bad");
            item.data.insert("item", n);
            item
        });
        let told = groups(items.chain([failed(1, 0, "a.run", 0..100, "bad")]).collect());
        assert_eq!(told, ["a.item bad 3/0/0", "a.run bad 0/1/0"]);
    }

    #[test]
    fn what_was_dropped_beside_the_cause_is_no_cause() {
        let events = vec![
            failed(1, 0, "a.run", 0..100, "refused"),
            failed(3, 1, "a.tell", 10..20, "refused"),
            dropped(4, 1, "a.wait", 10..21),
            dropped(5, 4, "a.wait", 11..21),
        ];
        assert_eq!(groups(events), ["a.tell refused 1/0/0", "a.wait  0/2/0", "a.run refused 0/1/0"]);
    }

    #[test]
    fn who_loses_a_race_has_not_failed() {
        let lost = dropped(3, 1, "a.ask", 10..31);
        let mut below = lost.clone();
        (below.span_id, below.parent_span_id) = (id(4), Some(id(3)));
        let race = |status| {
            [
                action(1, 0, "a.run", status, 0..40),
                action(2, 1, "a.ask", Status::Success, 10..30),
                lost.clone(),
                below.clone(),
            ]
        };
        let trace = Trace::from_events(TRACE, race(Status::Success));
        let why = trace.why();
        assert_eq!((why.also_failed.len(), why.cancelled.len(), trace.errors().len()), (0, 1, 0));
        let performance = trace.performance();
        assert_eq!((performance.failed, performance.dropped, performance.operations[0].failed), (0, 2, 0));
        assert_eq!(trace.first_cause(), None);
        // It has if it is what the run ended by.
        let mut ended_by_it = race(Status::Failed);
        ended_by_it[0].error = lost.error.clone();
        let trace = Trace::from_events(TRACE, ended_by_it);
        assert_eq!((trace.performance().failed, trace.performance().dropped), (3, 0));
        assert_eq!(trace.first_cause().map(|span| span.id), Some(id(4)));
    }

    #[test]
    fn a_timeout_is_the_cause_of_what_it_dropped() {
        let events = vec![
            failed(1, 0, "a.run", 0..210, "timed out"),
            failed(2, 1, "a.pack", 5..206, "timed out"),
            dropped(3, 2, "a.wait", 5..206),
            dropped(4, 3, "a.wait", 6..206),
        ];
        assert_eq!(groups(events), ["a.pack timed out 1/0/0", "a.wait  0/2/0", "a.run timed out 0/1/0"]);
    }

    #[test]
    fn each_span_counts_for_as_many_as_it_stands_for() {
        let mut errors = Errors::default();
        for (span, weight) in [(1, 10), (2, 1), (3, 0)] {
            let mut event = failed(span, 0, "a.tell", 10 + span..20 + span, "refused");
            event.data.insert("item", span);
            event.sample_weight = weight;
            errors.add(&Trace::from_events(TRACE, [event]));
        }
        let groups = errors.into_groups();
        assert_eq!((groups.len(), groups[0].causes, groups[0].traces, groups[0].example.span), (1, 11, 11, id(3)));
    }
}
