//! A span enters; what every form says of it leaves: its fields and whatever else is known of it, under the names of
//! OpenTelemetry's semantic conventions where there is one, and else under `tense.`.

use std::borrow::Cow;

use serde_json::{Value, json};
use tense_event::{Level, SpanId};

use crate::{Outcome, Span, Trace};

/// Before the name of a recorded field that would be taken for something else.
pub(crate) const FIELD: &str = "tense.data.";
/// The file of a call site: <https://opentelemetry.io/docs/specs/semconv/registry/attributes/code/>.
pub(crate) const FILE: &str = "code.file.path";
/// Its line, from 1; the same page.
pub(crate) const LINE: &str = "code.line.number";
/// In which way it failed: <https://opentelemetry.io/docs/specs/semconv/registry/attributes/error/>.
pub(crate) const ERROR_TYPE: &str = "error.type";
/// What is said of errors: <https://opentelemetry.io/docs/specs/semconv/exceptions/exceptions-spans/>.
pub(crate) const EXCEPTION_TYPE: &str = "exception.type";
/// The same page.
pub(crate) const EXCEPTION_MESSAGE: &str = "exception.message";
/// The same page; here the annotated call sites above, one a line.
pub(crate) const EXCEPTION_STACK: &str = "exception.stacktrace";

/// Names that readers take for something else than a field: a field of that name gets [`FIELD`] before it. Sorted.
const TAKEN: [&str; 9] = [
    "code.file.path",
    "code.line.number",
    "error",
    "error.type",
    "event",
    "otel.status_code",
    "otel.status_description",
    "service.name",
    "span.kind",
];

/// The name of a recorded field among the attributes. No two fields get one name, and none gets that of an attribute of
/// ours.
pub(crate) fn name_of_field(name: &str) -> Cow<'_, str> {
    let is_taken = TAKEN.binary_search(&name).is_ok() || name.starts_with("tense.") || name.starts_with("exception.");
    if is_taken || name.is_empty() { format!("{FIELD}{name}").into() } else { name.into() }
}

/// All that is known of a span beside its name, its times and its error: each key once.
pub(crate) fn of_span(span: &Span) -> Vec<(Cow<'_, str>, Value)> {
    let mut all: Vec<(Cow<'_, str>, Value)> =
        span.data.iter().map(|(name, value)| (name_of_field(name), value.clone())).collect();
    for (key, value) in span.context.iter() {
        all.push((format!("tense.{key}").into(), json!(value)));
    }
    let mut add = |name: &'static str, value: Value| all.push((name.into(), value));
    if span.event_type != span.name {
        add("tense.event_type", json!(span.event_type));
    }
    if let Some(word) = outcome(span.outcome) {
        add("tense.outcome", json!(word));
    }
    if span.level != Level::Info {
        add("tense.level", json!(span.level.as_str()));
    }
    for (name, words) in [("tense.tags", span.tags()), ("tense.absent", span.absent())] {
        if !words.is_empty() {
            add(name, json!(words));
        }
    }
    if !span.cut().is_empty() {
        add("tense.cut", json!(span.cut()));
    }
    if span.left_out() > 0 {
        add("tense.left_out", json!(span.left_out()));
    }
    if span.sample_weight != 1 {
        add("tense.sample_weight", json!(span.sample_weight));
    }
    if let Some((file, line)) = place(&span.source) {
        add(FILE, json!(file));
        if let Some(line) = line {
            add(LINE, json!(line));
        }
    }
    all
}

/// What is known of a span's error beside its type, its message and the calls above it.
pub(crate) fn of_error(span: &Span) -> Vec<(&'static str, Value)> {
    let Some(error) = &span.error else { return Vec::new() };
    let mut all = vec![("tense.error.kind", json!(error.kind.as_str()))];
    for (name, text) in [
        (EXCEPTION_TYPE, error.error_type.as_ref()),
        (EXCEPTION_MESSAGE, &error.error_message),
        ("tense.error.processor", &error.processor),
        ("tense.error.input_preview", error.input_preview.as_deref().unwrap_or_default()),
    ] {
        if !text.is_empty() {
            all.push((name, json!(text)));
        }
    }
    if !error.stack_frames.is_empty() {
        all.push((EXCEPTION_STACK, json!(error.stack_frames.join("\n"))));
    }
    all
}

/// What a status of success or failure does not say.
const fn outcome(outcome: Outcome) -> Option<&'static str> {
    match outcome {
        Outcome::Success | Outcome::Failed => None,
        Outcome::Open | Outcome::Panicked | Outcome::Cancelled => Some(outcome.as_str()),
    }
}

