//! What goes into a store: once, as a whole, unchanged, until it is to go again.

use std::collections::HashSet;

use tense_event::{Event, Status, TraceId};

use super::events::{APART, BEGAN, at, event, hostile, trace, trace_id};
use super::{clean, done, pages, same};
use crate::query::Query;
use crate::{Found, Purged, Retention, Selector, Store, Trace, TraceFilter};

pub(super) fn nothing_is_there_at_the_begin<S: Store>(mut open: impl FnMut() -> S) {
    let mut store = open();
    let everything = Retention::nothing().ended_before(at(i64::MAX)).larger_than(0);
    for _ in 0..2 {
        assert_eq!(done("list traces", store.traces(&TraceFilter::newest(9))), [], "no trace is there");
        assert_eq!(done("list ids", store.trace_ids(&TraceFilter::newest(9))), [], "no trace is there");
        assert_eq!(done("read a trace", store.trace(trace_id(1))), None, "no trace is there");
        assert_eq!(done("read events", store.events(trace_id(1))).events, [], "no event is there");
        for selector in [Selector::Last, Selector::LastFailed, Selector::Id(trace_id(1)), Selector::Job("j".into())] {
            let found = done("find a trace", store.find(&selector));
            assert_eq!(found, Found::Nothing, "no trace is found by {selector:?}");
        }
        let page = done("search", store.search(&Query::new(), None, 9));
        assert_eq!((page.events.len(), page.next), (0, None), "a search finds nothing");
        let count = done("count", store.statistics(&Query::new(), None));
        assert!(count.statistics.is_empty() && count.next.is_none(), "nothing is counted");
        let tail = done("follow", store.tail(None, 9));
        assert!(tail.events.is_empty() && !tail.is_torn, "nothing has arrived");
        let empty = done("write nothing", store.append(&[]));
        assert_eq!((empty.stored, empty.known), (0, 0), "an empty batch writes nothing");
        let purgeable = done("measure", store.purgeable(&everything));
        assert_eq!((purgeable.traces, purgeable.events), (0, 0), "nothing is to go");
        let purged = done("purge", store.purge(&everything));
        assert_eq!((purged.traces, purged.events, purged.more), (0, 0, false), "nothing goes");
    }
}

pub(super) fn a_batch_is_written_once<S: Store>(mut open: impl FnMut() -> S) {
    let mut store = open();
    let events = trace(3);
    let batch = clean(events.clone());
    let twice: Vec<_> = batch[..5].iter().chain(&batch[..5]).cloned().collect();
    let appended = done("write", store.append(&twice));
    assert_eq!((appended.stored, appended.known), (5, 5), "the same event twice in a batch is one");
    let mut other = open();
    let appended = done("write", other.append(&batch));
    assert_eq!((appended.stored, appended.known), (3, 5), "an event that is there is not written again");
    let expected = Trace::from_events(trace_id(3), events);
    for store in [store, other, open()] {
        let found = done("read a trace", store.trace(trace_id(3)));
        assert!(found.as_ref() == Some(&expected), "a trace reads as it was written: {found:?}");
        let raw = done("read the events of a trace", store.events(trace_id(3)));
        assert_eq!((raw.events.len(), raw.unreadable), (8, 0), "the events of a trace are there once");
        let list = done("list traces", store.traces(&TraceFilter::newest(9)));
        let counted: Vec<u64> = list.iter().map(|summary| summary.events).collect();
        assert_eq!(counted, [8], "a list counts each event once");
        assert_eq!(pages(&store, &Query::new(), 3, || ()).len(), 8, "a search finds each event once");
    }
    // What tells two events apart is trace, span, type and status.
    let one = || event(9, 1, 0, "operation.orders.placed", Status::Success, BEGAN);
    let mut other_type = one();
    other_type.event_type = "operation.orders.changed".into();
    let mut other_time = one();
    other_time.timestamp = at(BEGAN + 1);
    let mut other_status = one();
    other_status.status = Status::Failed;
    let mut store = open();
    let appended = done("write", store.append(&clean([one(), other_type, other_status, other_time])));
    assert_eq!((appended.stored, appended.known), (3, 1), "events are told apart by trace, span, type and status");
}

/// While a batch is written, whoever reads sees none of it or all.
pub(super) fn a_batch_is_seen_whole<S: Store>(mut open: impl FnMut() -> S) {
    const BATCHES: u64 = 30;
    const EACH: u64 = 20;
    let (mut writer, reader) = (open(), open());
    let batch = |nth: u64| {
        let spans = 1 + nth * EACH..=(nth + 1) * EACH;
        clean(spans.map(|span| event(1, span, 0, "sql.query", Status::Success, BEGAN + span as i64)))
    };
    std::thread::scope(|scope| {
        let writing = scope.spawn(move || {
            (0..BATCHES).for_each(|nth| assert_eq!(done("write", writer.append(&batch(nth))).known, 0));
        });
        let mut seen = 0;
        while seen < BATCHES * EACH && !writing.is_finished() {
            let found = done("read while another writes", reader.trace(trace_id(1)));
            seen = found.map_or(0, |trace| trace.spans().len() as u64);
            assert_eq!(seen % EACH, 0, "a part of a batch is seen");
        }
    });
}

