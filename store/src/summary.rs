//! Which traces are to be listed enters, with what is known about each; what a list shows of them leaves.

use std::time::Duration;

use tense_event::duration_nanos as nanos;
use tense_event::{ErrorKind, Event, SpanId, Status, Timestamp, TraceId};

use crate::{Outcome, Span, Trace};

/// Which traces to list.
///
/// ```
/// let last_failures = tense_store::TraceFilter::newest(20).failed();
/// assert_eq!(last_failures.failures, tense_store::Failures::AtRoot);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TraceFilter {
    /// At most so many.
    pub limit: usize,
    /// In which something has to have failed.
    pub failures: Failures,
    /// Only those that began then or later.
    pub since: Option<Timestamp>,
    /// Only those that began before.
    pub until: Option<Timestamp>,
    /// Only those with an event of the job of that id.
    pub job: Option<String>,
}

impl TraceFilter {
    /// The newest traces, at most so many.
    pub const fn newest(limit: usize) -> Self {
        Self { limit, failures: Failures::Any, since: None, until: None, job: None }
    }

    /// The same, of those that failed.
    #[must_use]
    pub fn failed(self) -> Self {
        Self { failures: Failures::AtRoot, ..self }
    }

    /// The same, of those in which something failed, be it below a root that ended well.
    #[must_use]
    pub fn with_failures(self) -> Self {
        Self { failures: Failures::Anywhere, ..self }
    }

    /// The same, of those that began then or later.
    #[must_use]
    pub fn since(self, since: Timestamp) -> Self {
        Self { since: Some(since), ..self }
    }

    /// The same, of those that began before.
    #[must_use]
    pub fn until(self, until: Timestamp) -> Self {
        Self { until: Some(until), ..self }
    }

    /// The same, of those with an event of that job: a store finds them without looking at others.
    ///
    /// ```
    /// let tries_that_failed = tense_store::TraceFilter::newest(20).of_job("j1").failed();
    /// assert_eq!(tries_that_failed.job.as_deref(), Some("j1"));
    /// ```
    #[must_use]
    pub fn of_job(self, job: impl Into<String>) -> Self {
        Self { job: Some(job.into()), ..self }
    }

    /// Whether a trace may be in the list, as far as its summary tells: of which jobs it is, only its events say.
    pub fn lets_pass(&self, summary: &TraceSummary) -> bool {
        let is_meant = match self.failures {
            Failures::Any => true,
            Failures::AtRoot => summary.status == TraceStatus::Failed,
            Failures::Anywhere => summary.status == TraceStatus::Failed || summary.failed_below,
        };
        is_meant
            && self.since.is_none_or(|since| summary.began >= since)
            && self.until.is_none_or(|until| summary.began < until)
    }
}

/// Whether, and where, something has to have failed in a trace that is listed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Failures {
    /// However it ended.
    #[default]
    Any,
    /// The trace as a whole failed: [`TraceStatus::Failed`].
    AtRoot,
    /// The trace as a whole failed, or something below a root that ended well: [`TraceSummary::failed_below`].
    Anywhere,
}

/// What a list shows of a trace.
///
/// Where no root span is here, because the trace began in a program that writes elsewhere, the spans that this program
/// called directly are taken for its roots.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct TraceSummary {
    /// The trace.
    pub id: TraceId,
    /// When its first span began.
    pub began: Timestamp,
    /// When its last event happened.
    pub ended: Timestamp,
    /// How its root spans ended.
    pub status: TraceStatus,
    /// Whether a span failed below, though no root did. A line of a log is no span, and one that was dropped before it
    /// finished is not counted: it may have lost a race.
    pub failed_below: bool,
    /// The name of the first root span; none when nothing stands for one.
    pub root_name: Option<String>,
    /// How long the first root span took; none when it has not ended.
    pub root_duration: Option<Duration>,
    /// How many events there are.
    pub events: u64,
}

impl TraceSummary {
    /// Of a trace of which no more is known than that it is there. A store fills in the rest.
    ///
    /// ```
    /// use tense_event::{Timestamp, TraceId};
    /// use tense_store::{TraceStatus, TraceSummary};
    ///
    /// let mut summary = TraceSummary::new(TraceId::from_bytes([7; 16]), Timestamp::from_unix_nanos(5));
    /// summary.root_name = Some("dispatch.loan".to_owned());
    /// assert_eq!((summary.status, summary.ended), (TraceStatus::Open, summary.began));
    /// ```
    pub const fn new(id: TraceId, began: Timestamp) -> Self {
        Self {
            id,
            began,
            ended: began,
            status: TraceStatus::Open,
            failed_below: false,
            root_name: None,
            root_duration: None,
            events: 0,
        }
    }

