//! A trace enters; the stretches leave in which nothing ran that is recorded, each with what it was spent on, as far as
//! that can be told.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::time::Duration;

use tense_event::{SpanId, Timestamp};

use crate::retries::Retries;
use crate::tangle::NOWHERE;
use crate::timeline::{Happening, Moment};
use crate::timing::length;
use crate::{Outcome, Span, Trace};

/// Words of an event's action that put something into a queue. Sorted.
const QUEUES: [&str; 20] = [
    "accept",
    "accepted",
    "defer",
    "deferred",
    "delay",
    "delayed",
    "enqueue",
    "enqueued",
    "pending",
    "postpone",
    "postponed",
    "queue",
    "queued",
    "requeue",
    "requeued",
    "reschedule",
    "rescheduled",
    "schedule",
    "scheduled",
    "submitted",
];

/// From one moment to the next nothing ran that is recorded.
///
/// What runs is a span with an end and nothing below it but points and lines of logs. Of one that has some, what it
/// does between them is not recorded; and of one that has not ended, nobody knows how long it ran.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Idle<'t> {
    /// When it begins.
    pub from: Timestamp,
    /// When it ends, later than it begins.
    pub to: Timestamp,
    /// What it was spent on.
    pub kind: IdleKind,
    /// The span that was open meanwhile; of several the one that began last. None between roots.
    pub within: Option<&'t Span>,
    /// What happened last before.
    pub before: &'t Span,
    /// What happened next: for a kind that is known, what was waited for.
    pub after: &'t Span,
}

impl Idle<'_> {
    /// How long it is.
    pub fn duration(&self) -> Duration {
        length(&(self.from.unix_nanos()..self.to.unix_nanos()))
    }
}

/// What a stretch was spent on in which nothing ran.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum IdleKind {
    /// Waiting in a queue: what happened before it, beside it or above it was `queued`, `accepted`, `scheduled` or the
    /// like.
    Queued,
    /// Waiting before another attempt: what follows says so by `attempt` and `backoff_ms`, or a call of the same name
    /// below the same span had failed before.
    BackOff,
    /// Waiting for another process: what follows ran in another service, or on another machine or worker, than the span
    /// above it.
    HandedOff,
    /// Nothing is known.
    Unknown,
}

impl IdleKind {
    /// The words for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::BackOff => "back-off",
            Self::HandedOff => "handed off",
            Self::Unknown => "nothing known",
        }
    }

    /// The same for programs, as answers in JSON have it.
    pub const fn as_key(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::BackOff => "back_off",
            Self::HandedOff => "handed_off",
            Self::Unknown => "unknown",
        }
    }
}

