//! What happened when, and when nothing did, held against a reference that looks at every moment.

use std::time::Duration;

use proptest::prelude::*;
use tense_event::{Status, Timestamp};
use tense_store::idle::{Idle, IdleKind};
use tense_store::timeline::Happening;
use tense_store::{Outcome, Span, Trace};

use super::drawn::{TRACE, any_trace, call, extent, is_made_again, moment, moments, siblings, whole, with_all_below};

/// Whether one of the spans ran at that moment: it has an end, and nothing below it but points.
fn is_covered(trace: &Trace, spans: &[&Span], at: i64) -> bool {
    let calls = |span: &Span| with_all_below(trace, span).iter().any(|below| below.id != span.id && !below.is_point());
    spans.iter().any(|span| span.ended.is_some() && extent(trace, span).contains(&at) && !calls(span))
}

/// The moments within the stretches.
fn idle_moments(stretches: &[Idle<'_>]) -> Vec<i64> {
    stretches.iter().flat_map(|idle| moment(idle.from)..moment(idle.to)).collect()
}

/// What a span has waited for that began when a stretch ended, by all that stands beside it and above it.
fn waited_for(trace: &Trace, before: &Span, span: &Span, since: Timestamp) -> IdleKind {
    let above = trace.parent(span);
    // Lines of logs wait for nobody beside them, and nobody for them.
    let earlier: Vec<&Span> = siblings(trace, span)
        .into_iter()
        .take_while(|other| other.id != span.id && !span.is_log())
        .filter(|other| !other.is_log())
        .collect();
    let above = above.filter(|above| above.began <= since);
    let beside = earlier.last().copied().filter(|beside| beside.ended.is_some_and(|ended| ended <= since));
    let is_queued = |span: &Span| span.name == "job.queued" && !span.outcome.is_failure();
    // What failed of that name, until one went well that began when one of them was over.
    let mut failed: Vec<&Span> = Vec::new();
    for other in earlier.iter().copied().filter(|other| other.name == span.name) {
        if other.outcome.is_failure() {
            failed.push(other);
        } else if other.outcome == Outcome::Success && failed.iter().any(|failed| failed.ended <= Some(other.began)) {
            failed.clear();
        }
    }
    // And it is the first that was made for one of them again.
    let is_again = |failed: &&Span| {
        let first = siblings(trace, span).into_iter().find(|later| is_made_again(trace, failed, later));
        first.is_some_and(|first| first.id == span.id)
    };
    let is_made_for_any = earlier.iter().filter(|other| other.outcome.is_failure()).any(is_again);
    let is_another =
        |above: &Span| !above.service.is_empty() && !span.service.is_empty() && above.service != span.service;
    if is_queued(before) || above.is_some_and(is_queued) || beside.is_some_and(is_queued) {
        IdleKind::Queued
    } else if is_made_for_any
        && failed.iter().any(|failed| failed.ended <= Some(span.began) && failed.ended <= Some(since))
    {
        IdleKind::BackOff
    } else if above.is_some_and(is_another) {
        IdleKind::HandedOff
    } else {
        IdleKind::Unknown
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn what_was_waited_for_is_what_one_finds_beside_and_above(trace in any_trace()) {
        for stretch in trace.idle(Duration::ZERO) {
            let kind = |span: &Span| waited_for(&trace, stretch.before, span, stretch.from);
            let next = || trace.spans().iter().filter(|span| span.began == stretch.to);
            let expected = next().map(kind).min().unwrap_or(IdleKind::Unknown);
            prop_assert_eq!(stretch.kind, expected, "{:?}", stretch);
            prop_assert!(expected == IdleKind::Unknown || next().any(|span| span.id == stretch.after.id));
        }
    }
}

proptest! {
    #[test]
    fn idle_is_where_nothing_ran(trace in any_trace()) {
        let all: Vec<&Span> = trace.spans().iter().collect();
        let idle = trace.idle(Duration::ZERO);
        let slow: Vec<i64> = whole(&trace).filter(|at| !is_covered(&trace, &all, *at)).collect();
        prop_assert_eq!(idle_moments(&idle), slow);
        for stretch in &idle {
            // It lies between two things that happened next to each other, in what was open.
            let inside = |at: Timestamp| stretch.from < at && at < stretch.to;
            prop_assert!(!all.iter().any(|span| inside(span.began) || span.ended.is_some_and(inside)));
            prop_assert!(stretch.before.began <= stretch.from && stretch.after.began <= stretch.to);
            let is_open = |span: &&&Span| span.began <= stretch.from && span.ended.is_none_or(|ended| stretch.to <= ended);
            let mut open = all.iter().filter(is_open).filter(|span| !span.is_point());
            prop_assert_eq!(stretch.within.map(|span| span.id), open.next_back().map(|span| span.id));
        }
        let long = trace.idle(moments(3));
        prop_assert_eq!(long, idle.into_iter().filter(|idle| idle.duration() >= moments(3)).collect::<Vec<_>>());
    }

    #[test]
    fn idle_within_a_span_is_where_nothing_ran_below_it(trace in any_trace()) {
        for span in trace.spans() {
            let below = with_all_below(&trace, span);
            let known = below.iter().flat_map(|span| [Some(span.began), span.ended]).flatten().max().unwrap();
            let time = moment(span.began)..moment(span.ended.unwrap_or(known));
            let slow: Vec<i64> = time.filter(|at| !is_covered(&trace, &below, *at)).collect();
            prop_assert_eq!(idle_moments(&trace.idle_within(span, Duration::ZERO)), slow, "{:?}", span.id);
        }
    }

    #[test]
    fn a_timeline_tells_all_in_order(trace in any_trace()) {
        let told = trace.timeline();
        let mut open = std::collections::HashSet::new();
        for moment in &told {
            let expected = match moment.what {
                Happening::Ended => moment.span.ended.unwrap(),
                _ => moment.span.began,
            };
            prop_assert_eq!(moment.at, expected);
            prop_assert_eq!(moment.depth, std::iter::successors(trace.parent(moment.span), |span| trace.parent(span)).count());
            match moment.what {
                Happening::Began => prop_assert!(open.insert(moment.span.id)),
                Happening::Ended => prop_assert!(open.remove(&moment.span.id)),
                _ => prop_assert!(moment.span.ended == Some(moment.span.began)),
            }
        }
        prop_assert!(told.is_sorted_by_key(|moment| moment.at));
        prop_assert!(open.iter().all(|id| trace.get(*id).is_some_and(|span| span.ended.is_none())));
        // Of what happened at one moment, a span is never begun below one that has yet to begin, nor ended above one
        // that has yet to end.
        let place = |span: &Span, what: &[Happening]| {
            told.iter().position(|moment| moment.span.id == span.id && what.contains(&moment.what))
        };
        for span in trace.spans() {
            let Some(above) = trace.parent(span) else { continue };
            let begin = [Happening::Began, Happening::Happened];
            prop_assert!(above.began != span.began || place(above, &begin) < place(span, &begin));
            let ends = (place(span, &[Happening::Ended]), place(above, &[Happening::Ended]));
            if let (Some(below), Some(above_it)) = ends && span.ended == above.ended {
                prop_assert!(below < above_it);
            }
        }
    }
}

#[test]
fn a_chain_of_a_hundred_thousand_and_a_row_of_them_are_told_in_time() {
    let many = 100_000;
    let chain = (1..=many).map(|id| call(id, id - 1, "dispatch.step", id as i64..2 * many as i64 - id as i64));
    let trace = Trace::from_events(TRACE, chain);
    assert_eq!(trace.timeline().len() as u64, 2 * many - 1);
    assert_eq!(trace.idle(Duration::ZERO).len() as u64, 2 * many - 2);
    // Every second one fails, and the next one is the same call, so that who waited for what is asked of all.
    let row = (2..=many).map(|id| {
        let mut event = call(id, 1, "dispatch.step", 3 * id as i64..3 * id as i64 + 1);
        event.status = if id % 2 == 0 { Status::Failed } else { Status::Success };
        event.data.insert("item", id / 2);
        event
    });
    let trace = Trace::from_events(TRACE, row.chain([call(1, 0, "dispatch.run", 0..4 * many as i64)]));
    let waited = trace.idle(Duration::ZERO).iter().filter(|idle| idle.kind == IdleKind::BackOff).count();
    assert_eq!(waited as u64, many / 2 - 1);
}

#[test]
fn absurd_times_are_no_panic() {
    let mut events = [call(1, 0, "a.b", 0..1), call(2, 1, "a.b", 0..1), call(3, 2, "a.b", 0..1)];
    events[0].timestamp = Timestamp::from_unix_nanos(i64::MIN);
    events[0].duration = Some(Duration::MAX);
    events[1].timestamp = Timestamp::from_unix_nanos(i64::MAX);
    events[1].duration = Some(Duration::MAX);
    let trace = Trace::from_events(TRACE, events);
    assert!(trace.timeline().len() >= 3);
    trace.idle(Duration::ZERO);
    for span in trace.spans() {
        trace.idle_within(span, Duration::ZERO);
    }
    let nothing = Trace::from_events(TRACE, []);
    assert_eq!((nothing.timeline().len(), nothing.idle(Duration::ZERO).len()), (0, 0));
}
