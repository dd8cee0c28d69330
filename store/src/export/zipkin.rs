//! A trace enters; spans leave as Zipkin takes them, version 2 of its JSON.
//!
//! The form is that of [`zipkin2-api.yaml`](https://github.com/openzipkin/zipkin-api/blob/master/zipkin2-api.yaml), in
//! microseconds: the file can be posted to `/api/v2/spans`, or opened in the page. Points are annotations, which have a
//! text only, and all tags are texts.

use std::collections::BTreeSet;
use std::io::{self, Write};

use serde_json::{Map, Value, json};

use crate::export::attributes::{ended, micros, moments, of_error, of_span, parent_id, spans, text_of};
use crate::{Outcome, Span, Trace, json, text};

pub(super) const OPENING: &[u8] = b"[";
pub(super) const CLOSING: &[u8] = b"\n]\n";

/// Of a value in an annotation, in characters.
const VALUE: usize = 200;

/// What the file has said so far.
#[derive(Debug, Default)]
pub(super) struct State {
    has_span: bool,
}

impl State {
    /// Writes the spans of the trace as entries of the list that [`OPENING`] has begun.
    pub(super) fn write(&mut self, out: &mut impl Write, trace: &Trace) -> io::Result<()> {
        for span in spans(trace) {
            let has_span = std::mem::replace(&mut self.has_span, true);
            out.write_all(if has_span { b",\n" } else { b"\n" })?;
            json::write_value(out, &span_of(trace, span))?;
        }
        Ok(())
    }
}

fn span_of(trace: &Trace, span: &Span) -> Value {
    let mut made = Map::new();
    let mut set = |key: &str, value: Value| made.insert(key.to_owned(), value);
    set("traceId", json!(trace.id()));
    set("id", json!(span.id));
    if let Some(parent) = parent_id(trace, span) {
        set("parentId", json!(parent));
    }
    set("name", json!(span.name));
    // 0 means that it is not known, so the shortest is one microsecond.
    set("timestamp", json!(micros(span.began.unix_nanos()).max(1)));
    if span.outcome != Outcome::Open {
        set("duration", json!(micros(ended(span).saturating_sub(span.began.unix_nanos())).max(1)));
    }
    if !span.service.is_empty() {
        set("localEndpoint", json!({ "serviceName": span.service }));
    }
    // "uniqueItems": what is said twice in a microsecond is said once.
    let annotations: BTreeSet<(u64, String)> = moments(trace, span).map(annotation).collect();
    if !annotations.is_empty() {
        let annotations = annotations.into_iter().map(|(at, words)| json!({ "timestamp": at, "value": words }));
        set("annotations", annotations.collect());
    }
    let own = of_span(span).into_iter().map(|(name, value)| (name.into_owned(), json!(text_of(&value))));
    let error = of_error(span).into_iter().map(|(name, value)| (name.to_owned(), json!(text_of(&value))));
    let mut tags: Map<String, Value> = own.chain(error).collect();
    if span.outcome.is_failure() {
        // That the key is there makes a span red, whatever it says.
        let said = if span.error_message().is_empty() { span.outcome.as_str() } else { span.error_message() };
        tags.insert("error".to_owned(), json!(said));
    }
    if !tags.is_empty() {
        set("tags", Value::Object(tags));
    }
    Value::Object(made)
}

fn annotation(point: &Span) -> (u64, String) {
    let mut words = point.label().to_owned();
    for (name, value) in point.data.iter() {
        words += &format!(" {name}={}", text::value(value, VALUE));
    }
    if point.outcome.is_failure() {
        words += &format!(" {} {}", point.outcome.as_str(), text::excerpt(point.error_message(), VALUE));
    }
    (micros(point.began.unix_nanos()).max(1), words.trim_end().to_owned())
}
