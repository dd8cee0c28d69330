//! One span of a trace: what its events say together.

mod context;
mod extras;

use std::borrow::Cow;
use std::mem::{replace, take};
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use tense_event::{ErrorInfo, ErrorKind, Event, Fields, Level, SpanId, Status, Timestamp, UNSAMPLED};

pub use context::Context;
pub(crate) use context::Contexts;
use extras::Extras;

use crate::tangle::NOWHERE;

/// A span, merged from the events that it sent: its start, a report that it was still open, its end.
///
/// Its neighbours are asked of the [`crate::Trace`] that it belongs to. Two are equal when the same is known of them,
/// whatever else is in their traces.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Span {
    /// Its id.
    pub id: SpanId,
    /// The id of the span above, whether that one is here or not.
    pub parent_id: Option<SpanId>,
    /// Its declared name: the same whether it failed or not.
    pub name: Cow<'static, str>,
    /// What happened at its end, or, as long as it has not ended, at its start.
    pub event_type: Cow<'static, str>,
    /// When it began.
    pub began: Timestamp,
    /// When it ended.
    pub ended: Option<Timestamp>,
    /// How long it took; none for a point event, and for a span that has not ended.
    ///
    /// It is what its end recorded, by a clock that nobody sets, or else the distance of its two moments. Where these
    /// are further or less far apart than was recorded, by both 2 ms and a thousandth, a clock was set in between, or
    /// two clocks have told them, and the duration holds: the span has ended when its end says, or so long after its
    /// begin where that is later, and began so long before. [`Gaps::durations`](crate::Gaps::durations) lists it.
    pub duration: Option<Duration>,
    /// How it ended.
    pub outcome: Outcome,
    /// How much it matters.
    pub level: Level,
    /// What it recorded, at its start and at its end; for a name in both the end holds.
    pub data: Fields,
    /// `job_id`, `worker_id`, `machine_id`, `user_id`, `correlation_key`: those that are known. Spans in which they are
    /// the same share them.
    pub context: Context,
    /// Why it failed.
    pub error: Option<Box<ErrorInfo>>,
    /// The program that it ran in.
    pub service: Cow<'static, str>,
    /// Where its annotation stands.
    pub source: Cow<'static, str>,
    /// How many spans this one stands for; 0 where it is there for the sake of another one.
    pub sample_weight: u32,
    /// What few spans have: a trace may have a million of them, and without it they are a quarter smaller.
    extras: Option<Box<Extras>>,
    /// Places in the trace's list, filled in by it: its own, that of the span above, [`NOWHERE`] for a root, and where
    /// in the list of children those right below it are.
    pub(crate) place: u32,
    pub(crate) above: u32,
    pub(crate) below: Range<u32>,
    /// Whether there is a field `stages`: every question about pipelines begins with it, and few spans have one.
    has_stages: bool,
}

impl PartialEq for Span {
    fn eq(&self, other: &Self) -> bool {
        // Where it stands in the lists of its trace changes when more arrives.
        let Self {
            id,
            parent_id,
            name,
            event_type,
            began,
            ended,
            duration,
            outcome,
            level,
            data,
            context,
            error,
            service,
            source,
            sample_weight,
            extras,
            place: _,
            above: _,
            below: _,
            // Follows from the data.
            has_stages: _,
        } = self;
        *id == other.id
            && *parent_id == other.parent_id
            && *name == other.name
            && *event_type == other.event_type
            && *began == other.began
            && *ended == other.ended
            && *duration == other.duration
            && *outcome == other.outcome
            && *level == other.level
            && *data == other.data
            && *context == other.context
            && *error == other.error
            && *service == other.service
            && *source == other.source
            && *sample_weight == other.sample_weight
            && *extras == other.extras
    }
}

/// What the moments of a span and its duration may differ by in nanoseconds, however short it was: all three may have
/// been rounded to milliseconds. Of a longer one, a thousandth.
const TOLERANCE: u64 = 2_000_000;

/// Which part of a span an event tells, in the order in which what they say counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Part {
    /// That it was still open.
    Report,
    /// Its begin.
    Start,
    /// Its end, or all of it.
    End,
}

/// How a span ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// Nothing is known of its end.
    Open,
    /// It did what it was asked to.
    Success,
    /// It returned an error, or said itself that it failed.
    Failed,
    /// It panicked.
    Panicked,
    /// It was dropped before it finished.
    Cancelled,
}

