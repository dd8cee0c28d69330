//! The parts of a job enter, in order of time; what was done for it last before each leaves: who handed it over, and
//! what the part has waited for.
//!
//! Nothing in events of one trace says who began another one. So it is taken to be whoever did something for the job
//! last: the part that was over last, or, of those that go on, one in another service, or one that put something into a
//! queue. What other workers of the same service still have in hands has nothing to do with it.

use std::collections::{HashMap, HashSet};

use tense_event::{Timestamp, TraceId};

use super::Part;
use crate::handoffs::Handoff;
use crate::idle::{IdleKind, is_queued, says_back_off};
use crate::{Outcome, Span, Trace};

/// What was done for a job before one of its parts.
#[derive(Debug, Clone, Copy)]
pub(super) struct Before<'t> {
    /// What the time until then was spent on.
    pub(super) kind: IdleKind,
    /// Who handed over, if that was in another process.
    pub(super) handoff: Option<Handoff<'t>>,
}

/// Something that happened for the job.
#[derive(Debug, Clone, Copy)]
struct Mark<'t> {
    at: Timestamp,
    /// The place of its part among all parts.
    part: usize,
    what: What,
    trace: &'t Trace,
    span: &'t Span,
    /// Whether it put something into a queue.
    queues: bool,
}

/// In the order in which they count at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum What {
    /// A part began.
    Began,
    /// Something within a part was over.
    Done,
    /// A part was over, or nothing more is known of it.
    Over,
}

/// Of marks that come in order of time the last one, and the last one of any other service than that.
#[derive(Debug, Default)]
struct Latest<'t> {
    last: Option<Mark<'t>>,
    elsewhere: Option<Mark<'t>>,
}

impl<'t> Latest<'t> {
    fn push(&mut self, mark: Mark<'t>) {
        if mark.span.service.is_empty() {
            return;
        }
        if let Some(last) = self.last.filter(|last| last.span.service != mark.span.service) {
            self.elsewhere = Some(last);
        }
        self.last = Some(mark);
    }

    /// The last one of another service than this.
    fn elsewhere(&self, service: &str) -> Option<Mark<'t>> {
        let other = |mark: &Mark<'t>| !service.is_empty() && mark.span.service != service;
        self.last.filter(other).or(self.elsewhere.filter(other))
    }
}

/// What is known at a moment.
#[derive(Debug, Default)]
struct Known<'t> {
    began: Latest<'t>,
    done: Latest<'t>,
    /// The last part that was over, or the last that was put into a queue.
    free: Option<Mark<'t>>,
    /// The last part that was over of which a machine or a worker is known.
    placed: Option<Mark<'t>>,
    /// Names of parts that failed and did not succeed since.
    failed: HashSet<&'t str>,
}

impl<'t> Known<'t> {
    fn push(&mut self, mark: Mark<'t>) {
        if mark.what == What::Began {
            return self.began.push(mark);
        }
        self.done.push(mark);
        if mark.what == What::Over || mark.queues {
            self.free = Some(mark);
        }
        if mark.what == What::Over && is_placed(mark.span) {
            self.placed = Some(mark);
        }
        match mark.span.outcome {
            _ if mark.what != What::Over => {}
            outcome if outcome.is_failure() => _ = self.failed.insert(&mark.span.name),
            Outcome::Success => _ = self.failed.remove(mark.span.name.as_ref()),
            _ => {}
        }
    }

    fn before(&self, part: &Part<'t>) -> Option<Before<'t>> {
        let done = self.done.elsewhere(&part.span.service).into_iter().chain(self.free);
        let done = done.max_by_key(|mark| (mark.at, mark.part, mark.what));
        let last = done.or_else(|| self.began.elsewhere(&part.span.service))?;
        let from = if last.span.hands_off_to(part.span) {
            Some(last)
        } else {
            // Where nobody knows on which machine that was, such as a server that hands out what others do.
            self.placed.filter(|from| !is_placed(last.span) && from.span.hands_off_to(part.span))
        };
        let kind = if says_back_off(part.span) {
            IdleKind::BackOff
        } else if last.queues {
            IdleKind::Queued
        } else if self.failed.contains(part.span.name.as_ref()) {
            IdleKind::BackOff
        } else if from.is_some() {
            IdleKind::HandedOff
        } else {
            IdleKind::Unknown
        };
        let handoff = from.map(|from| Handoff {
            from_trace: from.trace.id(),
            to_trace: part.trace.id(),
            from: from.span,
            to: part.span,
            since: last.at,
            kind,
        });
        Some(Before { kind, handoff })
    }
}

/// What came before each of the parts, which are in their order; nothing before the first one. `of_job` says which
/// spans of the traces belong to the job. Time: *n* log *n*.
pub(super) fn each<'t>(parts: &[Part<'t>], of_job: &HashMap<TraceId, Vec<bool>>) -> Vec<Option<Before<'t>>> {
    let mut marks = Vec::new();
    for (number, part) in parts.iter().enumerate() {
        if let Some(of_job) = of_job.get(&part.trace.id()) {
            marks.extend(marks_of(number, part, of_job));
        }
    }
    marks.sort_by_key(|mark| (mark.at, mark.part, mark.what));
    let mut marks = marks.into_iter().peekable();
    let mut known = Known::default();
    let before = |(number, part): (usize, &Part<'t>)| {
        while let Some(mark) = marks.next_if(|mark| (mark.at, mark.part) < (part.since, number)) {
            known.push(mark);
        }
        known.before(part)
    };
    parts.iter().enumerate().map(before).collect()
}

/// What happened in a part.
fn marks_of<'t>(number: usize, part: &Part<'t>, of_job: &[bool]) -> Vec<Mark<'t>> {
    let trace = part.trace;
    let mark = |at, what, span, queues| Mark { at, part: number, what, trace, span, queues };
    let mut marks = vec![mark(part.since, What::Began, part.span, false)];
    // What began last, and whether it or something around it put something into a queue.
    let mut last = (part.span.began, is_queued(part.span));
    let mut next = vec![(part.span, false)];
    while let Some((span, queues_above)) = next.pop() {
        let queues = queues_above || is_queued(span);
        if !span.is_log() && last.0 <= span.began {
            last = (span.began, queues);
        }
        if let Some(ended) = span.ended.filter(|_| span.id != part.span.id) {
            marks.push(mark(ended.max(span.began), What::Done, span, queues));
        }
        let below = trace.children(span).rev();
        next.extend(below.filter(|span| is_of(trace, span, of_job)).map(|span| (span, queues)));
    }
    marks.push(mark(part.until, What::Over, part.span, last.1));
    marks
}

pub(super) fn is_of(trace: &Trace, span: &Span, of_job: &[bool]) -> bool {
    trace.place(span).and_then(|place| of_job.get(place)).is_some_and(|is_of_job| *is_of_job)
}

fn is_placed(span: &Span) -> bool {
    ["machine_id", "worker_id"].into_iter().any(|key| !span.context(key).is_empty())
}
