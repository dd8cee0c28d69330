//! Spans that hang, in traces that are not sampled: what is told of them before they end.

use tense::__private::layer::Ending::{Error, Success};
use tense::__private::layer::randomness;
use tense::registry::{Event, Registry};
use tense_event::{CleanEvent, Status};

use super::Wanted;
use super::program::{At, IN, Layer, OUT, Program, SECOND, is_unsampled, told, trace_at};
use crate::random::Random;
use crate::sampling::{Limits, Sampling};
use crate::watch::Slowness;

/// A query is slow after five seconds, a batch after ten.
fn patient(sampling: Sampling) -> Layer {
    Layer::of(patiently(sampling))
}

fn patiently(sampling: Sampling) -> Wanted {
    const EVENTS: &[Event] = &[
        Event::new("dispatch.batch.complete", "dispatch.batch.fail").slow_ms(10_000),
        Event::new("sql.query", "sql.query_fail").slow_ms(5_000),
    ];
    static REGISTRY: Registry = Registry::new().events(EVENTS);
    Wanted { sampling, slowness: Slowness::unless_set(Some(&REGISTRY)), ..Wanted::all("test") }
}

fn half() -> Sampling {
    Sampling::ratio(0.5)
}

/// What is told in each of so many passes, of which there are four a second.
fn quarters(layer: &mut Layer, passes: std::ops::Range<u64>) -> Vec<(u64, Vec<CleanEvent>)> {
    let told = passes.map(|pass| {
        layer.pass(pass * SECOND / 4, Vec::new());
        (pass, layer.events())
    });
    told.filter(|(_, events)| !events.is_empty()).collect()
}

#[test]
fn a_span_that_hangs_is_reported_with_what_is_above_it_before_it_ends() {
    let (mut layer, mut program) = (Layer::with(half(), Limits::new()), Program::default());
    let batch = program.begin(At::Batch, OUT, 0, 1);
    let query = program.begin(At::Query, OUT, batch, 2);
    layer.pass(10, program.take());
    assert_eq!(layer.events(), []);
    layer.pass(2 * SECOND, Vec::new());
    let events = layer.events();
    // The batch is reported first, because it is older, and brings its start along.
    let report = [("dispatch.batch.start", 0), ("dispatch.batch", 1), ("sql.query", 1)];
    assert_eq!(told(&events), report);
    assert!(events.iter().all(|event| event.status == Status::Pending && is_unsampled(event)));
    program.end(query, 2 * SECOND + 1, Success);
    program.end(batch, 2 * SECOND + 2, Success);
    layer.pass(3 * SECOND, program.take());
    assert_eq!(told(&layer.events()), [("sql.query", 1), ("dispatch.batch.complete", 1)]);
}

#[test]
fn one_that_is_slow_later_is_reported_when_it_is_with_what_is_open_above_it() {
    let (mut layer, mut program) = (patient(half()), Program::default());
    let batch = program.begin(At::Batch, OUT, 0, 1);
    let outer = program.begin(At::Query, OUT, batch, SECOND / 2);
    let inner = program.begin(At::Query, OUT, outer, SECOND);
    layer.pass(SECOND + 1, program.take());
    // Each is told once: the batch not again when it is slow itself.
    let [(at, first), (then, second)] = quarters(&mut layer, 5..60).try_into().unwrap();
    // At 5.5 seconds, the outer one has hung for five; its batch is told of for its sake.
    assert_eq!((at, told(&first)), (22, vec![("dispatch.batch.start", 0), ("dispatch.batch", 0), ("sql.query", 0)]));
    assert_eq!((first[1].span_id.get(), first[2].span_id.get()), (batch, outer));
    assert_eq!(first[2].duration.unwrap().as_millis(), 5_000);
    assert!(first.iter().all(|event| event.status == Status::Pending && is_unsampled(event)));
    assert_eq!((then, told(&second), second[0].span_id.get()), (24, vec![("sql.query", 0)], inner));
}

