//! What operations took, held against sorted lists.

use std::time::Duration;

use proptest::prelude::*;
use tense_event::{ErrorInfo, ErrorKind, Event, SpanId, Status, Timestamp, TraceId};
use tense_store::statistics::{Histogram, OTHERS, Statistics};

/// The durations of all lengths, each so many times.
fn durations() -> impl Strategy<Value = Vec<(u64, u32)>> {
    let nanos = (any::<u64>(), 0..64_u32).prop_map(|(nanos, shift)| nanos >> shift);
    proptest::collection::vec((nanos, 0..6_u32), 0..200)
}

fn filled(durations: &[(u64, u32)]) -> Histogram {
    let mut histogram = Histogram::default();
    for (nanos, times) in durations {
        histogram.add(Duration::from_nanos(*nanos), (*times).into());
    }
    histogram
}

proptest! {
    #[test]
    fn quantiles_are_near_those_of_the_sorted_list(durations in durations(), part in 0.0..=1.0_f64) {
        let mut sorted: Vec<u64> =
            durations.iter().flat_map(|(nanos, times)| std::iter::repeat_n(*nanos, *times as usize)).collect();
        sorted.sort_unstable();
        let histogram = filled(&durations);
        prop_assert_eq!(histogram.count(), sorted.len() as u64);
        prop_assert_eq!(histogram.min(), sorted.first().copied().map(Duration::from_nanos));
        prop_assert_eq!(histogram.max(), sorted.last().copied().map(Duration::from_nanos));
        let total: u128 = sorted.iter().map(|nanos| u128::from(*nanos)).sum();
        prop_assert_eq!(histogram.total(), Duration::from_nanos(u64::try_from(total).unwrap_or(u64::MAX)));
        for part in [part, 0.0, 0.5, 0.95, 0.99, 1.0] {
            let rank = ((part * sorted.len() as f64).ceil() as usize).clamp(1, sorted.len().max(1));
            let Some(exact) = sorted.get(rank - 1) else {
                prop_assert_eq!(histogram.quantile(part), None);
                continue;
            };
            let told = u64::try_from(histogram.quantile(part).unwrap().as_nanos()).unwrap();
            prop_assert!(told.abs_diff(*exact) <= exact / 250, "{} is told as {}", exact, told);
        }
        let (least, most) = histogram.buckets().fold((0, 0), |(least, most), (first, behind, count)| {
            let inside = sorted.iter().filter(|nanos| (first..behind).contains(&Duration::from_nanos(**nanos)));
            (least + inside.count() as u64, most + count)
        });
        // The bucket of the longest of all ends where durations end.
        prop_assert!(least + sorted.iter().filter(|nanos| **nanos == u64::MAX).count() as u64 >= most);
    }

    #[test]
    fn parts_make_the_whole(durations in durations(), cut in any::<proptest::sample::Index>()) {
        let (one, other) = durations.split_at(cut.index(durations.len() + 1));
        let mut merged = filled(one);
        merged.merge(&filled(other));
        prop_assert_eq!(merged.clone(), { let mut turned = filled(other); turned.merge(&filled(one)); turned });
        let whole = filled(&durations);
        prop_assert_eq!((merged.count(), merged.min(), merged.max(), merged.total()), (whole.count(), whole.min(), whole.max(), whole.total()));
        prop_assert_eq!(merged.buckets().collect::<Vec<_>>(), whole.buckets().collect::<Vec<_>>());
    }
}

