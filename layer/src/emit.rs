//! A step of a span goes in; the event of schema 1 that it is comes out.

mod mended;

use std::borrow::Cow;
use std::time::Duration;

use serde_json::Value as Json;
use tense::__private::layer::{CORRELATION_KEY, Ending, Record, Value, Valued, named, source, unix_nanos};
use tense::__private::{Carried, Form, Spec};
use tense_event::{ErrorInfo, ErrorKind, Event, Fields, Level, SpanId, Status, Timestamp, TraceId};
use tracing_core::Metadata;

use crate::join::{Joiner, Span, Step};
use mended::mended;

/// The field of a failure event that the message is put into, where `tense.toml` declares one.
const ERROR: &str = "error";

/// How many call sites a failure names.
const FRAMES: usize = 10;

/// The event, when the step is one: the begin of an action is none.
#[inline]
pub(crate) fn event(joiner: &Joiner, step: &Step<'_>, service: &'static str) -> Option<Event> {
    match step {
        Step::Began(span) => {
            let spec = span.site.spec().filter(|spec| spec.form == Form::Life)?;
            base(span, spec.start, Status::Pending, span.began, spec.more.carried.start, service)
        }
        Step::Point(span) => point(span, service),
        Step::Ended(span, end) => ended(joiner, span, end, service),
        Step::StillOpen(span, now) => {
            let mut event = base(span, "", Status::Pending, *now, Carried::ALL, service)?;
            event.event_type = event.span_name.clone();
            event.duration = Some(Duration::from_nanos(now.saturating_sub(span.began)));
            Some(event)
        }
    }
}

fn ended(joiner: &Joiner, span: &Span, end: &Record<'_>, service: &'static str) -> Option<Event> {
    let failed = end.ending != Ending::Success;
    let status = if failed { Status::Failed } else { Status::Success };
    let (name, carried) = match span.site.spec() {
        Some(spec) if failed => (spec.failed, spec.more.carried.failed),
        Some(spec) => (spec.done, spec.more.carried.done),
        None => ("", Carried::ALL),
    };
    let mut event = base(span, name, status, end.moment, carried, service);
    if let Some(event) = &mut event {
        if name.is_empty() {
            event.event_type = event.span_name.clone();
        }
        event.duration = Some(Duration::from_nanos(end.moment.saturating_sub(span.began)));
        if failed {
            tell_why(event, joiner, span, end);
        }
    }
    event
}

#[cold]
fn tell_why(event: &mut Event, joiner: &Joiner, span: &Span, end: &Record<'_>) {
    let error = error(joiner, span, end);
    let is_torn = end.values.into_iter().any(|valued| valued.is_cut);
    if is_torn {
        event.torn.push("error_message".to_owned());
    }
    if let Some(spec) = span.site.spec()
        && spec.more.carried.error_is_field
        && event.data.get(ERROR).is_none()
        && !error.error_message.is_empty()
    {
        event.data.insert(ERROR, error.error_message.as_str());
        event.absent.retain(|field| field != ERROR);
        if is_torn {
            event.torn.push(ERROR.to_owned());
        }
    }
    event.error = Some(error);
}

fn point(span: &Span, service: &'static str) -> Option<Event> {
    let Some(spec) = span.site.spec() else {
        let name = log_name(span.site.metadata());
        let mut event = base(span, name, Status::Success, span.began, Carried::ALL, service)?;
        event.span_name = event.event_type.clone();
        if let Some(Valued { value: Value::Str(message), is_cut, .. }) = span.values().next() {
            event.data.insert("message", message.to_text());
            if is_cut {
                event.torn.push("message".to_owned());
            }
        }
        return Some(event);
    };
    base(span, spec.done, Status::Success, span.began, spec.more.carried.done, service)
}

