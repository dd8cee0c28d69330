//! A trace enters; its ways from one process into another leave: who handed over to whom, and how long that took.

use std::collections::HashMap;
use std::time::Duration;

use tense_event::{Timestamp, TraceId};

use crate::idle::{IdleKind, Siblings};
use crate::tangle::CLOCK_TOLERANCE;
use crate::timing::length;
use crate::{Outcome, Span, Trace};

/// A span with its parent in another process: in another service, or on another machine or worker. Or, of a
/// [job](crate::job::Job), what was done for it in two traces one after the other.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Handoff<'t> {
    /// The trace that handed over.
    pub from_trace: TraceId,
    /// The trace that took over: the same one, but for jobs.
    pub to_trace: TraceId,
    /// The span that handed over.
    pub from: &'t Span,
    /// The span that took over.
    pub to: &'t Span,
    /// The last that happened to `from`, or right below it on its side, before `to` began. From one trace to another,
    /// the last that happened for the job.
    pub since: Timestamp,
    /// What the time from then on was spent on: waiting in a queue, before another attempt, or for the other process.
    pub kind: IdleKind,
}

impl Handoff<'_> {
    /// How long nothing happened on the one side before it went on at the other: time on the network or in a queue, and
    /// what the one side did meanwhile without recording it. None where [clocks disagree](Self::skew).
    pub fn delay(&self) -> Option<Duration> {
        let extent = self.since.unix_nanos()..self.to.began.unix_nanos();
        self.skew().is_none().then(|| length(&extent))
    }

    /// By how much the clocks of both sides disagree at least, where what was called began before its caller, or
    /// [is ahead](Self::is_ahead). No time is corrected by that.
    pub fn skew(&self) -> Option<Duration> {
        let ends = [self.from, self.to].map(|side| side.ended.unwrap_or(side.began).unix_nanos());
        let differ = match self.is_ahead() {
            true => length(&(ends[0]..ends[1])),
            false => length(&(self.to.began.unix_nanos()..self.from.began.unix_nanos())),
        };
        (!differ.is_zero()).then_some(differ)
    }

    /// Whether what was called failed as its caller did, in no more time, and yet began only when that had failed: the
    /// clock of its process is ahead. What a caller that went well, or was dropped, has begun may well begin later.
    pub fn is_ahead(&self) -> bool {
        self.to.parent_id == Some(self.from.id) && self.from_trace == self.to_trace && self.to.is_ahead_of(self.from)
    }
}

/// All hand-offs from one service to another, or within one from one machine or worker to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Route<'t> {
    /// The service that handed over.
    pub from: &'t str,
    /// The service that took over.
    pub to: &'t str,
    /// How often.
    pub count: usize,
    /// How often the clocks disagreed, so that no delay is known.
    pub skewed: usize,
    /// The delay that half of the others did not exceed; none where none is known.
    pub median: Option<Duration>,
    /// The longest delay.
    pub longest: Option<Duration>,
}

impl Span {
    /// Whether a span below it is in another process, as far as anybody can tell.
    pub(crate) fn hands_off_to(&self, child: &Self) -> bool {
        let differ = |one: &str, other: &str| !one.is_empty() && !other.is_empty() && one != other;
        differ(&self.service, &child.service)
            || ["machine_id", "worker_id"].into_iter().any(|key| differ(self.context(key), child.context(key)))
    }

    /// Whether it is called by the other one, in a process whose clock is ahead of the other's: both failed, and while
    /// it took no longer, it only began when its caller had failed.
    pub(crate) fn is_ahead_of(&self, caller: &Self) -> bool {
        let has_failed = |span: &Self| matches!(span.outcome, Outcome::Failed | Outcome::Panicked);
        let began_after = caller
            .ended
            .is_some_and(|ended| self.began.unix_nanos() > ended.unix_nanos().saturating_add(CLOCK_TOLERANCE));
        began_after
            && has_failed(self)
            && has_failed(caller)
            && self.duration.is_some()
            && self.duration <= caller.duration
            && caller.hands_off_to(self)
    }

    /// Its `job_id`, `worker_id`, `machine_id`, `user_id`, or `correlation_key`; empty where it is not known.
    pub(crate) fn context(&self, key: &str) -> &str {
        self.context.iter().find(|(known, _)| *known == key).map_or("", |(_, value)| value.as_str())
    }
}

