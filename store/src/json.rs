//! Answers as JSON, for programs: each goes to a [`Json`], as one object or, where it is a list, as an object a line.
//! Keys that are empty or absent are left out, as in an event; keys may be added.
//!
//! Every object begins with `"version":1`, which the table leaves out. `docs/json.md` names the list that an answer is,
//! if it is one.
//!
//! | call | shape |
//! |---|---|
//! | [`traces`] | `{"traces":[{"trace_id","began","ended","status","root_name","duration_ms","events","failed_below","cause"}]}` |
//! | [`trace`] | `{"trace_id","spans":[span..],"gaps":{..}}`; spans lie flat, each before its children, with `depth` |
//! | [`why`] | `{"trace_id","outcome","root":span,"chain":[{"span_id","link","attempts"}],"reasons":[..],"recovered":[..],"also_failed":[span_id..],"cancelled":[span_id..],"compensated":[..],"compensation_failed":[..],"not_compensated":[..],"never_ran":[..],"stages_cut":[span_id..],"skipped":[..],"open":[span_id..],"gaps":{..}}` |
//! | [`critical_path`] | `{"trace_id","span_id","duration_ms","path":[{"span_id","event_type","began","duration_ms"}],"gaps":{..}}`, without a hole |
//! | [`timeline`] | `{"trace_id","moments":[{"at","offset_ms","what","span_id","depth","label","event_type","outcome",..}],"idle":[{"from","offset_ms","duration_ms","kind","within","before","after"}],"left_out","gaps":{..}}` |
//! | [`waterfall`] | `{"trace_id","began","duration_ms","rows":[{"span_id","label","outcome","service","count","hidden","depth","began","offset_ms","duration_ms","waited_for_ms":[[from,to]..]}],"gaps":{..}}` |
//! | [`concurrency`] | `{"trace_id","began","all":{"duration_ms","peak","peak_offset_ms","mean","work_ms","levels":[{"running","duration_ms"}]},"groups":[{"key",..}],"steps":[[offset_ms,running]..],"gaps":{..}}` |
//! | [`handoffs`] | `{"trace_id","services":[..],"routes":[{"from","to","count","skewed","median_ms","longest_ms"}],"handoffs":[{"from":{..},"to":{..},"offset_ms","since","delay_ms","kind","skew_ms","ahead"}],"gaps":{..}}` |
//! | [`job_handoffs`] | `{"job_id","traces":[{"trace_id","gaps":{..}}],"services":[..],"routes":[..],"handoffs":[..]}`, with the `trace_id` of both sides |
//! | [`path`] | `{"trace_id","path":[span..],"gaps":{..}}`, each span with `own_ms` |
//! | [`bottlenecks`] | `{"trace_id","root_span_id","root_name","whole_ms","spans","failed","dropped","open","retries","slowest":{..},"operations":[..],"services":[..],"over_ms","bottlenecks":{"spans":[..],"operations":[..],"repeated":[..]},"gaps":{..}}` |
//! | [`errors`] | `{"trace_id" or "traces","groups":[..],"more","gaps":{..}}` |
//! | [`compensations`] | `{"trace_id","compensations":[..],"not_compensated":[..],"never_ran":[..],"skipped":[..],"stages_cut":[span_id..],"gaps":{..}}` |
//! | [`comparison`] | `{"a":{..},"b":{..},"one_kind","common","only_a":[..],"only_b":[..],"outcomes":[..],"times":[..],"never_ran_a":[..],"never_ran_b":[..]}` |
//! | [`anomalies`] | `{"traces":[{"trace_id","root_name","baseline","anomalies":[..] or "too_few":{..},"gaps":{..}}]}` |
//!
//! `docs/json.md` says what stands in the lists of the last six.
//!
//! A span: `span_id`, `parent_span_id`, `depth`, `span_name`, `event_type`, `began`, `duration_ms`, `outcome` (`open`,
//! `success`, `failed`, `panicked`, `cancelled`), `level`, `service`, `source`, `data`, `context`, `tags`, `error`,
//! `cut`, `absent`, `left_out`, `sample_weight`, and `never_ran`, the names of declared stages. Gaps: lists of span ids
//! under `missing_parents`, `open`, `circles`, `conflicts`, `durations`, `clocks`, `unsampled`, and the number
//! `unreadable`.