impl Outcome {
    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Success => "success",
            Self::Failed => "failed",
            Self::Panicked => "panicked",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether it ended otherwise than well.
    pub const fn is_failure(self) -> bool {
        matches!(self, Self::Failed | Self::Panicked | Self::Cancelled)
    }
}

impl Span {
    /// What to call it: the name of a life (`dispatch.funding`), what happened in an action
    /// (`operation.tokens.create_failed`).
    pub fn label(&self) -> &str {
        match self.event_type.strip_prefix(self.name.as_ref()) {
            Some(word) if word.starts_with('.') => &self.name,
            _ => &self.event_type,
        }
    }

    /// Whether it happened at one moment: a point event or a log line.
    pub fn is_point(&self) -> bool {
        self.outcome != Outcome::Open && self.duration.is_none()
    }

    /// Whether it is a line of a log: `log.info`.
    pub fn is_log(&self) -> bool {
        self.name.starts_with("log.")
    }

    /// Whether it undoes another span.
    pub fn is_compensation(&self) -> bool {
        self.tags().iter().any(|tag| tag == "compensation")
    }

    /// Whether it was kept though its trace is not sampled: it failed, or was slow, or is above such a span, and what
    /// stood beside it may be gone.
    pub fn is_unsampled(&self) -> bool {
        self.tags().iter().any(|tag| tag == UNSAMPLED)
    }

    /// Words that group spans across names.
    pub fn tags(&self) -> &[Cow<'static, str>] {
        self.extras.as_ref().map_or(&[], |extras| &extras.tags)
    }

    /// The keys whose values were shortened or left out.
    pub fn cut(&self) -> &[String] {
        self.extras.as_ref().map_or(&[], |extras| &extras.cut)
    }

    /// Fields that were declared as always there and are not.
    pub fn absent(&self) -> &[Cow<'static, str>] {
        self.extras.as_ref().map_or(&[], |extras| &extras.absent)
    }

    /// Spans and moments below that were left out because there were too many.
    pub fn left_out(&self) -> u64 {
        self.extras.as_ref().map_or(0, |extras| extras.left_out)
    }

    /// The place of the span above, in the trace's list.
    pub(crate) fn above(&self) -> Option<u32> {
        Some(self.above).filter(|place| *place != NOWHERE)
    }

    /// What the error says; empty when it says nothing or there is none.
    pub(crate) fn error_message(&self) -> &str {
        self.error.as_ref().map_or("", |error| &error.error_message)
    }

    /// What one event tells. Until all that tell of it are [put together](Self::join), `ended` is the event's moment.
    pub(crate) fn of(mut event: Event, contexts: &mut Contexts) -> Self {
        let context = contexts.of(&mut event);
        Self::taken(&mut event, context)
    }

    /// The same of an event whose context is known. It is emptied, and may be filled again.
    pub(crate) fn taken(event: &mut Event, context: Context) -> Self {
        let outcome = match (event.status, &event.error) {
            (Status::Pending, _) => Outcome::Open,
            (Status::Success, _) => Outcome::Success,
            (Status::Failed, Some(error)) if error.kind == ErrorKind::Panic => Outcome::Panicked,
            (Status::Failed, Some(error)) if error.kind == ErrorKind::Cancelled => Outcome::Cancelled,
            (Status::Failed, _) => Outcome::Failed,
        };
        let mut span = Self {
            id: event.span_id,
            parent_id: event.parent_span_id,
            name: take(&mut event.span_name),
            event_type: take(&mut event.event_type),
            began: event.timestamp,
            ended: Some(event.timestamp),
            duration: event.duration,
            outcome,
            level: event.level,
            has_stages: has_stages(&event.data),
            data: take(&mut event.data),
            context,
            error: event.error.take().map(Box::new),
            service: take(&mut event.service),
            source: take(&mut event.source),
            sample_weight: event.sample_weight,
            extras: Extras::taken(event),
            place: 0,
            above: NOWHERE,
            below: 0..0,
        };
        if span.part() != Part::Start {
            let nanos = span.duration.map_or(0, crate::sqlite::columns::nanos);
            span.began = Timestamp::from_unix_nanos(event.timestamp.unix_nanos().saturating_sub(nanos));
        }
        span
    }

