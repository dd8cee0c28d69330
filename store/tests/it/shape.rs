//! The errors of a trace, and how it differs from others, held against what one finds span by span; and on data that no
//! program should write. What it cost, [`super::costs`].

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::time::Duration;

use proptest::prelude::*;
use tense_event::{ErrorInfo, ErrorKind, Event, SpanId, Status, Timestamp, TraceId};
use tense_store::alike::alike;
use tense_store::baseline::{Baseline, MINIMUM, THRESHOLD, TooFew, Unusual};
use tense_store::compare::{Comparison, Matched};
use tense_store::errors::Errors;
use tense_store::query::Query;
use tense_store::{Outcome, Span, Trace};

pub(super) const TRACE: TraceId = TraceId::from_bytes([7; 16]);
const NAMES: [&str; 4] = ["dispatch.loan", "dispatch.credit", "operation.tokens.created", "log.info"];
const MS: i64 = 1_000_000;

pub(super) fn call(span: u64, parent: u64, name: &'static str, ms: std::ops::Range<i64>) -> Event {
    let at = Timestamp::from_unix_nanos(1_795_255_200_000_000_000 + ms.end * MS);
    let mut event = Event::new(TRACE, SpanId::new(span).unwrap(), name, Status::Success, at);
    event.parent_span_id = SpanId::new(parent);
    event.duration = Some(Duration::from_nanos(((ms.end - ms.start) * MS).unsigned_abs()));
    event
}

fn failed(mut event: Event, kind: ErrorKind, message: &str) -> Event {
    let mut error = ErrorInfo::new(kind);
    error.error_message = message.to_owned();
    event.error = Some(error);
    event.status = Status::Failed;
    event
}

prop_compose! {
    /// Spans of which each is below one of those before it, or below none; some fail, some have no end.
    pub(super) fn any_trace()(
        spans in proptest::collection::vec(
            (0_i64..12, 0_i64..12, 0_u64..4, 0_usize..4, 0_u8..8, proptest::option::of(0_i64..3)),
            0..16,
        ),
    ) -> Trace {
        let calls = (1..).zip(spans).map(|(id, (began, took, above, name, how, field))| {
            let mut event = call(id, id.saturating_sub(1 + above), NAMES[name], began..began + took);
            if let Some(field) = field {
                event.data.insert("item", field);
            }
            event.sample_weight = u32::from(how);
            match how {
                0 => failed(event, ErrorKind::Error, ["", "no 7", "no 8"][id as usize % 3]),
                1 => failed(event, ErrorKind::Cancelled, ""),
                2 => failed(event, ErrorKind::Panic, "boom"),
                3 => {
                    (event.status, event.duration) = (Status::Pending, None);
                    event
                }
                _ => event,
            }
        });
        Trace::from_events(TRACE, calls)
    }
}

/// What one trace has and the other has not, without the order.
fn told(comparison: &Comparison<'_, '_>, is_turned: bool) -> Vec<BTreeSet<String>> {
    let matched = |matched: &Matched<'_, '_>| {
        let (a, b) = ((matched.a.id, matched.own.0, matched.took.0), (matched.b.id, matched.own.1, matched.took.1));
        if is_turned { format!("{b:?} {a:?}") } else { format!("{a:?} {b:?}") }
    };
    let lone = |lone: &tense_store::compare::Lone<'_>| format!("{:?} {} {:?}", lone.span.id, lone.below, lone.took);
    let mut sides = [comparison.only_a.iter().map(lone).collect(), comparison.only_b.iter().map(lone).collect()];
    if is_turned {
        sides.reverse();
    }
    let [a, b] = sides;
    vec![
        a,
        b,
        comparison.outcomes.iter().map(matched).collect(),
        comparison.times.iter().map(matched).collect(),
        BTreeSet::from([comparison.common.to_string()]),
    ]
}

/// The names on the way from the root, as text.
fn way(trace: &Trace, span: &Span) -> String {
    trace.path_to(span).iter().map(|span| span.name.as_ref()).collect::<Vec<_>>().join("/")
}

