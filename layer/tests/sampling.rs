//! What is kept of a program's calls, seen from outside: through annotated functions, headers from and to other
//! processes, and the counters. The counters are the process's, so the tests take turns.

#![allow(clippy::unwrap_used, reason = "in a test a panic is how a failure is told")]

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tense::{Pipeline, TraceContext, event, name, pipeline_stage, traced};
use tense_event::CleanEvent;
use tense_layer::testing::{Capture, capture_with};
use tense_layer::{Limits, Sampling, builder, health};
use tense_store::{SqliteStore, Store, Trace, TraceFilter};

static TURN: Mutex<()> = Mutex::new(());

fn capture(sampling: Sampling) -> (MutexGuard<'static, ()>, Capture) {
    let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    (turn, capture_with(builder().ring_bytes(4 << 20).sampling(sampling)))
}

/// A trace whose random part is that share of all numbers.
fn trace(share: f64) -> String {
    format!("0190163d86947000{:016x}", (1_u64 << 63) | (share * (1_u64 << 56) as f64) as u64)
}

/// What another process says of it.
fn from_elsewhere(share: f64, flags: &str) -> TraceContext {
    format!("00-{}-b7ad6b7169203331-{flags}", trace(share)).parse().unwrap()
}

#[derive(Debug)]
struct Declined;

impl std::fmt::Display for Declined {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("declined")
    }
}

impl std::error::Error for Declined {}

#[traced(operation.cards.charged)]
fn charge(is_fine: bool) -> Result<(), Declined> {
    event!(operation.limit.checked);
    if is_fine { Ok(()) } else { Err(Declined) }
}

#[traced(dispatch.order.*)]
fn order(is_fine: bool) -> Option<TraceContext> {
    charge(true).unwrap();
    charge(is_fine).ok();
    TraceContext::current()
}

fn told(events: &[CleanEvent]) -> Vec<(&str, u32)> {
    events.iter().map(|event| (event.event_type.as_ref(), event.sample_weight)).collect()
}

#[test]
fn a_trace_that_is_left_out_costs_nothing_but_a_count_and_its_failures_are_there() {
    let (_turn, capture) = capture(Sampling::ratio(0.5));
    let before = health();
    let in_trace = |share, is_fine| TraceContext::begin(&trace(share)).in_scope(|| order(is_fine));
    in_trace(0.4, true);
    assert_eq!(capture.events(), []);
    in_trace(0.4, false);
    assert_eq!(
        told(&capture.events()),
        [("dispatch.order.start", 0), ("operation.cards.charge_failed", 1), ("dispatch.order.complete", 1)]
    );
    in_trace(0.6, true);
    assert!(told(&capture.events())[3..].iter().all(|(_, weight)| *weight == 2));
    let after = health();
    let (emitted, pending) = (after.emitted - before.emitted, after.pending - before.pending);
    // Three times an order, two charges and two moments.
    assert_eq!((15, 3 + 2 - 1 + 4), (emitted - pending + after.sampled_out - before.sampled_out, 8));
    assert_eq!(after.limited, before.limited);
}

/// All traces of those events, as a reader finds them in the database.
fn stored(events: &[CleanEvent]) -> Vec<Trace> {
    let folder = tempfile::tempdir().unwrap();
    let mut store = SqliteStore::open(folder.path().join("tense.db")).unwrap();
    assert_eq!(store.append(events).unwrap().known, 0);
    let found = store.traces(&TraceFilter::newest(10)).unwrap();
    found.iter().map(|found| store.trace(found.id).unwrap().unwrap()).collect()
}

#[test]
fn a_reader_is_told_that_a_trace_was_not_sampled_also_where_no_life_is_in_it() {
    #[traced(operation.carts.paid)]
    fn pay(is_fine: bool) {
        charge(true).unwrap();
        charge(is_fine).ok();
    }

    for (ratio, spans, unsampled) in [(0.0, 2, 2), (1.0, 5, 0)] {
        let (_turn, capture) = capture(Sampling::ratio(ratio).max_events_per_second(1_000_000));
        pay(false);
        let [trace] = stored(&capture.events()).try_into().unwrap();
        assert_eq!((trace.spans().len(), trace.gaps().unsampled.len()), (spans, unsampled), "{ratio}");
        assert!(trace.spans().iter().all(|span| span.is_unsampled() == (unsampled > 0)));
        assert_eq!(trace.why().also_failed[0].event_type, "operation.cards.charge_failed");
    }
}

