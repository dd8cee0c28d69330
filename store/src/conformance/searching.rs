//! What comes out of a store as events: searches, counts and tails have what is meant, in order, each once, whoever
//! writes meanwhile.

use std::collections::HashSet;
use std::sync::atomic::{AtomicU64, Ordering};

use tense_event::{Event, SpanId};

use super::events::{APART, BEGAN, at, trace, trace_id};
use super::{clean, done, filled, pages, same};
use crate::query::{Key, Query, Term};
use crate::statistics::Statistics;
use crate::{Cursor, Retention, Store, StoreError};

/// What people ask for, each with the number of events that it means.
fn queries() -> Vec<Query> {
    let terms = [
        "type:sql.query",
        "type:operation.*",
        "type:*failed",
        "type:dispatch.*.start",
        "name:dispatch.checkout",
        "-type:sql.query",
        "status:failed",
        "-status:success",
        "level:warn",
        "service:shop",
        "service:*",
        "-service:*",
        "job:job-2",
        "job:job-*",
        "-job:*",
        "user:user 3",
        "tag:saga",
        "-tag:saga",
        "amount:>700",
        "amount:<=215",
        "amount:=307",
        "amount:307",
        "address.city:\"town 2\"",
        "address.city:town*",
        "address.lines:two: 2",
        "address.lines:7",
        "error.kind:panic",
        "error.type:CardError",
        "error:*declined*",
        "-error:*",
        "duration:>500us",
        "duration:<=9ms",
        "-duration:*",
        "sample_weight:5",
        "nothing:*",
        "-nothing:*",
    ];
    let of = |text: &str| match text.parse::<Term>() {
        Ok(term) => term,
        Err(error) => unreachable!("{error}"),
    };
    let mut queries: Vec<Query> = terms.iter().map(|text| Query::new().with(of(text))).collect();
    let types = ["sql.query", "http.*"].map(|wanted| Term::is(Key::Type, wanted));
    let jobs = ["job-1", "job-3"].map(|wanted| Term::is(Key::Job, wanted));
    let begin = |number: i64| at(BEGAN + number * APART);
    queries.extend([
        Query::new(),
        Query::new().any_of(types.clone()),
        Query::new().any_of(types).with(of("amount:>500")).since(begin(20)),
        Query::new().any_of(jobs).with(of("status:failed")),
        Query::new().with(of("job:job-1")).with(of("job:job-2")),
        Query::new().with(of("job:job-1")).with(of("type:*.start")),
        Query::new().since(begin(5)).until(begin(12)),
        Query::new().since(begin(5)).until(begin(5)),
        Query::new().until(begin(0)),
        Query::new().with(Term::is(Key::Trace, trace_id(7).to_string().as_str())),
        Query::new().with(of(&format!("trace:{}", trace_id(7).short()))),
    ]);
    queries
}

pub(super) fn searches_find_what_is_meant<S: Store>(mut open: impl FnMut() -> S) {
    let mut store = open();
    let reference = filled(&mut store);
    for query in queries() {
        let expected = pages(&reference, &query, 1000, || ());
        for most in [1000, 37] {
            let found = pages(&store, &query, most, || ());
            same(&format!("a search for {query:?}, {most} a page"), &found, &expected);
        }
    }
    let none = done("search for no event", store.search(&Query::new(), None, 0));
    assert!(none.events.is_empty(), "no event was asked for");
}

pub(super) fn pages_are_stable<S: Store>(mut open: impl FnMut() -> S) {
    let mut store = open();
    let reference = filled(&mut store);
    let (mut writer, mut more) = (open(), 0);
    for query in [Query::new(), Query::new().with(Term::is(Key::Service, "shop"))] {
        let there = pages(&reference, &query, 1000, || ());
        let found = pages(&store, &query, 9, || {
            more += 1;
            // New traces, and late events of old ones, before, at and behind the place that was come to.
            let late = trace(200 + more).into_iter().zip(1..).map(|(mut event, nth)| {
                if nth < 6 {
                    event.trace_id = trace_id((more * 13) % 60);
                }
                event.span_id = SpanId::new(1000 + more * 10 + nth).unwrap_or(event.span_id);
                event.timestamp = at(BEGAN + (more * 17 % 60) as i64 * APART + nth as i64);
                event
            });
            assert_eq!(done("write", writer.append(&clean(late))).stored, 8);
        });
        let id = |event: &Event| (event.trace_id, event.span_id, event.event_type.to_string(), event.status);
        let mut seen = HashSet::new();
        assert!(found.iter().all(|event| seen.insert(id(event))), "an event is on two pages");
        let of_old: Vec<&Event> = found.iter().filter(|event| event.span_id.get() < 1000).collect();
        let expected: Vec<&Event> = there.iter().collect();
        same("what was there at the begin, while others write", &of_old, &expected);
    }
}

pub(super) fn counts_agree<S: Store>(mut open: impl FnMut() -> S) {
    let mut store = open();
    let reference = filled(&mut store);
    for query in queries() {
        let (found, expected) = (count(&store, &query), count(&reference, &query));
        assert!(found == expected, "a count of {query:?} is {found:?}, and not {expected:?}");
    }
}

