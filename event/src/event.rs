//! The event of schema 1: every key that a reader may ever meet has its place here.

use std::borrow::Cow;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{Fields, SpanId, Timestamp, TraceId, time::duration_ms};

/// The version that this crate writes.
pub const SCHEMA_VERSION: u32 = 1;

/// The word in [`Event::tags`] of what is kept of a trace that is not sampled: it failed, or was slow, or is above such
/// a span, and of what stood beside it nothing may be left. An author's own tag of this name is left out.
pub const UNSAMPLED: &str = "unsampled";

/// Something that happened in a span of a trace.
///
/// As JSON, keys that are empty or absent are left out, and keys that are unknown are ignored when it is read.
///
/// Two events are equal when they say the same: what comes back from a store or from JSON equals the clean event that
/// was written. By what people search for it ([`indexed`](Self::indexed)) is nothing that it says.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Event {
    /// The shape of the rest: [`SCHEMA_VERSION`].
    pub schema_version: u32,
    /// The trace, which is also the request's correlation id.
    pub trace_id: TraceId,
    /// The span that this happened to, or the id of a point event of its own.
    pub span_id: SpanId,
    /// The span above; none for the root of a trace.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent_span_id: Option<SpanId>,
    /// What happened: `operation.tokens.created`, `dispatch.batch.start`.
    pub event_type: Cow<'static, str>,
    /// The declared name without the word of its life (`dispatch.batch`), the same whether the call failed or not.
    pub span_name: Cow<'static, str>,
    /// When it happened. The span began at `timestamp - duration`.
    pub timestamp: Timestamp,
    /// How it ended, or [`Status::Pending`] when it has not.
    pub status: Status,
    /// How long it took, kept in nanoseconds and written as milliseconds under `duration_ms`.
    #[serde(
        default,
        rename = "duration_ms",
        skip_serializing_if = "Option::is_none",
        serialize_with = "to_ms",
        deserialize_with = "from_ms"
    )]
    pub duration: Option<Duration>,
    /// The program that emitted it.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub service: Cow<'static, str>,
    /// Where the annotation stands: `src/tokens.rs:12`.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub source: Cow<'static, str>,
    /// How much it matters.
    #[serde(default)]
    pub level: Level,
    /// What the author of the call named to be recorded.
    #[serde(default, skip_serializing_if = "Fields::is_empty")]
    pub data: Fields,
    /// Words that group events across names: `compensation`, [`UNSAMPLED`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<Cow<'static, str>>,
    /// The job that this belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job_id: Option<String>,
    /// The worker that did it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub worker_id: Option<String>,
    /// The machine that it ran on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub machine_id: Option<String>,
    /// The user that it was done for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_id: Option<String>,
    /// The id of the caller's that the trace was begun with, when that was no 16-byte id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub correlation_key: Option<String>,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<ErrorInfo>,
    /// The keys whose values were shortened or left out to keep the event within its limits.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cut: Vec<String>,
    /// Fields that `tense.toml` declares as always there and that are not: they were to come from a span above, or from
    /// the body, and neither had them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub absent: Vec<Cow<'static, str>>,
    /// The keys whose texts had already lost their end when they came here. A secret may have been torn there, and its
    /// head alone matches no rule; so the sanitizer takes some more off behind the redaction, and moves the key to
    /// `cut`. Empty in a clean event, and never written.
    #[serde(skip)]
    pub torn: Vec<String>,
    /// The fields of `data` by which people search for it, so that a store finds its trace by them without reading all.
    /// Never written: a store that wants it again asks whoever declared the fields.
    #[serde(skip)]
    pub indexed: &'static [&'static str],
    /// Spans and moments below this span that were left out because there were too many. On the event of its end.
    #[serde(default, skip_serializing_if = "is_none")]
    pub left_out: u64,
    /// How many events this one stands for, where others were left out by sampling; 1 is left out of the JSON. 0: it is
    /// there for the sake of another one that is kept, and those that count are there without it.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub sample_weight: u32,
}

impl Event {
    /// An event with the keys that none can be without; the others are filled in by assignment.
    ///
    /// `span_name` begins as the event type.
    pub fn new(
        trace_id: TraceId,
        span_id: SpanId,
        event_type: impl Into<Cow<'static, str>>,
        status: Status,
        timestamp: Timestamp,
    ) -> Self {
        let event_type = event_type.into();
        Self {
            schema_version: SCHEMA_VERSION,
            trace_id,
            span_id,
            parent_span_id: None,
            span_name: event_type.clone(),
            event_type,
            timestamp,
            status,
            duration: None,
            service: Cow::Borrowed(""),
            source: Cow::Borrowed(""),
            level: Level::Info,
            data: Fields::new(),
            tags: Vec::new(),
            job_id: None,
            worker_id: None,
            machine_id: None,
            user_id: None,
            correlation_key: None,
            error: None,
            cut: Vec::new(),
            absent: Vec::new(),
            torn: Vec::new(),
            indexed: &[],
            left_out: 0,
            sample_weight: 1,
        }
    }
}

