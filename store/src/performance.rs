//! A trace enters; what it cost leaves, by operation and by service, and what of that is worth a look: long work, and
//! calls that are made again and again.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};
use std::time::Duration;

use tense_event::SpanId;

use crate::retries::Retries;
use crate::timing::{Stretch, length};
use crate::{Outcome, Span, Trace};

/// So many calls of one operation below one span are called repeated.
const REPEATED: usize = 5;
/// Of a hundred of these calls, so many have to be one after the other.
const IN_A_ROW_PERCENT: usize = 90;
/// Repeated calls are told from this part of the whole on, in percent, also where it is below the threshold: together
/// they are one call that is missing.
const REPEATED_PERCENT: f64 = 10.0;

/// What a trace cost.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Performance<'t> {
    /// The root that was open for longest; none when the trace has no spans.
    pub root: Option<&'t Span>,
    /// For how long it was open.
    pub whole: Duration,
    /// How many spans there are, without log lines.
    pub spans: usize,
    /// How many of them failed or panicked, or were dropped with the whole run.
    pub failed: usize,
    /// How many of them were dropped by somebody who went on, and are no failures.
    pub dropped: usize,
    /// Of how many of them nothing is known of their end.
    pub open: usize,
    /// Failed calls that were made again right there, by the same name: with success or in vain.
    pub retries: usize,
    /// The span that was at work itself for longest.
    pub slowest: Option<Cost<'t>>,
    /// Of each operation, what all its calls cost: the one that everything waited for longest comes first.
    pub operations: Vec<OperationCost<'t>>,
    /// Of each program, what it did: the one that was at work for longest comes first.
    pub services: Vec<ServiceCost<'t>>,
    costs: Vec<Cost<'t>>,
    repeated: Vec<Repeated<'t>>,
}

/// What one span cost.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Cost<'t> {
    /// The span.
    pub span: &'t Span,
    /// How long it was at work itself, see [`Trace::self_times`].
    pub own: Duration,
    /// For how long everything waited for it, see [`Trace::critical_path`].
    pub on_path: Duration,
}

/// What all calls of one name cost.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct OperationCost<'t> {
    /// The name of the spans.
    pub name: &'t str,
    /// How many there are.
    pub calls: usize,
    /// How many of them failed.
    pub failed: usize,
    /// How long they were at work themselves, together.
    pub own: Duration,
    /// For how long everything waited for one of them.
    pub on_path: Duration,
}

/// What all calls in one program cost.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ServiceCost<'t> {
    /// The program; may be empty.
    pub name: &'t str,
    /// How many spans ran there.
    pub calls: usize,
    /// How long they were at work themselves, together.
    pub own: Duration,
    /// For how long everything waited for one of them.
    pub on_path: Duration,
}

/// One operation that was called many times below one span, one call after the other: one call for all might do.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Repeated<'t> {
    /// The span that made the calls.
    pub parent: &'t Span,
    /// What it called.
    pub name: &'t str,
    /// How often.
    pub calls: usize,
    /// How many of the calls were one after the other.
    pub in_a_row: usize,
    /// How long one of them at least was open.
    pub took: Duration,
}

/// What took at least as long as was asked for.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Bottlenecks<'t> {
    /// Spans by themselves, that were at work, or waited for, for so long.
    pub spans: Vec<Cost<'t>>,
    /// Operations, all calls together, for which everything waited, or that were at work, for so long.
    pub operations: Vec<OperationCost<'t>>,
    /// Calls that were made many times. Also those that took a tenth of the whole.
    pub repeated: Vec<Repeated<'t>>,
}

