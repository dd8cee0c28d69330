//! Whatever events a trace has, in whatever order: it builds, every span is in it once, and it says what is wrong.

use std::time::Duration;

use proptest::prelude::*;
use tense_event::{ErrorInfo, ErrorKind, Event, SpanId, Status, Timestamp, TraceId};
use tense_store::json::Json;
use tense_store::{Outcome, Trace, json};

const TRACE: TraceId = TraceId::from_bytes([7; 16]);
const NAMES: [&str; 3] = ["dispatch.loan", "dispatch.credit", "operation.tokens.created"];

fn id(number: u64) -> SpanId {
    SpanId::new(number).unwrap()
}

fn event(span: u64, parent: u64, status: Status, nanos: i64) -> Event {
    let mut event = Event::new(TRACE, id(span), "operation.tokens.created", status, Timestamp::from_unix_nanos(nanos));
    event.parent_span_id = SpanId::new(parent);
    event
}

/// The same, of what happened when.
fn ask_about_time(trace: &Trace) {
    let (moments, idle) = (trace.timeline(), trace.idle(Duration::ZERO));
    let concurrency = trace.concurrency();
    let groups = trace.concurrency_by(|span| &span.name);
    let mut answers: [Vec<u8>; 4] = Default::default();
    let [timeline, waterfall, at_once, handoffs] = &mut answers;
    json::timeline(Json::whole(timeline), trace, &moments, &idle, 0).unwrap();
    json::waterfall(Json::whole(waterfall), trace, &trace.waterfall(3)).unwrap();
    json::concurrency(Json::whole(at_once), trace, &concurrency, &groups).unwrap();
    json::handoffs(Json::whole(handoffs), trace, &trace.handoffs()).unwrap();
    for answer in answers {
        serde_json::from_slice::<serde_json::Value>(&answer).unwrap();
    }
    for span in trace.spans().iter().take(2) {
        trace.idle_within(span, Duration::ZERO);
    }
}

/// Every way of asking, none of which may fail; gives back how many spans the walk meets.
fn ask_everything(trace: &Trace) -> usize {
    let lines = trace.tree().len();
    let why = trace.why();
    let mut out = Vec::new();
    json::why(Json::whole(&mut out), trace, &why).unwrap();
    serde_json::from_slice::<serde_json::Value>(&out).unwrap();
    out.clear();
    json::trace(Json::whole(&mut out), trace).unwrap();
    let whole: serde_json::Value = serde_json::from_slice(&out).unwrap();
    let met = trace.walk().count();
    assert_eq!(whole["spans"].as_array().map(Vec::len), Some(met));
    assert_eq!(met, trace.spans().len(), "every span once");
    assert_eq!(lines, met + trace.never_ran().len() + trace.skipped_or_unseen().len());
    ask_about_time(trace);
    met
}

prop_compose! {
    fn any_event()(
        span in 1_u64..9,
        parent in 0_u64..10,
        status in prop_oneof![Just(Status::Pending), Just(Status::Success), Just(Status::Failed)],
        name in 0_usize..3,
        word in prop_oneof![Just(""), Just(".start"), Just(".complete"), Just(".fail")],
        at in prop_oneof![0_i64..50, Just(i64::MAX), Just(i64::MIN)],
        duration in proptest::option::of(prop_oneof![0_u64..50, Just(u64::MAX)]),
        number in proptest::option::of(0_i64..3),
        kind in proptest::option::of(prop_oneof![Just(ErrorKind::Error), Just(ErrorKind::Panic), Just(ErrorKind::Cancelled)]),
        extra in 0_u8..4,
    ) -> Event {
        let mut event = event(span, parent, status, at);
        event.event_type = format!("{}{word}", NAMES[name]).into();
        event.span_name = NAMES[name].into();
        event.duration = duration.map(Duration::from_nanos);
        if let Some(number) = number {
            event.data.insert("n", number);
        }
        event.error = kind.map(|kind| {
            let mut error = ErrorInfo::new(kind);
            error.error_message = ["", "no", "no: funds"][name].to_owned();
            error
        });
        match extra {
            1 => event.data.insert("stages", NAMES.to_vec()),
            2 => event.data.insert("compensate", NAMES[1]),
            3 => {
                event.tags.push("compensation".into());
                event.data.insert("original_span_id", id(parent + 1).to_string());
            }
            _ => {}
        }
        event
    }
}

proptest! {
    #[test]
    fn order_and_repetition_mean_nothing(
        events in proptest::collection::vec(any_event(), 0..24),
        again in proptest::collection::vec(any::<prop::sample::Index>(), 0..8),
        order in any::<u64>(),
    ) {
        let first = Trace::from_events(TRACE, events.clone());
        ask_everything(&first);

        let mut others = events.clone();
        if !events.is_empty() {
            others.extend(again.iter().map(|index| index.get(&events).clone()));
        }
        // A shuffle of its own, so that a failing case shrinks well.
        let mut state = order | 1;
        for at in (1..others.len()).rev() {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            others.swap(at, (state >> 33) as usize % (at + 1));
        }
        prop_assert_eq!(first, Trace::from_events(TRACE, others));
    }
}

