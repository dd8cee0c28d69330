//! What failed, and what was undone, as JSON.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::{Json, gaps, keys, millis, object, one};
use crate::errors::ErrorGroup;
use crate::pipeline::{Compensations, NotUndone, NotUndoneBecause, Undone};
use crate::{Span, Trace};

/// What groups of failures are about.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum ErrorsOf<'t> {
    /// One trace.
    Trace(&'t Trace),
    /// So many traces.
    Traces(usize),
}

/// Failures in groups of a kind, at most so many groups.
///
/// # Errors
///
/// What the writer says.
pub fn errors(out: Json<impl Write>, of: ErrorsOf<'_>, groups: &[ErrorGroup], limit: usize) -> io::Result<()> {
    let group = |group: &ErrorGroup| {
        let example = object([
            ("trace_id", json!(group.example.trace)),
            ("span_id", json!(group.example.span)),
            ("message", json!(group.example.message)),
        ]);
        object([
            ("kind", json!(group.key.kind)),
            ("error_type", json!(group.key.error_type)),
            ("span_name", json!(group.key.operation)),
            ("source", json!(group.key.source)),
            ("message", json!(group.key.message)),
            ("causes", json!(group.causes)),
            ("cascades", json!(group.cascades)),
            ("tried_again", json!(group.tried_again)),
            ("traces", json!(group.traces)),
            ("first_seen", json!(group.first_seen)),
            ("last_seen", json!(group.last_seen)),
            ("example", example),
        ])
    };
    let (trace, traces) = match of {
        ErrorsOf::Trace(trace) => (Some(trace), None),
        ErrorsOf::Traces(traces) => (None, Some(traces)),
    };
    let more = groups.len().saturating_sub(limit);
    let mut told = out.list()?;
    told.keys(&keys([
        ("trace_id", json!(trace.map(Trace::id))),
        ("traces", json!(traces)),
        ("more", if more == 0 { Value::Null } else { json!(more) }),
        ("gaps", trace.map_or(Value::Null, |trace| gaps(trace.gaps()))),
    ]))?;
    told.entries("groups", groups.iter().take(limit).map(group))?;
    told.end()
}

/// What was undone in a trace, what was not, and what never ran.
///
/// # Errors
///
/// What the writer says.
pub fn compensations(out: Json<impl Write>, trace: &Trace, found: &Compensations<'_>) -> io::Result<()> {
    let pair = |pair: &Undone<'_>| {
        object([
            ("original_span_id", json!(pair.original.map(|span| span.id))),
            ("original", json!(pair.original.map(|span| &span.name))),
            ("span_id", json!(pair.compensation.id)),
            ("span_name", json!(pair.compensation.name)),
            ("outcome", json!(pair.compensation.outcome.as_str())),
            ("times", if pair.times > 1 { json!(pair.times) } else { Value::Null }),
            ("failed_again", json!(pair.failed_again.map(|span| span.id))),
            ("too_early", if pair.too_early { json!(true) } else { Value::Null }),
            ("duration_ms", millis(pair.compensation.duration)),
            ("error", json!(pair.compensation.error)),
        ])
    };
    let never_ran = trace.never_ran();
    let never_ran = never_ran.iter().map(|absent| json!({ "pipeline": absent.pipeline.id, "stage": absent.stage }));
    let skipped = |span: &Span| {
        let pipeline = span.id;
        span.skipped_stages().map(|stage| json!({ "pipeline": pipeline, "stage": stage })).collect::<Vec<_>>()
    };
    let answer = object([
        ("trace_id", json!(trace.id())),
        ("compensations", found.pairs.iter().map(pair).collect()),
        ("not_compensated", found.missing.iter().map(not_undone).collect()),
        ("never_ran", never_ran.collect()),
        ("skipped", trace.spans().iter().flat_map(skipped).collect()),
        ("stages_cut", json!(trace.stages_cut().iter().map(|span| span.id).collect::<Vec<_>>())),
        ("gaps", gaps(trace.gaps())),
    ]);
    one(out, &answer)
}

pub(super) fn not_undone(missing: &NotUndone<'_>) -> Value {
    let because = match missing.because {
        NotUndoneBecause::Cancelled => "cancelled",
        NotUndoneBecause::Panicked => "panicked",
        NotUndoneBecause::CompensationPanicked => "compensation_panicked",
        NotUndoneBecause::NotFinished => "not_finished",
        NotUndoneBecause::NotSeen => "not_seen",
    };
    json!({
        "span_id": missing.stage.id, "span_name": missing.stage.name, "declared": missing.declared, "because": because,
    })
}