#[test]
fn what_hangs_above_a_failure_is_reported_with_it() {
    let (mut layer, mut program) = (patient(half()), Program::default());
    let outer = program.begin(At::Query, OUT, 0, 1);
    layer.pass(2, program.take());
    assert_eq!(quarters(&mut layer, 1..12), []);
    let inner = program.begin(At::Query, OUT, outer, 3 * SECOND);
    program.end(inner, 3 * SECOND + 5, Error);
    layer.pass(3 * SECOND + 10, program.take());
    let events = layer.events();
    assert_eq!(told(&events), [("sql.query", 0), ("sql.query_fail", 1)]);
    assert_eq!((events[0].span_id.get(), events[0].duration.unwrap().as_nanos()), (outer, 3 * 1_000_000_000 + 4));
    assert_eq!(quarters(&mut layer, 13..60), [], "once");
    program.end(outer, 20 * SECOND, Success);
    layer.pass(21 * SECOND, program.take());
    assert_eq!(told(&layer.events()), [("sql.query", 1)]);
    let health = layer.route.health(0);
    assert_eq!((2, health.pending), (health.emitted - health.pending + health.sampled_out, 1));
}

#[test]
fn one_that_ends_before_it_is_slow_leaves_nothing_behind() {
    let (mut layer, mut program) = (patient(half()), Program::default());
    let query = program.begin(At::Query, OUT, 0, 1);
    layer.pass(2, program.take());
    assert_eq!(quarters(&mut layer, 1..19), []);
    program.end(query, 19 * SECOND / 4, Success);
    layer.pass(19 * SECOND / 4 + 1, program.take());
    assert_eq!(quarters(&mut layer, 20..60), []);
    assert_eq!(layer.route.health(0).sampled_out, 1);
}

#[test]
fn one_whose_trace_is_sampled_or_that_need_not_be_kept_is_reported_once_at_most() {
    for (sampling, trace, reports) in
        [(half(), IN, vec![(4, 2)]), (Sampling::new(), OUT, vec![(4, 1)]), (half().keep_slow(false), OUT, Vec::new())]
    {
        let (mut layer, mut program) = (patient(sampling), Program::default());
        program.begin(At::Query, trace, 0, SECOND / 100);
        layer.pass(SECOND / 50, program.take());
        let found = quarters(&mut layer, 1..60);
        let found: Vec<_> = found.iter().map(|(pass, events)| (pass - 1, events[0].sample_weight)).collect();
        assert_eq!(found, reports);
    }
}

#[test]
fn the_reports_of_what_hangs_stand_for_as_many_as_there_are() {
    let (mut layer, mut program, mut random) = (patient(half()), Program::default(), Random(11));
    for n in 0..2_000 {
        program.begin(At::Query, trace_at(SECOND, randomness((0, random.next()))), 0, SECOND + n);
    }
    layer.pass(SECOND + 10_000, program.take());
    let reports: Vec<_> = quarters(&mut layer, 5..60).into_iter().flat_map(|(_, events)| events).collect();
    let sum: u32 = reports.iter().map(|event| event.sample_weight).sum();
    assert_eq!(reports.len(), 2_000, "all are slow in the end");
    assert!((1_820..2_180).contains(&sum), "{sum} of 2000");
}

#[test]
fn what_is_remembered_of_spans_that_hang_for_ever_is_bounded() {
    let limits = Limits::new().open_spans(1_000);
    let mut layer = Layer::of(Wanted { limits, ..patiently(Sampling::ratio(0.0)) });
    let (mut program, mut took) = (Program::default(), Vec::new());
    // Every two seconds a thousand hang that are not slow yet, and all that were there before make room for them.
    for begun in (2..300).step_by(2).map(|second| second * SECOND) {
        for n in 0..1_000 {
            program.begin(At::Query, OUT, 0, begun + n);
        }
        layer.pass(begun + SECOND / 100, program.take());
        layer.pass(begun + 3 * SECOND / 2, Vec::new());
        assert_eq!(layer.events(), []);
        took.push(layer.route.health(0).memory_bytes);
    }
    let (early, late) = (took[..40].iter().max().unwrap(), took[40..].iter().max().unwrap());
    assert!(late <= early, "{took:?}");
}

#[test]
fn what_hangs_is_reported_once_whatever_the_clock_does() {
    let (mut layer, mut program) = (patient(half()), Program::default());
    program.begin(At::Query, OUT, 0, 10 * SECOND);
    layer.pass(11 * SECOND, program.take());
    for at in [3, 12, 1, 14] {
        layer.pass(at * SECOND, Vec::new());
        assert_eq!(layer.events(), [], "{at}");
    }
    layer.pass(16 * SECOND, Vec::new());
    assert_eq!(told(&layer.events()), [("sql.query", 0)]);
    for at in [2, 17, 40] {
        layer.pass(at * SECOND, Vec::new());
        assert_eq!(layer.events(), [], "{at}");
    }
}