impl Trace {
    /// The stretches of the trace in which nothing ran that is recorded, in the order of time, those that are shorter
    /// left out. Whatever happens ends a stretch, also a line of a log. Not to be taken for [`gaps`](Self::gaps), which
    /// are missing from the trace.
    ///
    /// Time: *n* log *n*; no recursion.
    ///
    /// ```
    /// use std::time::Duration;
    /// use tense_event::{Event, SpanId, Status, Timestamp, TraceId};
    /// use tense_store::{Trace, idle::IdleKind};
    ///
    /// let id = TraceId::from_bytes([7; 16]);
    /// let event = |span, parent, name, status, ms: std::ops::Range<u64>| {
    ///     let at = Timestamp::from_unix_nanos(1_795_255_200_000_000_000 + ms.end as i64 * 1_000_000);
    ///     let mut event = Event::new(id, SpanId::new(span).unwrap(), name, status, at);
    ///     event.parent_span_id = SpanId::new(parent);
    ///     event.duration = (ms.start < ms.end).then(|| Duration::from_millis(ms.end - ms.start));
    ///     event
    /// };
    /// let trace = Trace::from_events(id, [
    ///     event(1, 0, "operation.order.placed", Status::Success, 0..400),
    ///     event(2, 1, "operation.job.queued", Status::Success, 1..1),
    ///     event(3, 1, "operation.job.run", Status::Success, 300..400),
    /// ]);
    /// let [idle] = trace.idle(Duration::from_millis(10)).try_into().unwrap();
    /// assert_eq!((idle.kind, idle.duration()), (IdleKind::Queued, Duration::from_millis(299)));
    /// ```
    pub fn idle(&self, at_least: Duration) -> Vec<Idle<'_>> {
        self.idle_between(&self.timeline(), at_least)
    }

    /// The same, of one span and what is below it, from its begin to its end; what is below and goes on behind its end
    /// does not count there. Of a span that has not ended it is the time until the last moment that is known of what is
    /// below it.
    ///
    /// ```
    /// use std::time::Duration;
    /// use tense_event::{Event, SpanId, Status, Timestamp, TraceId};
    /// use tense_store::Trace;
    ///
    /// let id = TraceId::from_bytes([7; 16]);
    /// let at = Timestamp::from_unix_nanos(1_795_255_200_000_123_000);
    /// let mut event = Event::new(id, SpanId::new(1).unwrap(), "operation.tokens.created", Status::Success, at);
    /// event.duration = Some(Duration::from_millis(3));
    /// let trace = Trace::from_events(id, [event]);
    /// assert_eq!(trace.idle_within(&trace.spans()[0], Duration::ZERO), []); // it is at work itself
    /// ```
    pub fn idle_within(&self, span: &Span, at_least: Duration) -> Vec<Idle<'_>> {
        let Some((place, number)) = self.place(span).and_then(|at| Some((at, u32::try_from(at).ok()?))) else {
            return Vec::new();
        };
        let time = self.extent(place, self.last_moment());
        self.idle_between(&self.moments(self.walk_below(number), time, 0), at_least)
    }

    /// The stretches between those moments, which are in their order.
    pub(crate) fn idle_between<'t>(&'t self, moments: &[Moment<'t>], at_least: Duration) -> Vec<Idle<'t>> {
        let mut found: Vec<Idle<'_>> = Vec::new();
        let calls = self.that_call();
        let mut known = None;
        let mut running = 0_usize;
        let mut open = BTreeSet::new();
        for (at, moment) in moments.iter().enumerate() {
            let is_running = moment.span.ended.is_some() && !calls[moment.place as usize];
            match moment.what {
                Happening::Began if is_running => running += 1,
                Happening::Ended if is_running => running = running.saturating_sub(1),
                Happening::Began => _ = open.insert(moment.place),
                Happening::Ended => _ = open.remove(&moment.place),
                Happening::Happened => {}
            }
            let Some(next) = moments.get(at + 1).filter(|next| running == 0 && next.at > moment.at) else { continue };
            let extent = moment.at.unix_nanos()..next.at.unix_nanos();
            if length(&extent) < at_least {
                continue;
            }
            let known = known.get_or_insert_with(|| Siblings::of(self));
            let begin = moments[at + 1..].iter().take_while(|later| later.at == next.at);
            let begin = begin.filter(|later| later.what != Happening::Ended);
            let kinds = begin.map(|later| (self.waited_for(moment.span, later.span, moment.at, known), later.span));
            let told = kinds.min_by_key(|(kind, _)| *kind).filter(|(kind, _)| *kind != IdleKind::Unknown);
            let (kind, after) = told.unwrap_or((IdleKind::Unknown, next.span));
            let within = open.last().map(|place| &self.spans()[*place as usize]);
            found.push(Idle { from: moment.at, to: next.at, kind, within, before: moment.span, after });
        }
        found
    }

    /// Whether there is anything but points below a span, by their places.
    fn that_call(&self) -> Vec<bool> {
        let mut calls = vec![false; self.spans().len()];
        for span in self.spans().iter().filter(|span| !span.is_point()) {
            let mut above = span.above();
            // Where one is known to call, all above it are.
            while let Some(place) = above.filter(|place| !calls[*place as usize]) {
                calls[place as usize] = true;
                above = self.spans()[place as usize].above();
            }
        }
        calls
    }

    /// What a span has waited for since then, when something happened to the one before.
    pub(crate) fn waited_for(&self, before: &Span, span: &Span, since: Timestamp, known: &Siblings) -> IdleKind {
        let since = since.unix_nanos();
        let place = self.place(span).and_then(|place| u32::try_from(place).ok()).unwrap_or(NOWHERE);
        // Where clocks disagree, it may begin before what it is below.
        let above = self.parent(span).filter(|above| above.began.unix_nanos() <= since);
        let beside = known.previous.get(place as usize).and_then(|place| self.spans().get(*place as usize));
        let beside = beside.filter(|span| span.ended.is_some_and(|ended| ended.unix_nanos() <= since));
        if says_back_off(span) {
            IdleKind::BackOff
        } else if [Some(before), above, beside].into_iter().flatten().any(is_queued) {
            IdleKind::Queued
        } else if known.failed_before.get(&place).is_some_and(|failed| *failed <= since) {
            IdleKind::BackOff
        } else if above.is_some_and(|above| above.hands_off_to(span)) {
            IdleKind::HandedOff
        } else {
            IdleKind::Unknown
        }
    }
}