#[test]
fn a_trace_of_elsewhere_is_kept_where_it_is_kept_there() {
    let (_turn, capture) = capture(Sampling::ratio(0.5));
    let count = |above: TraceContext| {
        let before = capture.events().len();
        above.in_scope(|| order(true));
        capture.events().len() - before
    };
    // By the ratio here the first would not be kept, and the second would.
    assert_eq!([count(from_elsewhere(0.4, "01")), count(from_elsewhere(0.6, "00"))], [6, 0]);
    // Nobody says by which ratio it was kept; where somebody does, that is what each event stands for.
    let with_ratio = from_elsewhere(0.8, "01").with_tracestate("congo=t61,ot=th:c");
    assert_eq!(count(with_ratio.clone()), 6);
    let weights: Vec<u32> = capture.events().iter().map(|event| event.sample_weight).collect();
    assert_eq!(weights, [[1; 6], [4; 6]].concat());
    // Both go on as they came.
    assert_eq!(with_ratio.in_scope(|| order(true)).unwrap().tracestate(), Some("congo=t61,ot=th:c"));
    let left = from_elsewhere(0.6, "00").in_scope(|| order(true)).unwrap();
    assert!(!left.is_sampled());
    // Nothing of the word stands in an event.
    assert!(capture.events().iter().all(|event| event.data.get("tense.sampled").is_none()));
}

#[test]
fn where_the_parent_does_not_decide_the_ratio_does_and_says_so_outwards() {
    let (_turn, capture) = capture(Sampling::ratio(0.25).parent_based(false));
    let out = |above: TraceContext| above.in_scope(|| order(true)).unwrap();
    let left = out(from_elsewhere(0.7, "01").with_tracestate("congo=t61,ot=th:8"));
    assert_eq!((left.is_sampled(), left.tracestate()), (false, Some("congo=t61")));
    assert_eq!(capture.events(), []);
    let kept = out(from_elsewhere(0.8, "00"));
    assert_eq!((kept.is_sampled(), kept.tracestate()), (true, Some("ot=th:c")));
    assert!(capture.events().len() == 6 && capture.events().iter().all(|event| event.sample_weight == 4));
}

#[test]
fn what_one_service_decides_the_next_one_goes_by() {
    let (_turn, first) = capture(Sampling::ratio(0.25));
    let header = |share| {
        let left = TraceContext::begin(&trace(share)).in_scope(|| order(true)).unwrap();
        (left.traceparent().unwrap(), left.tracestate().unwrap_or_default().to_owned())
    };
    let headers = [header(0.8), header(0.7)];
    let kept = first.events();
    drop(first);
    assert!(headers[0].0.ends_with("-01") && headers[1].0.ends_with("-00"), "{headers:?}");
    assert_eq!([&headers[0].1, &headers[1].1], ["ot=th:c", ""]);
    // The second one by itself would keep a tenth only, and neither of these.
    let second = capture_with(builder().sampling(Sampling::ratio(0.1)));
    for (parent, state) in &headers {
        parent.parse::<TraceContext>().unwrap().with_tracestate(state).in_scope(|| order(true));
    }
    let events = second.events();
    assert_eq!(told(&events), told(&kept), "the same trace, and each event for as many");
    assert!(events.iter().all(|event| event.trace_id == kept[0].trace_id && event.sample_weight == 4));
}

#[test]
fn without_sampling_what_came_in_changes_nothing() {
    let (_turn, capture) = capture(Sampling::new());
    let left = from_elsewhere(0.4, "00").in_scope(|| order(true)).unwrap();
    assert!(!left.is_sampled());
    assert!(capture.events().len() == 6 && capture.events().iter().all(|event| event.sample_weight == 1));
    let own = order(true).unwrap();
    assert_eq!((own.is_sampled(), own.tracestate()), (true, None));
}

/// Which is more than to say nothing.
#[test]
fn whoever_says_that_all_traces_are_kept_follows_the_word_that_came_with_one() {
    for (sampling, kept) in [(Sampling::new(), 6), (Sampling::all(), 0), (Sampling::all().parent_based(false), 6)] {
        let (_turn, capture) = capture(sampling.clone());
        from_elsewhere(0.6, "00").in_scope(|| order(true));
        assert_eq!(capture.events().len(), kept, "{sampling:?}");
    }
}

#[traced(operation.orders.listed)]
fn list(orders: u32) {
    for _ in 0..orders {
        charge(true).unwrap();
    }
}

#[test]
fn what_is_beyond_a_limit_is_counted_in_health_and_at_the_end_of_its_span() {
    let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let before = health();
    let capture = capture_with(builder().ring_bytes(4 << 20).limits(Limits::new().children_per_span(10)));
    list(25);
    let end = capture.one("operation.orders.listed");
    assert_eq!((end.left_out, capture.events().len()), (30, 21));
    let after = health();
    assert_eq!(after.limited - before.limited, 30);
    assert_eq!((after.emitted - after.pending) - (before.emitted - before.pending) + 30, 51);
    drop((capture, turn));
}

#[test]
fn fields_beyond_the_limit_go_and_are_named() {
    #[traced(operation.cards.compared, fields(a, b, c, d))]
    fn compare(a: u8, b: u8, c: u8, d: u8) -> u8 {
        a + b + c + d
    }

    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let capture = capture_with(builder().limits(Limits::new().fields_per_span(2)));
    compare(1, 2, 3, 4);
    let event = capture.one("operation.cards.compared");
    let names: Vec<_> = event.data.iter().map(|(name, _)| name).collect();
    assert_eq!((names, &event.cut[..]), (vec!["a", "b"], &["c".to_owned(), "d".to_owned()][..]));
}

