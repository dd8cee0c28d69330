//! A trace enters; requests in OTLP/JSON leave, one a line, as collectors take them.
//!
//! A line is an `ExportTraceServiceRequest`, which is the same as the `TracesData` of the [file
//! exporter](https://opentelemetry.io/docs/specs/otel/protocol/file-exporter/): it can be posted to `/v1/traces`, or
//! read by `otlpjsonfile`. By the [JSON mapping of
//! OTLP](https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding) ids are hex, keys are in lowerCamelCase,
//! enums are integers, and integers of 64 bits are texts.
//!
//! Points are events of the span above, errors are its `exception`, and a compensation has a link to what it undoes.

use std::io::{self, Write};

use serde_json::{Map, Value, json};
use tense_event::{SpanId, Timestamp};

use crate::export::attributes::{self, ended, moments, of_error, of_span, parent_id, spans};
use crate::{Outcome, Span, Trace, json};

/// So many spans and events of spans stand in a request, but that a span is never torn: a collector takes some MB at
/// once.
pub(crate) const SPANS_A_REQUEST: usize = 500;
/// The name of our instrumentation scope.
pub(crate) const SCOPE: &str = "tense";

/// A span that another one calls for, as in the protocol's `SpanKind`.
const INTERNAL: u8 = 1;
/// The protocol's `StatusCode`.
const UNSET: u8 = 0;
const OK: u8 = 1;
const ERROR: u8 = 2;

/// Writes the trace as lines, each a request of about [`SPANS_A_REQUEST`] spans at most.
///
/// # Errors
///
/// What the writer says.
pub(crate) fn write(out: &mut impl Write, trace: &Trace) -> io::Result<()> {
    let mut all = spans(trace).peekable();
    while all.peek().is_some() {
        let (mut of_request, mut weight) = (Vec::new(), 0);
        while weight < SPANS_A_REQUEST
            && let Some(span) = all.next()
        {
            weight += 1 + moments(trace, span).count();
            of_request.push(span);
        }
        // Spans of one service stand together, and those keep their order.
        of_request.sort_by(|one, other| one.service.cmp(&other.service));
        out.write_all(b"{\"resourceSpans\":[")?;
        for (number, of_service) in of_request.chunk_by(|one, other| one.service == other.service).enumerate() {
            if number > 0 {
                out.write_all(b",")?;
            }
            let service = &of_service[0].service;
            // What semantic conventions ask for when nothing is known.
            let service = if service.is_empty() { "unknown_service" } else { service };
            let resource = json!({ "attributes": [attribute("service.name", &json!(service))] });
            out.write_all(b"{\"resource\":")?;
            json::write_value(out, &resource)?;
            let scope = json!({ "name": SCOPE, "version": env!("CARGO_PKG_VERSION") });
            out.write_all(b",\"scopeSpans\":[{\"scope\":")?;
            json::write_value(out, &scope)?;
            out.write_all(b",\"spans\":[")?;
            for (number, span) in of_service.iter().enumerate() {
                if number > 0 {
                    out.write_all(b",")?;
                }
                json::write_value(out, &span_of(trace, span))?;
            }
            out.write_all(b"]}]}")?;
        }
        out.write_all(b"]}\n")?;
    }
    Ok(())
}

/// A span of the protocol, with its points as events.
pub(crate) fn span_of(trace: &Trace, span: &Span) -> Value {
    let mut made = Map::new();
    let mut set = |key: &str, value: Value| made.insert(key.to_owned(), value);
    set("traceId", json!(trace.id()));
    set("spanId", json!(span.id));
    if let Some(parent) = parent_id(trace, span) {
        set("parentSpanId", json!(parent));
    }
    set("name", json!(span.name));
    set("kind", json!(INTERNAL));
    set("startTimeUnixNano", nanos(span.began.unix_nanos()));
    set("endTimeUnixNano", nanos(ended(span)));
    let mut own: Vec<Value> = of_span(span).iter().map(|(name, value)| attribute(name, value)).collect();
    let error_type = span.error.as_ref().map_or("", |error| &error.error_type);
    if !error_type.is_empty() {
        own.push(attribute(attributes::ERROR_TYPE, &json!(error_type)));
    }
    if span.is_point() {
        own.push(attribute("tense.is_point", &json!(true)));
    }
    set("attributes", json!(own));
    let exception = span.error.as_ref().map(|_| {
        let at = span.ended.map_or(ended(span), Timestamp::unix_nanos);
        json!({ "timeUnixNano": nanos(at), "name": "exception", "attributes": list(&of_error(span)) })
    });
    let events: Vec<Value> = moments(trace, span).map(moment).chain(exception).collect();
    if !events.is_empty() {
        set("events", json!(events));
    }
    if let Some(original) = original(span) {
        let why = attribute("tense.link", &json!("compensates"));
        set("links", json!([{ "traceId": trace.id(), "spanId": original, "attributes": [why] }]));
    }
    set("status", status(span));
    Value::Object(made)
}

fn moment(point: &Span) -> Value {
    let mut all: Vec<Value> = of_span(point).iter().map(|(name, value)| attribute(name, value)).collect();
    all.push(attribute("tense.span_id", &json!(point.id)));
    if point.outcome.is_failure() {
        all.push(attribute("tense.status", &json!("failed")));
    }
    all.extend(list(&of_error(point)));
    json!({ "timeUnixNano": nanos(point.began.unix_nanos()), "name": point.name, "attributes": all })
}

fn status(span: &Span) -> Value {
    match span.outcome {
        Outcome::Open => json!({ "code": UNSET }),
        Outcome::Success => json!({ "code": OK }),
        _ if span.error_message().is_empty() => json!({ "code": ERROR }),
        _ => json!({ "code": ERROR, "message": span.error_message() }),
    }
}

/// The step that it undoes.
fn original(span: &Span) -> Option<SpanId> {
    span.data.get("original_span_id").filter(|_| span.is_compensation())?.as_str()?.parse().ok()
}

fn list(all: &[(&str, Value)]) -> Vec<Value> {
    all.iter().map(|(name, value)| attribute(name, value)).collect()
}

/// A `KeyValue` of the protocol.
pub(crate) fn attribute(name: &str, value: &Value) -> Value {
    json!({ "key": name, "value": any_value(value) })
}

/// An `AnyValue` of the protocol: of a kind, or of none for what is null.
fn any_value(value: &Value) -> Value {
    match value {
        Value::Null => json!({}),
        Value::Bool(value) => json!({ "boolValue": value }),
        Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(whole), _) => json!({ "intValue": whole.to_string() }),
            // The protocol has no integers beyond 64 bits with a sign, and a float would lose digits.
            (None, _) if number.is_u64() => json!({ "stringValue": number.to_string() }),
            (None, float) => json!({ "doubleValue": float }),
        },
        Value::String(text) => json!({ "stringValue": text }),
        Value::Array(items) => json!({ "arrayValue": { "values": items.iter().map(any_value).collect::<Vec<_>>() } }),
        Value::Object(fields) => {
            let values: Vec<Value> = fields.iter().map(|(name, value)| attribute(name, value)).collect();
            json!({ "kvlistValue": { "values": values } })
        }
    }
}

/// A `fixed64`, which is a text; the protocol knows no moment before 1970.
fn nanos(nanos: i64) -> Value {
    json!(u64::try_from(nanos).unwrap_or(0).to_string())
}