    /// Takes the span out of a list, and leaves one without anything in its place.
    pub(crate) fn take_out(&mut self) -> Self {
        let nothing = Self {
            id: self.id,
            parent_id: None,
            name: Cow::Borrowed(""),
            event_type: Cow::Borrowed(""),
            began: self.began,
            ended: None,
            duration: None,
            outcome: Outcome::Open,
            level: self.level,
            data: Fields::new(),
            context: Arc::clone(&self.context),
            error: None,
            service: Cow::Borrowed(""),
            source: Cow::Borrowed(""),
            sample_weight: 0,
            extras: None,
            place: NOWHERE,
            above: NOWHERE,
            below: 0..0,
            has_stages: false,
        };
        replace(self, nothing)
    }

    /// Whether it was not [taken out](Self::take_out).
    pub(crate) const fn is_here(&self) -> bool {
        self.place != NOWHERE
    }

    /// Whether it has a field `stages`, which makes it a pipeline.
    pub(crate) const fn has_stages(&self) -> bool {
        self.has_stages
    }

    /// Which part the one event tells.
    pub(crate) fn part(&self) -> Part {
        match self.outcome {
            Outcome::Open if self.event_type == self.name => Part::Report,
            Outcome::Open => Part::Start,
            _ => Part::End,
        }
    }

    /// Makes a span of what its events tell, one of each part at most. Later parts override: the report says what the
    /// start said, the end knows most.
    ///
    /// What they say must still be [settled](Self::settle).
    pub(crate) fn join(parts: [Option<Self>; 3]) -> Option<Self> {
        let [report, start, end] = &parts;
        // Whoever reports that a span is open says for how long, or its end will; from elsewhere may come a begin that
        // has no name of its own, and then nothing else says when the span began.
        let is_begin =
            |report: &&Self| report.duration.is_none() && end.as_ref().is_none_or(|end| end.duration.is_none());
        let began = start.as_ref().or_else(|| report.as_ref().filter(is_begin)).map(|start| start.began);
        let mut parts = parts.into_iter().flatten();
        let mut span = parts.next()?;
        for later in parts {
            span.override_with(later);
        }
        if let Some(began) = began {
            span.began = began;
            if let (Some(ended), None) = (span.ended, span.duration) {
                let nanos = ended.unix_nanos().saturating_sub(began.unix_nanos());
                span.duration = Some(crate::sqlite::columns::duration(nanos));
            }
        }
        Some(span)
    }

    /// Of a span whose end is not known, nothing says when it ended; of one whose duration contradicts its two moments,
    /// the duration holds, and one of them is moved. Says whether it was.
    pub(crate) fn settle(&mut self) -> bool {
        if self.outcome == Outcome::Open {
            self.ended = None;
            self.duration = None;
        }
        let (Some(ended), Some(duration)) = (self.ended, self.duration) else { return false };
        let (began, ended, took) =
            (self.began.unix_nanos(), ended.unix_nanos(), crate::sqlite::columns::nanos(duration));
        // Where the end is before the begin, and nothing was recorded, that is said of the clocks.
        let apart = ended.saturating_sub(began).max(0);
        if apart.abs_diff(took) <= TOLERANCE.max(apart.max(took).unsigned_abs() / 1_000) {
            return false;
        }
        // What failed last before the end is looked for as its cause: so the end is not moved to before that.
        let ended = ended.max(began.saturating_add(took));
        self.ended = Some(Timestamp::from_unix_nanos(ended));
        self.began = Timestamp::from_unix_nanos(ended.saturating_sub(took));
        true
    }

    /// What a later event of the same span says holds; what it leaves out stays.
    fn override_with(&mut self, later: Self) {
        let earlier = replace(self, later);
        self.parent_id = self.parent_id.or(earlier.parent_id);
        let said_later = replace(&mut self.data, earlier.data);
        for (name, value) in said_later {
            self.data.insert(name, value);
        }
        self.has_stages |= earlier.has_stages;
        let is_new = |(known, _): &&(&'static str, String)| !self.context.iter().any(|(key, _)| key == known);
        if earlier.context.iter().any(|one| is_new(&one)) {
            self.context = self.context.iter().chain(earlier.context.iter().filter(is_new)).cloned().collect();
        }
        Extras::join(&mut self.extras, earlier.extras);
        self.error = self.error.take().or(earlier.error);
        if self.service.is_empty() {
            self.service = earlier.service;
        }
        if self.source.is_empty() {
            self.source = earlier.source;
        }
    }
}

fn has_stages(data: &Fields) -> bool {
    data.get("stages").is_some()
}