mod object;
mod time;
mod costs;
mod faults;
mod differences;

use std::borrow::Cow;
use std::io::{self, Write};
use std::time::Duration;

use serde_json::{Map, Value, json};
use tense_event::duration_ms;

use crate::timing::Stretch;
use crate::why::{Link, Why};
use crate::{Gaps, Span, Trace, TraceSummary, text};

pub use costs::{bottlenecks, path};
pub use differences::{anomalies, comparison};
pub use faults::{ErrorsOf, compensations, errors};
pub use object::{Json, Object, VERSION};
pub use time::{concurrency, handoffs, job_handoffs, timeline, waterfall};

/// A list of traces, each with its first cause in short where one is known.
///
/// # Errors
///
/// What the writer says.
pub fn traces<'a>(
    out: Json<impl Write>,
    list: impl IntoIterator<Item = (&'a TraceSummary, Option<String>)>,
) -> io::Result<()> {
    let list = list.into_iter().map(|(summary, cause)| {
        object([
            ("trace_id", json!(summary.id)),
            ("began", json!(summary.began)),
            ("ended", json!(summary.ended)),
            ("status", json!(summary.status.as_str())),
            ("root_name", json!(summary.root_name)),
            ("duration_ms", millis(summary.root_duration)),
            ("events", json!(summary.events)),
            ("failed_below", if summary.failed_below { json!(true) } else { Value::Null }),
            ("cause", json!(cause)),
        ])
    });
    let mut told = out.list()?;
    told.entries("traces", list)?;
    told.end()
}

/// A whole trace. Written span by span: there may be a million of them, and a chain of them would nest too deep for
/// readers.
///
/// # Errors
///
/// What the writer says.
pub fn trace(out: Json<impl Write>, trace: &Trace) -> io::Result<()> {
    let spans = trace.walk().map(|(depth, span)| {
        let never_ran: Vec<&str> = trace.never_ran_below(span).iter().map(|absent| absent.stage).collect();
        let mut fields = span_object(span);
        fields.insert("depth".to_owned(), json!(depth));
        if !never_ran.is_empty() {
            fields.insert("never_ran".to_owned(), json!(never_ran));
        }
        Value::Object(fields)
    });
    let mut told = of_trace(out, trace)?;
    told.entries("spans", spans)?;
    end(told, trace)
}

