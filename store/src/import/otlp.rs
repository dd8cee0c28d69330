//! A span of OTLP/JSON enters; events leave: its end, and its own events as points below it.
//!
//! What [`Format::Otlp`](crate::export::Format::Otlp) has written comes back as it was. Keys are read in lowerCamelCase
//! and in snake_case, ids in hex and in Base64, integers as texts and as numbers, enums as numbers and by name: the
//! protocol allows one of each, and there are programs that write the other.

use std::time::Duration;

use serde_json::{Map, Value};
use tense_event::{ErrorInfo, ErrorKind, Event, SpanId, Status, Timestamp, TraceId};

use crate::export::attributes::{ERROR_TYPE, EXCEPTION_MESSAGE, EXCEPTION_STACK, EXCEPTION_TYPE, FIELD, FILE, LINE};
use crate::export::otlp::SCOPE;
use crate::import::{ImportError, MOST_FIELDS, excerpt, ids, words};

/// Who has sent spans.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct Resource {
    /// `service.name`.
    pub service: String,
    /// `host.id`, else `host.name`.
    pub machine: Option<String>,
    /// Whatever else it says: kept with spans that nothing is above, and with those that another service called.
    pub rest: Vec<(String, Value)>,
}

/// Reads a `Resource` of the protocol. One that makes no sense says nothing.
pub fn resource(said: &Value) -> Resource {
    let mut all = attributes(said);
    let mut take = |key: &str| all.remove(key).as_ref().and_then(Value::as_str).map(str::to_owned);
    let service = take("service.name").filter(|name| name != "unknown_service").unwrap_or_default();
    let (id, name) = (take("host.id"), take("host.name"));
    Resource { service, machine: id.or(name), rest: all.0.into_iter().take(MOST_FIELDS).collect() }
}

