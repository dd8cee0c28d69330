//! What comes out of a store as traces: those that are meant, in order, each once, and what is told of them.

use std::collections::HashMap;
use std::time::Duration;

use tense_event::{ErrorInfo, ErrorKind, Event, Status, TraceId};

use super::events::{APART, BEGAN, at, event, span_id, trace, trace_id};
use super::{clean, done, filled, same};
use crate::{Failures, Found, MemoryStore, Selector, Store, TraceFilter, TraceStatus, TraceSummary};

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
        TraceFilter::newest(1000).of_job("job-2"),
        TraceFilter::newest(3).of_job("job-2"),
        TraceFilter::newest(0).of_job("job-2"),
        TraceFilter::newest(1000).of_job("job-3").failed(),
        TraceFilter::newest(1000).of_job("job-4").failed(),
        TraceFilter::newest(2).of_job("job-1").since(at(BEGAN + 5 * APART)).until(at(BEGAN + 31 * APART)),
        TraceFilter::newest(1000).of_job("job-1").until(at(i64::MIN)),
        TraceFilter::newest(1000).of_job("job-"),
        TraceFilter::newest(1000).of_job("job-%"),
    ] {
        let mut filter = filter;
        // The twin is not in the reference.
        filter.until = filter.until.or(Some(at(BEGAN + 60 * APART)));
        let (found, expected) = (done("list traces", store.traces(&filter)), done("list", reference.traces(&filter)));
        same(&format!("a list of traces by {filter:?}"), &found, &expected);
        let ids: Vec<TraceId> = expected.iter().map(|trace| trace.id).collect();
        same(&format!("ids of traces by {filter:?}"), &done("list ids", store.trace_ids(&filter)), &ids);
        assert!(filter.failures == Failures::Any || found.iter().all(|trace| trace.status == TraceStatus::Failed));
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
    // What comes to a trace that is known changes nothing; it may be of another job.
    let mut late = more(2, 3);
    late.job_id = Some("job-2".to_owned());
    assert_eq!(done("write", store.append(&clean([late.clone()]))).stored, 1);
    assert_eq!(done("write", reference.append(&clean([late]))).stored, 1);

    let id = |number: u64| root(number).trace_id;
    let expected: Vec<TraceId> = arrived.iter().rev().map(|number| id(*number)).collect();
    for limit in 0..8 {
        let all = || TraceFilter::newest(limit);
        for filter in [all(), all().failed(), all().of_job("job-1"), all().of_job("job-1").failed()] {
            let found = done("list traces", store.traces(&filter));
            let ids: Vec<TraceId> = found.iter().map(|trace| trace.id).collect();
            let wanted = |one: &&TraceId| filter.failures == Failures::Any || [2, 8, 4].map(id).contains(*one);
            let expected: Vec<TraceId> = expected.iter().filter(wanted).take(limit).copied().collect();
            same("traces that began at the same moment, the one heard of last first", &ids, &expected);
            same("the same beside the reference", &found, &done("list", reference.traces(&filter)));
        }
    }
    let of_both = done("list a job", store.trace_ids(&TraceFilter::newest(9).of_job("job-2")));
    same("a trace of two jobs is listed for each", &of_both, &[id(2)]);
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
        for filter in [all(), all().failed(), all().with_failures(), TraceFilter::newest(2).failed()] {
            let (found, expected) = (store.traces(&filter), reference.traces(&filter));
            same(&format!("a list of traces by {filter:?}"), &done("list", found), &done("list", expected));
            let (found, expected) = (store.trace_ids(&filter), reference.trace_ids(&filter));
            same(&format!("ids of traces by {filter:?}"), &done("list ids", found), &done("list ids", expected));
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
    assert_eq!(seen(&all, 1), (TraceStatus::Success, page.clone(), took, false), "its parent is elsewhere");
    let all = send(vec![call(2, 2, ELSEWHERE, served, ill, 5), call(2, 3, 2, asked, ill, 4)]);
    assert_eq!(
        seen(&all, 2),
        (TraceStatus::Failed, page.clone(), took, false),
        "it failed, and its parent is elsewhere"
    );
    let all = send(vec![call(3, 2, ELSEWHERE, served, well, 5), call(3, 3, 2, asked, ill, 4)]);
    assert_eq!(seen(&all, 3), (TraceStatus::Success, page.clone(), took, true), "a failure was got over");
    let all = send(vec![call(4, 2, ELSEWHERE, served, Status::Pending, 5)]);
    assert_eq!(seen(&all, 4), (TraceStatus::Open, page.clone(), None, false), "it has not ended");
    // The root comes last, as that of a call that reports its end alone does.
    let all = send(vec![call(5, 3, 2, asked, ill, 4)]);
    assert_eq!(seen(&all, 5), (TraceStatus::Failed, None, None, false), "all that is here has ended, and failed");
    let all = send(vec![call(5, 2, 0, served, well, 5)]);
    assert_eq!(seen(&all, 5), (TraceStatus::Success, page.clone(), took, true), "its root ended well");
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
    // Parts of a trace whose roots nobody has seen, as a cut file has them.
    let all =
        send(vec![call(10, 5, 1, asked, well, 4), call(10, 6, 1, asked, ill, 5), call(10, 7, 99, asked, well, 6)]);
    assert_eq!(seen(&all, 10), (TraceStatus::Failed, None, None, false), "nothing goes on, and one has failed");
    let all = send(vec![call(11, 5, 1, asked, ill, 4), call(11, 6, 1, asked, Status::Pending, 5)]);
    assert_eq!(seen(&all, 11), (TraceStatus::Open, None, None, true), "one goes on, below what was called here");
    let mut dropped = call(12, 5, 1, asked, ill, 4);
    dropped.error = Some(ErrorInfo::new(ErrorKind::Cancelled));
    let all = send(vec![dropped, call(12, 6, 1, "log.failure", ill, 5)]);
    assert_eq!(seen(&all, 12), (TraceStatus::Open, None, None, false), "neither of them tells how it ended");
    // Ends that recorded no duration, behind or before several begins, as other systems write them.
    let begin = |number, name, ms: i64| {
        event(number, 2, 0, name, Status::Pending, BEGAN + number as i64 * APART + ms * 1_000_000)
    };
    let end = |number, name, ms| {
        let mut end = begin(number, name, ms);
        end.status = well;
        end
    };
    let (queued, started, done, finished) = ("job.queued", "job.started", "job.completed", "job.finished");
    send(vec![end(13, done, 10)]);
    send(vec![begin(13, started, 5)]);
    let all = send(vec![begin(13, queued, 0)]);
    let since_first = Some(Duration::from_millis(10));
    assert_eq!(seen(&all, 13).2, since_first, "the first begin counts, also where it comes last");
    let all = send(vec![begin(14, queued, 0), end(14, done, 10), end(14, finished, 12)]);
    assert_eq!(seen(&all, 14).2, Some(Duration::from_millis(12)), "the last end counts");
    let mut report = begin(15, started, 50);
    report.duration = Some(Duration::from_millis(40));
    send(vec![end(15, done, 100)]);
    send(vec![report]);
    let all = send(vec![begin(15, queued, 10)]);
    assert_eq!(seen(&all, 15).2, Some(Duration::from_millis(90)), "a report beside the two changes nothing");
    // Two spans without a parent, of which the one that began first is told, in whatever order all of it comes, or the
    // one with the smaller id.
    let other = |number, ms| {
        let mut other = call(number, 3, 0, asked, well, ms);
        other.duration = None;
        other
    };
    let orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
    let of_each = orders.iter().flat_map(|order| [5, 0].map(|later| (*order, later)));
    for (number, (order, later)) in (16..).zip(of_each) {
        let all = [begin(number, done, 0), end(number, done, 10), other(number, later)];
        let [.., sent] = order.map(|nth: usize| send(vec![all[nth].clone()]));
        let (status, name, took, _) = seen(&sent, number);
        assert_eq!((status, name.as_deref(), took), (TraceStatus::Success, Some(done), since_first), "{order:?}");
    }
    let mut before = other(28, 0);
    before.span_id = span_id(1);
    let all = send(vec![begin(28, done, 0), end(28, done, 10), before]);
    assert_eq!((seen(&all, 28).1.as_deref(), seen(&all, 28).2), (Some(asked), None), "a moment took no time");
}