impl Trace {
    /// What the trace cost. Times that have not ended count until the last moment that is known of it.
    ///
    /// The shares of the critical path of the longest root add up to the whole; those of own work do not, since work
    /// goes on side by side.
    ///
    /// Time: *n* log *n* in the spans; no recursion.
    ///
    /// ```
    /// use std::time::Duration;
    /// use tense_event::{Event, SpanId, Status, Timestamp, TraceId};
    /// use tense_store::Trace;
    ///
    /// let id = TraceId::from_bytes([7; 16]);
    /// let call = |span, parent, name, ms: std::ops::Range<u64>| {
    ///     let at = Timestamp::from_unix_nanos(1_795_255_200_000_000_000 + ms.end as i64 * 1_000_000);
    ///     let mut event = Event::new(id, SpanId::new(span).unwrap(), name, Status::Success, at);
    ///     event.parent_span_id = SpanId::new(parent);
    ///     event.duration = Some(Duration::from_millis(ms.end - ms.start));
    ///     event
    /// };
    /// let page = call(100, 0, "operation.page.served", 0..1_000);
    /// let reads = (1..=9).map(|n| call(n, 100, "operation.price.read", n * 100..n * 100 + 90));
    /// let trace = Trace::from_events(id, reads.chain([page]));
    /// let performance = trace.performance();
    /// assert_eq!(performance.operations[0].on_path, Duration::from_millis(9 * 90));
    ///
    /// let bottlenecks = performance.over(Duration::from_millis(100));
    /// assert_eq!((bottlenecks.repeated[0].name, bottlenecks.repeated[0].calls), ("operation.price.read", 9));
    /// ```
    pub fn performance(&self) -> Performance<'_> {
        let root = self.longest_root();
        let path = root.map_or_else(Vec::new, |root| self.critical_path(root));
        let mut costs: Vec<Cost<'_>> = (self.spans().iter().zip(self.self_times()))
            .map(|(span, own)| Cost { span, own, on_path: Duration::ZERO })
            .collect();
        for stretch in &path {
            if let Some(place) = self.place(stretch.span) {
                costs[place].on_path = costs[place].on_path.saturating_add(stretch.duration());
            }
        }
        let dropped = self.dropped();
        let whole = path.iter().map(Stretch::duration).fold(Duration::ZERO, Duration::saturating_add);
        let calls = || costs.iter().filter(|cost| !cost.span.is_log());
        Performance {
            root,
            whole,
            spans: calls().count(),
            failed: calls().filter(|cost| has_failed(cost.span, &dropped)).count(),
            dropped: calls().filter(|cost| dropped.contains(&cost.span.id)).count(),
            open: calls().filter(|cost| cost.span.outcome == Outcome::Open).count(),
            retries: Retries::of(self).tried_again.len(),
            // Of several the one that began first.
            slowest: calls().rev().max_by_key(|cost| cost.own).copied(),
            operations: operations(calls(), &dropped),
            services: services(calls()),
            repeated: self.repeated(),
            costs,
        }
    }

    /// The operations that a span calls one after the other, many times.
    fn repeated(&self) -> Vec<Repeated<'_>> {
        let mut found = Vec::new();
        for parent in self.spans().iter().filter(|span| span.below.len() >= REPEATED) {
            let mut groups: HashMap<&str, Vec<&Span>> = HashMap::new();
            // A call that failed and was made again is a retry.
            for call in self.children(parent).filter(|call| call.outcome == Outcome::Success && call.duration.is_some())
            {
                groups.entry(&call.name).or_default().push(call);
            }
            for (name, calls) in groups.into_iter().filter(|(_, calls)| calls.len() >= REPEATED) {
                let in_a_row = in_a_row(&calls);
                if in_a_row * 100 >= calls.len() * IN_A_ROW_PERCENT {
                    found.push(Repeated { parent, name, calls: calls.len(), in_a_row, took: together(&calls) });
                }
            }
        }
        found.sort_by_key(|repeated| (Reverse(repeated.took), repeated.parent.id, repeated.name));
        found
    }
}

