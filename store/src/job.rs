//! The traces of a job enter; when something of it ran, and when nothing did that is known, leaves.

use std::time::Duration;

use tense_event::Timestamp;

use crate::span::Outcome;
use crate::{Span, Trace};

/// The key of a job among what a span was done for.
const KEY: &str = "job_id";

/// One job over all its traces, in order of time.
///
/// ```
/// use std::time::Duration;
/// use tense_event::{Event, SpanId, Status, Timestamp, TraceId};
/// use tense_store::{Job, Trace};
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
/// ```
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Job<'t> {
    /// Its outermost spans: what is below them was done for the job as well. In the order in which they began.
    pub parts: Vec<Part<'t>>,
    /// When nothing of it ran, from its begin to its end, in order.
    pub pauses: Vec<Pause>,
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
}

/// A time in which nothing of a job ran that is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Pause {
    /// From when on.
    pub from: Timestamp,
    /// Until when.
    pub to: Timestamp,
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
        let mut parts: Vec<Part<'t>> = traces.iter().flat_map(|trace| outermost(id, trace)).collect();
        parts.sort_by_key(|part| (part.since, part.trace.id(), part.span.id));
        let mut pauses = Vec::new();
        let mut until: Option<Timestamp> = None;
        for part in &parts {
            if let Some(from) = until.filter(|until| *until < part.since) {
                pauses.push(Pause { from, to: part.since });
            }
            until = until.max(Some(part.until));
        }
        Self { parts, pauses }
    }

    /// When it began; none when there is nothing of it.
    pub fn began(&self) -> Option<Timestamp> {
        self.parts.first().map(|part| part.since)
    }

    /// When the last of it that is known ended.
    pub fn ended(&self) -> Option<Timestamp> {
        self.parts.iter().map(|part| part.until).max()
    }

    /// The parts that ended otherwise than well.
    pub fn failures(&self) -> impl Iterator<Item = &Part<'t>> {
        self.parts.iter().filter(|part| part.span.outcome.is_failure())
    }

    /// The parts of whose end nothing is known.
    pub fn open(&self) -> impl Iterator<Item = &Part<'t>> {
        self.parts.iter().filter(|part| part.span.outcome == Outcome::Open)
    }
}

/// The spans of a job in one trace that lie below no other one of it.
fn outermost<'t>(id: &str, trace: &'t Trace) -> Vec<Part<'t>> {
    let place = |span: &Span| trace.place(span.id).unwrap_or(0);
    let mut of_job = vec![false; trace.spans().len()];
    let mut found = Vec::new();
    // Each before its children.
    let all: Vec<&'t Span> = trace.walk().map(|(_, span)| span).collect();
    for span in &all {
        let above = trace.parent(span).is_some_and(|parent| of_job[place(parent)]);
        let said = span.context.iter().find(|(key, _)| *key == KEY).map(|(_, job)| job == id);
        let is_of_job = said.unwrap_or(above);
        of_job[place(span)] = is_of_job;
        if is_of_job && !above {
            found.push(*span);
        }
    }
    if found.is_empty() {
        return Vec::new();
    }
    // Each after its children; what is below for another job is no part of this one.
    let extent = |span: &Span| (span.began, span.ended.map_or(span.began, |ended| ended.max(span.began)));
    let mut known: Vec<(Timestamp, Timestamp)> = trace.spans().iter().map(extent).collect();
    for span in all.iter().rev() {
        if let Some(parent) = trace.parent(span).filter(|_| of_job[place(span)]) {
            let ((since, until), above) = (known[place(span)], &mut known[place(parent)]);
            *above = (above.0.min(since), above.1.max(until));
        }
    }
    let part = |span: &'t Span| {
        let (since, until) = known[place(span)];
        Part { trace, span, since, until }
    };
    found.into_iter().map(part).collect()
}
