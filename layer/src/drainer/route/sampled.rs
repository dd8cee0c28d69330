//! Which events are made of what was recorded, and how many each stands for.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use tense::__private::layer::Ending::{self, Cancelled, Error, Panic, Success};
use tense::__private::layer::{NO_TRACE, randomness, unix_nanos};
use tense::registry::{Event, Registry};
use tense_event::{CleanEvent, Status};

use super::Wanted;
use super::program::{At, IN, Layer, MS, OUT, Program, SECOND, is_unsampled, told, trace_at};
use crate::random::Random;
use crate::sampling::{Limits, Sampling};
use crate::watch::Slowness;

fn layer(sampling: Sampling) -> Layer {
    Layer::with(sampling, Limits::new())
}

/// A batch of two steps, in the second of which a query ends so; with a line at every point.
fn batch(program: &mut Program, trace: (u64, u64), ending: Ending) {
    let batch = program.begin(At::Batch, trace, 0, 1);
    for n in 0..2 {
        let begin = 10 + 20 * n;
        program.point(trace, batch, begin);
        let step = program.begin(At::Step, trace, batch, begin + 1);
        let query = program.begin(At::Query, trace, step, begin + 2);
        program.point(trace, query, begin + 3);
        program.end(query, begin + 4, if n == 1 { ending } else { Success });
        program.point(trace, step, begin + 5);
        program.end(step, begin + 6, Success);
    }
    program.point(trace, batch, 90);
    program.end(batch, 91, Success);
}

fn of_batch(sampling: Sampling, trace: (u64, u64), ending: Ending) -> (Vec<CleanEvent>, u64) {
    let (mut layer, mut program) = (layer(sampling), Program::default());
    batch(&mut program, trace, ending);
    layer.pass(100, program.take());
    let health = layer.route.health(0);
    assert_eq!(5 + 7, health.emitted - health.pending + health.sampled_out, "{health:#?}");
    (layer.events(), health.sampled_out)
}

#[test]
fn a_trace_is_kept_or_left_out_as_a_whole() {
    assert_eq!(of_batch(Sampling::ratio(0.5), OUT, Success), (Vec::new(), 12));
    let (events, sampled_out) = of_batch(Sampling::ratio(0.5), IN, Success);
    assert_eq!((events.len(), sampled_out), (15, 0));
    assert!(events.iter().all(|event| event.sample_weight == 2));
    assert_eq!(of_batch(Sampling::all(), OUT, Success).0.len(), 15);
    assert_eq!(of_batch(Sampling::ratio(0.0), (1, NO_TRACE - 1), Success).0.len(), 0);
}

#[test]
fn a_failure_is_kept_with_what_is_above_it_also_where_its_trace_is_not() {
    for ending in [Error, Panic] {
        let (events, _) = of_batch(Sampling::ratio(0.5), OUT, ending);
        // The starts of what is open are told first, the outermost before the others; what had ended is gone; and of
        // what is kept the lines that come are there.
        assert_eq!(
            told(&events),
            [
                ("dispatch.batch.start", 0),
                ("dispatch.step.start", 0),
                ("sql.query_fail", 1),
                ("log.step", 0),
                ("dispatch.step.complete", 1),
                ("log.step", 0),
                ("dispatch.batch.complete", 1),
            ]
        );
        // Late, and of their moments.
        let nanos = |at: usize| events[at].timestamp.unix_nanos();
        assert_eq!((nanos(1) - nanos(0), nanos(2) - nanos(1)), (30, 3));
        let parent = |at: usize| events[at].parent_span_id;
        assert_eq!((parent(2), parent(1)), (Some(events[1].span_id), Some(events[0].span_id)));
        assert!(events.iter().all(is_unsampled));
    }
}

