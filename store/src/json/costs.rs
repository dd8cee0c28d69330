//! What a trace cost, and the way to one of its spans, as JSON.

use std::io::{self, Write};
use std::time::Duration;

use serde_json::{Value, json};

use super::{Json, end, gaps, millis, object, of_trace, one, span_object};
use crate::performance::{Bottlenecks, Cost, OperationCost, Performance, Repeated, ServiceCost};
use crate::{Span, Trace};

/// The way from a root down to a span.
///
/// # Errors
///
/// What the writer says.
pub fn path(out: Json<impl Write>, trace: &Trace, way: &[&Span]) -> io::Result<()> {
    let own = trace.self_times();
    let steps = way.iter().map(|span| {
        let mut fields = span_object(span);
        let own = trace.place(span).map(|place| own[place]);
        fields.insert("own_ms".to_owned(), millis(own));
        Value::Object(fields)
    });
    let mut told = of_trace(out, trace)?;
    told.entries("path", steps)?;
    end(told, trace)
}

/// What a trace cost, and what of it took at least so long.
///
/// # Errors
///
/// What the writer says.
pub fn bottlenecks(
    out: Json<impl Write>,
    trace: &Trace,
    performance: &Performance<'_>,
    over: Duration,
    found: &Bottlenecks<'_>,
) -> io::Result<()> {
    let share = |on_path| json!(performance.share(on_path));
    let cost = |cost: &Cost<'_>| {
        object([
            ("span_id", json!(cost.span.id)),
            ("event_type", json!(cost.span.event_type)),
            ("source", json!(cost.span.source)),
            ("on_path_ms", millis(Some(cost.on_path))),
            ("share", share(cost.on_path)),
            ("own_ms", millis(Some(cost.own))),
        ])
    };
    let operation = |cost: &OperationCost<'_>| {
        json!({
            "span_name": cost.name, "calls": cost.calls, "failed": cost.failed, "on_path_ms": millis(Some(cost.on_path)),
            "share": share(cost.on_path), "own_ms": millis(Some(cost.own)),
        })
    };
    let service = |cost: &ServiceCost<'_>| {
        json!({
            "service": cost.name, "calls": cost.calls, "on_path_ms": millis(Some(cost.on_path)),
            "share": share(cost.on_path), "own_ms": millis(Some(cost.own)),
        })
    };
    let repeated = |repeated: &Repeated<'_>| {
        json!({
            "span_name": repeated.name, "parent_span_id": repeated.parent.id, "parent_name": repeated.parent.name,
            "calls": repeated.calls, "in_a_row": repeated.in_a_row, "duration_ms": millis(Some(repeated.took)),
            "share": share(repeated.took),
        })
    };
    let answer = object([
        ("trace_id", json!(trace.id())),
        ("root_span_id", json!(performance.root.map(|root| root.id))),
        ("root_name", json!(performance.root.map(|root| &root.name))),
        ("whole_ms", millis(Some(performance.whole))),
        ("spans", json!(performance.spans)),
        ("failed", json!(performance.failed)),
        ("dropped", json!(performance.dropped)),
        ("open", json!(performance.open)),
        ("retries", json!(performance.retries)),
        ("slowest", performance.slowest.as_ref().map_or(Value::Null, cost)),
        ("operations", performance.operations.iter().map(operation).collect()),
        ("services", performance.services.iter().map(service).collect()),
        ("over_ms", millis(Some(over))),
        (
            "bottlenecks",
            json!({
                "spans": found.spans.iter().map(cost).collect::<Vec<_>>(),
                "operations": found.operations.iter().map(operation).collect::<Vec<_>>(),
                "repeated": found.repeated.iter().map(repeated).collect::<Vec<_>>(),
            }),
        ),
        ("gaps", gaps(trace.gaps())),
    ]);
    one(out, &answer)
}
