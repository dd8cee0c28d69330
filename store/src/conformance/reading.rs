//! What comes out of a store: the traces and events that are meant, in order, each once, whoever writes meanwhile.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tense_event::{ErrorInfo, ErrorKind, Event, SpanId, Status, TraceId};

use super::events::{APART, BEGAN, at, event, span_id, trace, trace_id};
use super::{clean, done, pages, same};
use crate::query::{Key, Term};
use crate::{
    Cursor, Found, MemoryStore, Query, Retention, Selector, Statistics, Store, StoreError, TraceFilter, TraceStatus,
    TraceSummary,
};

/// A store and the reference with the same events in the same order of arrival; the oldest traces arrived last.
fn filled<S: Store>(store: &mut S) -> MemoryStore {
    let mut reference = MemoryStore::new();
    for number in (10..60).chain(0..10) {
        let batch = clean(trace(number));
        assert_eq!(done("write", store.append(&batch)).stored, 8);
        assert_eq!(done("write", reference.append(&batch)).stored, 8);
    }
    reference
}

pub(super) fn traces_are_found<S: Store>(mut open: impl FnMut() -> S) {
    let mut store = open();
    let reference = filled(&mut store);
    let one = |number| Found::One(trace_id(number));
    let check = |selector: Selector, expected: Found| {
        assert_eq!(done("find a trace", store.find(&selector)), expected, "what is found by {selector:?}");
    };
    check(Selector::Last, one(59));
    check(Selector::LastFailed, one(57));
    check(Selector::Id(trace_id(7)), one(7));
    check(Selector::Id(trace_id(1000)), Found::Nothing);
    check(Selector::Job("job-2".to_owned()), one(56));
    check(Selector::Job("job-".to_owned()), Found::Nothing);
    check(Selector::Job("job-%".to_owned()), Found::Nothing);
    let digits = trace_id(7).to_string();
    for length in [4, 8, 9, 16, 31] {
        let suffix = digits[32 - length..].to_owned();
        let ends_so = (0..60).filter(|number| trace_id(*number).to_string().ends_with(&suffix)).count();
        assert_eq!(ends_so, 1, "these ids end differently");
        check(Selector::Suffix(suffix), one(7));
    }
    check(Selector::Suffix("0123456789abcdef0123".to_owned()), Found::Nothing);
    // Two that end in the same eight digits.
    let twin = TraceId::from_halves(9, u128::from_be_bytes(trace_id(7).to_bytes()) as u64 & 0xffff_ffff);
    let twins = trace(70).into_iter().map(|mut event| {
        event.trace_id = twin;
        event
    });
    assert_eq!(done("write", open().append(&clean(twins))).stored, 8);
    match done("find a trace", store.find(&Selector::Suffix(twin.short()))) {
        Found::Many(both) => {
            assert_eq!(both.iter().map(|one| one.id).collect::<Vec<_>>(), [twin, trace_id(7)], "the newer one first");
        }
        other => panic!("two traces end in these digits: {other:?}"),
    }
    check(Selector::Suffix(digits[32 - 9..].to_owned()), one(7));

    for filter in [
        TraceFilter::newest(7),
        TraceFilter::newest(7).failed(),
        TraceFilter::newest(0),
        TraceFilter::newest(1000).since(at(BEGAN + 5 * APART)).until(at(BEGAN + 9 * APART)),
        TraceFilter::newest(1000).failed().until(at(BEGAN + 9 * APART)),
        TraceFilter::newest(1000).until(at(i64::MIN)),
    ] {
        let mut filter = filter;
        // The twin is not in the reference.
        filter.until = filter.until.or(Some(at(BEGAN + 60 * APART)));
        let (found, expected) = (done("list traces", store.traces(&filter)), done("list", reference.traces(&filter)));
        same(&format!("a list of traces by {filter:?}"), &found, &expected);
        assert!(!filter.only_failed || found.iter().all(|trace| trace.status == TraceStatus::Failed));
    }
}

