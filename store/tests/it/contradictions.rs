//! Events of one span that contradict each other: the trace counts it, and whoever asks how long the span took is told
//! one length.

use std::time::Duration;

use tense_event::{Event, SpanId, Status, Timestamp, TraceId};
use tense_store::timing::Stretch;
use tense_store::{Span, Trace, TraceSummary};

const TRACE: TraceId = TraceId::from_bytes([7; 16]);
const MS: i64 = 1_000_000;

fn id(number: u64) -> SpanId {
    SpanId::new(number).unwrap()
}

/// Of span 1, below that parent.
fn event(parent: u64, word: &'static str, status: Status, at_ms: i64, took_ms: Option<u64>) -> Event {
    let mut event = Event::new(TRACE, id(1), word, status, Timestamp::from_unix_nanos(at_ms * MS));
    event.parent_span_id = SpanId::new(parent);
    event.span_name = "dispatch.loan".into();
    event.duration = took_ms.map(Duration::from_millis);
    event
}

fn begin(parent: u64, at_ms: i64) -> Event {
    event(parent, "dispatch.loan.start", Status::Pending, at_ms, None)
}

fn end(parent: u64, at_ms: i64, took_ms: Option<u64>) -> Event {
    event(parent, "dispatch.loan.complete", Status::Success, at_ms, took_ms)
}

fn in_ms(span: &Span) -> (i64, Option<i64>, Option<Duration>) {
    (span.began.unix_nanos() / MS, span.ended.map(|ended| ended.unix_nanos() / MS), span.duration)
}

#[test]
fn a_duration_far_from_its_two_moments_holds_and_is_counted() {
    // Begin, end, and what was recorded as the duration; then begin and end as they are told, and whether they
    // contradict each other.
    for (began, ended, took, told, contradict) in [
        (0, 1_000, 1_000, (0, 1_000), false),
        // Within 2 ms, or within a thousandth.
        (0, 7, 5, (0, 7), false),
        (0, 10_000, 9_991, (0, 10_000), false),
        (0, 10_000, 10_009, (0, 10_000), false),
        (0, 14, 5, (9, 14), true),
        (0, 1_000, 1_080, (0, 1_080), true),
        // A machine that slept: its clock went on, and what measured the call did not.
        (0, 3_600_000, 3_300_000, (300_000, 3_600_000), true),
        // A clock that was set back, or forward, or so far back that the end was before the begin.
        (0, 1_000, 5_000, (0, 5_000), true),
        (0, 1_000, 10, (990, 1_000), true),
        (10_000, 1_000, 5_000, (10_000, 15_000), true),
        (10_000, 1_000, 5, (10_000, 10_005), true),
    ] {
        for events in [[begin(0, began), end(0, ended, Some(took))], [end(0, ended, Some(took)), begin(0, began)]] {
            let trace = Trace::from_events(TRACE, events);
            let took = Duration::from_millis(took);
            assert_eq!(in_ms(&trace.spans()[0]), (told.0, Some(told.1), Some(took)), "{began} {ended}");
            assert_eq!(trace.gaps().durations.len(), usize::from(contradict), "{began} {ended}");
            assert!(trace.gaps().clocks.is_empty(), "said once");
            if contradict {
                let path: Duration = trace.critical_path(&trace.spans()[0]).iter().map(Stretch::duration).sum();
                assert_eq!((path, trace.self_times()[0]), (took, took), "{began} {ended}");
            }
        }
    }
}

#[test]
fn a_duration_that_reaches_behind_the_first_moment_there_is_holds_and_is_counted() {
    let took = Duration::from_secs(9_200_000_000);
    let mut event = end(0, 0, None);
    event.timestamp = Timestamp::from_unix_nanos(i64::MIN + 1_850 * MS);
    event.duration = Some(took);
    let trace = Trace::from_events(TRACE, [event]);
    assert_eq!(trace.gaps().durations, [id(1)]);
    assert_eq!((trace.spans()[0].duration, trace.self_times()[0]), (Some(took), took));
}

#[test]
fn two_parents_or_two_names_of_one_span_are_said() {
    let mut renamed = end(0, 1_000, Some(1_000));
    renamed.span_name = "dispatch.credit".into();
    // From elsewhere: what has no name of its own is called by what happened.
    let of_elsewhere = |word, status, at| {
        let mut event = event(0, word, status, at, None);
        event.span_name = word.into();
        event
    };
    let unnamed =
        [of_elsewhere("job:started", Status::Pending, 0), of_elsewhere("job:finished", Status::Success, 1_000)];
    for (events, conflicts) in [
        ([begin(8, 0), end(8, 1_000, Some(1_000))], 0),
        ([begin(8, 0), end(9, 1_000, Some(1_000))], 1),
        ([begin(0, 0), end(8, 1_000, Some(1_000))], 0),
        ([end(8, 1_000, Some(1_000)), end(9, 1_000, Some(1_000))], 1),
        ([begin(0, 0), renamed], 1),
        (unnamed, 0),
    ] {
        let [one, other] = events;
        for events in [[one.clone(), other.clone()], [other, one]] {
            let trace = Trace::from_events(TRACE, events);
            assert_eq!(trace.gaps().conflicts.len(), conflicts, "{:?}", trace.spans());
        }
    }
}

#[test]
fn two_parents_are_said_in_whatever_order_they_come() {
    let all = [end(8, 0, None), end(0, 1, None), end(9, 0, None)];
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let trace = Trace::from_events(TRACE, order.map(|nth: usize| all[nth].clone()));
        assert_eq!(trace.gaps().conflicts, [id(1)], "{order:?}");
    }
}

#[test]
fn a_list_tells_the_duration_that_follows_from_begin_and_end() {
    let whole = [begin(0, 0), end(0, 1_000, None)];
    let [first, last] = &whole;
    for events in [[first, last], [last, first]] {
        let summary = TraceSummary::of(TRACE, &events);
        let trace = Trace::from_events(TRACE, events.into_iter().cloned());
        assert_eq!(summary.root_duration, Some(Duration::from_secs(1)));
        assert_eq!(summary.root_duration, trace.spans()[0].duration);
    }
}
