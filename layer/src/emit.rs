//! A step of a span goes in; the event of schema 1 that it is comes out.

mod failure;
mod fields;
mod mended;

use std::borrow::Cow;
use std::time::Duration;

use tense::__private::layer::{Ending, Listed, Record, Value, Valued, named, source, unix_nanos};
use tense::__private::{Carried, Form, Spec};
use tense_event::{Event, Fields, Level, SpanId, Status, Timestamp, TraceId, UNSAMPLED};
use tracing_core::Metadata;

use crate::join::{Joiner, Span, Step};
use failure::tell_why;
use fields::{has, put};

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

/// What the events of one call site are called.
#[derive(Clone, Copy)]
pub(crate) struct Names {
    /// The begin of a life; empty where the begin is no event.
    pub(crate) start: &'static str,
    pub(crate) done: &'static str,
    pub(crate) failed: &'static str,
    pub(crate) span_name: &'static str,
}

/// The names that [`event`] gives.
pub(crate) fn names(number: u32, site: Listed) -> Names {
    match site.spec() {
        Some(spec) => {
            let named = |name: &'static str| if name.is_empty() { spec.span_name } else { name };
            let (done, failed) = (named(spec.done), named(spec.failed));
            Names { start: spec.start, done, failed, span_name: spec.span_name }
        }
        None => {
            let metadata = site.metadata();
            let name = if metadata.is_span() { foreign_name(number) } else { log_name(metadata) };
            Names { start: "", done: name, failed: name, span_name: name }
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
        event.left_out = span.left_out;
        if failed {
            tell_why(event, joiner, span, end);
        }
    }
    event
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
    event.indexed = match span.site.spec() {
        Some(spec) if !spec.more.indexed.is_empty() => spec.more.indexed,
        _ => span.inherited.indexed(),
    };
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
    // What an author calls so is none: a reader would be told that the rest of the trace is gone.
    let tags = spec.more.tags.iter().copied().filter(|tag| *tag != UNSAMPLED);
    event.tags = tags.map(Cow::Borrowed).collect();
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
        event.span_name = Cow::Borrowed(foreign_name(span.number));
        event.data.insert("name", metadata.name());
    }
}

/// What the events of a span of another crate are called.
pub(crate) fn foreign_name(number: u32) -> &'static str {
    named(number, |metadata| format!("foreign.{}", metadata.target().to_lowercase().replace("::", ".")))
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