/// What every event of a span has, and of its fields those that this one carries.
#[inline]
fn base(
    span: &Span,
    name: &'static str,
    status: Status,
    at: u64,
    carried: Carried,
    service: &'static str,
) -> Option<Event> {
    let trace = TraceId::from_halves(span.trace.0, span.trace.1);
    let at = Timestamp::from_unix_nanos(i64::try_from(unix_nanos(at)).unwrap_or(i64::MAX));
    let mut event = Event::new(trace, SpanId::new(span.id)?, name, status, at);
    event.parent_span_id = SpanId::new(span.parent);
    event.service = Cow::Borrowed(service);
    event.source = Cow::Borrowed(source(span.number));
    event.level = level(span.site.metadata());
    match span.site.spec() {
        Some(spec) => ours(&mut event, span, spec, carried),
        None => foreign(&mut event, span),
    }
    for (name, valued) in span.inherited.iter() {
        put(&mut event, name, valued, true);
    }
    if !carried.needed.is_empty() {
        let absent = carried.needed.iter().filter(|field| !has(&event, field));
        event.absent = absent.copied().map(Cow::Borrowed).collect();
    }
    Some(event)
}

#[inline]
fn ours(event: &mut Event, span: &Span, spec: &'static Spec, carried: Carried) {
    event.span_name = Cow::Borrowed(spec.span_name);
    event.tags = spec.more.tags.iter().copied().map(Cow::Borrowed).collect();
    event.data = Fields::with_capacity(spec.fields.len());
    // In the order of the annotation, whenever they were filled in; most were in that order.
    let mut values = span.values();
    for (number, name) in (0_u8..).zip(spec.fields) {
        let mut behind = values;
        let valued = match behind.next() {
            Some(valued) if valued.field == number => {
                values = behind;
                Some(valued)
            }
            _ => span.values().get(number),
        };
        if carried.fields >> number.min(63) & 1 == 1
            && let Some(valued) = valued
        {
            put(event, name, valued, false);
        }
    }
    if span.given_up != 0 {
        let fields = (0_u8..).zip(spec.fields).filter(|(number, _)| span.given_up >> number.min(&63) & 1 == 1);
        event.cut.extend(fields.map(|(_, name)| (*name).to_owned()));
    }
    if !spec.more.compensate.is_empty() {
        event.data.insert("compensate", spec.more.compensate);
    }
    if let Some(undoes) = SpanId::new(span.undoes) {
        event.tags.push(Cow::Borrowed("compensation"));
        event.data.insert("original_span_id", undoes.to_string());
    }
}

fn foreign(event: &mut Event, span: &Span) {
    let metadata = span.site.metadata();
    if metadata.is_span() {
        let name = |metadata: &Metadata<'_>| format!("foreign.{}", metadata.target().to_lowercase().replace("::", "."));
        event.span_name = Cow::Borrowed(named(span.number, name));
        event.data.insert("name", metadata.name());
    }
}

/// Whether a field is there, in the data or at the top.
fn has(event: &Event, name: &str) -> bool {
    match name {
        "job_id" => event.job_id.is_some(),
        "worker_id" => event.worker_id.is_some(),
        "machine_id" => event.machine_id.is_some(),
        "user_id" => event.user_id.is_some(),
        _ => event.data.get(name).is_some(),
    }
}

/// Puts a field where it belongs: the reserved ids to the top of the event, the rest into its data.
#[inline]
fn put(event: &mut Event, name: &'static str, valued: Valued<'_>, is_inherited: bool) {
    let reserved = match name {
        "job_id" => &mut event.job_id,
        "worker_id" => &mut event.worker_id,
        "machine_id" => &mut event.machine_id,
        "user_id" => &mut event.user_id,
        // The key of a trace is told by its roots; those below have the trace.
        CORRELATION_KEY if event.parent_span_id.is_some() => return,
        CORRELATION_KEY => &mut event.correlation_key,
        _ => {
            if is_inherited && event.data.get(name).is_some() {
                return;
            }
            let value = json(valued.value, valued.is_cut);
            if valued.is_cut {
                // A text may have been torn in the middle of a secret; a structure is there without its last elements.
                let is_whole = matches!(value, Json::Array(_) | Json::Object(_));
                let names = if is_whole { &mut event.cut } else { &mut event.torn };
                names.push(name.to_owned());
            }
            event.data.insert(name, value);
            return;
        }
    };
    if !is_inherited || reserved.is_none() {
        *reserved = Some(match valued.value {
            Value::Str(text) | Value::Json(text) => text.to_text(),
            value => json(value, false).to_string(),
        });
        if valued.is_cut {
            event.torn.push(name.to_owned());
        }
    }
}

