//! Traces drawn by chance, small enough to be looked at moment by moment: calls, points, lines of logs, lives without
//! an end, in several services, below each other or below nobody.

use std::ops::Range;
use std::time::Duration;

use proptest::prelude::*;
use tense_event::{Event, SpanId, Status, Timestamp, TraceId};
use tense_store::{Span, Trace};

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