proptest! {
    #[test]
    fn nothing_differs_from_itself(trace in any_trace()) {
        let comparison = trace.compare(&trace);
        prop_assert!(comparison.is_empty() && comparison.is_of_one_kind(), "{comparison:?}");
        // A log line is no call, and neither is what stands below one.
        let is_below_a_log = |span: &Span| trace.path_to(span).iter().any(|span| span.is_log());
        prop_assert_eq!(comparison.common, trace.spans().iter().filter(|span| !is_below_a_log(span)).count());
    }

    #[test]
    fn it_is_the_same_difference_from_both_sides(a in any_trace(), b in any_trace()) {
        let (there, back) = (a.compare(&b), b.compare(&a));
        prop_assert_eq!(told(&there, false), told(&back, true));
        for matched in there.times.iter().chain(&there.outcomes) {
            prop_assert_eq!(way(&a, matched.a), way(&b, matched.b));
        }
        // Every call is matched, or alone, or below one that is alone: once.
        let alone = there.only_a.iter().map(|lone| 1 + lone.below).sum::<usize>();
        let calls = a.spans().iter().filter(|span| !a.path_to(span).iter().any(|span| span.is_log())).count();
        prop_assert!(there.common + alone <= a.spans().len() && there.common + alone >= calls);
        // What is alone has a way of names that the other has not, or has not as often.
        let ways = |trace: &Trace| {
            let mut ways: BTreeMap<String, usize> = BTreeMap::new();
            for span in trace.spans() {
                *ways.entry(way(trace, span)).or_default() += 1;
            }
            ways
        };
        if there.only_a.is_empty() && there.only_b.is_empty() {
            let without_logs = |ways: BTreeMap<String, usize>| {
                ways.into_iter().filter(|(way, _)| !way.contains("log.info")).collect::<Vec<_>>()
            };
            prop_assert_eq!(without_logs(ways(&a)), without_logs(ways(&b)));
        }
    }

    /// By the median of logarithms and the median of how far they are from it, of lists that are sorted.
    #[test]
    fn a_time_is_unusual_where_it_is_far_from_those_that_are_sorted(
        earlier in proptest::collection::vec(1_i64..400, 20..40),
        time in 1_i64..4_000,
    ) {
        let run = |ms: i64| Trace::from_events(TRACE, [call(1, 0, "a.run", 0..ms)]);
        let mut baseline = Baseline::default();
        earlier.iter().for_each(|ms| baseline.add(&run(*ms)));
        let middle = |mut numbers: Vec<f64>| {
            numbers.sort_by(f64::total_cmp);
            (numbers[(numbers.len() - 1) / 2] + numbers[numbers.len() / 2]) / 2.0
        };
        let logarithms: Vec<f64> = earlier.iter().map(|ms| (*ms as f64 / 1_000.0).ln()).collect();
        let median = middle(logarithms.clone());
        // What hardly differs at all has the spread of about a tenth.
        let spread = middle(logarithms.iter().map(|one| (one - median).abs()).collect()).max(0.6745 * 0.095);
        let score = 0.6745 * ((time as f64 / 1_000.0).ln() - median) / spread;
        prop_assume!((score.abs() - THRESHOLD).abs() > 1e-6);
        let differs = (time as f64 / 1_000.0 - median.exp()).abs();
        prop_assume!((differs - 0.001).abs() > 1e-6);
        let found = baseline.unusual(&run(time), MINIMUM).unwrap();
        let whole = found.iter().find_map(|anomaly| match &anomaly.what {
            Unusual::Whole(score) => Some(*score),
            _ => None,
        });
        prop_assert_eq!(whole.is_some(), score.abs() > THRESHOLD && differs > 0.001, "{} {:?}", score, found);
        if let Some(told) = whole {
            prop_assert!((told.score - score).abs() < 1e-6 && (told.median - median.exp()).abs() < 1e-6);
            prop_assert!((told.found * 1_000.0 - time as f64).abs() < 1e-6);
            // Where it says that the usual ends, the score is what it takes.
            let at = |seconds: f64| 0.6745 * (seconds.ln() - median) / spread;
            prop_assert!((at(told.high) - THRESHOLD).abs() < 1e-6 && (at(told.low) + THRESHOLD).abs() < 1e-6);
        }
    }

    #[test]
    fn every_failure_is_in_one_group(trace in any_trace()) {
        let groups = trace.errors();
        let keys: HashSet<_> = groups.iter().map(|group| &group.key).collect();
        prop_assert_eq!(keys.len(), groups.len());
        // Who was dropped by somebody who went well, or goes on, has lost a race.
        let has_lost = |span: &Span| {
            let path = trace.path_to(span);
            let went_on = path.iter().rev().find(|above| above.outcome != Outcome::Cancelled || above.is_log());
            let did_not_fail = |above: &&Span| !above.is_log() && !above.outcome.is_failure();
            span.outcome == Outcome::Cancelled && went_on.is_some_and(did_not_fail)
        };
        let failures: Vec<_> = trace.spans().iter()
            .filter(|span| span.outcome.is_failure() && !span.is_log() && !has_lost(span)).collect();
        let all = groups.iter().map(|group| group.causes + group.cascades + group.tried_again).sum::<u64>();
        prop_assert_eq!(all, failures.len() as u64);
        for group in &groups {
            let of_it = failures.iter().filter(|span| {
                let message = span.error.as_ref().map_or("", |error| &error.error_message);
                span.name == group.key.operation && alike(message) == group.key.message
                    && group.key.kind == span.error.as_ref().map_or(ErrorKind::Error, |error| error.kind)
            });
            prop_assert_eq!(group.causes + group.cascades + group.tried_again, of_it.clone().count() as u64);
            prop_assert_eq!(Some(group.last_seen), of_it.clone().filter_map(|span| span.ended).max());
            prop_assert!(of_it.clone().any(|span| span.id == group.example.span));
        }
        // What failed did so because of something.
        prop_assert_eq!(groups.iter().any(|group| group.causes + group.tried_again > 0), !failures.is_empty());
    }

    #[test]
    fn the_order_of_traces_means_nothing(traces in proptest::collection::vec(any_trace(), 0..5)) {
        let of = |traces: &mut dyn Iterator<Item = &Trace>| {
            let mut errors = Errors::default();
            traces.for_each(|trace| errors.add(trace));
            errors.into_groups()
        };
        prop_assert_eq!(of(&mut traces.iter()), of(&mut traces.iter().rev()));
    }

    #[test]
    fn what_is_alike_stays_so(message in "[a-f0-9 '\"`#:.+-]{0,40}|\\PC{0,60}") {
        let told = alike(&message);
        prop_assert_eq!(alike(&told), told.clone(), "{}", message);
        prop_assert!(!told.chars().any(char::is_numeric), "{}", told);
        prop_assert!(told.chars().count() <= message.chars().count());
    }

    #[test]
    fn the_way_to_a_span_goes_from_parent_to_child(trace in any_trace()) {
        for span in trace.spans() {
            let path = trace.path_to(span);
            prop_assert_eq!(path.last().map(|last| last.id), Some(span.id));
            prop_assert!(trace.roots().any(|root| root.id == path[0].id));
            prop_assert!(path.windows(2).all(|two| trace.parent(two[1]).map(|above| above.id) == Some(two[0].id)));
            prop_assert_eq!(trace.named(&span.id.to_string()), [span]);
        }
    }

    #[test]
    fn a_trace_like_all_others_is_usual(trace in any_trace(), others in proptest::collection::vec(any_trace(), 0..3)) {
        let mut baseline = Baseline::default();
        (0..30).for_each(|_| baseline.add(&trace));
        if baseline.traces() > 0 {
            prop_assert_eq!(baseline.unusual(&trace, MINIMUM).unwrap(), []);
        }
        for other in &others {
            baseline.unusual(other, 0).ok();
        }
    }
}