/// Traces that began at the same moment have an order all the same: of a list that is asked for twice, each is in its
/// place, and `last` is always the same one.
pub(super) fn the_one_heard_of_last_comes_first<S: Store>(mut open: impl FnMut() -> S) {
    let (mut store, mut reference) = (open(), MemoryStore::new());
    // Neither in the order of their ids nor against it; each batch has two, of which the first one has more to come.
    let arrived = [5, 2, 8, 1, 9, 4];
    let root = |number: u64| {
        let status = if number.is_multiple_of(2) { Status::Failed } else { Status::Success };
        let mut event = event(number, 1, 0, "operation.orders.placed", status, BEGAN);
        event.trace_id = TraceId::from_halves(number.wrapping_mul(0x9e37_79b9_7f4a_7c15), 0xab);
        event.job_id = Some("job-1".to_owned());
        event
    };
    let more = |number: u64, span| {
        let mut event = root(number);
        event.span_id = span_id(span);
        event
    };
    for two in arrived.chunks(2) {
        let batch = clean(two.iter().map(|number| root(*number)).chain([more(two[0], 2)]));
        assert_eq!(done("write", store.append(&batch)).stored, 3);
        assert_eq!(done("write", reference.append(&batch)).stored, 3);
    }
    // What comes to a trace that is known changes nothing.
    let late = more(2, 3);
    assert_eq!(done("write", store.append(&clean([late.clone()]))).stored, 1);
    assert_eq!(done("write", reference.append(&clean([late]))).stored, 1);

    let id = |number: u64| root(number).trace_id;
    let expected: Vec<TraceId> = arrived.iter().rev().map(|number| id(*number)).collect();
    for limit in 0..8 {
        for filter in [TraceFilter::newest(limit), TraceFilter::newest(limit).failed()] {
            let found = done("list traces", store.traces(&filter));
            let ids: Vec<TraceId> = found.iter().map(|trace| trace.id).collect();
            let wanted = |one: &&TraceId| !filter.only_failed || [2, 8, 4].map(id).contains(*one);
            let expected: Vec<TraceId> = expected.iter().filter(wanted).take(limit).copied().collect();
            same("traces that began at the same moment, the one heard of last first", &ids, &expected);
            same("the same beside the reference", &found, &done("list", reference.traces(&filter)));
        }
    }
    for (selector, number) in [(Selector::Last, 4), (Selector::LastFailed, 4), (Selector::Job("job-1".to_owned()), 4)] {
        assert_eq!(done("find a trace", store.find(&selector)), Found::One(id(number)), "{selector:?}");
    }
    match done("find a trace", store.find(&Selector::Suffix("000000ab".to_owned()))) {
        Found::Many(all) => {
            let ids: Vec<TraceId> = all.iter().map(|trace| trace.id).collect();
            same("candidates that began at the same moment", &ids, &expected);
        }
        other => panic!("six traces end in these digits: {other:?}"),
    }
}

/// The id of a span of another program.
const ELSEWHERE: u64 = 0xb7ad_6b71_6920_3331;