/// The events of a `Span` of the protocol; `scope` is the name of its instrumentation scope.
///
/// # Errors
///
/// When it is no span, or one without a trace, an id, or a time: any [`ImportError`] but those of a line.
///
/// ```
/// use serde_json::json;
/// use tense_store::import::otlp;
///
/// let span = json!({
///     "traceId": "0190163d8694739b96b6f0a7b0c1d2e3", "spanId": "00000000000000ab", "name": "GET /users",
///     "startTimeUnixNano": "1795255200000000000", "endTimeUnixNano": "1795255200005000000",
/// });
/// let events = otlp::events(&span, &otlp::Resource::default(), "")?;
/// assert_eq!((&*events[0].event_type, events[0].duration.map(|took| took.as_millis())), ("GET /users", Some(5)));
/// # Ok::<(), tense_store::import::ImportError>(())
/// ```
pub fn events(span: &Value, resource: &Resource, scope: &str) -> Result<Vec<Event>, ImportError> {
    let said = span.as_object().ok_or(ImportError::NoSpan)?;
    let trace = trace_id(get(said, "traceId", "trace_id"))?;
    let id = span_id(get(said, "spanId", "span_id"))?.ok_or(ImportError::NoSpanId)?;
    let parent = span_id(get(said, "parentSpanId", "parent_span_id"))?;
    let name = said.get("name").and_then(Value::as_str).filter(|name| !name.is_empty()).unwrap_or("span").to_owned();
    let began = nanos(get(said, "startTimeUnixNano", "start_time_unix_nano"), "startTimeUnixNano")?;
    let ended = nanos(get(said, "endTimeUnixNano", "end_time_unix_nano"), "endTimeUnixNano")?;
    let (began, ended) = match (began, ended) {
        (Some(began), ended) => (began, ended),
        (None, Some(ended)) => (ended, Some(ended)),
        (None, None) => return Err(ImportError::NoBeginOrEnd),
    };
    let mut own = attributes(span);
    let is_open = own.get("tense.outcome").is_some_and(|word| word == "open") || ended.is_none();
    let at = if is_open { began } else { ended.unwrap_or(began) };
    let mut event = Event::new(trace, id, name, Status::Success, Timestamp::from_unix_nanos(at));
    event.parent_span_id = parent;
    event.service = resource.service.clone().into();
    event.machine_id = resource.machine.clone();
    let code = said.get("status").and_then(Value::as_object).and_then(|status| status.get("code"));
    let has_failed = code.is_some_and(|code| code == 2 || code == "2" || code == "STATUS_CODE_ERROR");
    let mut points = Vec::new();
    for (number, said) in said.get("events").and_then(Value::as_array).into_iter().flatten().enumerate() {
        let is_exception = said.get("name").is_some_and(|name| name == "exception");
        let mut own = attributes(said);
        // Ours is that of its span, whatever became of that.
        let is_of_span = is_exception && (has_failed || own.get("tense.error.kind").is_some());
        if is_of_span && event.error.is_none() {
            event.error = Some(error(&mut own));
        } else {
            points.push(point(said, own, &event, number, began)?);
        }
    }
    let is_ours = scope == SCOPE;
    let is_point = own.remove("tense.is_point").is_some();
    let kind = kind(said.get("kind"));
    fill(&mut event, &mut own);
    let message = said.get("status").and_then(|status| status.get("message")).and_then(Value::as_str);
    if has_failed {
        event.status = Status::Failed;
        if !is_ours {
            event.error.get_or_insert(ErrorInfo::new(ErrorKind::Error));
        }
    }
    if let Some(error) = &mut event.error {
        if error.error_message.is_empty() {
            error.error_message = message.unwrap_or_default().to_owned();
        }
        let error_type = own.remove(ERROR_TYPE).as_ref().and_then(Value::as_str).unwrap_or_default().to_owned();
        if error.error_type.is_empty() {
            error.error_type = error_type.into();
        }
    }
    if is_open {
        event.status = Status::Pending;
    } else if !is_point {
        event.duration = Some(Duration::from_nanos(u64::try_from(at.saturating_sub(began)).unwrap_or(0)));
    }
    keep(&mut event, own);
    if let Some(kind) = kind {
        event.data.insert("span.kind", kind);
    }
    let links = links(said);
    if !links.is_empty() {
        event.data.insert("links", links);
    }
    if !scope.is_empty() && !is_ours {
        event.data.insert("otel.scope.name", scope);
    }
    if parent.is_none() || matches!(kind, Some("server" | "consumer")) {
        for (name, value) in &resource.rest {
            event.data.insert(format!("resource.{name}"), value.clone());
        }
    }
    points.insert(0, event);
    Ok(points)
}

/// An event of a span: a point below it.
fn point(said: &Value, mut own: Own, span: &Event, number: usize, began: i64) -> Result<Event, ImportError> {
    let object = said.as_object().ok_or(ImportError::NoEventOfSpan)?;
    let name = object.get("name").and_then(Value::as_str).filter(|name| !name.is_empty()).unwrap_or("event");
    let at = nanos(get(object, "timeUnixNano", "time_unix_nano"), "timeUnixNano")?.unwrap_or(began);
    let id = own.remove("tense.span_id").and_then(|id| id.as_str()?.parse().ok());
    let id = id.unwrap_or_else(|| {
        // The same one when the file is imported again.
        let bytes = format!("{number} {at} {name}");
        ids::span_of(span.trace_id, &span.span_id.to_string(), bytes.as_bytes())
    });
    let mut point = Event::new(span.trace_id, id, name.to_owned(), Status::Success, Timestamp::from_unix_nanos(at));
    point.parent_span_id = Some(span.span_id);
    point.service = span.service.clone();
    if own.remove("tense.status").is_some_and(|status| status == "failed") {
        point.status = Status::Failed;
    }
    if own.get("tense.error.kind").is_some() {
        point.error = Some(error(&mut own));
    }
    fill(&mut point, &mut own);
    keep(&mut point, own);
    Ok(point)
}