/// Why a trace failed.
///
/// # Errors
///
/// What the writer says.
pub fn why(out: Json<impl Write>, trace: &Trace, why: &Why<'_>) -> io::Result<()> {
    let ids = |spans: &[&Span]| spans.iter().map(|span| json!(span.id)).collect::<Vec<_>>();
    let chain = why
        .chain
        .iter()
        .map(|cause| json!({ "span_id": cause.span.id, "link": link(cause.link), "attempts": cause.attempts }));
    let reasons = why.reasons();
    let reasons = reasons.iter().map(|reason| {
        let span = reason.cause.span;
        object([
            ("span_id", json!(span.id)),
            ("event_type", json!(span.event_type)),
            ("link", json!(link(reason.cause.link))),
            ("error_type", json!(span.error.as_ref().map(|error| error.error_type.as_ref()))),
            ("message", json!(reason.message)),
            ("source", json!(span.source)),
        ])
    });
    let undone = |pair: &crate::pipeline::Undone<'_>| {
        object([
            ("original_span_id", json!(pair.original.map(|span| span.id))),
            ("original", json!(pair.original.map(|span| span.name.as_ref()))),
            ("span_id", json!(pair.compensation.id)),
            ("span_name", json!(pair.compensation.name)),
        ])
    };
    let recovered = why.recovered.iter().map(|recovered| {
        let span = recovered.last_failure;
        json!({ "span_name": span.name, "failures": recovered.failures, "last_failure": span.id })
    });
    let never_ran = why.never_ran.iter().map(|absent| json!({ "pipeline": absent.pipeline.id, "stage": absent.stage }));
    let skipped = why.skipped.iter().map(|(pipeline, stage)| json!({ "pipeline": pipeline.id, "stage": stage }));
    let answer = object([
        ("trace_id", json!(trace.id())),
        ("outcome", json!(why.root.map(|root| root.outcome.as_str()))),
        ("root", why.root.map_or(Value::Null, |root| Value::Object(span_object(root)))),
        ("chain", chain.collect()),
        ("reasons", reasons.collect()),
        ("recovered", recovered.collect()),
        ("also_failed", json!(ids(&why.also_failed))),
        ("cancelled", json!(ids(&why.cancelled))),
        ("compensated", why.compensations.done().map(undone).collect()),
        ("compensation_failed", why.compensations.failed().map(undone).collect()),
        ("not_compensated", why.compensations.missing.iter().map(faults::not_undone).collect()),
        ("never_ran", never_ran.collect()),
        ("stages_cut", json!(ids(&why.stages_cut))),
        ("skipped", skipped.collect()),
        ("open", json!(ids(&why.open))),
        ("gaps", gaps(why.gaps)),
    ]);
    one(out, &answer)
}

/// What a span of a trace waited for.
///
/// # Errors
///
/// What the writer says.
pub fn critical_path(out: Json<impl Write>, trace: &Trace, span: &Span, path: &[Stretch<'_>]) -> io::Result<()> {
    let whole = path.iter().map(Stretch::duration).sum();
    let path = path.iter().map(|stretch| {
        object([
            ("span_id", json!(stretch.span.id)),
            ("event_type", json!(stretch.span.event_type)),
            ("began", json!(stretch.from)),
            ("duration_ms", millis(Some(stretch.duration()))),
        ])
    });
    let mut told = of_trace(out, trace)?;
    told.key("span_id", &json!(span.id))?;
    told.key("duration_ms", &millis(Some(whole)))?;
    told.entries("path", path)?;
    end(told, trace)
}

/// An answer that is one thing, all of whose keys are known.
///
/// # Errors
///
/// What the writer says; [`InvalidInput`](io::ErrorKind::InvalidInput) for what is no object, of which nothing is
/// written.
pub fn one(out: Json<impl Write>, keys: &Value) -> io::Result<()> {
    let keys = keys.as_object().ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "an answer is an object"))?;
    let mut told = out.one()?;
    told.keys(keys)?;
    told.end()
}

/// The begin of a list about a trace.
fn of_trace<W: Write>(out: Json<W>, trace: &Trace) -> io::Result<Object<W>> {
    let mut told = out.list()?;
    told.key("trace_id", &json!(trace.id()))?;
    Ok(told)
}

/// The end of an answer about a trace.
fn end<W: Write>(mut told: Object<W>, trace: &Trace) -> io::Result<()> {
    told.key("gaps", &gaps(trace.gaps()))?;
    told.end()
}

fn span_object(span: &Span) -> Map<String, Value> {
    let context: Map<String, Value> =
        span.context.iter().map(|(key, value)| ((*key).to_owned(), json!(value))).collect();
    keys([
        ("span_id", json!(span.id)),
        ("parent_span_id", json!(span.parent_id)),
        ("span_name", json!(span.name)),
        ("event_type", json!(span.event_type)),
        ("began", json!(span.began)),
        ("duration_ms", millis(span.duration)),
        ("outcome", json!(span.outcome.as_str())),
        ("level", json!(span.level)),
        ("service", json!(span.service)),
        ("source", json!(span.source)),
        ("data", json!(span.data)),
        ("context", Value::Object(context)),
        ("tags", json!(span.tags())),
        ("error", json!(span.error)),
        ("cut", json!(span.cut())),
        ("absent", json!(span.absent())),
        ("left_out", if span.left_out() == 0 { Value::Null } else { json!(span.left_out()) }),
        ("sample_weight", if span.sample_weight == 1 { Value::Null } else { json!(span.sample_weight) }),
    ])
}