impl PartialEq for Event {
    fn eq(&self, other: &Self) -> bool {
        self.said() == other.said()
    }
}

impl Event {
    /// All that counts when it is compared. Taken apart by name, so that none is forgotten that comes later.
    fn said(&self) -> impl PartialEq + '_ {
        let Self {
            schema_version,
            trace_id,
            span_id,
            parent_span_id,
            event_type,
            span_name,
            timestamp,
            status,
            duration,
            service,
            source,
            level,
            data,
            tags,
            job_id,
            worker_id,
            machine_id,
            user_id,
            correlation_key,
            error,
            cut,
            absent,
            torn,
            indexed: _,
            left_out,
            sample_weight,
        } = self;
        (
            (schema_version, trace_id, span_id, parent_span_id, event_type, span_name, timestamp),
            (status, duration, service, source, level, data, tags),
            (job_id, worker_id, machine_id, user_id, correlation_key, error),
            (cut, absent, torn, left_out, sample_weight),
        )
    }
}

/// Whether a span has ended, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It has begun and not ended: the start of a life, or the report of a span that has been open for a second.
    Pending,
    /// It did what it was asked to.
    Success,
    /// It returned an error, panicked, or was dropped before it finished.
    Failed,
}

impl Status {
    /// The word in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Success => "success",
            Self::Failed => "failed",
        }
    }
}

/// How much an event matters, as in `tracing`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Very fine detail.
    Trace,
    /// For the person who looks for a bug.
    Debug,
    /// The normal course of things.
    #[default]
    Info,
    /// Worth a look.
    Warn,
    /// Something failed.
    Error,
}

impl Level {
    /// The word in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Trace => "trace",
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Error => "error",
        }
    }
}

/// Why a span failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ErrorInfo {
    /// An error value, a panic, or a future that was dropped before it finished.
    pub kind: ErrorKind,
    /// The name of the error's type, without its path: `StoreError`.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub error_type: Cow<'static, str>,
    /// What the error says, with its source chain joined by `: `.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub error_message: String,
    /// The annotated call sites above, innermost first, or the backtrace that the error carries.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stack_frames: Vec<String>,
    /// The function that failed.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub processor: Cow<'static, str>,
    /// A short look at what went in, where the author asked for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input_preview: Option<String>,
}

impl ErrorInfo {
    /// An error of that kind that says nothing yet; the rest is filled in by assignment.
    pub const fn new(kind: ErrorKind) -> Self {
        Self {
            kind,
            error_type: Cow::Borrowed(""),
            error_message: String::new(),
            stack_frames: Vec::new(),
            processor: Cow::Borrowed(""),
            input_preview: None,
        }
    }
}

/// In which way a span failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorKind {
    /// It returned an error, or said itself that it failed.
    Error,
    /// It panicked.
    Panic,
    /// Its future was dropped before it finished.
    Cancelled,
}

impl ErrorKind {
    /// The word in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Panic => "panic",
            Self::Cancelled => "cancelled",
        }
    }
}

fn to_ms<S: Serializer>(duration: &Option<Duration>, serializer: S) -> Result<S::Ok, S::Error> {
    match duration {
        Some(duration) => serializer.serialize_f64(duration_ms(*duration)),
        None => serializer.serialize_none(),
    }
}

fn from_ms<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Duration>, D::Error> {
    // A negative or absurd duration from outside is a missing one: the event is still worth keeping.
    let ms: Option<f64> = Option::deserialize(deserializer)?;
    Ok(ms.filter(|ms| (0.0..1.8446e13).contains(ms)).map(of_ms))
}

/// The duration that [`duration_ms`] has told, to the nanosecond as long as that is.
fn of_ms(ms: f64) -> Duration {
    let nanos = ms * 1e6;
    // What rounding the product took away is half a nanosecond after some weeks.
    let lost = ms.mul_add(1e6, -nanos);
    Duration::from_nanos((nanos.trunc() as u64).saturating_add_signed((nanos.fract() + lost).round() as i64))
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference")]
const fn is_none(left_out: &u64) -> bool {
    *left_out == 0
}

const fn one() -> u32 {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference")]
const fn is_one(weight: &u32) -> bool {
    *weight == 1
}
