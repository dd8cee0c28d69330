//! What happened in the time of a trace, as JSON. What there may be a million of is written one by one.

use std::io::{self, Write};
use std::time::Duration;

use serde_json::{Value, json};
use tense_event::{Timestamp, TraceId};

use super::{gaps, millis, object, write_value};
use crate::handoffs::routes;
use crate::waterfall::RowKind;
use crate::{Concurrency, Handoff, Happening, Idle, Job, Moment, Span, Trace, Waterfall};

/// What happened, moment by moment, and when nothing ran; with how many more moments there are that are not here.
pub fn timeline(
    out: &mut impl Write,
    trace: &Trace,
    moments: &[Moment<'_>],
    idle: &[Idle<'_>],
    left_out: usize,
) -> io::Result<()> {
    let told = moments.iter().map(|moment| {
        let span = moment.span;
        let error = span.error.as_ref().filter(|_| moment.what != Happening::Began);
        object([
            ("at", json!(moment.at)),
            ("offset_ms", offset(trace, moment.at)),
            ("what", json!(moment.what.as_str())),
            ("span_id", json!(span.id)),
            ("depth", json!(moment.depth)),
            ("label", json!(span.label())),
            ("event_type", json!(span.event_type)),
            ("outcome", json!(span.outcome.as_str())),
            ("duration_ms", millis(span.duration)),
            ("service", json!(span.service)),
            ("error", json!(error.map(|error| &error.error_message))),
        ])
    });
    let idle = idle.iter().map(|idle| {
        object([
            ("from", json!(idle.from)),
            ("offset_ms", offset(trace, idle.from)),
            ("duration_ms", millis(Some(idle.duration()))),
            ("kind", json!(idle.kind.as_str())),
            ("within", json!(idle.within.map(|span| span.id))),
            ("before", json!(idle.before.id)),
            ("after", json!(idle.after.id)),
        ])
    });
    begin(out, trace)?;
    list(out, "moments", told)?;
    list(out, "idle", idle)?;
    write!(out, ",\"left_out\":{left_out}")?;
    end(out, trace)
}

/// The rows of a trace to scale.
pub fn waterfall(out: &mut impl Write, trace: &Trace, waterfall: &Waterfall<'_>) -> io::Result<()> {
    let rows = waterfall.rows.iter().map(|row| {
        let (span, count) = match row.what {
            RowKind::One(span) => (Some(span), 1),
            RowKind::Several { first, count } => (Some(first), count),
            RowKind::Others { count } => (None, count),
        };
        let waited_for = row.waited_for.iter().map(|(from, to)| json!([offset(trace, *from), offset(trace, *to)]));
        object([
            ("span_id", json!(span.map(|span| span.id))),
            ("label", json!(span.map(Span::label))),
            ("outcome", json!(span.map(|span| span.outcome.as_str()))),
            ("service", json!(span.map(|span| span.service.as_ref()))),
            ("count", json!(count)),
            ("hidden", json!(row.hidden)),
            ("depth", json!(row.depth)),
            ("began", json!(row.from)),
            ("offset_ms", offset(trace, row.from)),
            ("duration_ms", millis(Some(row.duration()))),
            ("waited_for_ms", waited_for.collect()),
        ])
    });
    begin(out, trace)?;
    write!(out, ",\"began\":\"{}\",\"duration_ms\":{}", waterfall.from, offset(trace, waterfall.to))?;
    list(out, "rows", rows)?;
    end(out, trace)
}

/// How many spans were at work at the same time: in all, and in groups.
pub fn concurrency(
    out: &mut impl Write,
    trace: &Trace,
    all: &Concurrency,
    groups: &[(&str, Concurrency)],
) -> io::Result<()> {
    begin(out, trace)?;
    write!(out, ",\"began\":\"{}\",\"all\":", all.from)?;
    write_value(out, &profile(trace, "", all))?;
    list(out, "groups", groups.iter().map(|(key, group)| profile(trace, key, group)))?;
    list(out, "steps", all.steps.iter().map(|step| json!([offset(trace, step.at), step.running])))?;
    end(out, trace)
}

fn profile(trace: &Trace, key: &str, told: &Concurrency) -> Value {
    let level = |(running, time)| json!({ "running": running, "duration_ms": millis(Some(time)) });
    object([
        ("key", json!(key)),
        ("duration_ms", millis(Some(told.duration()))),
        ("peak", json!(told.peak().map_or(0, |step| step.running))),
        ("peak_offset_ms", told.peak().map_or(Value::Null, |step| offset(trace, step.at))),
        ("mean", json!(told.mean())),
        ("work_ms", millis(Some(told.work()))),
        ("levels", told.levels().into_iter().map(level).collect()),
    ])
}

/// The ways of a trace from one process into another.
pub fn handoffs(out: &mut impl Write, trace: &Trace, handoffs: &[Handoff<'_>]) -> io::Result<()> {
    begin(out, trace)?;
    list(out, "services", trace.services().into_iter().map(Value::from))?;
    handed_on(out, handoffs, |handoff| trace.offset(handoff.to.began), false)?;
    end(out, trace)
}

/// The ways of a job from one process into another, over its traces.
pub fn job_handoffs(out: &mut impl Write, id: &str, traces: &[Trace], job: &Job<'_>) -> io::Result<()> {
    out.write_all(b"{\"job_id\":")?;
    write_value(out, &json!(id))?;
    let told = traces.iter().map(|trace| json!({ "trace_id": trace.id(), "gaps": gaps(trace.gaps()) }));
    list(out, "traces", told)?;
    list(out, "services", job.services().into_iter().map(Value::from))?;
    handed_on(out, &job.handoffs, |handoff| job.offset(handoff.to.began), true)?;
    out.write_all(b"}\n")
}

fn handed_on(
    out: &mut impl Write,
    handoffs: &[Handoff<'_>],
    offset: impl Fn(&Handoff<'_>) -> Duration,
    with_traces: bool,
) -> io::Result<()> {
    let side = |span: &Span, trace: TraceId| {
        object([
            ("trace_id", json!(with_traces.then_some(trace))),
            ("span_id", json!(span.id)),
            ("label", json!(span.label())),
            ("service", json!(span.service)),
            ("machine_id", json!(span.context("machine_id"))),
            ("worker_id", json!(span.context("worker_id"))),
            ("began", json!(span.began)),
        ])
    };
    let told = handoffs.iter().map(|handoff| {
        let delay = handoff.delay();
        object([
            ("from", side(handoff.from, handoff.from_trace)),
            ("to", side(handoff.to, handoff.to_trace)),
            ("offset_ms", millis(Some(offset(handoff)))),
            ("since", json!(handoff.since)),
            ("delay_ms", millis(delay)),
            ("kind", json!(delay.map(|_| handoff.kind.as_str()))),
            ("skew_ms", millis(handoff.skew())),
        ])
    });
    let routes = routes(handoffs).into_iter().map(|route| {
        object([
            ("from", json!(route.from)),
            ("to", json!(route.to)),
            ("count", json!(route.count)),
            ("skewed", json!(route.skewed)),
            ("median_ms", millis(route.median)),
            ("longest_ms", millis(route.longest)),
        ])
    });
    list(out, "routes", routes)?;
    list(out, "handoffs", told)
}

fn offset(trace: &Trace, at: Timestamp) -> Value {
    millis(Some(trace.offset(at)))
}

fn begin(out: &mut impl Write, trace: &Trace) -> io::Result<()> {
    write!(out, "{{\"trace_id\":\"{}\"", trace.id())
}

/// One item a line.
fn list(out: &mut impl Write, key: &str, items: impl Iterator<Item = Value>) -> io::Result<()> {
    write!(out, ",\"{key}\":[")?;
    let mut comma = "\n";
    for item in items {
        out.write_all(comma.as_bytes())?;
        write_value(out, &item)?;
        comma = ",\n";
    }
    out.write_all(b"]")
}

fn end(out: &mut impl Write, trace: &Trace) -> io::Result<()> {
    out.write_all(b",\"gaps\":")?;
    write_value(out, &gaps(trace.gaps()))?;
    out.write_all(b"}\n")
}