/// What could not be seen of each of these traces: objects with `trace_id` and `gaps`, as `tense job` and `correlate`
/// have them.
///
/// ```
/// use tense_event::{Event, SpanId, Status, Timestamp, TraceId};
/// use tense_store::{Trace, json};
///
/// let (id, span, at) = (TraceId::from_bytes([7; 16]), SpanId::new(1).unwrap(), Timestamp::from_unix_nanos(1));
/// let open = Trace::from_events(id, [Event::new(id, span, "job.run.start", Status::Pending, at)]);
/// assert_eq!(json::gaps_of(&[open])[0]["gaps"]["open"][0], "0000000000000001");
/// ```
pub fn gaps_of(traces: &[Trace]) -> Vec<Value> {
    traces.iter().map(|trace| json!({ "trace_id": trace.id(), "gaps": gaps(trace.gaps()) })).collect()
}

fn gaps(gaps: &Gaps) -> Value {
    object([
        ("missing_parents", json!(gaps.missing_parents)),
        ("open", json!(gaps.open)),
        ("circles", json!(gaps.circles)),
        ("conflicts", json!(gaps.conflicts)),
        ("durations", json!(gaps.durations)),
        ("clocks", json!(gaps.clocks)),
        ("unsampled", json!(gaps.unsampled)),
        ("unreadable", if gaps.unreadable == 0 { Value::Null } else { json!(gaps.unreadable) }),
    ])
}

/// An object of the keys that have something to say.
fn object<const N: usize>(fields: [(&'static str, Value); N]) -> Value {
    Value::Object(keys(fields))
}

/// The same, not yet a value.
fn keys<const N: usize>(fields: [(&'static str, Value); N]) -> Map<String, Value> {
    let is_empty = |value: &Value| match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        _ => false,
    };
    fields.into_iter().filter(|(_, value)| !is_empty(value)).map(|(key, value)| (key.to_owned(), value)).collect()
}

fn millis(duration: Option<Duration>) -> Value {
    duration.map_or(Value::Null, |duration| json!(duration_ms(duration)))
}

const fn link(link: Link) -> &'static str {
    match link {
        Link::Root => "root",
        Link::SameError => "same_error",
        Link::Wrapped => "wrapped",
        Link::LastDone => "last_done",
        Link::Perhaps => "perhaps",
    }
}

/// One value in one line.
pub(crate) fn write_value(out: &mut impl Write, value: &Value) -> io::Result<()> {
    write_text(out, &value.to_string())
}

/// A text of JSON.
pub(crate) fn write_text(out: &mut impl Write, json: &str) -> io::Result<()> {
    out.write_all(harmless(json).as_bytes())
}

/// The same JSON, without characters that steer a terminal. JSON allows them raw, but only in strings, where their
/// escape means the same. Ends of lines, which stand between its parts, stay.
///
/// ```
/// assert_eq!(tense_store::json::harmless("[\"a\u{9b}31m\",\n1]"), "[\"a\\u009b31m\",\n1]");
/// ```
pub fn harmless(json: &str) -> Cow<'_, str> {
    let is_hostile = |c: char| c != '\n' && text::is_hostile(c);
    if !json.chars().any(is_hostile) {
        return Cow::Borrowed(json);
    }
    let mut safe = String::with_capacity(json.len() + 16);
    for c in json.chars() {
        if is_hostile(c) {
            safe.extend(c.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")));
        } else {
            safe.push(c);
        }
    }
    Cow::Owned(safe)
}