impl Trace {
    /// The hand-offs of the trace, in the order in which they were taken over.
    ///
    /// Time: *n* log *n*; no recursion.
    ///
    /// ```
    /// use std::time::Duration;
    /// use tense_event::{Event, SpanId, Status, Timestamp, TraceId};
    /// use tense_store::Trace;
    ///
    /// let id = TraceId::from_bytes([7; 16]);
    /// let call = |span, parent, service: &'static str, ms: std::ops::Range<u64>| {
    ///     let at = Timestamp::from_unix_nanos(1_795_255_200_000_000_000 + ms.end as i64 * 1_000_000);
    ///     let mut event = Event::new(id, SpanId::new(span).unwrap(), "operation.page.served", Status::Success, at);
    ///     event.parent_span_id = SpanId::new(parent);
    ///     event.service = service.into();
    ///     event.duration = Some(Duration::from_millis(ms.end - ms.start));
    ///     event
    /// };
    /// let trace = Trace::from_events(id, [call(1, 0, "web", 0..10), call(2, 1, "shop", 3..9)]);
    /// let [handoff] = trace.handoffs().try_into().unwrap();
    /// assert_eq!((handoff.from.service.as_ref(), handoff.to.service.as_ref()), ("web", "shop"));
    /// assert_eq!(handoff.delay(), Some(Duration::from_millis(3)));
    /// ```
    pub fn handoffs(&self) -> Vec<Handoff<'_>> {
        let mut found = Vec::new();
        let mut known = None;
        for from in self.spans().iter().filter(|span| !span.below.is_empty()) {
            let (there, here): (Vec<&Span>, Vec<&Span>) =
                self.children(from).partition(|child| from.hands_off_to(child));
            if there.is_empty() {
                continue;
            }
            let happened = here.iter().copied().chain([from]);
            let mut moments: Vec<(Timestamp, &Span)> = happened
                .flat_map(|span| [Some(span.began), span.ended].map(|at| Some((at?, span))))
                .flatten()
                .collect();
            moments.sort_by_key(|(at, _)| *at);
            let known = known.get_or_insert_with(|| Siblings::of(self));
            found.extend(there.into_iter().map(|to| {
                let before = moments.partition_point(|(at, _)| *at <= to.began);
                let last = moments[..before].last().filter(|(at, _)| *at >= from.began);
                let (since, last) = last.copied().unwrap_or((from.began, from));
                let kind = self.waited_for(last, to, since, known);
                Handoff { from_trace: self.id(), to_trace: self.id(), from, to, since, kind }
            }));
        }
        found.sort_by_key(|handoff| (handoff.to.began, handoff.to.id));
        found
    }

    /// The services of the trace, in the order in which something began there.
    ///
    /// ```
    /// use tense_event::{Event, SpanId, Status, Timestamp, TraceId};
    /// use tense_store::Trace;
    ///
    /// let id = TraceId::from_bytes([7; 16]);
    /// let at = Timestamp::from_unix_nanos(1);
    /// let mut event = Event::new(id, SpanId::new(1).unwrap(), "page.served", Status::Success, at);
    /// event.service = "web".into();
    /// assert_eq!(Trace::from_events(id, [event]).services(), ["web"]);
    /// ```
    pub fn services(&self) -> Vec<&str> {
        let mut known = std::collections::HashSet::new();
        let services = self.spans().iter().map(|span| span.service.as_ref());
        services.filter(|service| !service.is_empty() && known.insert(*service)).collect()
    }
}

/// Puts the hand-offs between the same two services together, in the order of their first ones.
///
/// ```
/// use tense_event::TraceId;
/// let trace = tense_store::Trace::from_events(TraceId::from_bytes([7; 16]), []);
/// assert_eq!(tense_store::handoffs::routes(&trace.handoffs()), []);
/// ```
pub fn routes<'t>(handoffs: &[Handoff<'t>]) -> Vec<Route<'t>> {
    let mut places: HashMap<(&str, &str), usize> = HashMap::new();
    let mut found: Vec<(Route<'t>, Vec<Duration>)> = Vec::new();
    for handoff in handoffs {
        let (from, to): (&'t str, &'t str) = (&handoff.from.service, &handoff.to.service);
        let place = *places.entry((from, to)).or_insert(found.len());
        if place == found.len() {
            found.push((Route { from, to, count: 0, skewed: 0, median: None, longest: None }, Vec::new()));
        }
        let (route, delays) = &mut found[place];
        route.count += 1;
        route.skewed += usize::from(handoff.skew().is_some());
        delays.extend(handoff.delay());
    }
    let finish = |(route, mut delays): (Route<'t>, Vec<Duration>)| {
        delays.sort_unstable();
        Route {
            median: delays.get(delays.len().saturating_sub(1) / 2).copied(),
            longest: delays.last().copied(),
            ..route
        }
    };
    found.into_iter().map(finish).collect()
}
