//! Calls beside each other: which failed ones were tried again, and which of those went well at last. Everyone who says
//! so says the same, held against a comparison of each call with each other one.

use std::collections::BTreeSet;
use std::time::Duration;

use proptest::prelude::*;
use tense_event::{ErrorInfo, ErrorKind, Event, Fields, SpanId, Status, Timestamp, TraceId};
use tense_store::{Outcome, Span, Trace};

const TRACE: TraceId = TraceId::from_bytes([7; 16]);
const MS: i64 = 1_000_000;

/// A call below a span that ended well.
fn call(
    span: u64,
    name: &'static str,
    status: Status,
    ms: std::ops::Range<i64>,
    fields: &[(&'static str, i64)],
) -> Event {
    let at = Timestamp::from_unix_nanos(1_795_255_200_000_000_000 + ms.end * MS);
    let mut event = Event::new(TRACE, SpanId::new(span).unwrap(), name, status, at);
    event.parent_span_id = SpanId::new(1).filter(|_| span != 1);
    event.duration = Some(Duration::from_nanos(((ms.end - ms.start) * MS).unsigned_abs()));
    event.error = (status == Status::Failed).then(|| ErrorInfo::new(ErrorKind::Error));
    for (name, value) in fields {
        event.data.insert(*name, *value);
    }
    event
}

/// What all who are asked of it say of a run that ended well.
#[derive(Debug, PartialEq)]
struct Told {
    /// Of `why`: how many failures were made good, and which were not.
    recovered: usize,
    also_failed: BTreeSet<u64>,
    /// Of `errors`: how many failed calls were made again, and how many were not.
    tried_again: u64,
    causes: u64,
    /// Of `bottlenecks`.
    retries: usize,
}

fn told(calls: impl IntoIterator<Item = Event>) -> Told {
    let run = call(1, "a.run", Status::Success, 0..1_000, &[]);
    let trace = Trace::from_events(TRACE, calls.into_iter().chain([run]));
    let (why, errors) = (trace.why(), trace.errors());
    Told {
        recovered: why.recovered.iter().map(|call| call.failures).sum(),
        also_failed: why.also_failed.iter().map(|span| span.id.get()).collect(),
        tried_again: errors.iter().map(|group| group.tried_again).sum(),
        causes: errors.iter().map(|group| group.causes).sum(),
        retries: trace.performance().retries,
    }
}

/// Calls of one name, one after the other.
fn check(calls: &[(Status, &[(&'static str, i64)])], expected: Told) {
    let calls = (2..)
        .zip(calls)
        .map(|(n, (status, fields))| call(n, "a.store", *status, n as i64 * 10..n as i64 * 10 + 5, fields));
    assert_eq!(told(calls), expected);
}

const ILL: Status = Status::Failed;
const WELL: Status = Status::Success;

#[test]
fn a_call_may_be_made_again_after_others() {
    let item = |item: i64| [("item", item)];
    let all_recovered = Told { recovered: 1, also_failed: BTreeSet::new(), tried_again: 1, causes: 0, retries: 1 };
    check(&[(ILL, &item(2)), (WELL, &item(3)), (WELL, &item(2))], all_recovered);
    // In vain, after one for something else.
    let in_vain = Told { recovered: 0, also_failed: [2, 4].into(), tried_again: 1, causes: 1, retries: 1 };
    check(&[(ILL, &item(2)), (WELL, &item(3)), (ILL, &item(2))], in_vain);
}

#[test]
fn calls_that_count_their_attempts_are_one_only_for_the_same_and_counting_up() {
    let order = |order: i64, attempt: i64| [("order", order), ("attempt", attempt)];
    let apart = || Told { recovered: 0, also_failed: [2].into(), tried_again: 0, causes: 1, retries: 0 };
    check(&[(ILL, &order(1, 1)), (WELL, &order(2, 1))], apart());
    check(&[(ILL, &order(1, 1)), (WELL, &order(2, 2))], apart());
    // Begun anew, by somebody who counts from one as well.
    check(&[(ILL, &order(1, 1)), (WELL, &order(1, 1))], apart());
    let one = || Told { recovered: 1, also_failed: BTreeSet::new(), tried_again: 1, causes: 0, retries: 1 };
    check(&[(ILL, &order(1, 1)), (WELL, &order(1, 2))], one());
    // The attempts of a stage say how long they have waited, and stand below it: nothing else is called so there. What
    // each of them found is theirs.
    let found = |attempt: i64, status: i64| [("attempt", attempt), ("backoff_ms", attempt - 1), ("status", status)];
    check(&[(ILL, &found(1, 503)), (WELL, &found(2, 200))], one());
}

#[test]
fn that_a_loop_goes_on_after_a_failure_is_no_attempt() {
    let lost = |failures: &[u64]| Told {
        recovered: 0,
        also_failed: failures.iter().copied().collect(),
        tried_again: 0,
        causes: failures.len() as u64,
        retries: 0,
    };
    let again = |failures: usize| Told {
        recovered: failures,
        also_failed: BTreeSet::new(),
        tried_again: failures as u64,
        causes: 0,
        retries: failures,
    };
    // Nothing says of what each was.
    check(&[(WELL, &[]), (ILL, &[]), (WELL, &[])], lost(&[3]));
    check(&[(ILL, &[]), (WELL, &[]), (WELL, &[])], lost(&[2]));
    check(&[(ILL, &[]), (WELL, &[]), (ILL, &[]), (WELL, &[])], lost(&[2, 4]));
    // Nor does what all of them say.
    let shelf: &[(&'static str, i64)] = &[("shelf", 7)];
    check(&[(WELL, shelf), (ILL, shelf), (WELL, shelf)], lost(&[3]));
    // Until it went well, and then no more.
    check(&[(ILL, &[]), (ILL, &[]), (WELL, &[])], again(2));
    check(&[(ILL, shelf), (WELL, shelf)], again(1));
    // One says that it is the second attempt, of whatever that is.
    check(&[(WELL, &[]), (ILL, &[("attempt", 1)]), (WELL, &[("attempt", 2)])], again(1));
}

#[test]
fn many_attempts_of_many_calls_are_told_apart() {
    // More attempts than calls are looked back at, of more calls side by side than one.
    let attempt = |n: u64| {
        let (status, item, at) = (if n / 3 == 99 { WELL } else { ILL }, n as i64 % 3, n as i64 * 3);
        call(n + 2, "a.store", status, at..at + 2, &[("item", item), ("attempt", n as i64 / 3 + 1)])
    };
    let expected = Told { recovered: 297, also_failed: BTreeSet::new(), tried_again: 297, causes: 0, retries: 297 };
    assert_eq!(told((0..300).map(attempt)), expected);
}

/// Whether anything but their name speaks for it: both count, they share what tells calls of the name apart, or all of
/// them were made one after the other until one went well.
fn is_vouched_for(trace: &Trace, earlier: &Span, later: &Span) -> bool {
    let calls = || trace.spans().iter().filter(|span| span.name == earlier.name);
    let is_counted = |span: &Span| span.data.get("attempt").is_some();
    let tells = |field: &str| {
        calls().filter_map(|span| span.data.get(field)).collect::<Vec<_>>().windows(2).any(|two| two[0] != two[1])
    };
    let is_shared =
        |field: &&str| earlier.data.get(field).is_some() && earlier.data.get(field) == later.data.get(field);
    let all: Vec<_> = calls().collect();
    is_counted(earlier) && is_counted(later)
        || ["item", "place"].iter().filter(|field| tells(field)).any(is_shared)
        || all.windows(2).all(|two| two[0].outcome == Outcome::Failed && two[0].ended <= Some(two[1].began))
}

/// Whether one may have been an earlier attempt of the other, as the two of them say.
fn is_attempt(earlier: &Span, later: &Span) -> bool {
    let count = |span: &Span| span.data.get("attempt").and_then(serde_json::Value::as_i64);
    let waits = |span: &Span| count(span).is_some() && span.data.get("backoff_ms").is_some();
    let agree = |a: &Fields, b: &Fields| {
        ["item", "place"].iter().all(|name| match (a.get(name), b.get(name)) {
            (Some(a), Some(b)) => a == b,
            _ => true,
        })
    };
    let is_counted_up = match (count(earlier), count(later)) {
        (Some(earlier), Some(later)) => earlier < later,
        _ => true,
    };
    earlier.name == later.name
        && (earlier.began, earlier.id) < (later.began, later.id)
        && earlier.ended <= Some(later.began)
        && is_counted_up
        && (waits(earlier) && waits(later) || agree(&earlier.data, &later.data))
}

proptest! {
    #[test]
    fn everyone_says_the_same_of_each_failure(
        calls in proptest::collection::vec(
            (
                0_i64..20,
                0_i64..6,
                any::<bool>(),
                0_usize..2,
                [proptest::option::of(0_i64..3), proptest::option::of(0_i64..2)],
                proptest::option::of((1_i64..4, any::<bool>())),
            ),
            0..14,
        ),
    ) {
        let calls: Vec<_> = (2..).zip(calls).map(|(id, (began, took, is_ill, name, [item, place], attempt))| {
            let mut fields = Vec::new();
            fields.extend(item.map(|item| ("item", item)));
            fields.extend(place.map(|place| ("place", place)));
            fields.extend(attempt.map(|(attempt, _)| ("attempt", attempt)));
            fields.extend(attempt.filter(|(_, waits)| *waits).map(|(attempt, _)| ("backoff_ms", attempt * 7)));
            call(id, ["a.ask", "a.tell"][name], if is_ill { ILL } else { WELL }, began..began + took, &fields)
        }).collect();
        let trace = Trace::from_events(TRACE, calls.clone());
        let failed = || trace.spans().iter().filter(|span| span.outcome == Outcome::Failed);
        let again = |failed: &&Span| trace.spans().iter().any(|other| is_attempt(failed, other) && is_vouched_for(&trace, failed, other));
        let is_recovered = |failed: &&Span| {
            let again = trace.spans().iter().filter(|other| other.outcome == Outcome::Success);
            again.into_iter().any(|other| is_attempt(failed, other) && is_vouched_for(&trace, failed, other))
        };
        let tried_again = failed().filter(again).count();
        let expected = Told {
            recovered: failed().filter(is_recovered).count(),
            also_failed: failed().filter(|span| !is_recovered(span)).map(|span| span.id.get()).collect(),
            tried_again: tried_again as u64,
            causes: (failed().count() - tried_again) as u64,
            retries: tried_again,
        };
        prop_assert_eq!(told(calls), expected);
    }
}
