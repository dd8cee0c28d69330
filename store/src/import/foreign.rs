//! A line of another system's log enters, as the JSON object that it is; an event leaves that says the same. What has
//! no place of its own becomes a field under its own name.

use std::time::Duration;

use serde_json::{Map, Value};
use tense_event::{ErrorInfo, ErrorKind, Event, Level, SpanId, Status, Timestamp, TraceId};

use crate::import::{ImportError, MOST_FIELDS, excerpt, ids, moment::moment, words};

// Where others put what we have a place for; the first that is there counts, and the others become fields.
const TYPE: &[&str] = &["event_type", "eventType", "event", "event_name", "eventName", "event.name", "type", "name"];
const MESSAGE: &[&str] = &["message", "msg"];
const TIME: &[&str] = &[
    "timestamp",
    "time",
    "ts",
    "@timestamp",
    "datetime",
    "occurred_at",
    "occurredAt",
    "ended_at",
    "endedAt",
    "end_time",
    "endTime",
    "finished_at",
    "finishedAt",
    "created_at",
    "createdAt",
    "at",
    "started_at",
    "startedAt",
    "start_time",
    "startTime",
];
const BEGAN: &[&str] = &["started_at", "startedAt", "start_time", "startTime"];
const TRACE: &[&str] = &["trace_id", "traceId", "traceID", "trace.id", "trace"];
const KEY: &[&str] =
    &["correlation_key", "correlationKey", "correlation_id", "correlationId", "request_id", "requestId"];
const SPAN: &[&str] = &["span_id", "spanId", "spanID", "span.id"];
const PARENT: &[&str] = &["parent_span_id", "parentSpanId", "parent_id", "parentId", "parent.id"];
const STATUS: &[&str] = &["status", "outcome", "state"];
const GOOD: &[&str] = &["success", "ok", "succeeded"];
const LEVEL: &[&str] = &["level", "severity", "log_level", "logLevel", "levelname", "severity_text", "log.level"];
const SERVICE: &[&str] = &["service", "service_name", "serviceName", "service.name", "app", "application"];
const SOURCE: &[&str] = &["source", "caller"];
const JOB: &[&str] = &["job_id", "jobId", "job.id"];
const WORKER: &[&str] = &["worker_id", "workerId", "worker.id"];
const MACHINE: &[&str] = &["machine_id", "machineId", "host_id", "host.id", "hostname"];
const USER: &[&str] = &["user_id", "userId", "user.id"];
const ERROR: &[&str] = &["error", "err", "exception"];
const DATA: &[&str] = &["data", "payload", "fields", "attributes", "metadata", "properties"];
/// How long it took, each with the nanoseconds of its unit.
const TOOK: [(&[&str], f64); 4] = [
    (&["duration_ms", "durationMs", "elapsed_ms", "elapsedMs", "latency_ms", "took_ms", "duration", "elapsed"], 1e6),
    (&["duration_s", "duration_seconds", "durationSeconds", "elapsed_seconds"], 1e9),
    (&["duration_us", "durationUs", "elapsed_us"], 1e3),
    (&["duration_ns", "durationNs", "elapsed_ns"], 1.0),
];

/// The event of a line. `line` is the text that the object was read from: it makes the id of
/// what says none, so that the same line read twice is the same event.
///
/// # Errors
///
/// [`ImportError::NoTime`], [`NotATime`](ImportError::NotATime) or [`NoName`](ImportError::NoName): when it says no
/// time or no name.
///
/// ```
/// use tense_event::Status;
/// use tense_store::import::foreign;
///
/// let line = r#"{"event":"job:started","ts":1795255200,"jobId":"j1","status":"running","attempt":2}"#;
/// let event = foreign::event(serde_json::from_str(line)?, line.as_bytes())?;
/// assert_eq!((&*event.event_type, event.status), ("job.started", Status::Pending));
/// assert_eq!((event.job_id.as_deref(), event.data.get("attempt")), (Some("j1"), Some(&2.into())));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn event(mut said: Map<String, Value>, line: &[u8]) -> Result<Event, ImportError> {
    let said = &mut said;
    let (at, is_begin) = when(said)?;
    let level = text(said, LEVEL, |word| words::level(word).is_some()).and_then(|word| words::level(&word));
    let event_type = what(said, level)?;
    let (trace, parent, key) = whose(said, line);
    let span = text(said, SPAN, |name| !ids::is_none(name));
    let span_id = match &span {
        Some(name) => ids::span(trace, name),
        None => ids::span_of(trace, "line", line),
    };
    let mut event = Event::new(trace, span_id, event_type, Status::Success, at);
    event.parent_span_id = parent;
    event.correlation_key = key;
    if let Some(name) = text(said, &["span_name", "spanName"], |_| true) {
        event.span_name = words::name(&name).into();
    }
    event.duration = took(said, at);
    // An event happens at its end.
    if let (true, Some(took)) = (is_begin, event.duration) {
        event.timestamp = at.saturating_add(took);
    }
    event.error = error(said);
    status(&mut event, said, span.is_some());
    event.level = level.unwrap_or_default();
    let mut words = |keys: &[&str]| text(said, keys, |_| true);
    event.service = words(SERVICE).unwrap_or_default().into();
    event.source = words(SOURCE).unwrap_or_default().into();
    event.job_id = words(JOB);
    event.worker_id = words(WORKER);
    event.machine_id = words(MACHINE);
    event.user_id = words(USER);
    if said.get("tags").and_then(Value::as_array).is_some_and(|tags| tags.iter().all(Value::is_string)) {
        let tags = said.remove("tags").and_then(|tags| serde_json::from_value::<Vec<String>>(tags).ok());
        event.tags = tags.unwrap_or_default().into_iter().map(Into::into).collect();
    }
    if let Some(weight) =
        said.get("sample_weight").and_then(Value::as_u64).and_then(|weight| u32::try_from(weight).ok())
    {
        said.remove("sample_weight");
        event.sample_weight = weight;
    }
    rest(&mut event, said);
    Ok(event)
}

