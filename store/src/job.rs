//! The traces of a job enter; when something of it ran leaves, when nothing did that is known, and who handed it over
//! to whom.

mod before;

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use tense_event::{SpanId, Timestamp, TraceId};

use crate::handoffs::Handoff;
use crate::idle::IdleKind;
use crate::span::Outcome;
use crate::timing::length;
use crate::{Span, Trace};

/// The key of a job among what a span was done for.
const KEY: &str = "job_id";

/// One job over all its traces, in order of time.
///
/// ```
/// use std::time::Duration;
/// use tense_event::{Event, SpanId, Status, Timestamp, TraceId};
/// use tense_store::Trace;
/// use tense_store::job::Job;
///
/// let run = |number: u8, ended_s: i64| {
///     let id = TraceId::from_bytes([number; 16]);
///     let at = Timestamp::from_unix_nanos(ended_s * 1_000_000_000);
///     let mut event = Event::new(id, SpanId::new(1).unwrap(), "operation.jobs.tried", Status::Success, at);
///     event.duration = Some(Duration::from_secs(1));
///     event.job_id = Some("j1".to_owned());
///     Trace::from_events(id, [event])
/// };
/// let traces = [run(1, 100), run(2, 130)];
/// let job = Job::of("j1", &traces);
/// assert_eq!((job.parts.len(), job.pauses.len()), (2, 1));
/// assert_eq!(job.pauses[0].duration(), Duration::from_secs(29));
/// assert_eq!(job.handoffs, []); // as far as is known both ran in one process
/// ```
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Job<'t> {
    /// Its outermost spans: what is below them was done for the job as well. In the order in which they began.
    pub parts: Vec<Part<'t>>,
    /// When nothing of it ran, from its begin to its end, in order.
    pub pauses: Vec<Pause>,
    /// The ways of the job from one process into another, in the order in which it was taken over: those within a
    /// trace, and those from one trace into another. Of these nothing says who began the later one: it is taken to be
    /// whoever did something for the job last. Of several parts that go on beside each other only those count that are
    /// in another service, or have put something into a queue.
    pub handoffs: Vec<Handoff<'t>>,
}

/// A span of a job that lies below no other one of it.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Part<'t> {
    /// The trace that it belongs to.
    pub trace: &'t Trace,
    /// The span.
    pub span: &'t Span,
    /// Since when something of it or below it is known: its begin, or, where clocks disagree, an earlier one below it.
    pub since: Timestamp,
    /// Until when: its end, a later one below it, or, where it has not ended, the
    /// last thing that is known.
    pub until: Timestamp,
    /// How many calls below it failed for good although it did not fail itself: without the failures below those, and
    /// without those that another attempt made good. None of a part that failed: there they are told as its reason.
    pub failures_inside: usize,
}

/// A time in which nothing of a job ran that is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Pause {
    /// From when on.
    pub from: Timestamp,
    /// Until when.
    pub to: Timestamp,
    /// What it was spent on, as far as the parts around it tell: one of them put something into a queue, failed and was
    /// tried again, or ran in another process.
    pub kind: IdleKind,
}

impl Pause {
    /// How long it was.
    pub const fn duration(&self) -> Duration {
        Duration::from_nanos(self.to.unix_nanos().saturating_sub(self.from.unix_nanos()).unsigned_abs())
    }
}

impl<'t> Job<'t> {
    /// Puts the job together. A span belongs to it when it says so, or when it says nothing and the one above belongs
    /// to it. Linear in the spans, but for sorting the outermost ones; clocks are taken as they are.
    pub fn of(id: &str, traces: &'t [Trace]) -> Self {
        let (mut parts, mut of_job) = (Vec::new(), HashMap::new());
        for trace in traces {
            let is_of_job = spans_of(id, trace);
            parts.extend(outermost(trace, &is_of_job));
            of_job.insert(trace.id(), is_of_job);
        }
        parts.sort_by_key(|part| (part.since, part.trace.id(), part.span.id));
        let before = before::each(&parts, &of_job);

        let mut pauses: Vec<Pause> = Vec::new();
        let mut until: Option<Timestamp> = None;
        for (part, before) in parts.iter().zip(&before) {
            let kind = before.map_or(IdleKind::Unknown, |before| before.kind);
            if let Some(from) = until.filter(|until| *until < part.since) {
                pauses.push(Pause { from, to: part.since, kind });
            } else if let Some(pause) = pauses.last_mut().filter(|pause| pause.to == part.since) {
                // Of several that begin at that moment the one of which most is known.
                pause.kind = pause.kind.min(kind);
            }
            until = until.max(Some(part.until));
        }

        let mut handoffs = handed_on(traces, &of_job);
        let known: HashSet<_> = handoffs.iter().map(|handoff| (handoff.to_trace, handoff.to.id)).collect();
        // Where a trace itself says who called, nothing has to be guessed.
        let guessed = before.iter().filter_map(|before| before.and_then(|before| before.handoff));
        handoffs.extend(guessed.filter(|handoff| !known.contains(&(handoff.to_trace, handoff.to.id))));
        handoffs.sort_by_key(|handoff| (handoff.to.began, handoff.to_trace, handoff.to.id));
        Self { parts, pauses, handoffs }
    }