pub(super) fn what_nobody_should_send_comes_back<S: Store>(mut open: impl FnMut() -> S) {
    let batch = clean(hostile());
    assert_eq!(done("write odd events", open().append(&batch)).stored, batch.len(), "odd events are written");
    let store = open();
    let found = pages(&store, &Query::new(), 4, || ());
    assert_eq!(found.len(), batch.len(), "each odd event is found once");
    for event in &batch {
        let same = found.iter().find(|found| (found.trace_id, found.span_id) == (event.trace_id, event.span_id));
        assert_eq!(same, Some(&**event), "an odd event comes back as it was");
        if let Some(job) = &event.job_id {
            let of_job = done("find a job", store.find(&Selector::Job(job.clone())));
            assert_eq!(of_job, Found::One(event.trace_id), "a trace is found by its odd job {job:?}");
            let of_job = done("list a job", store.trace_ids(&TraceFilter::newest(9).of_job(job)));
            assert_eq!(of_job, [event.trace_id], "a trace is listed by its odd job {job:?}");
        }
    }
    for id in batch.iter().map(|event| event.trace_id).collect::<HashSet<TraceId>>() {
        let of_trace = batch.iter().filter(|event| event.trace_id == id).map(|event| Event::clone(event));
        let expected = Trace::from_events(id, of_trace);
        assert!(done("read an odd trace", store.trace(id)) == Some(expected), "an odd trace reads as it was written");
        assert_eq!(done("find an odd trace", store.find(&Selector::Id(id))), Found::One(id), "an odd id is found");
    }
}

pub(super) fn old_traces_go_by_age<S: Store>(mut open: impl FnMut() -> S) {
    const TRACES: u64 = 140;
    const GONE: u64 = 111;
    let mut store = open();
    // Some were written long after they happened.
    let numbers = (0..TRACES / 2).rev().chain(TRACES / 2..TRACES);
    numbers.for_each(|number| assert_eq!(done("write", store.append(&clean(trace(number)))).stored, 8));
    let retention = Retention::nothing().ended_before(at(BEGAN + GONE as i64 * APART));
    let expected = done("measure", store.purgeable(&retention));
    assert_eq!((expected.traces, expected.events), (GONE, GONE * 8), "what is to go by age is counted");
    let purged = purge(&mut store, &retention);
    assert_eq!((purged.traces, purged.events), (GONE, GONE * 8), "what is old enough goes, and nothing else");
    let store = open();
    let left = done("list traces", store.traces(&TraceFilter::newest(1000)));
    let expected: Vec<TraceId> = (GONE..TRACES).rev().map(trace_id).collect();
    same("traces that are left", &left.iter().map(|trace| trace.id).collect::<Vec<_>>(), &expected);
    assert_eq!(pages(&store, &Query::new(), 100, || ()).len() as u64, (TRACES - GONE) * 8, "a search finds the rest");
    assert_eq!(done("read a trace", store.trace(trace_id(0))), None, "a trace that has gone is not there");
    assert_eq!(done("find a trace", store.find(&Selector::Id(trace_id(0)))), Found::Nothing, "and is not found");
    // It may come again.
    assert_eq!(done("write", open().append(&clean(trace(0)))).stored, 8, "what has gone may be written again");
    assert!(done("read a trace", store.trace(trace_id(0))).is_some(), "and is there again");
}

pub(super) fn too_many_traces_go_by_size<S: Store>(mut open: impl FnMut() -> S) {
    let mut store = open();
    let batch: Vec<Event> = (0..150).flat_map(trace).collect();
    assert_eq!(done("write", store.append(&clean(batch))).stored, 1200);
    let all = done("measure", store.purgeable(&Retention::nothing().larger_than(0)));
    assert_eq!(all.traces, 150, "nothing fits into no room");
    let half = Retention::nothing().larger_than(all.bytes / 2);
    let purged = purge(&mut store, &half);
    assert!((1..150).contains(&purged.traces), "some traces go when there are too many: {purged:?}");
    let left = done("list traces", store.traces(&TraceFilter::newest(1000)));
    let expected: Vec<TraceId> = (purged.traces..150).rev().map(trace_id).collect();
    same("the newest traces stay", &left.iter().map(|trace| trace.id).collect::<Vec<_>>(), &expected);
    let again = done("purge", store.purge(&half));
    assert_eq!((again.traces, again.more), (0, false), "what fits stays");
}

/// Purges to the end.
fn purge(store: &mut impl Store, retention: &Retention) -> Purged {
    let mut purged = Purged::default();
    loop {
        let step = done("purge", store.purge(retention));
        assert!(step.events > 0 || step.traces > 0 || !step.more, "a step that has more behind it removes something");
        purged = purged.and(step);
        if !step.more {
            return purged;
        }
    }
}
