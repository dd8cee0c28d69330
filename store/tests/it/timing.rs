//! Where the time of a trace went, held against a reference that goes back moment by moment.

use std::ops::Range;
use std::time::Duration;

use proptest::prelude::*;
use tense_event::{ErrorInfo, ErrorKind, Event, SpanId, Status, Timestamp, TraceId};
use tense_store::{Outcome, Span, Trace};

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

fn dropped(mut event: Event) -> Event {
    (event.status, event.error) = (Status::Failed, Some(ErrorInfo::new(ErrorKind::Cancelled)));
    event
}

fn moment(at: Timestamp) -> i64 {
    at.unix_nanos() / MOMENT
}

fn extent(span: &Span) -> Range<i64> {
    moment(span.began)..span.ended.map_or(0, moment)
}

/// The children of a span that it may have waited for, and when. A moment at which one that was dropped ran belongs to
/// what ended by itself at that moment or later, before the other was dropped.
fn waited_for<'t>(trace: &'t Trace, span: &'t Span) -> Vec<(&'t Span, Range<i64>)> {
    let whole = extent(span);
    let within = trace.children(span).map(|child| (child, extent(child)));
    let within: Vec<_> = within.filter(|(_, open)| open.start < open.end && open.end <= whole.end).collect();
    let won = |open: &Range<i64>| {
        let others = within.iter().filter(|(other, _)| other.outcome != Outcome::Cancelled).map(|(_, other)| other.end);
        others.filter(|end| (open.start + 1..=open.end).contains(end)).max()
    };
    let left = |(child, open): &(&'t Span, Range<i64>)| match won(open) {
        Some(end) if child.outcome == Outcome::Cancelled => (*child, end..open.end),
        _ => (*child, open.clone()),
    };
    within.iter().map(left).collect()
}

/// Which span each moment of the first root waited for, the last one first. It goes down into a child where that one
/// ends, and up again where it began.
fn slow_path(trace: &Trace) -> Vec<u64> {
    let Some(root) = trace.roots().next() else { return Vec::new() };
    let (mut at, mut way, mut path) = (extent(root).end, vec![(root, extent(root).start)], Vec::new());
    while let Some((span, start)) = way.last().copied() {
        let below = waited_for(trace, span).into_iter();
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
    let ids = |stretch: &tense_store::timing::Stretch<'_>| {
        let moments = (moment(stretch.to) - moment(stretch.from)) as usize;
        std::iter::repeat_n(stretch.span.id.get(), moments)
    };
    stretches.iter().rev().flat_map(ids).collect()
}

prop_compose! {
    /// Spans of which each is below one of those before it, or below none.
    fn any_trace()(
        spans in proptest::collection::vec((0_i64..12, 0_i64..12, 0_u64..4, 0_u8..3), 1..12),
    ) -> Trace {
        let calls = (1..).zip(spans).map(|(id, (began, moments, above, how))| {
            let event = call(id, id.saturating_sub(1 + above), began..began + moments);
            if how == 0 { dropped(event) } else { event }
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

/// The path through calls below one root, from and to so many microseconds, as spans and their microseconds.
fn path_below(root: Range<i64>, calls: Vec<Event>) -> Vec<(u64, i64)> {
    let trace = Trace::from_events(TRACE, calls.into_iter().chain([call_of(1, 0, root)]));
    let told =
        |stretch: &tense_store::timing::Stretch<'_>| (stretch.span.id.get(), stretch.duration().as_micros() as i64);
    trace.critical_path(trace.longest_root().unwrap()).iter().map(told).collect()
}

fn call_of(span: u64, parent: u64, micros: Range<i64>) -> Event {
    let mut event = call(span, parent, 0..0);
    event.timestamp = Timestamp::from_unix_nanos(micros.end * 1_000);
    event.duration = Some(Duration::from_micros((micros.end - micros.start).unsigned_abs()));
    event
}

#[test]
fn who_loses_a_race_was_not_waited_for() {
    // `select!`: the second one is dropped because the first has an answer.
    let race = vec![call_of(2, 1, 10..26_800), dropped(call_of(3, 1, 12..26_820))];
    assert_eq!(path_below(0..26_830, race), [(1, 10), (2, 26_790), (1, 30)]);
    // `try_join!`: it is dropped because the first has failed; a third had its answer long before.
    let mut failed = call_of(2, 1, 10..79_500);
    failed.status = Status::Failed;
    let joined = vec![failed, dropped(call_of(3, 1, 12..79_574)), call_of(4, 1, 14..11_500)];
    assert_eq!(path_below(0..79_600, joined), [(1, 10), (2, 79_490), (1, 100)]);
    // A hedge: the first call, or a second one that began when it was late.
    let hedge = vec![dropped(call_of(2, 1, 10..30_040)), call_of(3, 1, 10_000..30_000)];
    assert_eq!(path_below(0..30_050, hedge), [(1, 10_000), (3, 20_000), (1, 50)]);
}

#[test]
fn what_ran_into_a_timeout_was_waited_for_in_vain() {
    let alone = vec![call_of(2, 1, 0..3_000), dropped(call_of(3, 1, 3_000..203_000))];
    assert_eq!(path_below(0..203_100, alone), [(2, 3_000), (3, 200_000), (1, 100)]);
    // Beside another one, from where that had its answer.
    let joined = vec![call_of(2, 1, 0..50_000), dropped(call_of(3, 1, 0..200_000))];
    assert_eq!(path_below(0..200_100, joined), [(2, 50_000), (3, 150_000), (1, 100)]);
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