/// Of a trace that came from another program the root may be elsewhere, and of one whose root ended well something
/// below may have failed.
pub(super) fn traces_are_told_by_what_is_here<S: Store>(mut open: impl FnMut() -> S) {
    let (mut store, mut reference) = (open(), MemoryStore::new());
    let mut send = |events: Vec<Event>| {
        let batch = clean(events);
        assert_eq!(done("write", store.append(&batch)).stored, batch.len());
        assert_eq!(done("write", reference.append(&batch)).stored, batch.len());
        let all = || TraceFilter::newest(1000);
        for filter in [all(), all().failed(), all().failures(), TraceFilter::newest(2).failed()] {
            let (found, expected) = (store.traces(&filter), reference.traces(&filter));
            same(&format!("a list of traces by {filter:?}"), &done("list", found), &done("list", expected));
        }
        let failed =
            done("list", store.traces(&all().failed())).first().map_or(Found::Nothing, |one| Found::One(one.id));
        assert_eq!(done("find a trace", store.find(&Selector::LastFailed)), failed, "the last of those that failed");
        done("list", store.traces(&all())).into_iter().map(|one| (one.id, one)).collect::<HashMap<_, _>>()
    };
    let call = |number: u64, span, parent, name, status, ms: i64| {
        let mut call = event(number, span, parent, name, status, BEGAN + number as i64 * APART + ms * 1_000_000);
        call.duration = Some(Duration::from_millis(1));
        call
    };
    let (served, asked) = ("operation.page.served", "operation.bank.asked");
    let (well, ill) = (Status::Success, Status::Failed);
    let seen = |all: &HashMap<TraceId, TraceSummary>, number| {
        let one = &all[&trace_id(number)];
        (one.status, one.root_name.clone(), one.root_duration, one.failed_below)
    };
    let took = Some(Duration::from_millis(1));
    let page = Some(served.to_owned());

    // Everything is below a span of another program.
    let all = send(vec![call(1, 2, ELSEWHERE, served, well, 5), call(1, 3, 2, asked, well, 4)]);
    assert_eq!(seen(&all, 1), (TraceStatus::Succeeded, page.clone(), took, false), "its parent is elsewhere");
    let all = send(vec![call(2, 2, ELSEWHERE, served, ill, 5), call(2, 3, 2, asked, ill, 4)]);
    assert_eq!(
        seen(&all, 2),
        (TraceStatus::Failed, page.clone(), took, false),
        "it failed, and its parent is elsewhere"
    );
    let all = send(vec![call(3, 2, ELSEWHERE, served, well, 5), call(3, 3, 2, asked, ill, 4)]);
    assert_eq!(seen(&all, 3), (TraceStatus::Succeeded, page.clone(), took, true), "a failure was got over");
    let all = send(vec![call(4, 2, ELSEWHERE, served, Status::Pending, 5)]);
    assert_eq!(seen(&all, 4), (TraceStatus::Open, page.clone(), None, false), "it has not ended");
    // The root comes last, as that of a call that reports its end alone does.
    let all = send(vec![call(5, 3, 2, asked, ill, 4)]);
    assert_eq!(seen(&all, 5), (TraceStatus::Open, None, None, true), "it was called in the same program, and goes on");
    let all = send(vec![call(5, 2, 0, served, well, 5)]);
    assert_eq!(seen(&all, 5), (TraceStatus::Succeeded, page.clone(), took, true), "its root ended well");
    let all = send(vec![call(6, 3, 2, asked, ill, 4), call(6, 2, 0, served, ill, 5)]);
    assert_eq!(seen(&all, 6), (TraceStatus::Failed, page.clone(), took, false), "its root failed");
    // Nobody's child.
    let all = send(vec![call(7, 2, 3, served, ill, 5), call(7, 3, 2, asked, well, 9)]);
    assert_eq!(seen(&all, 7), (TraceStatus::Failed, page, took, false), "of a circle the first one is shown as a root");
    // A line of a log tells of a failure and is none.
    let all = send(vec![call(8, 2, 0, served, well, 5), call(8, 3, 2, "log.failure", ill, 4)]);
    assert!(!all[&trace_id(8)].failed_below, "a line is no call");
    let mut dropped = call(9, 3, 2, asked, ill, 4);
    dropped.error = Some(ErrorInfo::new(ErrorKind::Cancelled));
    let all = send(vec![call(9, 2, 0, served, well, 5), dropped]);
    assert!(!all[&trace_id(9)].failed_below, "what was dropped may have lost a race");
}

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
    let mut step = done("purge", store.purge(&Retention::nothing().older_than(at(i64::MAX))));
    while step.more {
        step = done("purge", store.purge(&Retention::nothing().older_than(at(i64::MAX))));
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