/// The file and the line of a place in the source: `src/tokens.rs:12`.
pub(crate) fn place(source: &str) -> Option<(&str, Option<u32>)> {
    let line = |text: &str| text.parse().ok().filter(|line: &u32| line.to_string() == text);
    match source.rsplit_once(':') {
        _ if source.is_empty() => None,
        Some((file, number)) if !file.is_empty() && line(number).is_some() => Some((file, line(number))),
        _ => Some((source, None)),
    }
}

/// The span above, as a reader may follow it: none where the circle that it is in was cut.
pub(crate) fn parent_id(trace: &Trace, span: &Span) -> Option<SpanId> {
    match trace.parent(span) {
        Some(parent) => Some(parent.id),
        None => span.parent_id.filter(|id| trace.get(*id).is_none()),
    }
}

/// Whether it is told as a moment of the span above, and not as a span of its own: a point that nothing is below, in
/// the same program.
pub(crate) fn is_moment(trace: &Trace, span: &Span) -> bool {
    let is_told_by = |parent: &Span| parent.service == span.service;
    span.is_point() && span.below.is_empty() && trace.parent(span).is_some_and(is_told_by)
}

/// The spans that are told as such.
pub(crate) fn spans(trace: &Trace) -> impl Iterator<Item = &Span> {
    trace.spans().iter().filter(|span| !is_moment(trace, span))
}

/// The moments of a span.
pub(crate) fn moments<'t>(trace: &'t Trace, span: &'t Span) -> impl Iterator<Item = &'t Span> {
    trace.children(span).filter(|child| is_moment(trace, child))
}

/// When it ended, in nanoseconds since 1970; when it began, if nothing is known of its end.
pub(crate) fn ended(span: &Span) -> i64 {
    span.began.saturating_add(span.duration.unwrap_or_default()).unix_nanos()
}

/// A value as a text, for forms that know nothing else.
pub(crate) fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Whole microseconds since 1970; a moment before that is one of no form but ours.
pub(crate) fn micros(nanos: i64) -> u64 {
    u64::try_from(nanos).unwrap_or(0) / 1_000
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;
    use tense_event::Status;

    #[test]
    fn what_is_taken_is_sorted() {
        assert!(TAKEN.is_sorted());
    }

    #[test]
    fn a_field_that_would_be_taken_for_something_else_says_so() {
        let mut event = fixture::action(1, 0, "operation.tokens.created", Status::Success, 0..1);
        for name in ["a", "error", "tense.tags", "tense.data.error", "exception.type", ""] {
            event.data.insert(name.to_owned(), name);
        }
        let trace = Trace::from_events(fixture::TRACE, [event]);
        let names: Vec<_> = of_span(&trace.spans()[0]).into_iter().map(|(name, _)| name.into_owned()).collect();
        let expected = ["a", "tense.data.error", "tense.data.tense.tags", "tense.data.tense.data.error"];
        assert_eq!(names[..4], expected);
        assert_eq!(names[4..], ["tense.data.exception.type", "tense.data."]);
    }

    #[test]
    fn what_a_span_belongs_to_keeps_its_name() {
        let keys = ["job_id", "worker_id", "machine_id", "user_id", "correlation_key", "tenant_id"];
        let trace = Trace::from_events(fixture::TRACE, [fixture::event(1, "a.run", Status::Success, 0)]);
        let mut span = trace.spans()[0].clone();
        span.context = keys.iter().map(|key| (*key, (*key).to_owned())).collect();
        let told = of_span(&span);
        for key in keys {
            assert!(told.contains(&(format!("tense.{key}").into(), json!(key))), "{key}: {told:?}");
        }
    }

    #[test]
    fn a_place_has_a_file_and_a_line() {
        assert_eq!(place("src/stages.rs:41"), Some(("src/stages.rs", Some(41))));
        assert_eq!(place("C:\\src\\stages.rs"), Some(("C:\\src\\stages.rs", None)));
        assert_eq!(place("a:+1"), Some(("a:+1", None)));
        assert_eq!((place(""), place(":7")), (None, Some((":7", None))));
    }
}
