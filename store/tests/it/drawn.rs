//! Traces drawn by chance, small enough to be looked at moment by moment: calls, points, lines of logs, lives without
//! an end, in several services, below each other or below nobody.

use std::ops::Range;
use std::time::Duration;

use proptest::prelude::*;
use tense_event::{Event, SpanId, Status, Timestamp, TraceId};
use tense_store::why::Link;
use tense_store::{Outcome, Span, Trace};

pub(crate) const TRACE: TraceId = TraceId::from_bytes([7; 16]);
/// A moment.
const MOMENT: i64 = 1_500_000;
const NAMES: [&str; 4] = ["operation.tokens.created", "job.queued", "log.info", "dispatch.batch"];
const SERVICES: [&str; 4] = ["", "web", "shop", "web"];

pub(crate) fn call(span: u64, parent: u64, name: &'static str, moments: Range<i64>) -> Event {
    let at = Timestamp::from_unix_nanos(moments.end * MOMENT);
    let mut event = Event::new(TRACE, SpanId::new(span).unwrap(), name, Status::Success, at);
    event.parent_span_id = SpanId::new(parent);
    event.duration = Some(Duration::from_nanos(((moments.end - moments.start) * MOMENT).unsigned_abs()));
    event
}

pub(crate) fn moments(number: i64) -> Duration {
    Duration::from_nanos((number * MOMENT).unsigned_abs())
}

pub(crate) fn moment(at: Timestamp) -> i64 {
    at.unix_nanos() / MOMENT
}

/// When it was open; what has not ended, until the end of the trace.
pub(crate) fn extent(trace: &Trace, span: &Span) -> Range<i64> {
    moment(span.began)..span.ended.map_or_else(|| whole(trace).end, moment)
}

/// From the first moment to the last.
pub(crate) fn whole(trace: &Trace) -> Range<i64> {
    let began = trace.spans().iter().map(|span| moment(span.began));
    let ended = trace.spans().iter().map(|span| moment(span.ended.unwrap_or(span.began)));
    began.min().unwrap_or(0)..ended.max().unwrap_or(0)
}

/// The span and all that is below it.
pub(crate) fn with_all_below<'t>(trace: &'t Trace, span: &'t Span) -> Vec<&'t Span> {
    let is_below = |other: &&Span| {
        std::iter::successors(Some(*other), |other| trace.parent(other)).any(|above| above.id == span.id)
    };
    trace.spans().iter().filter(is_below).collect()
}

prop_compose! {
    /// Each span is below one of the four before it, or below none.
    pub(crate) fn any_trace()(
        spans in proptest::collection::vec((0_i64..16, 0_i64..8, 0_u64..4, 0_usize..4, 0_usize..4, 0_u8..8), 1..14),
    ) -> Trace {
        let events = (1..).zip(spans).map(|(id, (began, took, above, name, service, what))| {
            let mut event = call(id, id.saturating_sub(1 + above), NAMES[name], began..began + took);
            event.service = SERVICES[service].into();
            match what {
                0 => event.duration = None,
                1 => {
                    (event.status, event.duration) = (Status::Pending, None);
                    event.event_type = "dispatch.batch.start".into();
                    event.span_name = "dispatch.batch".into();
                }
                2 => event.status = Status::Failed,
                _ => {}
            }
            event
        });
        Trace::from_events(TRACE, events)
    }
}

/// Those that stand beside it, itself among them.
pub(crate) fn siblings<'t>(trace: &'t Trace, span: &Span) -> Vec<&'t Span> {
    match trace.parent(span) {
        Some(above) => trace.children(above).collect(),
        None => trace.roots().collect(),
    }
}

/// Whether one is a later call of the same, made when the other was over, and more than the name says so: that both
/// are for an item where there are several, or that all calls of the name were made one after the other until one went
/// well.
pub(crate) fn is_made_again(trace: &Trace, earlier: &Span, later: &Span) -> bool {
    let item = |span: &Span| span.data.get("item").cloned();
    let calls: Vec<&Span> = siblings(trace, earlier).into_iter().filter(|other| other.name == earlier.name).collect();
    let are_of_several_items = calls.iter().any(|call| item(call) != item(earlier));
    let is_followed = |two: &[&Span]| two[0].outcome.is_failure() && two[0].ended <= Some(two[1].began);
    earlier.id != later.id
        && earlier.name == later.name
        && item(earlier) == item(later)
        && earlier.ended <= Some(later.began)
        && (earlier.began, earlier.id) < (later.began, later.id)
        && (are_of_several_items || calls.windows(2).all(is_followed))
}

/// Whether it was dropped by somebody who went on, or with what was: then it has not failed.
pub(crate) fn was_dropped(trace: &Trace, span: &Span) -> bool {
    let Some(above) = trace.parent(span).filter(|above| !above.is_log()) else { return false };
    span.outcome == Outcome::Cancelled
        && match above.outcome {
            Outcome::Cancelled => was_dropped(trace, above),
            _ => said_above(span, above).is_none(),
        }
}

/// How the error above tells of the one below: word for word, or among other words.
pub(crate) fn said_above(below: &Span, above: &Span) -> Option<Link> {
    let (below, above) = (message(below), message(above));
    let words = |text: &str| text.split(": ").map(str::to_owned).collect::<Vec<_>>();
    let (said, all) = (words(below), words(above));
    match () {
        () if below.is_empty() => None,
        () if below == above => Some(Link::SameError),
        () if all.windows(said.len()).any(|part| part == said) => Some(Link::Wrapped),
        () => None,
    }
}

fn message(span: &Span) -> &str {
    span.error.as_ref().map_or("", |error| &error.error_message)
}