#[test]
fn what_would_be_kept_in_any_case_stands_for_itself_also_where_its_trace_is_sampled() {
    let (events, sampled_out) = of_batch(Sampling::ratio(0.5), IN, Error);
    let weights = |event_type: &str| -> Vec<u32> {
        told(&events).into_iter().filter(|(name, _)| *name == event_type).map(|(_, weight)| weight).collect()
    };
    assert_eq!((events.len(), sampled_out), (15, 0), "each start once");
    assert_eq!((weights("dispatch.batch.start"), weights("dispatch.step.start")), (vec![2], vec![2, 2]));
    assert_eq!((weights("sql.query"), weights("sql.query_fail")), (vec![2], vec![1]));
    assert_eq!((weights("dispatch.step.complete"), weights("dispatch.batch.complete")), (vec![2, 1], vec![1]));
    assert_eq!(weights("log.step"), [2; 7]);
}

/// What has a lower ratio of its own is gone from a trace that is sampled as well; the trace is sampled all the same.
#[test]
fn nothing_of_a_trace_that_is_sampled_is_marked_as_unsampled() {
    let of_types = Sampling::ratio(0.5).of("sql.*", 0.0).of("log.step", 0.0);
    for sampling in [Sampling::all(), Sampling::ratio(0.5), of_types, Sampling::all().max_events_per_second(1_000)] {
        let (events, _) = of_batch(sampling.clone(), IN, Error);
        assert!(events.iter().any(|event| event.status == Status::Failed));
        assert!(!events.iter().any(is_unsampled), "{sampling:?}");
    }
}

#[test]
fn what_was_cancelled_is_no_failure_unless_it_is_said() {
    assert_eq!(of_batch(Sampling::ratio(0.5), OUT, Cancelled).0.len(), 0);
    assert_eq!(of_batch(Sampling::ratio(0.5).keep_cancelled(true), OUT, Cancelled).0.len(), 7);
    assert_eq!(of_batch(Sampling::ratio(0.5).keep_failures(false), OUT, Error).0.len(), 0);
    let without = Sampling::ratio(0.5).keep_failures(false).keep_cancelled(true);
    assert_eq!(of_batch(without, OUT, Cancelled).0.len(), 7);
}

#[test]
fn a_life_that_fails_itself_is_kept_with_its_start() {
    let (mut layer, mut program) = (layer(Sampling::ratio(0.5)), Program::default());
    for (trace, at) in [(OUT, 1), (IN, 10)] {
        let batch = program.begin(At::Batch, trace, 0, at);
        program.end(batch, at + 1, Error);
    }
    layer.pass(100, program.take());
    let (start, fail) = ("dispatch.batch.start", "dispatch.batch.fail");
    assert_eq!(told(&layer.events()), [(start, 0), (fail, 1), (start, 2), (fail, 1)]);
}

#[test]
fn what_is_slow_is_kept_by_the_registry_and_by_one_setting_where_it_says_nothing() {
    const EVENTS: &[Event] = &[Event::new("sql.query", "sql.query_fail").slow_ms(20)];
    static REGISTRY: Registry = Registry::new().events(EVENTS);
    let of = |slowness, sampling, took: u64| {
        let mut layer = Layer::of(Wanted { sampling, slowness, ..Wanted::all("test") });
        let mut program = Program::default();
        let query = program.begin(At::Query, OUT, 0, 1);
        program.end(query, 1 + took, Success);
        layer.pass(SECOND, program.take());
        told(&layer.events()).len()
    };
    let half = || Sampling::ratio(0.5);
    let unless_set = Slowness::unless_set(None);
    assert_eq!([of(unless_set, half(), 100 * MS - 1), of(unless_set, half(), 100 * MS)], [0, 1]);
    let later = Slowness { registry: None, unless_set: Duration::from_millis(300) };
    assert_eq!([of(later, half(), 300 * MS - 1), of(later, half(), 300 * MS)], [0, 1]);
    for declared in [unless_set, later].map(|slowness| Slowness { registry: Some(&REGISTRY), ..slowness }) {
        assert_eq!([of(declared, half(), 20 * MS - 1), of(declared, half(), 20 * MS)], [0, 1]);
    }
    assert_eq!(of(unless_set, half().keep_slow(false), SECOND - 2), 0);
}

