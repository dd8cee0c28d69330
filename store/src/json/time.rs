//! What happened in the time of a trace, as JSON. What there may be a million of is written one by one.

use std::io::{self, Write};
use std::time::Duration;

use serde_json::{Value, json};
use tense_event::{Timestamp, TraceId};

use super::{Json, Object, end, gaps_of, millis, object, of_trace};
use crate::concurrency::Concurrency;
use crate::handoffs::{Handoff, routes};
use crate::idle::Idle;
use crate::job::Job;
use crate::timeline::{Happening, Moment};
use crate::waterfall::{RowKind, Waterfall};
use crate::{Span, Trace};

/// What happened, moment by moment, and when nothing ran; with how many more moments there are that are not here.
///
/// # Errors
///
/// What the writer says.
pub fn timeline(
    out: Json<impl Write>,
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
            ("kind", json!(idle.kind.as_key())),
            ("within", json!(idle.within.map(|span| span.id))),
            ("before", json!(idle.before.id)),
            ("after", json!(idle.after.id)),
        ])
    });
    let mut answer = of_trace(out, trace)?;
    answer.entries("moments", told)?;
    answer.part("idle", idle)?;
    answer.key("left_out", &json!(left_out))?;
    end(answer, trace)
}

/// The rows of a trace to scale.
///
/// # Errors
///
/// What the writer says.
pub fn waterfall(out: Json<impl Write>, trace: &Trace, waterfall: &Waterfall<'_>) -> io::Result<()> {
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
    let mut answer = of_trace(out, trace)?;
    answer.key("began", &json!(waterfall.from))?;
    answer.key("duration_ms", &offset(trace, waterfall.to))?;
    answer.entries("rows", rows)?;
    end(answer, trace)
}

/// How many spans were at work at the same time: in all, and in groups.
///
/// # Errors
///
/// What the writer says.
pub fn concurrency(
    out: Json<impl Write>,
    trace: &Trace,
    all: &Concurrency,
    groups: &[(&str, Concurrency)],
) -> io::Result<()> {
    let mut answer = out.one()?;
    answer.key("trace_id", &json!(trace.id()))?;
    answer.key("began", &json!(all.from))?;
    answer.key("all", &profile(trace, "", all))?;
    answer.part("groups", groups.iter().map(|(key, group)| profile(trace, key, group)))?;
    answer.part("steps", all.steps.iter().map(|step| json!([offset(trace, step.at), step.running])))?;
    end(answer, trace)
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
///
/// # Errors
///
/// What the writer says.
pub fn handoffs(out: Json<impl Write>, trace: &Trace, handoffs: &[Handoff<'_>]) -> io::Result<()> {
    let mut answer = of_trace(out, trace)?;
    answer.part("services", trace.services().into_iter().map(Value::from))?;
    handed_on(&mut answer, handoffs, |handoff| trace.offset(handoff.to.began), false)?;
    end(answer, trace)
}

/// The ways of a job from one process into another, over its traces.
///
/// # Errors
///
/// What the writer says.
pub fn job_handoffs(out: Json<impl Write>, id: &str, traces: &[Trace], job: &Job<'_>) -> io::Result<()> {
    let mut answer = out.list()?;
    answer.key("job_id", &json!(id))?;
    answer.part("traces", gaps_of(traces))?;
    answer.part("services", job.services().into_iter().map(Value::from))?;
    handed_on(&mut answer, &job.handoffs, |handoff| job.offset(handoff.to.began), true)?;
    answer.end()
}

fn handed_on(
    answer: &mut Object<impl Write>,
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
            ("kind", json!(delay.map(|_| handoff.kind.as_key()))),
            ("skew_ms", millis(handoff.skew())),
            ("ahead", if handoff.is_ahead() { json!(true) } else { Value::Null }),
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
    answer.part("routes", routes)?;
    answer.entries("handoffs", told)
}

fn offset(trace: &Trace, at: Timestamp) -> Value {
    millis(Some(trace.offset(at)))
}