impl<'t> Performance<'t> {
    /// Which part of the whole that is, in percent; 0 where there is no whole.
    pub fn share(&self, part: Duration) -> f64 {
        if self.whole.is_zero() { 0.0 } else { 100.0 * part.as_secs_f64() / self.whole.as_secs_f64() }
    }

    /// What took at least so long.
    pub fn over(&self, least: Duration) -> Bottlenecks<'t> {
        let is_long = |own: Duration, on_path: Duration| own.max(on_path) >= least && !own.max(on_path).is_zero();
        let mut spans: Vec<_> = self.costs.iter().filter(|cost| is_long(cost.own, cost.on_path)).copied().collect();
        spans.sort_by_key(|cost| (Reverse(cost.on_path), Reverse(cost.own), cost.span.id));
        let worth_it = |repeated: &&Repeated<'_>| {
            repeated.took >= least && !repeated.took.is_zero() || self.share(repeated.took) >= REPEATED_PERCENT
        };
        Bottlenecks {
            spans,
            operations: self.operations.iter().filter(|cost| is_long(cost.own, cost.on_path)).cloned().collect(),
            repeated: self.repeated.iter().filter(worth_it).cloned().collect(),
        }
    }
}

fn has_failed(span: &Span, dropped: &HashSet<SpanId>) -> bool {
    span.outcome.is_failure() && !dropped.contains(&span.id)
}

fn operations<'t: 'c, 'c>(
    costs: impl Iterator<Item = &'c Cost<'t>>,
    dropped: &HashSet<SpanId>,
) -> Vec<OperationCost<'t>> {
    let mut known: HashMap<&str, OperationCost<'t>> = HashMap::new();
    for Cost { span, own, on_path } in costs {
        let name: &str = &span.name;
        let nothing = OperationCost { name, calls: 0, failed: 0, own: Duration::ZERO, on_path: Duration::ZERO };
        let operation = known.entry(name).or_insert(nothing);
        operation.calls += 1;
        operation.failed += usize::from(has_failed(span, dropped));
        operation.own = operation.own.saturating_add(*own);
        operation.on_path = operation.on_path.saturating_add(*on_path);
    }
    let mut operations: Vec<_> = known.into_values().collect();
    operations.sort_by_key(|operation| (Reverse(operation.on_path), Reverse(operation.own), operation.name));
    operations
}

fn services<'t: 'c, 'c>(costs: impl Iterator<Item = &'c Cost<'t>>) -> Vec<ServiceCost<'t>> {
    let mut known: HashMap<&str, ServiceCost<'t>> = HashMap::new();
    for Cost { span, own, on_path } in costs {
        let name: &str = &span.service;
        let nothing = ServiceCost { name, calls: 0, own: Duration::ZERO, on_path: Duration::ZERO };
        let service = known.entry(name).or_insert(nothing);
        service.calls += 1;
        service.own = service.own.saturating_add(*own);
        service.on_path = service.on_path.saturating_add(*on_path);
    }
    let mut services: Vec<_> = known.into_values().collect();
    services.sort_by_key(|service| (Reverse(service.own), service.name));
    services
}

/// The most of them of which none began before the one before had ended: whoever takes the one that ends first, again
/// and again, finds as many as there are.
fn in_a_row(calls: &[&Span]) -> usize {
    let mut by_end: Vec<_> = calls.iter().map(|call| (call.ended, call.began)).collect();
    by_end.sort_unstable();
    let (mut found, mut until) = (0, None);
    for (ended, began) in by_end {
        if until <= Some(began) {
            found += 1;
            until = ended.max(Some(began));
        }
    }
    found
}

/// How long one of them at least was open. They are in the order in which they began.
fn together(calls: &[&Span]) -> Duration {
    let (mut sum, mut until) = (Duration::ZERO, i64::MIN);
    for call in calls {
        let ended = call.ended.unwrap_or(call.began).unix_nanos();
        sum = sum.saturating_add(length(&(call.began.unix_nanos().max(until)..ended)));
        until = until.max(ended);
    }
    sum
}