#[test]
fn a_life_is_one_span_of_two_events() {
    let mut start = event(1, 0, Status::Pending, 1_000);
    start.event_type = "dispatch.batch.start".into();
    start.data.insert("size", 3);
    start.data.insert("state", "new");
    let mut end = event(1, 0, Status::Success, 5_000);
    end.event_type = "dispatch.batch.complete".into();
    end.data.insert("state", "done");
    for event in [&mut start, &mut end] {
        event.span_name = "dispatch.batch".into();
    }
    let trace = Trace::from_events(TRACE, [end, start]);
    let [span] = trace.spans() else { panic!("one span") };
    assert_eq!((span.label(), span.event_type.as_ref()), ("dispatch.batch", "dispatch.batch.complete"));
    assert_eq!((span.outcome, span.duration), (Outcome::Success, Some(Duration::from_nanos(4_000))));
    let data: Vec<_> = span.data.iter().map(|(name, value)| format!("{name}={value}")).collect();
    assert_eq!(data, ["size=3", "state=\"done\""]);
    assert!(trace.gaps().is_empty());
}

#[test]
fn a_report_of_an_open_span_is_replaced_by_its_end() {
    let report = event(1, 0, Status::Pending, 1_000);
    let open = Trace::from_events(TRACE, [report.clone()]);
    assert_eq!((open.spans()[0].outcome, open.gaps().open.as_slice()), (Outcome::Open, [id(1)].as_slice()));
    let mut end = event(1, 0, Status::Success, 3_000);
    end.duration = Some(Duration::from_nanos(2_500));
    let ended = Trace::from_events(TRACE, [end, report]);
    assert_eq!((ended.spans()[0].outcome, ended.spans()[0].began.unix_nanos()), (Outcome::Success, 500));
    assert!(ended.gaps().is_empty());
}

#[test]
fn a_begin_that_is_called_as_its_span_is_one_where_nothing_else_says_when_that_was() {
    let mut end = event(1, 0, Status::Failed, 3_000);
    (end.event_type, end.span_name) = ("job.failed".into(), "job.failed".into());
    let within = event(2, 1, Status::Success, 2_000);
    let trace = Trace::from_events(TRACE, [event(1, 0, Status::Pending, 1_000), within, end]);
    let root = &trace.spans()[0];
    assert_eq!((root.began.unix_nanos(), root.duration), (1_000, Some(Duration::from_nanos(2_000))));
    assert!(trace.gaps().is_empty(), "{:?}", trace.gaps());
}

#[test]
fn circles_are_cut_where_they_began() {
    let own_parent = Trace::from_events(TRACE, [event(1, 1, Status::Success, 5)]);
    assert_eq!(own_parent.gaps().circles, [id(1)]);
    assert_eq!(ask_everything(&own_parent), 1);

    for length in [2, 1_000] {
        let circle = (1..=length).map(|n| event(n, n % length + 1, Status::Success, (n as i64 * 7) % length as i64));
        let trace = Trace::from_events(TRACE, circle);
        let first = trace.spans()[0].id;
        assert_eq!((trace.gaps().circles.as_slice(), trace.roots().len()), ([first].as_slice(), 1));
        assert_eq!(ask_everything(&trace), length as usize);
    }
}

#[test]
fn a_missing_parent_makes_a_root_and_is_said() {
    let trace = Trace::from_events(TRACE, [event(1, 0, Status::Success, 1), event(2, 99, Status::Failed, 2)]);
    assert_eq!(trace.gaps().missing_parents, [id(2)]);
    assert_eq!(trace.roots().map(|root| root.id).collect::<Vec<_>>(), [id(1), id(2)]);
}

#[test]
fn clocks_that_disagree_are_shown_as_they_are() {
    let mut start = event(1, 0, Status::Pending, 5_000_000);
    start.event_type = "operation.tokens.start".into();
    let early_child = event(2, 1, Status::Success, 3_000_000);
    let end = event(1, 0, Status::Success, 4_000_000);
    let trace = Trace::from_events(TRACE, [start, end, early_child]);
    let span = trace.get(id(1)).unwrap();
    assert_eq!((span.began.unix_nanos(), span.ended.map(Timestamp::unix_nanos)), (5_000_000, Some(4_000_000)));
    assert_eq!(trace.gaps().clocks, [id(2), id(1)]);
}

/// A call from `shop` to `bank`, which fails there and here: what `bank` calls its time is so many seconds ahead.
fn failed_call(ahead: i64, caller: Status, took_ms: i64) -> Trace {
    const MS: i64 = 1_000_000;
    let side = |span, parent, status, service: &'static str, began: i64, ms: i64| {
        let mut event = event(span, parent, status, began + ms * MS);
        (event.service, event.duration) = (service.into(), Some(Duration::from_millis(ms.unsigned_abs())));
        if status == Status::Failed {
            let mut error = ErrorInfo::new(ErrorKind::Error);
            error.error_message = service.to_owned();
            event.error = Some(error);
        }
        event
    };
    let far = ahead * 1_000 * MS;
    Trace::from_events(
        TRACE,
        [side(1, 0, caller, "shop", 0, 800), side(2, 1, Status::Failed, "bank", far + 100 * MS, took_ms)],
    )
}

