//! Where the time of a trace went, held against a reference that goes back moment by moment.

use std::ops::Range;
use std::time::Duration;

use proptest::prelude::*;
use tense_event::{Event, SpanId, Status, Timestamp, TraceId};
use tense_store::{Span, Trace};

const TRACE: TraceId = TraceId::from_bytes([7; 16]);
/// A millisecond and a half is a moment, so that no child outlives its parent by less than is forgiven.
const MOMENT: i64 = 1_500_000;

fn call(span: u64, parent: u64, moments: Range<i64>) -> Event {
    let at = Timestamp::from_unix_nanos(moments.end * MOMENT);
    let id = SpanId::new(span).unwrap();
    let mut event = Event::new(TRACE, id, "operation.tokens.created", Status::Success, at);
    event.parent_span_id = SpanId::new(parent);
    event.duration = Some(Duration::from_nanos(((moments.end - moments.start) * MOMENT).unsigned_abs()));
    event
}

fn moment(at: Timestamp) -> i64 {
    at.unix_nanos() / MOMENT
}

fn extent(span: &Span) -> Range<i64> {
    moment(span.began)..span.ended.map_or(0, moment)
}

/// Which span each moment of the first root waited for, the last one first. It goes down into a child where that one
/// ends, and up again where it began.
fn slow_path(trace: &Trace) -> Vec<u64> {
    let Some(root) = trace.roots().next() else { return Vec::new() };
    let (mut at, mut way, mut path) = (extent(root).end, vec![(root, extent(root).start)], Vec::new());
    while let Some((span, start)) = way.last().copied() {
        let below = trace.children(span).map(|child| (child, extent(child)));
        let ends_here = |child: &(&Span, Range<i64>)| child.1.end == at && child.1.start < at && at > start;
        let child = below.filter(ends_here).min_by_key(|(_, extent)| extent.start);
        if let Some((child, extent)) = child {
            way.push((child, extent.start.max(start)));
        } else if at == start {
            way.pop();
        } else {
            path.push(span.id.get());
            at -= 1;
        }
    }
    path
}

/// The same, as the store says it.
fn path(trace: &Trace) -> Vec<u64> {
    let Some(root) = trace.roots().next() else { return Vec::new() };
    let stretches = trace.critical_path(root);
    let mut until = extent(root).start;
    for stretch in &stretches {
        assert_eq!(moment(stretch.from), until, "without a hole");
        until = moment(stretch.to);
    }
    assert_eq!(until, extent(root).end);
    let ids = |stretch: &tense_store::Stretch<'_>| {
        let moments = (moment(stretch.to) - moment(stretch.from)) as usize;
        std::iter::repeat_n(stretch.span.id.get(), moments)
    };
    stretches.iter().rev().flat_map(ids).collect()
}

prop_compose! {
    /// Spans of which each is below one of those before it, or below none.
    fn any_trace()(
        spans in proptest::collection::vec((0_i64..12, 0_i64..12, 0_u64..4), 1..12),
    ) -> Trace {
        let calls = (1..).zip(spans).map(|(id, (began, moments, above))| {
            call(id, id.saturating_sub(1 + above), began..began + moments)
        });
        Trace::from_events(TRACE, calls)
    }
}

proptest! {
    #[test]
    fn the_path_is_what_one_finds_moment_by_moment(trace in any_trace()) {
        prop_assert_eq!(path(&trace), slow_path(&trace));
    }

    #[test]
    fn a_span_is_at_work_itself_where_none_of_its_children_is(trace in any_trace()) {
        let slow = |span: &Span| {
            let own = |at: &i64| !trace.children(span).any(|child| extent(child).contains(at));
            Duration::from_nanos(extent(span).filter(own).count() as u64 * MOMENT as u64)
        };
        prop_assert_eq!(trace.self_times(), trace.spans().iter().map(slow).collect::<Vec<_>>());
    }
}

#[test]
fn a_child_that_nobody_waited_for_is_not_on_the_path_unless_its_clock_is_another_one() {
    let beyond = |service| {
        let mut events = [call(1, 0, 0..10), call(2, 1, 2..20)];
        events[0].service = "web".into();
        events[1].service = service;
        path(&Trace::from_events(TRACE, events))
    };
    assert_eq!(beyond("web".into()), [1; 10]);
    assert_eq!(beyond("store".into()), [[2; 8].as_slice(), &[1; 2]].concat());
}

#[test]
fn what_has_not_ended_counts_until_the_last_moment_that_is_known() {
    let mut start = call(1, 0, 0..0);
    (start.status, start.duration, start.event_type) = (Status::Pending, None, "dispatch.batch.start".into());
    start.span_name = "dispatch.batch".into();
    let trace = Trace::from_events(TRACE, [start, call(2, 1, 1..4), call(3, 1, 6..7)]);
    let path: Vec<_> = trace.critical_path(&trace.spans()[0]).iter().map(|part| part.span.id.get()).collect();
    assert_eq!(path, [1, 2, 1, 3]);
    assert_eq!(trace.self_times()[0], Duration::from_nanos(3 * MOMENT as u64));
}

#[test]
fn a_chain_of_a_hundred_thousand_is_no_deeper_than_others() {
    let depth = 100_000;
    let chain = (1..=depth).map(|id| call(id, id - 1, id as i64..2 * depth as i64 - id as i64));
    let trace = Trace::from_events(TRACE, chain);
    let path = trace.critical_path(&trace.spans()[0]);
    // The last took no time, and the one above it is in one piece.
    assert_eq!(path.len() as u64, 2 * depth - 3);
    assert!(trace.self_times().iter().all(|own| own.as_nanos() <= 2 * MOMENT as u128));
}

#[test]
fn absurd_times_are_no_panic() {
    let mut events = [call(1, 0, 0..1), call(2, 1, 0..1), call(3, 2, 0..1)];
    events[0].timestamp = Timestamp::from_unix_nanos(i64::MIN);
    events[0].duration = Some(Duration::MAX);
    events[1].timestamp = Timestamp::from_unix_nanos(i64::MAX);
    events[1].duration = Some(Duration::MAX);
    let trace = Trace::from_events(TRACE, events);
    for span in trace.spans() {
        trace.critical_path(span);
    }
    assert_eq!(trace.self_times().len(), 3);
}