/// Takes out the first that is a text or a number which is good for something; as a text.
fn text(said: &mut Map<String, Value>, keys: &[&str], is_good: impl Fn(&str) -> bool) -> Option<String> {
    keys.iter().find_map(|key| {
        let found = match said.get(*key)? {
            Value::String(text) => text.trim().to_owned(),
            Value::Number(number) => number.to_string(),
            _ => return None,
        };
        if found.is_empty() || !is_good(&found) {
            return None;
        }
        said.remove(*key);
        Some(found)
    })
}

/// The moment that it says, and whether that is its begin.
fn when(said: &mut Map<String, Value>) -> Result<(Timestamp, bool), ImportError> {
    let found = TIME.iter().find_map(|key| Some((*key, moment(said.get(*key)?)?)));
    if let Some((key, at)) = found {
        said.remove(key);
        return Ok((at, BEGAN.contains(&key)));
    }
    let key = TIME.iter().find_map(|key| Some((*key, said.get(*key)?)));
    Err(key
        .map_or(ImportError::NoTime, |(key, value)| ImportError::NotATime { key, value: excerpt(&value.to_string()) }))
}

/// What happened; a line that has only a message is one of a log.
fn what(said: &mut Map<String, Value>, level: Option<Level>) -> Result<String, ImportError> {
    if let Some(name) = text(said, TYPE, |_| true) {
        return Ok(words::name(&name));
    }
    let message = text(said, MESSAGE, |_| true).ok_or(ImportError::NoName)?;
    said.insert("message".to_owned(), message.into());
    Ok(format!("log.{}", level.unwrap_or_default().as_str()))
}

/// The trace, the span above, and what the trace was called when that was no id.
fn whose(said: &mut Map<String, Value>, line: &[u8]) -> (TraceId, Option<SpanId>, Option<String>) {
    let is_named = |name: &str| !ids::is_none(name);
    let handed_on = text(said, &["traceparent"], |text| of_traceparent(text).is_some());
    let handed_on = handed_on.and_then(|text| of_traceparent(&text));
    let mut key = None;
    let trace = match (text(said, TRACE, is_named), handed_on) {
        (Some(name), _) => named(name, &mut key),
        (None, Some((trace, _))) => trace,
        (None, None) => match (text(said, KEY, is_named), said.get("job_id").or_else(|| said.get("jobId"))) {
            (Some(name), _) => named(name, &mut key),
            // All that is told of one job belongs together.
            (None, Some(job)) => ids::trace_of("job", job.to_string().as_bytes()),
            (None, None) => ids::trace_of("line", line),
        },
    };
    let key = key.or_else(|| text(said, &KEY[..2], |_| true));
    let parent = text(said, PARENT, is_named).map(|name| ids::span(trace, &name));
    (trace, parent.or(handed_on.map(|(_, span)| span)), key)
}

fn named(name: String, key: &mut Option<String>) -> TraceId {
    let (trace, was_id) = ids::trace(&name);
    if !was_id {
        *key = Some(name);
    }
    trace
}