/// Puts attributes that we have a place for there.
fn fill(event: &mut Event, own: &mut Own) {
    let mut word = |key: &str| own.remove(key).as_ref().and_then(Value::as_str).map(str::to_owned);
    if let Some(event_type) = word("tense.event_type") {
        event.event_type = event_type.into();
    }
    event.level = word("tense.level").and_then(|word| words::level(&word)).unwrap_or_default();
    event.job_id = word("tense.job_id");
    event.worker_id = word("tense.worker_id");
    event.machine_id = word("tense.machine_id").or(event.machine_id.take());
    event.correlation_key = word("tense.correlation_key");
    event.user_id = word("tense.user_id").or_else(|| word("user.id")).or_else(|| word("enduser.id"));
    word("tense.outcome");
    let file = word(FILE).or_else(|| word("code.filepath")).unwrap_or_default();
    let line = own.remove(LINE).or_else(|| own.remove("code.lineno")).and_then(|line| line.as_u64());
    event.source = match line {
        Some(line) if !file.is_empty() => format!("{file}:{line}").into(),
        _ => file.into(),
    };
    let mut list = |key: &str| own.remove(key).and_then(|list| serde_json::from_value::<Vec<String>>(list).ok());
    event.tags = list("tense.tags").unwrap_or_default().into_iter().map(Into::into).collect();
    event.absent = list("tense.absent").unwrap_or_default().into_iter().map(Into::into).collect();
    event.cut = list("tense.cut").unwrap_or_default();
    let mut number = |key: &str| own.remove(key).and_then(|number| number.as_u64());
    event.left_out = number("tense.left_out").unwrap_or(0);
    event.sample_weight = number("tense.sample_weight").and_then(|weight| u32::try_from(weight).ok()).unwrap_or(1);
}

/// What is left of the attributes becomes fields, in their order.
fn keep(event: &mut Event, own: Own) {
    for (name, value) in own.0.into_iter().take(MOST_FIELDS) {
        let name = name.strip_prefix(FIELD).map(str::to_owned).unwrap_or(name);
        event.data.insert(name, value);
    }
}

fn error(own: &mut Own) -> ErrorInfo {
    let mut word = |key: &str| own.remove(key).as_ref().and_then(Value::as_str).map(str::to_owned);
    let kind = word("tense.error.kind").map_or(ErrorKind::Error, |kind| words::kind(&kind));
    let mut error = ErrorInfo::new(kind);
    error.error_type = word(EXCEPTION_TYPE).unwrap_or_default().into();
    error.error_message = word(EXCEPTION_MESSAGE).unwrap_or_default();
    error.processor = word("tense.error.processor").unwrap_or_default().into();
    error.input_preview = word("tense.error.input_preview");
    let stack = word(EXCEPTION_STACK).unwrap_or_default();
    error.stack_frames = stack.lines().map(str::to_owned).collect();
    error
}

/// Where a span of another trace, or another cause, is named; ours say which step they undo, which a field says as
/// well.
fn links(said: &Map<String, Value>) -> Vec<String> {
    let all = said.get("links").and_then(Value::as_array).into_iter().flatten();
    let others = all.filter(|link| attributes(link).get("tense.link").is_none()).filter_map(Value::as_object);
    others
        .filter_map(|link| {
            let trace = trace_id(get(link, "traceId", "trace_id")).ok()?;
            let span = span_id(get(link, "spanId", "span_id")).ok()??;
            Some(format!("{trace}-{span}"))
        })
        .collect()
}

fn get<'v>(said: &'v Map<String, Value>, camel: &str, snake: &str) -> Option<&'v Value> {
    said.get(camel).or_else(|| said.get(snake))
}

/// Attributes in their order. Of several of one name any may be meant; the protocol forbids it.
struct Own(Vec<(String, Value)>);

impl Own {
    fn remove(&mut self, name: &str) -> Option<Value> {
        let at = self.0.iter().position(|(known, _)| known == name)?;
        Some(self.0.remove(at).1)
    }

    fn get(&self, name: &str) -> Option<&Value> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }
}