/// A run of calls of one name, with what each recorded.
fn items(items: &[i64]) -> Trace {
    let calls = (2..).zip(items).map(|(n, item)| {
        let mut event = call(n, 1, "operation.item.packed", n as i64 * 10..n as i64 * 10 + 5 + item);
        event.data.insert("item", *item);
        event
    });
    Trace::from_events(TRACE, calls.chain([call(1, 0, "a.run", 0..100)]))
}

proptest! {
    #[test]
    fn calls_that_recorded_the_same_are_matched_as_far_as_they_can_be(
        a in proptest::collection::vec(0_i64..3, 0..9),
        b in proptest::collection::vec(0_i64..3, 0..9),
    ) {
        // Every choice of the calls of one is looked for in the other.
        let is_within = |chosen: &u32| {
            let mut rest = b.iter();
            (0..).zip(&a).filter(|(at, _)| chosen >> at & 1 == 1).all(|(_, item)| rest.any(|other| other == item))
        };
        let longest = (0..1_u32 << a.len()).filter(is_within).map(u32::count_ones).max().unwrap_or(0) as usize;
        let (trace_a, trace_b) = (items(&a), items(&b));
        let (there, back) = (trace_a.compare(&trace_b), trace_b.compare(&trace_a));
        prop_assert_eq!(told(&there, false), told(&back, true));
        // What is matched and differs in its work has recorded something else; the root is one of the matched.
        let same = there.common - 1 - there.times.iter().filter(|matched| matched.a.name != "a.run").count();
        prop_assert!(same >= longest, "{same} < {longest}");
        // Of each sort of calls, one side alone has those that are left.
        prop_assert_eq!(there.common - 1 + there.only_a.len(), a.len());
        prop_assert_eq!(there.common - 1 + there.only_b.len(), b.len());
    }

    /// A span of one event is found where that event is.
    #[test]
    fn a_span_is_found_as_its_event_is(
        events in proptest::collection::vec((0_usize..4, 0_u8..5, 0_i64..4, proptest::option::of(0_i64..3)), 0..12),
        terms in proptest::collection::vec(0_usize..11, 0..4),
    ) {
        const TERMS: [&str; 11] = [
            "type:dispatch.*", "name:operation.tokens.created", "status:failed", "-status:success", "duration:>1ms",
            "item:2", "-item:1", "error.kind:panic", "error:no*", "job:j7", "span:0000000000000003",
        ];
        let events: Vec<Event> = (1..).zip(events).map(|(id, (name, how, took, field))| {
            let mut event = call(id, 0, NAMES[name], 0..took);
            field.into_iter().for_each(|field| event.data.insert("item", field));
            event.job_id = (how == 4).then(|| "j7".to_owned());
            match how {
                0 => failed(event, ErrorKind::Error, "no 7"),
                1 => failed(event, ErrorKind::Panic, "boom"),
                2 => {
                    (event.status, event.duration) = (Status::Pending, None);
                    event
                }
                _ => event,
            }
        }).collect();
        let query = terms.iter().fold(Query::new(), |query, term| query.with(TERMS[*term].parse().unwrap()));
        let expected: BTreeSet<_> = events.iter().filter(|event| query.matches(event)).map(|event| event.span_id).collect();
        let trace = Trace::from_events(TRACE, events);
        prop_assert_eq!(trace.find(&query).map(|span| span.id).collect::<BTreeSet<_>>(), expected);
    }
}