/// `00-TRACE-SPAN-01`
fn of_traceparent(text: &str) -> Option<(TraceId, SpanId)> {
    let mut parts = text.split('-').skip(1);
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

fn took(said: &mut Map<String, Value>, at: Timestamp) -> Option<Duration> {
    for (keys, nanos) in TOOK {
        for key in keys {
            let took = match said.get(*key) {
                Some(Value::Number(number)) => number.as_f64().and_then(|number| words::duration(number, nanos)),
                Some(Value::String(text)) => words::duration_of(text),
                _ => None,
            };
            if took.is_some() {
                said.remove(*key);
                return took;
            }
        }
    }
    let (key, began) = BEGAN.iter().find_map(|key| Some((*key, moment(said.get(*key)?)?)))?;
    let took = at.unix_nanos().checked_sub(began.unix_nanos()).and_then(|nanos| u64::try_from(nanos).ok())?;
    said.remove(key);
    Some(Duration::from_nanos(took))
}

/// What became of it: what it says, else what its error and its name say.
fn status(event: &mut Event, said: &mut Map<String, Value>, has_span: bool) {
    let word = text(said, STATUS, |word| words::status(word).is_some());
    let is_good = GOOD.iter().find_map(|key| Some((*key, said.get(*key)?.as_bool()?)));
    if let Some((key, _)) = is_good {
        said.remove(key);
    }
    let last = event.event_type.rsplit(['.', '_', ' ']).next().unwrap_or_default().to_owned();
    let told = word.as_deref().and_then(words::status);
    let told = told.or(is_good.map(|(_, is_good)| if is_good { Status::Success } else { Status::Failed }));
    event.status = told.unwrap_or_else(|| match words::status(&last) {
        _ if event.error.is_some() => Status::Failed,
        Some(Status::Failed) => Status::Failed,
        // A begin has an end only where both name one span.
        Some(Status::Pending) if has_span && event.duration.is_none() => Status::Pending,
        _ => Status::Success,
    });
    if event.status == Status::Failed {
        let kind = words::kind(word.as_deref().unwrap_or(&last));
        let error = event.error.get_or_insert(ErrorInfo::new(kind));
        if kind != ErrorKind::Error {
            error.kind = kind;
        }
    }
}

/// What went wrong, as a text, or as an object with its parts.
fn error(said: &mut Map<String, Value>) -> Option<ErrorInfo> {
    let mut made = ErrorInfo::new(ErrorKind::Error);
    let found = ERROR.iter().find(|key| match said.get(**key) {
        None | Some(Value::Null | Value::Bool(false)) => false,
        Some(Value::String(text)) => !text.is_empty(),
        Some(Value::Object(parts)) => !parts.is_empty(),
        Some(Value::Number(_) | Value::Array(_)) => false,
        Some(Value::Bool(true)) => true,
    });
    let is_told = found.is_some();
    match found.and_then(|key| Some((*key, said.remove(*key)?))) {
        Some((_, Value::String(text))) => made.error_message = text,
        Some((key, Value::Object(mut parts))) => {
            fill(
                &mut made,
                &mut parts,
                ["message", "msg", "error_message"],
                ["type", "name", "class", "error_type"],
                ["stack", "stacktrace", "stack_trace", "backtrace"],
            );
            if !parts.is_empty() {
                said.insert(key.to_owned(), Value::Object(parts));
            }
        }
        _ => {}
    }
    fill(
        &mut made,
        said,
        ["error_message", "errorMessage", "exception.message"],
        ["error_type", "errorType", "exception.type", "error.type"],
        ["error_stack", "errorStack", "stack_trace", "exception.stacktrace"],
    );
    let is_told = is_told || !made.error_message.is_empty() || !made.error_type.is_empty();
    is_told.then_some(made)
}

fn fill<const N: usize, const M: usize>(
    error: &mut ErrorInfo,
    parts: &mut Map<String, Value>,
    message: [&str; N],
    error_type: [&str; M],
    stack: [&str; 4],
) {
    if error.error_message.is_empty() {
        error.error_message = text(parts, &message, |_| true).unwrap_or_default();
    }
    if error.error_type.is_empty() {
        error.error_type = text(parts, &error_type, |_| true).unwrap_or_default().into();
    }
    if error.stack_frames.is_empty()
        && let Some(stack) = text(parts, &stack, |_| true)
    {
        error.stack_frames = stack.lines().map(|line| line.trim().to_owned()).collect();
    }
}

/// What is left becomes fields.
fn rest(event: &mut Event, said: &mut Map<String, Value>) {
    for key in DATA {
        if let Some(Value::Object(_)) = said.get(*key)
            && let Some(Value::Object(fields)) = said.remove(*key)
        {
            for (name, value) in fields {
                add(event, name, value, key);
            }
        }
    }
    for (name, value) in std::mem::take(said) {
        if !value.is_null() {
            add(event, name, value, "event");
        }
    }
}

/// Adds a field; where there is one of that name already, under where it was found.
fn add(event: &mut Event, name: String, value: Value, place: &str) {
    if event.data.len() == MOST_FIELDS {
        return;
    }
    let is_new = event.data.get(&name).is_none();
    event.data.insert(if is_new { name } else { format!("{place}.{name}") }, value);
}