/// Whether it says itself that it is a later attempt, and that it was waited for.
pub(crate) fn says_back_off(span: &Span) -> bool {
    let says = |field: &str, more_than| span.data.get(field).and_then(serde_json::Value::as_u64) > Some(more_than);
    says("attempt", 1) && says("backoff_ms", 0)
}

/// Whether it put something into a queue, as far as its name says.
pub(crate) fn is_queued(span: &Span) -> bool {
    let (_, action) = span.name.rsplit_once('.').unwrap_or(("", &span.name));
    !span.outcome.is_failure() && action.split('_').any(|word| QUEUES.binary_search(&word).is_ok())
}

/// What is known of spans by those that stand beside them, by their places.
pub(crate) struct Siblings {
    /// The one that began before it, lines of logs left out.
    previous: Vec<u32>,
    /// Of a call that was made again, when the first of its name had failed, where none has succeeded since.
    failed_before: HashMap<u32, i64>,
}

impl Siblings {
    pub(crate) fn of(trace: &Trace) -> Self {
        let mut known = Self { previous: vec![NOWHERE; trace.spans().len()], failed_before: HashMap::new() };
        let Retries { again, .. } = Retries::of(trace);
        known.among(trace, trace.root_places(), &again);
        for span in trace.spans().iter().filter(|span| span.below.len() > 1) {
            known.among(trace, trace.below(span), &again);
        }
        known
    }