#[inline]
fn json(value: Value<'_>, is_cut: bool) -> Json {
    match value {
        Value::Bool(value) => Json::from(value),
        Value::I64(value) => Json::from(value),
        Value::U64(value) => Json::from(value),
        // JSON has no infinities and no NaN; their names say more than a null.
        Value::F64(value) => {
            serde_json::Number::from_f64(value).map_or_else(|| Json::from(value.to_string()), Json::Number)
        }
        Value::Str(text) => Json::String(text.to_text()),
        Value::Json(text) => {
            let text = text.to_text();
            let value = serde_json::from_str(&text).ok();
            value.or_else(|| if is_cut { mended(&text) } else { None }).unwrap_or(Json::String(text))
        }
    }
}

fn error(joiner: &Joiner, span: &Span, end: &Record<'_>) -> ErrorInfo {
    let mut error = ErrorInfo::new(match end.ending {
        Ending::Panic => ErrorKind::Panic,
        Ending::Cancelled => ErrorKind::Cancelled,
        Ending::Error | Ending::Success => ErrorKind::Error,
    });
    for valued in end.values {
        if let Value::Str(text) = valued.value {
            match valued.field {
                0 => error.error_type = Cow::Owned(short_type_name(&text.to_text())),
                _ => error.error_message = text.to_text(),
            }
        }
    }
    if let Some(spec) = span.site.spec() {
        error.processor = Cow::Borrowed(spec.function);
    }
    let sites = std::iter::once(span.number).chain(joiner.sites_above(span.parent));
    error.stack_frames = sites.take(FRAMES).map(|number| source(number).to_owned()).collect();
    error
}

/// `alloc::boxed::Box<dyn core::error::Error>` becomes `Box<dyn Error>`. An `Error` keeps the module that tells it from
/// all others: `std::io::error::Error` becomes `io::Error`.
fn short_type_name(full: &str) -> String {
    let mut short = String::with_capacity(full.len());
    for word in full.split_inclusive(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':')) {
        let mut path = word.rsplit("::");
        let name = path.next().unwrap_or(word);
        let is_common = name.strip_suffix(|c: char| !c.is_alphanumeric()).unwrap_or(name) == "Error";
        if let Some(module) = path.find(|module| !matches!(*module, "error" | "errors" | "err"))
            && is_common
            && !short.ends_with("dyn ")
        {
            short.push_str(module);
            short.push_str("::");
        }
        short.push_str(name);
    }
    short
}

fn level(metadata: &Metadata<'_>) -> Level {
    match *metadata.level() {
        tracing_core::Level::ERROR => Level::Error,
        tracing_core::Level::WARN => Level::Warn,
        tracing_core::Level::INFO => Level::Info,
        tracing_core::Level::DEBUG => Level::Debug,
        tracing_core::Level::TRACE => Level::Trace,
    }
}

/// The event that a log line of `tracing` is.
fn log_name(metadata: &Metadata<'_>) -> &'static str {
    match level(metadata) {
        Level::Error => "log.error",
        Level::Warn => "log.warn",
        Level::Info => "log.info",
        Level::Debug => "log.debug",
        Level::Trace => "log.trace",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_is_named_without_its_path() {
        assert_eq!(short_type_name("loan::stages::FundingError"), "FundingError");
        assert_eq!(
            short_type_name("alloc::boxed::Box<dyn core::error::Error + core::marker::Send>"),
            "Box<dyn Error + Send>"
        );
        assert_eq!(short_type_name("std::io::error::Error"), "io::Error");
        assert_eq!(short_type_name("&serde_json::error::Error"), "&serde_json::Error");
        assert_eq!(short_type_name("alloc::sync::Arc<anyhow::Error>"), "Arc<anyhow::Error>");
        assert_eq!(short_type_name("Error"), "Error");
        assert_eq!(short_type_name("&str"), "&str");
        assert_eq!(short_type_name("(a::B, &[c::D])"), "(B, &[D])");
    }
}