    /// Of these events of one trace, in the order in which they arrived. A store that has all events of a trace at hand
    /// need not know more about summaries; one that keeps them beside the events is held to this one by
    /// [`conformance`](crate::conformance()).
    ///
    /// - It began when its first span did, and ended with its last event.
    /// - Its root is the span without a parent that began first, of several the one with the smallest id; of its events
    ///   the last one that tells of an end counts. It failed where any span without a parent did.
    /// - How long it took is what that end recorded; of one that recorded nothing, what a [`Trace`] tells of that span.
    /// - Where there is none, it takes a [`Trace`] to tell.
    ///
    /// ```
    /// use tense_event::{Event, SpanId, Status, Timestamp, TraceId};
    /// use tense_store::{TraceStatus, TraceSummary};
    ///
    /// let (id, at) = (TraceId::from_bytes([7; 16]), Timestamp::from_unix_nanos(5));
    /// let event = Event::new(id, SpanId::new(1).unwrap(), "dispatch.loan", Status::Success, at);
    /// let summary = TraceSummary::of(id, &[&event]);
    /// assert_eq!((summary.status, summary.root_name.as_deref()), (TraceStatus::Success, Some("dispatch.loan")));
    /// ```
    pub fn of(id: TraceId, events: &[&Event]) -> Self {
        let began = |event: &Event| {
            let took = event.duration.map_or(0, nanos);
            Timestamp::from_unix_nanos(event.timestamp.unix_nanos().saturating_sub(took))
        };
        let at = |moment: Option<Timestamp>| moment.unwrap_or(Timestamp::from_unix_nanos(0));
        let of_roots = || events.iter().copied().filter(|event| event.parent_span_id.is_none());
        let root = of_roots().min_by_key(|event| (began(event), event.span_id)).map(|event| event.span_id);
        let of_root = || of_roots().filter(|event| Some(event.span_id) == root);
        // The start of a life may arrive after its end.
        let last = of_root().rfind(|event| event.status != Status::Pending).or_else(|| of_root().next_back());
        let failed_below = || events.iter().any(|event| is_failed_call(event));
        let status = match last.map(|event| event.status) {
            _ if of_roots().any(|event| event.status == Status::Failed) => TraceStatus::Failed,
            Some(Status::Success) => TraceStatus::Success,
            _ => TraceStatus::Open,
        };
        let mut summary = Self {
            id,
            began: at(events.iter().map(|event| began(event)).min()),
            ended: at(events.iter().map(|event| event.timestamp).max()),
            status,
            failed_below: status != TraceStatus::Failed && failed_below(),
            root_name: last.map(|event| event.span_name.to_string()),
            root_duration: last.and_then(|event| event.duration).map(|took| Duration::from_nanos(nanos(took) as u64)),
            events: events.len() as u64,
        };
        let trace = || Trace::from_events(id, events.iter().copied().cloned());
        match root {
            None => summary.look_at(&trace()),
            Some(root) if summary.is_to_be_timed(last.map(|event| event.status)) => summary.time(&trace(), root),
            Some(_) => {}
        }
        summary
    }

    /// Whether the end of its root, which has that status, has not recorded how long it took, and a begin may tell.
    pub(crate) fn is_to_be_timed(&self, root: Option<Status>) -> bool {
        self.root_duration.is_none() && self.events > 1 && root.is_some_and(|status| status != Status::Pending)
    }

    /// Fills in how long its root took, from its begin to its end.
    pub(crate) fn time(&mut self, trace: &Trace, root: SpanId) {
        self.root_duration = trace.get(root).and_then(|root| root.duration);
    }

    /// Fills in how its root ended, where all that is known is that it did not fail.
    pub(crate) fn look_at_root(&mut self, trace: &Trace, root: SpanId) {
        let Some(root) = trace.get(root) else { return };
        if self.status != TraceStatus::Failed && root.outcome != Outcome::Open {
            self.status = TraceStatus::Success;
        }
        self.root_name = Some(root.name.to_string());
        self.root_duration = root.duration;
    }

    /// Fills in what can only be told of a trace without a root by looking at all of it.
    pub(crate) fn look_at(&mut self, trace: &Trace) {
        let top = || trace.seen_roots();
        let failed = |span: &Span| matches!(span.outcome, Outcome::Failed | Outcome::Panicked) && !span.is_log();
        self.status = match top().next() {
            _ if trace.failed_root().is_some() => TraceStatus::Failed,
            Some(_) if top().all(|root| root.outcome != Outcome::Open) => TraceStatus::Success,
            _ => TraceStatus::Open,
        };
        self.failed_below = self.status != TraceStatus::Failed && trace.spans().iter().any(failed);
        let root = trace.first_root();
        self.root_name = root.map(|root| root.name.to_string());
        self.root_duration = root.and_then(|root| root.duration);
    }
}

/// How a trace ended, by its root spans: those without a parent, or, where there is none, those that another program
/// has called, see [`Trace::failed_root`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TraceStatus {
    /// A root span failed; or, where what stands above all that is here was not seen, one of the outermost spans did.
    Failed,
    /// The first root span ended well, and none failed.
    Success,
    /// No root span has ended, or none is here.
    Open,
}

impl TraceStatus {
    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::Success => "success",
            Self::Open => "open",
        }
    }
}

/// Whether a call failed by itself: a line of a log is no call, and what was dropped may have lost a race.
pub(crate) fn is_failed_call(event: &Event) -> bool {
    let was_dropped = event.error.as_ref().is_some_and(|error| error.kind == ErrorKind::Cancelled);
    event.status == Status::Failed && !was_dropped && !event.span_name.starts_with("log.")
}
