//! Events for the tests of this crate.

use std::time::Duration;

use tense_event::{Event, SpanId, Status, Timestamp, TraceId};

/// The trace of all of them.
pub(crate) const TRACE: TraceId = TraceId::from_halves(0x0190_163d_8694_739b, 0x96b6_f0a7_b0c1_d2e3);
/// When it began.
pub(crate) const BEGAN: i64 = 1_795_255_200_000_000_000;

pub(crate) fn id(number: u64) -> SpanId {
    SpanId::new(number).unwrap()
}

/// An event so many milliseconds after the beginning.
pub(crate) fn event(span: u64, event_type: &'static str, status: Status, at_ms: i64) -> Event {
    Event::new(TRACE, id(span), event_type, status, Timestamp::from_unix_nanos(BEGAN + at_ms * 1_000_000))
}

/// An action below another span, from and to so many milliseconds after the beginning.
pub(crate) fn action(span: u64, parent: u64, name: &'static str, status: Status, ms: std::ops::Range<u64>) -> Event {
    let mut event = event(span, name, status, ms.end as i64);
    event.parent_span_id = SpanId::new(parent);
    event.duration = Some(Duration::from_millis(ms.end - ms.start));
    event
}
