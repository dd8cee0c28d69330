//! How traces differ, from another one or from what is usual, as JSON.

use std::io::{self, Write};
use std::time::Duration;

use serde_json::{Value, json};

use super::{Json, gaps, millis, object, one};
use crate::baseline::{Anomaly, Score, TooFew, Unusual};
use crate::compare::{Comparison, Lone, Matched};
use crate::pipeline::NeverRan;
use crate::{Span, Trace};

/// How two traces differ.
///
/// # Errors
///
/// What the writer says.
pub fn comparison(out: Json<impl Write>, a: &Trace, b: &Trace, found: &Comparison<'_, '_>) -> io::Result<()> {
    let side = |trace: &Trace, root: Option<&Span>, took: Duration| {
        object([
            ("trace_id", json!(trace.id())),
            ("root_span_id", json!(root.map(|root| root.id))),
            ("root_name", json!(root.map(|root| &root.name))),
            ("outcome", json!(root.map(|root| root.outcome.as_str()))),
            ("duration_ms", millis(Some(took))),
            ("gaps", gaps(trace.gaps())),
        ])
    };
    let lone = |lone: &Lone<'_>| {
        json!({
            "span_id": lone.span.id, "event_type": lone.span.event_type, "duration_ms": millis(Some(lone.took)),
            "below": lone.below,
        })
    };
    let outcome = |matched: &Matched<'_, '_>| {
        let Matched { a, b, .. } = matched;
        object([
            ("span_name", json!(a.name)),
            ("span_id_a", json!(a.id)),
            ("span_id_b", json!(b.id)),
            ("outcome_a", json!(a.outcome.as_str())),
            ("outcome_b", json!(b.outcome.as_str())),
            ("error_a", json!(a.error)),
            ("error_b", json!(b.error)),
        ])
    };
    let time = |matched: &Matched<'_, '_>| {
        object([
            ("span_name", json!(matched.a.name)),
            ("span_id_a", json!(matched.a.id)),
            ("span_id_b", json!(matched.b.id)),
            ("own_ms_a", millis(Some(matched.own.0))),
            ("own_ms_b", millis(Some(matched.own.1))),
            ("ratio", json!(matched.ratio())),
            ("duration_ms_a", millis(Some(matched.took.0))),
            ("duration_ms_b", millis(Some(matched.took.1))),
        ])
    };
    let never_ran = |absent: &NeverRan<'_>| json!({ "pipeline": absent.pipeline.id, "stage": absent.stage });
    let answer = object([
        ("a", side(a, found.root_a, found.whole.0)),
        ("b", side(b, found.root_b, found.whole.1)),
        ("one_kind", json!(found.is_of_one_kind())),
        ("common", json!(found.common)),
        ("only_a", found.only_a.iter().map(lone).collect()),
        ("only_b", found.only_b.iter().map(lone).collect()),
        ("outcomes", found.outcomes.iter().map(outcome).collect()),
        ("times", found.times.iter().map(time).collect()),
        ("never_ran_a", found.never_ran_a.iter().map(never_ran).collect()),
        ("never_ran_b", found.never_ran_b.iter().map(never_ran).collect()),
    ]);
    one(out, &answer)
}

/// What is unusual about traces: of each, how many earlier ones there are, and what was found.
///
/// # Errors
///
/// What the writer says.
pub fn anomalies<'a>(
    out: Json<impl Write>,
    judged: impl IntoIterator<Item = (&'a Trace, usize, Result<&'a [Anomaly], &'a TooFew>)>,
) -> io::Result<()> {
    let traces = judged.into_iter().map(|(trace, known, found)| {
        let mut answer = object([
            ("trace_id", json!(trace.id())),
            ("root_name", json!(trace.longest_root().map(|root| &root.name))),
            ("baseline", json!(known)),
            ("gaps", gaps(trace.gaps())),
        ]);
        match found {
            Ok(found) => answer["anomalies"] = found.iter().map(anomaly).collect(),
            Err(too_few) => answer["too_few"] = json!({ "known": too_few.known, "needed": too_few.needed }),
        }
        answer
    });
    let mut told = out.list()?;
    told.entries("traces", traces)?;
    told.end()
}

fn anomaly(anomaly: &Anomaly) -> Value {
    let (what, unit, score, error) = match &anomaly.what {
        Unusual::Error(key) => ("error", None, None, Some(key)),
        Unusual::New => ("new", None, None, None),
        Unusual::Missing => ("missing", None, None, None),
        Unusual::Whole(score) => ("whole", Some("seconds"), Some(score), None),
        Unusual::Own(score) => ("own", Some("seconds"), Some(score), None),
        Unusual::Calls(score) => ("calls", Some("calls"), Some(score), None),
    };
    let number = |of: fn(&Score) -> f64| json!(score.map(of));
    object([
        ("span_name", json!(anomaly.operation)),
        ("span_id", json!(anomaly.span)),
        ("what", json!(what)),
        ("unit", json!(unit)),
        ("found", number(|score| score.found)),
        ("median", number(|score| score.median)),
        ("low", number(|score| score.low)),
        ("high", number(|score| score.high)),
        ("score", number(|score| score.score)),
        ("kind", json!(error.map(|key| key.kind))),
        ("error_type", json!(error.map(|key| &key.error_type))),
        ("message", json!(error.map(|key| &key.message))),
        ("seen_in", json!(anomaly.seen_in)),
        ("of", json!(anomaly.of)),
    ])
}