proptest! {
    /// How often, how many of them failed or were dropped, and how long: of each name, in a list in which each stands
    /// as often as it counts.
    #[test]
    fn operations_are_what_one_counts_event_by_event(
        drawn in proptest::collection::vec((0_usize..3, 0_u8..4, proptest::option::of(0_u64..2_000), 0_u32..5), 0..60),
    ) {
        const NAMES: [&str; 3] = ["sql.query", "dispatch.batch", "operation.cards.charged"];
        let mut statistics = Statistics::default();
        for (name, status, ms, weight) in &drawn {
            let is_dropped = *status == 3;
            let status = [Status::Pending, Status::Success, Status::Failed, Status::Failed][usize::from(*status)];
            let mut event = event(NAMES[*name], status, ms.unwrap_or(0), *weight);
            event.error = is_dropped.then(|| ErrorInfo::new(ErrorKind::Cancelled));
            (event.span_name, event.duration) = (NAMES[*name].into(), ms.map(Duration::from_millis));
            statistics.add(&event);
        }
        let told = statistics.by(|operation| operation.name.clone());
        let of = |name: usize| {
            let those = drawn.iter().filter(move |(of, status, ..)| *of == name && *status > 0);
            those.flat_map(|(_, status, ms, weight)| std::iter::repeat_n((*status, *ms), *weight as usize))
        };
        let known: Vec<&str> = (0..3).filter(|name| of(*name).next().is_some()).map(|name| NAMES[name]).collect();
        let names: Vec<&str> = told.iter().map(|(name, _)| name.as_str()).collect();
        prop_assert!(names.is_sorted() && names.len() == known.len() && known.iter().all(|name| names.contains(name)));
        for (name, numbers) in &told {
            let all: Vec<_> = of(NAMES.iter().position(|known| known == name).unwrap()).collect();
            let ended = |how| all.iter().filter(|(status, _)| *status == how).count() as u64;
            let (failed, dropped) = (ended(2), ended(3));
            prop_assert_eq!((numbers.count, numbers.failed, numbers.cancelled), (all.len() as u64, failed, dropped));
            prop_assert!((numbers.error_rate() - failed as f64 / all.len() as f64).abs() < 1e-12);
            prop_assert!((numbers.cancelled_rate() - dropped as f64 / all.len() as f64).abs() < 1e-12);
            let mut sorted: Vec<u64> = all.iter().filter_map(|(_, ms)| *ms).collect();
            sorted.sort_unstable();
            prop_assert_eq!(numbers.durations.max(), sorted.last().copied().map(Duration::from_millis));
            for part in [0.5, 0.95, 0.99] {
                let rank = ((part * sorted.len() as f64).ceil() as usize).max(1) - 1;
                let exact = sorted.get(rank).copied().map(Duration::from_millis);
                let told = numbers.durations.quantile(part);
                prop_assert_eq!(told.is_some(), exact.is_some());
                let is_near = |told: Duration| exact.is_some_and(|exact| told.abs_diff(exact) <= exact / 250);
                prop_assert!(told.is_none_or(is_near), "{:?} is told as {:?}", exact, told);
            }
        }
    }
}

fn event(name: &str, status: Status, ms: u64, weight: u32) -> Event {
    let at = Timestamp::from_unix_nanos(1_000);
    let mut event = Event::new(TraceId::from_bytes([7; 16]), SpanId::new(1).unwrap(), name.to_owned(), status, at);
    event.span_name = "sql.query".into();
    event.duration = Some(Duration::from_millis(ms));
    event.sample_weight = weight;
    event
}

#[test]
fn an_event_counts_for_those_that_it_stands_for() {
    let mut statistics = Statistics::default();
    for event in [
        event("sql.query", Status::Success, 1, 1),
        event("sql.query", Status::Success, 3, 8),
        event("sql.query_failed", Status::Failed, 100, 1),
        event("sql.query", Status::Success, 7, 0),
        event("sql.query.start", Status::Pending, 9, 1),
    ] {
        statistics.add(&event);
    }
    assert_eq!(statistics.operations().len(), 2);
    let by_name = statistics.by(|operation| operation.name.clone());
    let [(name, numbers)] = by_name.as_slice() else { panic!("{by_name:?}") };
    assert_eq!((name.as_str(), numbers.count, numbers.failed, numbers.events), ("sql.query", 10, 1, 3));
    assert_eq!(numbers.error_rate(), 0.1);
    assert_eq!(numbers.durations.total(), Duration::from_millis(125));
    let near = |part, ms: u64| {
        let told = numbers.durations.quantile(part).unwrap();
        assert!(told.abs_diff(Duration::from_millis(ms)) <= Duration::from_micros(ms * 4), "{told:?}");
    };
    near(0.5, 3);
    near(0.9, 3);
    near(0.99, 100);
}

#[test]
fn names_without_end_take_bounded_memory() {
    let mut statistics = Statistics::default();
    for nth in 0..10_000 {
        statistics.add(&event(&format!("sql.query_{nth}"), Status::Success, nth, 1));
    }
    let (all, others) = (statistics.operations().len(), statistics.by(|operation| operation.name.clone()));
    assert_eq!(all, 4_097);
    let of_others = others.iter().find(|(name, _)| name == OTHERS).map(|(_, numbers)| numbers.count);
    assert_eq!(of_others, Some(10_000 - 4_096));
}