#[tokio::test(flavor = "current_thread")]
#[expect(clippy::await_holding_lock, reason = "the tests take turns, and nothing else is on this runtime")]
async fn a_pipeline_of_a_trace_that_is_not_sampled_tells_how_it_failed() {
    #[traced(dispatch.release)]
    async fn release(_: &u32) -> Result<(), Declined> {
        Ok(())
    }

    #[pipeline_stage(dispatch.reserve, compensate = release)]
    async fn reserve(amount: u32) -> Result<u32, Declined> {
        Ok(amount)
    }

    #[pipeline_stage(dispatch.fund)]
    async fn fund(_: u32) -> Result<u32, Declined> {
        Err(Declined)
    }

    #[pipeline_stage(dispatch.notify)]
    async fn notify(amount: u32) -> Result<u32, Declined> {
        Ok(amount)
    }

    let (_turn, capture) = capture(Sampling::ratio(0.0));
    let pipeline = Pipeline::named(name!(dispatch.loan)).stage(ReserveStage).stage(FundStage).stage(NotifyStage);
    pipeline.run(7).await.unwrap_err();
    let events = capture.events();
    assert_eq!(
        told(&events),
        [
            ("dispatch.loan.start", 0),
            ("dispatch.fund.start", 0),
            ("dispatch.fund.fail", 1),
            ("dispatch.release", 0),
            ("dispatch.loan.fail", 1),
        ]
    );
    let trace = Trace::from_events(events[0].trace_id, events.iter().map(|event| (**event).clone()));
    let why = trace.why();
    assert_eq!(why.chain.last().map(|link| link.span.name.as_ref()), Some("dispatch.fund"));
    assert_eq!(trace.never_ran().iter().map(|never| never.stage).collect::<Vec<_>>(), ["dispatch.notify"]);
    assert_eq!(trace.ran_unseen(), ["dispatch.reserve"]);
}

#[test]
fn spans_and_lines_of_others_are_sampled_by_their_names_and_levels() {
    let other = || {
        let _span = tracing::info_span!(target: "hyper::client", "connect").entered();
        tracing::info!("connected");
        tracing::debug!("in 3 ms");
    };
    let of = |sampling| {
        let capture = capture_with(builder().sampling(sampling));
        TraceContext::begin(&trace(0.4)).in_scope(other);
        capture.events().iter().map(|event| event.event_type.to_string()).collect::<Vec<_>>()
    };
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    assert_eq!(of(Sampling::all()), ["log.info", "log.debug", "foreign.hyper.client"]);
    assert_eq!(of(Sampling::all().of("foreign.hyper.*", 0.5)), ["log.info", "log.debug"]);
    assert_eq!(of(Sampling::all().of_level(tracing::Level::DEBUG, 0.5)), ["log.info", "foreign.hyper.client"]);
    assert_eq!(of(Sampling::all().of("log.*", 0.5)), ["foreign.hyper.client"]);
    assert!(of(Sampling::ratio(0.5)).is_empty());
}

#[test]
fn a_capture_of_a_test_has_no_limits_of_its_own() {
    let (_turn, capture) = capture(Sampling::new());
    #[traced(operation.limits.looked_up)]
    fn look_up(limits: u32) {
        for _ in 0..limits {
            event!(operation.limit.checked);
        }
    }
    look_up(1_001);
    assert_eq!((capture.one("operation.limits.looked_up").left_out, capture.events().len()), (0, 1_002));
}

#[test]
fn what_is_slow_for_the_hook_is_slow_for_sampling() {
    let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    for (slow_from, kept) in [(Duration::ZERO, 4), (Duration::MAX, 0)] {
        let capture = capture_with(builder().slow_from(slow_from).sampling(Sampling::ratio(0.0)));
        order(true);
        let spans = capture.events().iter().filter(|event| event.event_type != "operation.limit.checked").count();
        assert_eq!(spans, kept, "{slow_from:?}: the start and end of an order, and its two charges");
    }
    drop(turn);
}

#[test]
fn traces_that_began_long_ago_elsewhere_are_no_way_around_the_ceiling() {
    let (_turn, capture) = capture(Sampling::all().max_events_per_second(20));
    // A queue that is worked off: all of its traces are older than this process, and come to it now.
    let (before, mut orders) = (health().sampled_out, 0);
    while health().sampled_out == before && orders < 20_000 {
        from_elsewhere(f64::from(orders) / 50_000.0, "01").in_scope(|| order(true));
        orders += 1;
        if orders % 100 == 0 {
            capture.events();
        }
    }
    assert!(health().sampled_out > before, "{orders} orders, and all of them are kept");
}