/// The attributes of whatever has some.
fn attributes(said: &Value) -> Own {
    let list = said.get("attributes").and_then(Value::as_array).into_iter().flatten();
    let pair =
        |pair: &Value| Some((pair.get("key")?.as_str()?.to_owned(), pair.get("value").map_or(Value::Null, any_value)));
    Own(list.filter_map(pair).collect())
}

/// An `AnyValue` of the protocol. How deep it may be nested, who has read it as JSON has seen to.
fn any_value(said: &Value) -> Value {
    let Some((kind, value)) = said.as_object().and_then(|said| said.iter().next()) else { return Value::Null };
    let values = || value.get("values").and_then(Value::as_array).into_iter().flatten();
    match kind.as_str() {
        "intValue" | "int_value" => match value {
            Value::String(text) => text.parse::<i64>().map_or_else(|_| value.clone(), Value::from),
            other => other.clone(),
        },
        "arrayValue" | "array_value" => values().map(any_value).collect(),
        "kvlistValue" | "kvlist_value" => {
            let pair = |pair: &Value| Some((pair.get("key")?.as_str()?.to_owned(), any_value(pair.get("value")?)));
            Value::Object(values().filter_map(pair).collect())
        }
        _ => value.clone(),
    }
}

/// What kind of span it is, when it is no internal one.
fn kind(said: Option<&Value>) -> Option<&'static str> {
    const KINDS: [(&str, &str); 4] = [
        ("SPAN_KIND_SERVER", "server"),
        ("SPAN_KIND_CLIENT", "client"),
        ("SPAN_KIND_PRODUCER", "producer"),
        ("SPAN_KIND_CONSUMER", "consumer"),
    ];
    let said = said?;
    let number = said.as_u64().or_else(|| said.as_str()?.parse().ok());
    let is_it = |at: usize, name: &str| number == Some(at as u64 + 2) || said == name;
    KINDS.iter().enumerate().find(|(at, (name, _))| is_it(*at, name)).map(|(_, (_, kind))| *kind)
}

fn trace_id(said: Option<&Value>) -> Result<TraceId, ImportError> {
    let text = said.and_then(Value::as_str).unwrap_or_default();
    if ids::is_none(text) {
        return Err(ImportError::NoTraceId);
    }
    let of_base64 = || base64(text)?.try_into().ok().map(TraceId::from_bytes);
    text.parse().ok().or_else(of_base64).ok_or_else(|| ImportError::NotATraceId(excerpt(text)))
}

fn span_id(said: Option<&Value>) -> Result<Option<SpanId>, ImportError> {
    let text = said.and_then(Value::as_str).unwrap_or_default();
    if ids::is_none(text) {
        return Ok(None);
    }
    let of_base64 = || base64(text)?.try_into().ok().map(u64::from_be_bytes);
    match text.parse().ok().or_else(|| of_base64().and_then(SpanId::new)) {
        Some(id) => Ok(Some(id)),
        // Eight zeros in Base64.
        None if of_base64() == Some(0) => Ok(None),
        None => Err(ImportError::NotASpanId(excerpt(text))),
    }
}

/// Nanoseconds since 1970, as a text or a number; 0 says nothing.
fn nanos(said: Option<&Value>, key: &'static str) -> Result<Option<i64>, ImportError> {
    let number = match said {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::String(text)) => text.parse().ok(),
        Some(other) => other.as_i64(),
    };
    match number {
        Some(0) => Ok(None),
        Some(nanos) if nanos > 0 => Ok(Some(nanos)),
        _ => Err(ImportError::NotNanoseconds(key)),
    }
}

/// The bytes of a text in Base64, of either alphabet, with or without its padding.
fn base64(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let (mut bits, mut count) = (0_u32, 0);
    for letter in text.trim_end_matches('=').bytes() {
        let six = match letter {
            b'A'..=b'Z' => letter - b'A',
            b'a'..=b'z' => letter - b'a' + 26,
            b'0'..=b'9' => letter - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => return None,
        };
        (bits, count) = (bits << 6 | u32::from(six), count + 6);
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
            bits &= (1 << count) - 1;
        }
    }
    Some(bytes)
}