    /// They come in the order in which they began.
    fn among(&mut self, trace: &Trace, siblings: &[u32], again: &HashSet<SpanId>) {
        let mut previous = None;
        let mut failed: HashMap<&str, i64> = HashMap::new();
        for place in siblings {
            let span = &trace.spans()[*place as usize];
            if span.is_log() {
                continue;
            }
            self.previous[*place as usize] = previous.replace(*place).unwrap_or(NOWHERE);
            let earlier = failed.get(span.name.as_ref()).copied().filter(|ended| *ended <= span.began.unix_nanos());
            let is_again = again.contains(&span.id);
            self.failed_before.extend(earlier.filter(|_| is_again).map(|ended| (*place, ended)));
            match (span.outcome, span.ended) {
                (outcome, Some(ended)) if outcome.is_failure() => {
                    let first = failed.entry(&span.name).or_insert(i64::MAX);
                    *first = ended.unix_nanos().min(*first);
                }
                // What ran beside it was no earlier try.
                (Outcome::Success, _) if earlier.is_some() => _ = failed.remove(span.name.as_ref()),
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{TRACE, action, event, id};
    use tense_event::{Event, Status};

    fn check(events: impl IntoIterator<Item = Event>, expected: &[(u64, IdleKind)]) {
        let trace = Trace::from_events(TRACE, events);
        let idle = trace.idle(Duration::from_millis(10));
        let told: Vec<_> = idle.iter().map(|idle| (idle.duration().as_millis() as u64, idle.kind)).collect();
        assert_eq!(told, expected);
    }

    #[test]
    fn words_are_sorted() {
        assert!(QUEUES.is_sorted());
    }

    #[test]
    fn an_attempt_says_itself_that_it_was_waited_for() {
        let mut again = action(3, 1, "a.ask.attempt", Status::Success, 150..160);
        again.data.insert("attempt", 2);
        again.data.insert("backoff_ms", 100);
        let first = action(2, 1, "a.ask.attempt", Status::Success, 0..50);
        check([action(1, 0, "a.ask", Status::Success, 0..160), first, again], &[(100, IdleKind::BackOff)]);
    }

    #[test]
    fn a_call_that_is_made_again_was_waited_for_until_one_succeeded() {
        let ask = |span, order: u64, status, ms| {
            let mut event = action(span, 1, "a.ask", status, ms);
            event.data.insert("order", order);
            event
        };
        let events = [
            action(1, 0, "a.run", Status::Success, 0..500),
            ask(2, 7, Status::Failed, 0..50),
            ask(3, 7, Status::Failed, 100..150),
            ask(4, 7, Status::Success, 200..250),
            ask(5, 8, Status::Success, 300..500),
        ];
        check(events, &[(50, IdleKind::BackOff), (50, IdleKind::BackOff), (50, IdleKind::Unknown)]);
    }

    #[test]
    fn a_loop_that_goes_on_after_a_failure_does_not_wait_for_it() {
        let store = |span, status, ms| action(span, 1, "a.store", status, ms);
        let events = [
            action(1, 0, "a.run", Status::Success, 0..150),
            store(2, Status::Success, 0..50),
            store(3, Status::Failed, 50..100),
            store(4, Status::Success, 120..150),
        ];
        check(events, &[(20, IdleKind::Unknown)]);
    }

    #[test]
    fn what_was_queued_is_waited_for_whether_it_stands_beside_or_above_and_across_lines_of_a_log() {
        let line = |span, ms| {
            let mut line = event(span, "log.info", Status::Success, ms);
            line.parent_span_id = Some(id(1));
            line
        };
        let root = || action(1, 0, "a.order", Status::Success, 0..300);
        let queued = |parent| {
            let mut queued = event(2, "a.job.put_queued", Status::Success, 1);
            queued.parent_span_id = Some(id(parent));
            queued
        };
        let beside = [root(), queued(1), line(3, 2), action(4, 1, "a.job.run", Status::Success, 200..300)];
        check(beside, &[(198, IdleKind::Queued)]);
        let above = [root(), queued(1), line(3, 2), action(4, 2, "a.job.run", Status::Success, 200..300)];
        check(above, &[(198, IdleKind::Queued)]);
        // What could not be put there does not wait there.
        let mut refused = queued(1);
        refused.status = Status::Failed;
        check([root(), refused, action(4, 1, "a.job.run", Status::Success, 200..300)], &[(199, IdleKind::Unknown)]);
    }

    #[test]
    fn another_service_is_waited_for_until_it_begins() {
        let mut there =
            [action(2, 1, "a.page", Status::Success, 100..200), action(3, 2, "a.look", Status::Success, 180..200)];
        for event in &mut there {
            event.service = "shop".into();
        }
        let mut here = action(1, 0, "a.ask", Status::Success, 0..210);
        here.service = "web".into();
        let [page, look] = there;
        check([here, page, look], &[(100, IdleKind::HandedOff), (80, IdleKind::Unknown), (10, IdleKind::Unknown)]);
    }

    #[test]
    fn what_was_open_meanwhile_is_named() {
        let trace = Trace::from_events(TRACE, crate::fixture::loan());
        let longest = trace.idle(Duration::from_secs(1));
        let [idle] = longest.as_slice() else { panic!("{longest:?}") };
        assert_eq!(idle.within.map(|span| span.id), Some(id(5)));
        assert_eq!((idle.before.id, idle.after.id), (id(5), id(6)));
        // Within what took this long it is the same, and nothing else.
        assert_eq!(trace.idle_within(&trace.spans()[0], Duration::from_secs(1)), longest);
        assert_eq!(trace.idle_within(trace.get(id(3)).unwrap(), Duration::from_millis(10)).len(), 1);
    }

    #[test]
    fn nobody_knows_whether_what_has_not_ended_still_runs() {
        let mut lost = event(2, "a.step.start", Status::Pending, 10);
        lost.span_name = "a.step".into();
        lost.parent_span_id = Some(id(1));
        let events =
            [action(1, 0, "a.run", Status::Success, 0..300), lost, action(3, 1, "a.rest", Status::Success, 250..300)];
        let trace = Trace::from_events(TRACE, events);
        let idle = trace.idle(Duration::from_millis(100));
        assert_eq!(idle.iter().map(|idle| idle.within.map(|span| span.id)).collect::<Vec<_>>(), [Some(id(2))]);
    }
}