#[test]
fn a_type_and_a_level_have_ratios_of_their_own_and_the_smallest_holds() {
    let quarter = NO_TRACE / 4 * 3;
    let sampling = || Sampling::ratio(0.5).of("sql.*", 0.25).of("log.step", 1.0).of("dispatch.step", 0.0);
    let (events, _) = of_batch(sampling(), (1, quarter), Success);
    let mut counts = BTreeMap::new();
    told(&events).into_iter().for_each(|told| *counts.entry(told).or_insert(0) += 1);
    let all = [
        (("dispatch.batch.complete", 2), 1),
        (("dispatch.batch.start", 2), 1),
        (("log.step", 2), 7),
        (("sql.query", 4), 2),
    ];
    assert_eq!(counts.into_iter().collect::<Vec<_>>(), all);
    let (events, _) = of_batch(sampling(), (1, quarter - 1), Success);
    assert!(events.len() == 9 && events.iter().all(|event| event.event_type != "sql.query"));
    let info = Sampling::all().of_level(tracing_core::Level::INFO, 0.5);
    assert_eq!(of_batch(info.clone(), OUT, Success).0.len(), 0);
    assert_eq!(of_batch(info, IN, Success).0.len(), 15);
    // What fails is kept all the same.
    assert_eq!(told(&of_batch(Sampling::all().of("sql.*", 0.0), OUT, Error).0)[9], ("sql.query_fail", 1));
}

/// Many traces, of each some of everything, one after the other.
fn many(random: &mut Random, traces: u64, mut each: impl FnMut(u64, Vec<u64>)) {
    let mut program = Program::default();
    let mut now = SECOND;
    for _ in 0..traces {
        let trace = trace_at(now, randomness((0, random.next())));
        let batch = program.begin(At::Batch, trace, 0, now);
        for _ in 0..random.below(3) {
            let step = program.begin(At::Step, trace, batch, now + 1);
            for _ in 0..random.below(4) {
                let query = program.begin(At::Query, trace, step, now + 2);
                program.point(trace, query, now + 3);
                now += if random.one_in(40) { 150 * MS } else { 10 };
                let ending = [Error, Panic, Cancelled, Success][random.below(60).min(3)];
                program.end(query, now, ending);
                program.point(trace, step, now + 1);
            }
            now += 10;
            program.end(step, now, if random.one_in(50) { Error } else { Success });
        }
        now += 10;
        program.end(batch, now, Success);
        now += MS;
        each(now, program.take());
    }
}