/// Every way of asking, none of which may fail.
fn ask_everything(trace: &Trace) {
    let performance = trace.performance();
    for ms in [0, 100] {
        let found = performance.over(Duration::from_millis(ms));
        assert!(found.spans.iter().all(|cost| performance.share(cost.own).is_finite()));
    }
    let groups = trace.errors();
    assert!(trace.first_cause().is_none_or(|cause| cause.outcome != Outcome::Success), "{groups:?}");
    assert!(trace.compare(trace).is_empty());
    let empty = Trace::from_events(TRACE, []);
    let alone = trace.compare(&empty);
    assert_eq!((alone.common, alone.only_b.len()), (0, 0));
    assert_eq!(alone.only_a.len(), trace.roots().filter(|root| !root.is_log()).count());
    let mut baseline = Baseline::default();
    assert_eq!(baseline.unusual(trace, 0).map_err(|TooFew { known, .. }| known), Err(0));
    baseline.add(trace);
    baseline.unusual(&empty, 1).ok();
    baseline.unusual(trace, 1).ok();
    if let Some(last) = trace.spans().last() {
        assert!(!trace.path_to(last).is_empty());
    }
}

#[test]
fn absurd_traces_are_traces() {
    ask_everything(&Trace::from_events(TRACE, []));
    let mut absurd =
        [call(1, 2, "a.run", 0..1), call(2, 1, "a.run", 0..1), call(3, 3, "a.run", 0..1), call(4, 99, "", 0..1)];
    absurd[0].timestamp = Timestamp::from_unix_nanos(i64::MIN);
    absurd[0].duration = Some(Duration::MAX);
    absurd[1].timestamp = Timestamp::from_unix_nanos(i64::MAX);
    absurd[1].duration = Some(Duration::MAX);
    absurd[2].sample_weight = u32::MAX;
    let failed = absurd.clone().map(|event| failed(event, ErrorKind::Error, &"'\"x".repeat(100_000)));
    ask_everything(&Trace::from_events(TRACE, absurd));
    ask_everything(&Trace::from_events(TRACE, failed));
}