#[test]
fn a_clock_that_is_ahead_is_noticed_as_one_that_is_behind() {
    for ahead in [3_600, 0, -3_600] {
        let trace = failed_call(ahead, Status::Failed, 600);
        assert_eq!(trace.gaps().clocks.len(), usize::from(ahead != 0), "{ahead}");
        assert_eq!(trace.why().chain.last().map(|cause| cause.span.id), Some(id(2)), "{ahead}");
        assert_eq!(trace.handoffs()[0].skew().is_some(), ahead != 0, "{ahead}");
        assert_eq!(trace.handoffs()[0].is_ahead(), ahead > 0, "{ahead}");
        assert_eq!(trace.errors().iter().map(|group| group.causes).sum::<u64>(), 1, "{ahead}");
    }
    // What is begun by a call that goes well, or takes longer than it, may have begun later.
    for trace in [failed_call(3_600, Status::Success, 600), failed_call(3_600, Status::Failed, 900)] {
        assert!(trace.gaps().clocks.is_empty() && trace.handoffs()[0].skew().is_none());
    }
}

#[test]
fn ends_that_contradict_each_other_are_said() {
    let trace = Trace::from_events(TRACE, [event(1, 0, Status::Failed, 2), event(1, 0, Status::Success, 1)]);
    assert_eq!((trace.spans()[0].outcome, trace.gaps().conflicts.as_slice()), (Outcome::Failed, [id(1)].as_slice()));
}

#[test]
fn absurd_times_are_times() {
    let mut absurd = event(1, 0, Status::Failed, i64::MIN);
    absurd.duration = Some(Duration::MAX);
    let trace =
        Trace::from_events(TRACE, [absurd, event(2, 1, Status::Success, i64::MAX), event(3, 1, Status::Failed, 0)]);
    assert_eq!(ask_everything(&trace), 3);
}

#[test]
fn a_chain_of_a_hundred_thousand_failed_spans_is_a_trace() {
    let deep = (1..=100_000_u64).map(|n| event(n, n - 1, Status::Failed, 200_000 - n as i64));
    let trace = Trace::from_events(TRACE, deep);
    assert_eq!(trace.walk().last().map(|(depth, _)| depth), Some(99_999));
    assert_eq!(trace.why().chain.len(), 100_000);
    assert_eq!(ask_everything(&trace), 100_000);
    assert!(trace.to_string().lines().all(|line| line.chars().count() < 300));
}

#[test]
fn a_million_spans_are_a_trace() {
    // Unoptimized, a tenth of them takes as long.
    const SPANS: u64 = if cfg!(debug_assertions) { 100_000 } else { 1_000_000 };
    // A thousand below the root, the others below these; the root comes last.
    let parent = |n| if n <= 1_001 { 1 } else { n % 1_000 + 2 };
    let wide = (2..=SPANS).map(|n| event(n, parent(n), Status::Success, n as i64));
    let trace = Trace::from_events(TRACE, wide.chain([event(1, 0, Status::Failed, 1)]));
    assert_eq!((trace.spans().len(), trace.walk().count()), (SPANS as usize, SPANS as usize));
    assert_eq!(trace.why().chain.len(), 1);
    assert!(trace.gaps().is_empty());
}

#[test]
fn a_span_of_another_trace_has_no_neighbours_here() {
    let of = |spans: std::ops::Range<u64>| {
        let event = |span: u64| event(span, if span == spans.start { 0 } else { spans.start }, Status::Success, 7);
        Trace::from_events(TRACE, spans.clone().map(event))
    };
    let (here, there) = (of(1..5), of(11..15));
    for span in there.spans() {
        assert_eq!(here.parent(span), None);
        assert_eq!(here.children(span).count(), 0);
    }
    // Read before more of it came, it is found by its id.
    let before = Trace::from_events(TRACE, [event(4, 1, Status::Success, 7)]);
    assert_eq!(here.parent(&before.spans()[0]), here.get(id(1)));
    let root = Trace::from_events(TRACE, [event(1, 0, Status::Success, 7)]);
    assert_eq!(here.children(&root.spans()[0]).map(|span| span.id.get()).collect::<Vec<_>>(), [2, 3, 4]);
}

#[test]
fn a_span_stays_what_it_is_when_others_arrive() {
    let whole = || [event(1, 0, Status::Success, 9), event(2, 1, Status::Success, 5), event(3, 1, Status::Success, 4)];
    let [root, second, _] = whole();
    let (before, after) = (Trace::from_events(TRACE, [root, second]), Trace::from_events(TRACE, whole()));
    assert_eq!(before.get(id(1)), after.get(id(1)));
    assert_eq!(before.get(id(2)), after.get(id(2)));
    assert_ne!(after.get(id(2)), after.get(id(3)));
}
