//! Events to hold a store against: a number enters, and what it says of them leaves, ordinary or hostile.

use std::time::Duration;

use serde_json::json;
use tense_event::{ErrorInfo, ErrorKind, Event, Level, SpanId, Status, Timestamp, TraceId};

/// When the first of them began.
pub(super) const BEGAN: i64 = 1_763_719_200_000_000_000;
/// Between the begins of two traces.
pub(super) const APART: i64 = 60_000_000_000;

pub(super) fn trace_id(number: u64) -> TraceId {
    TraceId::from_halves(0x0190_163d_8694_739b, number.wrapping_mul(0x9e37_79b9_7f4a_7c15))
}

pub(super) fn span_id(number: u64) -> SpanId {
    match SpanId::new(number) {
        Some(id) => id,
        None => unreachable!("numbers of spans begin at 1"),
    }
}

pub(super) fn at(nanos: i64) -> Timestamp {
    Timestamp::from_unix_nanos(nanos)
}

/// A trace of eight events: a root that fails in every third one, with jobs, services, fields, weights and errors.
pub(super) fn trace(number: u64) -> Vec<Event> {
    let (began, fails) = (BEGAN + number as i64 * APART, number.is_multiple_of(3));
    let names = ["operation.orders.placed", "sql.query", "operation.cards.charged", "http.request"];
    let mut events: Vec<Event> = (2..8_u64)
        .map(|span| {
            let name = names[(number + span) as usize % names.len()];
            // Some happen at the same moment.
            let mut event = event(number, span, 1, name, Status::Success, began + (span / 2) as i64 * 1_000_000);
            event.duration = Some(Duration::from_nanos(100 + span * span * 10_000 + number));
            event.service = ["shop", "mail", ""][span as usize % 3].into();
            event.data.insert("amount", span * 100 + number);
            event.data.insert("address", json!({ "city": format!("town {}", number % 4), "lines": [span, "two: 2"] }));
            event.sample_weight = [1, 1, 5, 0][span as usize % 4];
            // Some programs declare it, others do not; it is no part of what comes back.
            event.indexed = if number.is_multiple_of(2) { &["amount"] } else { &[] };
            event
        })
        .collect();
    events[1].tags = vec!["saga".into(), "slow".into()];
    events[2].user_id = Some(format!("user {}", number % 5));
    events[3].level = Level::Warn;
    if fails {
        let mut error = ErrorInfo::new(if number.is_multiple_of(2) { ErrorKind::Panic } else { ErrorKind::Error });
        error.error_type = "CardError".into();
        error.error_message = format!("card {number} was declined: limit");
        events[4].status = Status::Failed;
        events[4].event_type = "operation.cards.charge_failed".into();
        events[4].error = Some(error);
    }
    let status = if fails { Status::Failed } else { Status::Success };
    let word = if fails { "fail" } else { "complete" };
    let mut start = event(number, 1, 0, "dispatch.checkout.start", Status::Pending, began);
    let mut end = event(number, 1, 0, &format!("dispatch.checkout.{word}"), status, began + 9_000_000);
    end.duration = Some(Duration::from_nanos(9_000_000));
    for event in [&mut start, &mut end] {
        event.span_name = "dispatch.checkout".into();
        event.service = "shop".into();
        event.job_id = Some(format!("job-{}", number % 6));
    }
    events.insert(3, start);
    events.push(end);
    events
}

pub(super) fn event(trace: u64, span: u64, parent: u64, name: &str, status: Status, nanos: i64) -> Event {
    let mut event = Event::new(trace_id(trace), span_id(span), name.to_owned(), status, at(nanos));
    event.parent_span_id = SpanId::new(parent);
    event
}

/// What nobody should send: odd ids, times at both ends, durations that no clock measured, texts that steer terminals,
/// break lines, quote, escape and fill, data that is deep, names that look like statements.
pub(super) fn hostile() -> Vec<Event> {
    let texts = [
        "'; DROP TABLE events; --",
        "a line\nbreak, a \"quote\", \\, \0, \u{1b}[31m, \u{202e}, \u{2028}, 日本 and 🦀",
        "%_*?[]{}",
        "",
        " ",
        "{\"trace_id\":\"x\"}",
        "\u{feff}é\u{301}",
    ];
    let mut events = Vec::new();
    for (nth, text) in (1..).zip(texts) {
        let mut event = event(1, nth, nth, "operation.odd.seen", Status::Failed, BEGAN);
        let owned = || Some(text.to_owned());
        (event.job_id, event.user_id, event.worker_id, event.machine_id) = (owned(), owned(), owned(), owned());
        event.correlation_key = owned();
        event.service = text.into();
        event.source = text.into();
        event.tags = vec![text.into(), text.into()];
        event.data.insert(text, text);
        event.data.insert("list", json!([text, null, true, -0.5, { "": [] }]));
        let mut error = ErrorInfo::new(ErrorKind::Cancelled);
        error.error_message = text.to_owned();
        error.error_type = text.into();
        event.error = Some(error);
        events.push(event);
    }
    for (nth, nanos) in (20..).zip([i64::MIN, -1, 0, i64::MAX]) {
        let mut event = event(1, nth, 99, "operation.odd.timed", Status::Success, nanos);
        event.duration = Some(Duration::from_nanos(i64::MAX as u64 - nth));
        events.push(event);
    }
    let mut large = event(1, u64::MAX, 30, "operation.odd.filled", Status::Pending, BEGAN);
    (0..30).for_each(|nth| large.data.insert(format!("text_{nth}"), "long ".repeat(100)));
    let deep = (0..100).fold(json!(1), |deep, _| json!([deep]));
    large.data.insert("deep", deep);
    large.sample_weight = u32::MAX;
    large.left_out = u64::MAX;
    events.push(large);
    for bytes in [[0xff; 16], [0x80; 16], *b"'; DROP TABLE --"] {
        let id = TraceId::from_bytes(bytes);
        events.push(Event::new(id, span_id(u64::MAX), "operation.odd.named", Status::Success, at(BEGAN)));
    }
    events
}