fn count(store: &impl Store, query: &Query) -> Statistics {
    let (mut statistics, mut from) = (Statistics::default(), None);
    loop {
        let count = done("count", store.statistics(query, from.as_ref()));
        statistics.merge(count.statistics);
        match count.next {
            Some(next) => from = Some(next),
            None => return statistics,
        }
    }
}

pub(super) fn a_tail_misses_nothing<S: Store>(mut open: impl FnMut() -> S) {
    const WRITERS: u64 = 3;
    const EACH: u64 = 25;
    let mut store = open();
    let before = clean(trace(0));
    assert_eq!(done("write", store.append(&before)).stored, 8);
    let ids =
        |events: &[Event]| events.iter().map(|event| (event.trace_id, event.span_id, event.status)).collect::<Vec<_>>();
    let arrived: Vec<Event> = before.iter().map(|event| Event::clone(event)).collect();
    let last = done("follow", store.tail(None, 3));
    same("the last that have arrived", &last.events, &arrived[5..]);
    same("all that have arrived", &done("follow", store.tail(None, 100)).events, &arrived);
    let now = done("follow", store.tail(None, 0));
    assert!(now.events.is_empty() && !now.is_torn, "from now on");
    assert_eq!(now.next, last.next, "behind the last is from now on");
    assert_eq!(done("follow", store.tail(Some(&now.next), 5)).events, [], "nothing is new");
    // What is known is not new.
    assert_eq!(done("write", store.append(&before)).known, 8);
    assert_eq!(done("follow", store.tail(Some(&now.next), 5)).events, [], "nothing is new");

    let writers: Vec<S> = (0..WRITERS).map(|_| open()).collect();
    let (mut seen, finished) = (Vec::new(), AtomicU64::new(0));
    std::thread::scope(|scope| {
        for (mut writer, nth) in writers.into_iter().zip(0..) {
            let finished = &finished;
            scope.spawn(move || {
                for number in 0..EACH {
                    let batch = clean(trace(1 + nth * EACH + number));
                    assert_eq!(done("write while others write", writer.append(&batch)).stored, 8);
                }
                finished.fetch_add(1, Ordering::SeqCst);
            });
        }
        let mut from = now.next;
        loop {
            let all_written = finished.load(Ordering::SeqCst) == WRITERS;
            let tail = done("follow while others write", store.tail(Some(&from), 50));
            assert!(tail.events.len() <= 50 && !tail.is_torn, "a tail has as many as were asked for, and no hole");
            let is_empty = tail.events.is_empty();
            seen.extend(tail.events);
            from = tail.next;
            if all_written && is_empty {
                break;
            }
        }
    });
    assert_eq!(seen.len() as u64, WRITERS * EACH * 8, "a tail tells every event that others write");
    let told: HashSet<_> = ids(&seen).into_iter().collect();
    assert_eq!(told.len(), seen.len(), "a tail tells an event twice");
    for number in 1..=WRITERS * EACH {
        let of_trace: Vec<&Event> = seen.iter().filter(|event| event.trace_id == trace_id(number)).collect();
        let batch = clean(trace(number));
        let written: Vec<&Event> = batch.iter().map(|event| &**event).collect();
        same("events arrive in the order in which they were written", &of_trace, &written);
    }

    let cursor = done("follow", store.tail(None, 0)).next;
    let mut tail = done("follow", store.tail(Some(&cursor), 5));
    assert!(!tail.is_torn, "nothing was lost yet");
    assert_eq!(done("write", store.append(&clean(trace(900)))).stored, 8);
    let mut step = done("purge", store.purge(&Retention::nothing().ended_before(at(i64::MAX))));
    while step.more {
        step = done("purge", store.purge(&Retention::nothing().ended_before(at(i64::MAX))));
    }
    tail = done("follow", store.tail(Some(&tail.next), 5));
    assert!(tail.is_torn && tail.events.is_empty(), "what was purged before it was read is told");
    tail = done("follow", store.tail(Some(&tail.next), 5));
    assert!(!tail.is_torn, "and told once");
    assert_eq!(done("write", store.append(&clean(trace(901)))).stored, 8);
    let later = done("follow", store.tail(None, 0)).next;
    assert!(!done("follow", store.tail(Some(&later), 5)).is_torn, "whoever came later has missed nothing");
    let from_now = done("follow", store.tail(None, 100));
    assert_eq!((from_now.events.len(), from_now.is_torn), (8, false), "and what came after it is there");
}

pub(super) fn cursors_of_others_are_refused<S: Store>(mut open: impl FnMut() -> S) {
    let mut store = open();
    filled(&mut store);
    let Ok(made_up) = "zz.made.up".parse::<Cursor>() else { unreachable!("a cursor of nobody's") };
    let search = done("search", store.search(&Query::new(), None, 1)).next;
    let Some(search) = search else { panic!("there are more events than one") };
    let tail = done("follow", store.tail(None, 1)).next;
    let is_refused = |error: Option<StoreError>| matches!(error, Some(StoreError::Cursor { .. }));
    for cursor in [&made_up, &tail] {
        assert!(is_refused(store.search(&Query::new(), Some(cursor), 1).err()), "a search refuses `{cursor}`");
        assert!(is_refused(store.statistics(&Query::new(), Some(cursor)).err()), "a count refuses `{cursor}`");
    }
    for cursor in [&made_up, &search] {
        assert!(is_refused(store.tail(Some(cursor), 1).err()), "a tail refuses `{cursor}`");
    }
}