#[test]
fn a_chain_of_a_hundred_thousand_failures_is_a_trace() {
    let chain =
        (1..=100_000).map(|n| failed(call(n, n - 1, "a.step", n as i64..300_000 - n as i64), ErrorKind::Error, "no"));
    let trace = Trace::from_events(TRACE, chain);
    ask_everything(&trace);
    let groups = trace.errors();
    assert_eq!((groups.len(), groups[0].causes, groups[0].cascades), (1, 1, 99_999));
    assert_eq!(trace.path_to(trace.first_cause().unwrap()).len(), 100_000);
}

/// Quadratic work would take minutes.
#[test]
fn a_million_calls_of_one_name_below_one_span_are_a_trace() {
    const SPANS: u64 = if cfg!(debug_assertions) { 50_000 } else { 1_000_000 };
    let calls = |turn: u64| {
        (2..=SPANS).map(move |n| {
            let ms = (n * 2) as i64;
            let mut event = call(n, 1, "operation.tokens.created", ms..ms + 1);
            event.data.insert("item", (n * turn) % 77_777);
            if n % 3 == 0 { failed(event, ErrorKind::Cancelled, "") } else { event }
        })
    };
    let root = || [failed(call(1, 0, "dispatch.loan", 0..4_000_000), ErrorKind::Error, "no")];
    let trace = Trace::from_events(TRACE, calls(1).chain(root()));
    ask_everything(&trace);
    let other = Trace::from_events(TRACE, calls(5).chain(root()));
    assert_eq!(trace.compare(&other).common, SPANS as usize);
}

#[test]
fn a_call_that_is_left_out_in_the_middle_moves_no_other_one() {
    let (a, b) = (items(&[1, 2, 3, 4, 5]), items(&[1, 2, 4, 5]));
    let comparison = a.compare(&b);
    assert_eq!(
        comparison.only_a.iter().map(|lone| lone.span.data.get("item").unwrap().as_i64()).collect::<Vec<_>>(),
        [Some(3)]
    );
    assert_eq!((comparison.common, comparison.only_b.len()), (5, 0));
    // Only the root had more to do itself.
    assert_eq!(comparison.times.iter().map(|matched| matched.a.id.get()).collect::<Vec<_>>(), [1]);
}

#[test]
fn what_is_unusual_is_said_with_what_is_usual() {
    let run = |n: u64, work: i64, also: &[Event]| {
        let mut events = vec![call(1, 0, "dispatch.loan", 0..work + 20), call(2, 1, "sql.query", 5..5 + work)];
        if n.is_multiple_of(2) {
            events.push(call(3, 1, "sometimes.run", 1..2));
        }
        events.extend(also.iter().cloned());
        Trace::from_events(TRACE, events)
    };
    let mut baseline = Baseline::default();
    for n in 0..19 {
        baseline.add(&run(n, 40 + n as i64 % 5, &[]));
    }
    let usual = run(1, 43, &[]);
    let too_few = baseline.unusual(&usual, MINIMUM).unwrap_err();
    assert_eq!(too_few.to_string(), "19 earlier runs are too few to tell what is usual; it takes 20");
    baseline.add(&run(19, 40_000, &[]));
    assert_eq!(baseline.unusual(&usual, MINIMUM).unwrap(), [], "one wild run changes nothing");

    let found = baseline.unusual(&run(1, 400, &[]), MINIMUM).unwrap();
    let told: Vec<_> = found.iter().map(|anomaly| anomaly.operation.as_str()).collect();
    assert_eq!(told, ["sql.query", "dispatch.loan"]);
    let Unusual::Own(score) = found[0].what else { panic!("{found:?}") };
    assert!((0.041..0.043).contains(&score.median) && score.high < 0.1 && score.score > 3.5, "{score:?}");

    let more = [call(7, 1, "sql.query", 1..2), call(8, 1, "cache.read", 1..2)];
    let found = baseline.unusual(&run(0, 42, &more), MINIMUM).unwrap();
    assert!(matches!(found[0].what, Unusual::New) && found[0].operation == "cache.read", "{found:?}");
    assert!(
        matches!(found[1].what, Unusual::Calls(score) if (score.found, score.median.round()) == (2.0, 1.0)),
        "{found:?}"
    );

    let refused = [failed(call(9, 1, "sometimes.run", 1..2), ErrorKind::Error, "refused 7")];
    let found = baseline.unusual(&run(1, 42, &refused), MINIMUM).unwrap();
    assert!(matches!(&found[0].what, Unusual::Error(key) if key.message == "refused #"), "{found:?}");
    assert_eq!(found.len(), 1, "that half of them have it is no news");

    let without = Trace::from_events(TRACE, [call(1, 0, "dispatch.loan", 0..62)]);
    let found = baseline.unusual(&without, MINIMUM).unwrap();
    assert!(
        found.iter().any(|anomaly| anomaly.what == Unusual::Missing && anomaly.operation == "sql.query"),
        "{found:?}"
    );
}