type Key = (String, &'static str);

/// For each type and status and trace, how many there are, by their weights.
fn sums(events: &[CleanEvent], weight: impl Fn(&CleanEvent) -> u32) -> BTreeMap<Key, BTreeMap<String, f64>> {
    let mut sums: BTreeMap<Key, BTreeMap<String, f64>> = BTreeMap::new();
    for event in events {
        let of_key = sums.entry((event.event_type.to_string(), event.status.as_str())).or_default();
        *of_key.entry(event.trace_id.to_string()).or_default() += f64::from(weight(event));
    }
    sums
}

/// By how many standard deviations the sums are off, at the most.
fn off(all: &[CleanEvent], kept: &[CleanEvent], weight: impl Fn(&CleanEvent) -> u32) -> f64 {
    let (truth, estimates) = (sums(all, |_| 1), sums(kept, weight));
    let mut most = 0.0_f64;
    for (key, by_trace) in &truth {
        let estimate = |trace: &String| estimates.get(key).and_then(|by_trace| by_trace.get(trace)).copied();
        let errors = by_trace.iter().map(|(trace, count)| estimate(trace).unwrap_or(0.0) - count);
        let (mut sum, mut squares) = (0.0_f64, 0.0_f64);
        errors.for_each(|error| (sum, squares) = (sum + error, squares + error * error));
        most = most.max(sum.abs() / squares.sqrt().max(1e-9));
    }
    most
}

#[test]
fn the_sums_of_weights_are_right_for_every_type_and_status() {
    let of_types = |ratio| Sampling::ratio(ratio).of("sql.*", ratio / 3.0).of("log.step", 0.7).keep_slow(false);
    let settings = [
        Sampling::ratio(0.37),
        Sampling::ratio(0.1),
        of_types(0.6),
        Sampling::ratio(0.3).keep_cancelled(true),
        Sampling::ratio(0.45).keep_failures(false),
        Sampling::all().of("dispatch.*.start", 0.4).of_level(tracing_core::Level::INFO, 0.9),
    ];
    for (seed, sampling) in (1..).zip(settings) {
        let (mut everything, mut sampled) = (layer(Sampling::new()), layer(sampling.clone()));
        many(&mut Random(seed), 8_000, |now, words| {
            everything.pass(now, words.clone());
            sampled.pass(now, words);
        });
        let (all, kept) = (everything.events(), sampled.events());
        assert!(kept.len() < all.len() * 19 / 20, "{sampling:?}: {} of {}", kept.len(), all.len());
        let off_by = off(&all, &kept, |event| event.sample_weight);
        assert!(off_by < 4.0, "{sampling:?}: off by {off_by} standard deviations");
        let health = sampled.route.health(0);
        let everything = everything.route.health(0);
        assert_eq!(
            everything.emitted - everything.pending,
            health.emitted - health.pending + health.sampled_out,
            "{sampling:?}"
        );
    }
}

/// That the test above would notice what is easily done wrong.
#[test]
fn wrong_weights_are_noticed() {
    let (mut everything, mut sampled) = (layer(Sampling::new()), layer(Sampling::ratio(0.37)));
    many(&mut Random(1), 20_000, |now, words| {
        everything.pass(now, words.clone());
        sampled.pass(now, words);
    });
    let (all, kept) = (everything.events(), sampled.events());
    // One over the ratio, in whole numbers; all alike; and what is there for others counted.
    assert!(off(&all, &kept, |event| event.sample_weight.min(2)) > 4.0);
    assert!(off(&all, &kept, |_| 3) > 4.0);
    assert!(off(&all, &kept, |event| event.sample_weight.max(1)) > 4.0);
}

#[test]
fn two_services_keep_the_same_traces_and_at_a_lower_ratio_some_of_them() {
    let ratios = [0.5, 0.5, 0.2];
    let mut services = ratios.map(|ratio| layer(Sampling::ratio(ratio).keep_failures(false).keep_slow(false)));
    many(&mut Random(7), 2_000, |now, words| {
        services.iter_mut().for_each(|service| service.pass(now, words.clone()));
    });
    let kept = services
        .map(|service| service.events().iter().map(|event| event.trace_id.to_string()).collect::<BTreeSet<_>>());
    assert_eq!(kept[0], kept[1]);
    assert!(kept[2].is_subset(&kept[0]));
    assert!((900..1_100).contains(&kept[0].len()) && (320..480).contains(&kept[2].len()), "{kept:?}");
}

/// So many traces a second, each of a batch with a query, for so many seconds; each is open for 70 ms.
fn load(layer: &mut Layer, random: &mut Random, from: u64, seconds: u64, traces: u64, ending: Ending) {
    let mut program = Program::default();
    let (step, mut open) = (SECOND / traces, Vec::new());
    for n in 0..seconds * traces {
        let now = from + n * step;
        let trace = trace_at(now, randomness((0, random.next())));
        let batch = program.begin(At::Batch, trace, 0, now);
        let query = program.begin(At::Query, trace, batch, now + 1);
        open.push((now, batch, query));
        while let Some((_, batch, query)) = open.first().copied().filter(|(began, ..)| began + 70 * MS <= now) {
            open.remove(0);
            program.end(query, now + 2, ending);
            program.end(batch, now + 3, Success);
        }
        if n % (traces / 20).max(1) == 0 {
            layer.pass(now + 4, program.take());
        }
    }
    let end = from + seconds * SECOND;
    for (_, batch, query) in open {
        program.end(query, end, ending);
        program.end(batch, end, Success);
    }
    layer.pass(end + 1, program.take());
}

#[test]
fn over_the_ceiling_fewer_traces_are_kept_and_none_is_torn() {
    let (mut layer, mut random) = (layer(Sampling::all().max_events_per_second(600)), Random(3));
    // 300 events a second: all are kept.
    load(&mut layer, &mut random, SECOND, 3, 100, Success);
    assert_eq!(layer.events().len(), 900);
    // 6,000 a second. The first burst is noticed when as many have come as a second may have.
    let began = unix_nanos(4 * SECOND) as i64;
    load(&mut layer, &mut random, 4 * SECOND, 6, 2_000, Success);
    let events = layer.events();
    let (mut of_trace, mut of_second) = (BTreeMap::new(), BTreeMap::new());
    // Of the load: a second of the wall clock could begin in the middle of the burst.
    let second = |event: &CleanEvent| (event.timestamp.unix_nanos() - began) / SECOND as i64;
    for event in &events {
        *of_trace.entry(event.trace_id.to_string()).or_insert(0) += 1;
        *of_second.entry(second(event)).or_insert(0) += 1;
    }
    assert!(of_trace.values().all(|events| *events == 3), "{of_trace:?}");
    assert!(of_second.values().skip(1).all(|events| *events < 720), "{of_second:?}");
    assert!(of_second.values().skip(1).take(4).all(|events| *events > 400), "{of_second:?}");
    // What was kept stands for what there was.
    let sum: u64 = events.iter().map(|event| u64::from(event.sample_weight)).sum();
    assert!((33_000..39_000).contains(&sum), "{sum} of 36000");
    let ratio = layer.route.health(0).sampling_ratio;
    // The last ends came all at once.
    assert!((0.04..0.12).contains(&ratio), "{ratio}, where 600 of 6000 are wanted");
    // And all is as before when there is less again.
    load(&mut layer, &mut random, 11 * SECOND, 4, 100, Success);
    let last = layer.events();
    assert!(last.len() > 1_100, "{}", last.len());
    let health = layer.route.health(0);
    assert_eq!(2 * (300 + 12_000 + 400), health.emitted - health.pending + health.sampled_out);
    assert_eq!((health.sampling_ratio, health.failure_ratio), (1.0, 1.0));
}

#[test]
fn where_everything_fails_the_ceiling_holds_as_well() {
    let (mut layer, mut random) = (layer(Sampling::ratio(0.1).max_events_per_second(600)), Random(4));
    load(&mut layer, &mut random, SECOND, 8, 2_000, Error);
    let health = layer.route.health(0);
    assert!(health.sampling_ratio <= 0.1 + 1e-9, "{}", health.sampling_ratio);
    assert!((0.05..0.5).contains(&health.failure_ratio), "{}", health.failure_ratio);
    let events = layer.events();
    let failures: Vec<_> = events.iter().filter(|event| event.status == Status::Failed).collect();
    let sum: u64 = failures.iter().map(|event| u64::from(event.sample_weight)).sum();
    assert!((14_000..18_000).contains(&sum), "{sum} of 16000");
    assert!(failures.iter().any(|event| is_unsampled(event)) && !failures.iter().all(|event| is_unsampled(event)));
    let from = failures.iter().map(|event| event.timestamp.unix_nanos()).min().unwrap() + 2 * SECOND as i64;
    let late = events.iter().filter(|event| event.timestamp.unix_nanos() >= from).count();
    assert!(late < 6 * 720, "{late} in less than six seconds");
    // A failure has what is above it.
    let ids: BTreeSet<_> = events.iter().map(|event| event.span_id.get()).collect();
    assert!(failures.iter().all(|event| ids.contains(&event.parent_span_id.unwrap().get())));
}

#[test]
fn a_trace_whose_id_says_no_moment_is_not_torn_either() {
    let (mut layer, mut random) = (layer(Sampling::all().max_events_per_second(100)), Random(5));
    let mut program = Program::default();
    let old: Vec<_> = (0..50).map(|_| (7, random.next())).collect();
    for (n, trace) in (0..).zip(&old) {
        let span = program.begin(At::Query, *trace, 0, SECOND + n);
        program.end(span, SECOND + n + 1, Success);
    }
    layer.pass(SECOND + 100, program.take());
    assert_eq!(layer.events().len(), 50);
    load(&mut layer, &mut random, SECOND + 200, 3, 1_000, Success);
    layer.events();
    for (n, trace) in (0..).zip(&old) {
        let span = program.begin(At::Query, *trace, 0, 5 * SECOND + n);
        program.end(span, 5 * SECOND + n + 1, Success);
    }
    layer.pass(6 * SECOND, program.take());
    assert_eq!(layer.events().len(), 50);
}
