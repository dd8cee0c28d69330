//! Events for the tests of this crate.

use std::time::Duration;

use tense_event::{ErrorInfo, ErrorKind, Event, SpanId, Status, Timestamp, TraceId};

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

/// The same of one that failed with an error of type `E`.
pub(crate) fn failed(span: u64, parent: u64, name: &'static str, ms: std::ops::Range<u64>, message: &str) -> Event {
    let mut event = action(span, parent, name, Status::Failed, ms);
    event.error = error("E", message);
    event
}

/// The same of one that was dropped.
pub(crate) fn dropped(span: u64, parent: u64, name: &'static str, ms: std::ops::Range<u64>) -> Event {
    let mut event = action(span, parent, name, Status::Failed, ms);
    event.error = Some(ErrorInfo::new(ErrorKind::Cancelled));
    event
}

/// Start and end of a life.
fn life(span: u64, parent: u64, name: &'static str, status: Status, ms: std::ops::Range<u64>) -> [Event; 2] {
    let mut end = action(span, parent, if status == Status::Failed { "fail" } else { "complete" }, status, ms.clone());
    let mut start = event(span, "start", Status::Pending, ms.start as i64);
    start.parent_span_id = end.parent_span_id;
    for event in [&mut start, &mut end] {
        event.event_type = format!("{name}.{}", event.event_type).into();
        event.span_name = name.into();
    }
    [start, end]
}

pub(crate) fn error(error_type: &'static str, message: &str) -> Option<ErrorInfo> {
    let mut error = ErrorInfo::new(ErrorKind::Error);
    error.error_type = error_type.into();
    error.error_message = message.to_owned();
    Some(error)
}

/// A pipeline of four stages whose third one fails: the second is undone, the fourth never runs.
pub(crate) fn loan() -> Vec<Event> {
    let [mut start, mut end] = life(1, 0, "dispatch.loan", Status::Failed, 0..5020);
    start.data.insert("application", "L123");
    start.data.insert("stages", vec!["dispatch.validate", "dispatch.credit", "dispatch.funding", "dispatch.notify"]);
    end.error = error("PipelineError", "dispatch.funding failed: insufficient funds: balance 120 < 5000");
    let validate = life(2, 1, "dispatch.validate", Status::Success, 0..3);
    let mut credit = life(3, 1, "dispatch.credit", Status::Success, 4..25);
    credit[0].data.insert("compensate", "dispatch.release_credit");
    credit[0].data.insert("application", "L123");
    let mut reserved = action(4, 3, "operation.ledger.reserved", Status::Success, 5..6);
    reserved.data.insert("amount", 5000);
    let mut funding = life(5, 1, "dispatch.funding", Status::Failed, 26..5006);
    funding[1].error = error("FundingError", "insufficient funds: balance 120 < 5000");
    funding[1].source = "src/stages.rs:41".into();
    let mut debit = action(6, 5, "operation.ledger.debit_failed", Status::Failed, 5000..5001);
    debit.span_name = "operation.ledger.debited".into();
    debit.error = error("LedgerError", "balance 120 < 5000");
    let mut release = life(7, 1, "dispatch.release_credit", Status::Success, 5015..5017);
    for event in &mut release {
        event.tags.push("compensation".into());
    }
    release[0].data.insert("original_span_id", id(3).to_string());
    let lives = [validate, credit, funding, release];
    lives.into_iter().flatten().chain([start, end, reserved, debit]).collect()
}