    /// When it began; none when there is nothing of it.
    pub fn began(&self) -> Option<Timestamp> {
        self.parts.first().map(|part| part.since)
    }

    /// When the last of it that is known ended.
    pub fn ended(&self) -> Option<Timestamp> {
        self.parts.iter().map(|part| part.until).max()
    }

    /// How long after its begin a moment is; nothing for one before it.
    pub fn offset(&self, at: Timestamp) -> Duration {
        self.began().map_or(Duration::ZERO, |began| length(&(began.unix_nanos()..at.unix_nanos())))
    }

    /// The services of its parts and of those that took it over, in the order in which something began there.
    pub fn services(&self) -> Vec<&'t str> {
        let handed = self.handoffs.iter().flat_map(|handoff| [handoff.from, handoff.to]);
        let mut spans: Vec<&'t Span> = self.parts.iter().map(|part| part.span).chain(handed).collect();
        spans.sort_by_key(|span| span.began);
        let mut known = HashSet::new();
        let services = spans.into_iter().map(|span| span.service.as_ref());
        services.filter(|service| !service.is_empty() && known.insert(*service)).collect()
    }

    /// The parts that ended otherwise than well.
    pub fn failures(&self) -> impl Iterator<Item = &Part<'t>> {
        self.parts.iter().filter(|part| part.span.outcome.is_failure())
    }

    /// The parts that did not fail, and in which something did.
    pub fn failed_inside(&self) -> impl Iterator<Item = &Part<'t>> {
        self.parts.iter().filter(|part| part.failures_inside > 0)
    }

    /// The parts of whose end nothing is known.
    pub fn open(&self) -> impl Iterator<Item = &Part<'t>> {
        self.parts.iter().filter(|part| part.span.outcome == Outcome::Open)
    }
}

/// Which spans of a trace belong to a job, by their places.
fn spans_of(id: &str, trace: &Trace) -> Vec<bool> {
    let mut of_job = vec![false; trace.spans().len()];
    // Each before its children.
    for (_, place) in trace.walk_places() {
        let span = &trace.spans()[place as usize];
        let said = span.context.iter().find(|(key, _)| *key == KEY).map(|(_, job)| job == id);
        of_job[place as usize] = said.unwrap_or_else(|| span.above().is_some_and(|above| of_job[above as usize]));
    }
    of_job
}

/// The spans of a job in one trace that lie below no other one of it.
fn outermost<'t>(trace: &'t Trace, of_job: &[bool]) -> Vec<Part<'t>> {
    if !of_job.contains(&true) {
        return Vec::new();
    }
    let is_above = |span: &Span| span.above().is_some_and(|above| of_job[above as usize]);
    // Each after its children; what is below for another job is no part of this one.
    let extent = |span: &Span| (span.began, span.ended.map_or(span.began, |ended| ended.max(span.began)));
    let mut known: Vec<(Timestamp, Timestamp)> = trace.spans().iter().map(extent).collect();
    let failed = failed_for_good(trace);
    let mut failures: Vec<usize> = trace.spans().iter().map(|span| usize::from(failed.contains(&span.id))).collect();
    let all: Vec<u32> = trace.walk_places().map(|(_, place)| place).collect();
    for place in all.iter().rev().map(|place| *place as usize).filter(|place| of_job[*place]) {
        if let Some(parent) = trace.spans()[place].above() {
            let ((since, until), above) = (known[place], &mut known[parent as usize]);
            *above = (above.0.min(since), above.1.max(until));
            failures[parent as usize] += failures[place];
        }
    }
    let part = |place: usize| {
        let ((since, until), span) = (known[place], &trace.spans()[place]);
        let failures_inside = if span.outcome.is_failure() { 0 } else { failures[place] };
        Part { trace, span, since, until, failures_inside }
    };
    (0..of_job.len()).filter(|place| of_job[*place] && !is_above(&trace.spans()[*place])).map(part).collect()
}

/// What failed in a trace for good and is not the reason of what is above it. Most traces have nothing of it, and are
/// not asked for more.
fn failed_for_good(trace: &Trace) -> HashSet<SpanId> {
    if !trace.spans().iter().any(|span| span.outcome.is_failure()) {
        return HashSet::new();
    }
    trace.why().also_failed.iter().map(|span| span.id).collect()
}

/// The hand-offs within each trace that the job took.
fn handed_on<'t>(traces: &'t [Trace], of_job: &HashMap<TraceId, Vec<bool>>) -> Vec<Handoff<'t>> {
    let mut handoffs = Vec::new();
    for trace in traces {
        let Some(of_job) = of_job.get(&trace.id()).filter(|of_job| of_job.contains(&true)) else { continue };
        handoffs.extend(trace.handoffs().into_iter().filter(|handoff| before::is_of(trace, handoff.to, of_job)));
    }
    handoffs
}
