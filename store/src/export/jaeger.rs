//! A trace enters; what the page of Jaeger reads from a file leaves: an entry of `data`, as its query service answers.
//!
//! The form is that of
//! [`internal/uimodel`](https://github.com/jaegertracing/jaeger/blob/main/internal/uimodel/model.go), in microseconds.
//! Points are logs of the span above.

use std::collections::HashMap;
use std::io::{self, Write};

use serde_json::{Value, json};

use crate::export::attributes::{self, ended, micros, moments, of_error, of_span, parent_id, spans};
use crate::{Outcome, Span, Trace, json};

pub(super) const OPENING: &[u8] = b"{\"data\":[";
pub(super) const CLOSING: &[u8] = b"\n]}\n";

/// Writes the trace as an entry of the list that [`OPENING`] has begun.
pub(super) fn write(out: &mut impl Write, trace: &Trace, is_first: bool) -> io::Result<()> {
    write!(out, "{}\n{{\"traceID\":\"{}\",\"spans\":[", if is_first { "" } else { "," }, trace.id())?;
    let mut processes: HashMap<&str, usize> = HashMap::new();
    let mut names = Vec::new();
    for (number, span) in spans(trace).enumerate() {
        let process = *processes.entry(&span.service).or_insert_with(|| {
            names.push(&span.service);
            names.len()
        });
        out.write_all(if number > 0 { b",\n" } else { b"\n" })?;
        json::write_value(out, &span_of(trace, span, process))?;
    }
    out.write_all(b"\n],\"processes\":{")?;
    for (number, name) in names.iter().enumerate() {
        let process = json!({ "serviceName": if name.is_empty() { "unknown_service" } else { name }, "tags": [] });
        write!(out, "{}\"p{}\":", if number > 0 { "," } else { "" }, number + 1)?;
        json::write_value(out, &process)?;
    }
    out.write_all(b"}}")
}

fn span_of(trace: &Trace, span: &Span, process: usize) -> Value {
    let references: Vec<Value> = parent_id(trace, span)
        .map(|parent| json!({ "refType": "CHILD_OF", "traceID": trace.id(), "spanID": parent }))
        .into_iter()
        .collect();
    let mut tags: Vec<Value> = of_span(span).iter().map(|(name, value)| tag(name, value)).collect();
    tags.push(tag("span.kind", &json!("internal")));
    match span.outcome {
        Outcome::Open => {}
        Outcome::Success => tags.push(tag("otel.status_code", &json!("OK"))),
        _ => {
            tags.push(tag("error", &json!(true)));
            tags.push(tag("otel.status_code", &json!("ERROR")));
        }
    }
    if !span.error_message().is_empty() {
        tags.push(tag("otel.status_description", &json!(span.error_message())));
    }
    let exception = span.error.as_ref().map(|_| {
        let fields = of_error(span);
        let fields = fields.iter().map(|(name, value)| tag(name, value));
        log(ended(span), "exception", fields)
    });
    let logs: Vec<Value> = moments(trace, span).map(moment).chain(exception).collect();
    json!({
        "traceID": trace.id(),
        "spanID": span.id,
        "operationName": span.name,
        "references": references,
        "flags": 1,
        "startTime": micros(span.began.unix_nanos()),
        "duration": micros(ended(span).saturating_sub(span.began.unix_nanos())),
        "tags": tags,
        "logs": logs,
        "processID": format!("p{process}"),
        "warnings": warnings(trace, span),
    })
}

fn moment(point: &Span) -> Value {
    let (own, error) = (of_span(point), of_error(point));
    let own = own.iter().map(|(name, value)| tag(name, value));
    log(point.began.unix_nanos(), &point.name, own.chain(error.iter().map(|(name, value)| tag(name, value))))
}

fn log(at: i64, name: &str, fields: impl Iterator<Item = Value>) -> Value {
    let fields: Vec<Value> = [tag("event", &json!(name))].into_iter().chain(fields).collect();
    json!({ "timestamp": micros(at), "fields": fields })
}

/// What is wrong with the span, in words that the page shows beside it.
fn warnings(trace: &Trace, span: &Span) -> Value {
    let parent = parent_id(trace, span);
    let mut all = Vec::new();
    if span.outcome == Outcome::Open {
        all.push("it has not ended, as far as is known".to_owned());
    }
    if parent.is_some_and(|parent| trace.get(parent).is_none()) {
        all.push("its parent is not here".to_owned());
    }
    if span.parent_id.is_some() && parent.is_none() {
        all.push("it is its own ancestor; the circle was cut here".to_owned());
    }
    if all.is_empty() { Value::Null } else { json!(all) }
}

fn tag(key: &str, value: &Value) -> Value {
    let (kind, value) = match value {
        Value::Bool(_) => ("bool", value.clone()),
        // The page is a program in JavaScript: beyond 53 bits it would show other digits.
        Value::Number(number) if number.as_i64().is_some_and(|number| number.unsigned_abs() < 1 << 53) => {
            ("int64", value.clone())
        }
        Value::Number(number) if number.is_f64() => ("float64", value.clone()),
        other => ("string", json!(attributes::text_of(other))),
    };
    json!({ "key": key, "type": kind, "value": value })
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::fixture::{TRACE, action, event, id};
    use tense_event::Status;

    #[test]
    fn a_moment_says_each_key_once_also_where_it_has_recorded_one_of_jaeger() {
        let mut point = event(2, "a.page.opened", Status::Success, 5);
        point.parent_span_id = Some(id(1));
        point.data.insert("event", "click");
        let trace = Trace::from_events(TRACE, [action(1, 0, "a.run", Status::Success, 0..10), point]);
        let told = span_of(&trace, &trace.spans()[0], 1);
        let fields = told["logs"][0]["fields"].as_array().unwrap();
        let keys: HashSet<_> = fields.iter().map(|field| field["key"].as_str().unwrap()).collect();
        assert_eq!(keys.len(), fields.len(), "{fields:?}");
        assert!(fields.contains(&tag("event", &json!("a.page.opened"))), "{fields:?}");
        assert!(fields.contains(&tag("tense.data.event", &json!("click"))), "{fields:?}");
    }
}