#[test]
fn a_trace_that_goes_on_misses_nothing_yet() {
    let mut baseline = Baseline::default();
    (0..20).for_each(|_| {
        baseline.add(&Trace::from_events(TRACE, [call(1, 0, "a.run", 0..90), call(2, 1, "a.step", 1..80)]));
    });
    let mut open = call(1, 0, "a.run", 0..0);
    (open.status, open.duration) = (Status::Pending, None);
    assert_eq!(baseline.unusual(&Trace::from_events(TRACE, [open.clone()]), MINIMUM).unwrap(), []);
    let late = Trace::from_events(TRACE, [open, call(2, 1, "a.step", 1..4_000)]);
    assert_eq!(baseline.unusual(&late, MINIMUM).unwrap().len(), 2);
}

#[test]
fn what_sampling_left_out_is_not_missing() {
    let run = |is_sampled: bool| {
        let mut root = failed(call(1, 0, "a.run", 0..90), ErrorKind::Error, "no");
        let [mut start, step] = [call(1, 0, "a.run.start", 0..0), call(2, 1, "a.step", 1..80)];
        (start.status, start.duration, start.span_name) = (Status::Pending, None, "a.run".into());
        (root.event_type, root.span_name) = ("a.run.fail".into(), "a.run".into());
        if !is_sampled {
            root.tags.push(tense_event::UNSAMPLED.into());
        }
        Trace::from_events(TRACE, if is_sampled { vec![start, root, step] } else { vec![start, root] })
    };
    let mut baseline = Baseline::default();
    (0..25).for_each(|_| baseline.add(&run(true)));
    assert_eq!(baseline.unusual(&run(false), MINIMUM).unwrap(), []);
    // Nor is it new, where most were not sampled.
    let mut baseline = Baseline::default();
    (0..400).for_each(|_| baseline.add(&run(false)));
    (0..25).for_each(|_| baseline.add(&run(true)));
    assert_eq!((baseline.traces(), baseline.unusual(&run(true), MINIMUM).unwrap().len()), (425, 0));
}

#[test]
fn a_run_that_stands_for_many_counts_as_many() {
    let run = |ms, weight| {
        let mut event = call(1, 0, "a.run", 0..ms);
        event.sample_weight = weight;
        Trace::from_events(TRACE, [event])
    };
    let mut baseline = Baseline::default();
    // The slow ones were all kept, of the others one in ten.
    (0..15).for_each(|n| baseline.add(&run(500 + n, 1)));
    (0..10).for_each(|n| baseline.add(&run(20 + n % 3, 10)));
    (0..10).for_each(|n| baseline.add(&run(9_000 + n, 0)));
    assert_eq!(baseline.traces(), 25);
    assert_eq!(baseline.unusual(&run(500, 1), MINIMUM).unwrap().len(), 2);
    assert_eq!(baseline.unusual(&run(21, 1), MINIMUM).unwrap(), []);
}
