//! How much ran at the same time, held against counting at every moment; and who handed over to whom.

use std::collections::HashMap;
use std::time::Duration;

use proptest::prelude::*;
use tense_event::Timestamp;
use tense_store::concurrency::Concurrency;
use tense_store::handoffs::{Handoff, routes};
use tense_store::{Outcome, Span, Trace};

use super::drawn::{TRACE, any_trace, call, extent, moment, moments, whole};

/// How many of the spans that are meant were at work at that moment: open, with none open right below.
fn slow(trace: &Trace, at: i64, is_meant: impl Fn(&Span) -> bool) -> u32 {
    let is_at_work = |span: &&Span| {
        extent(trace, span).contains(&at) && !trace.children(span).any(|child| extent(trace, child).contains(&at))
    };
    trace.spans().iter().filter(is_at_work).filter(|span| is_meant(span)).count() as u32
}

fn at(concurrency: &Concurrency, moment_: i64) -> u32 {
    concurrency.steps.iter().rev().find(|step| moment(step.at) <= moment_).map_or(0, |step| step.running)
}

proptest! {
    #[test]
    fn as_many_run_as_one_counts(trace in any_trace()) {
        let told = trace.concurrency();
        let counted: Vec<u32> = whole(&trace).map(|at| slow(&trace, at, |_| true)).collect();
        prop_assert_eq!(whole(&trace).map(|moment| at(&told, moment)).collect::<Vec<_>>(), counted.clone());
        prop_assert_eq!(told.peak().map_or(0, |step| step.running), counted.iter().copied().max().unwrap_or(0));
        prop_assert!(told.peak().is_none_or(|step| at(&told, moment(step.at)) == step.running));

        let mut levels: HashMap<u32, Duration> = HashMap::new();
        for running in &counted {
            *levels.entry(*running).or_default() += moments(1);
        }
        let mut levels: Vec<_> = levels.into_iter().collect();
        levels.sort_unstable();
        prop_assert_eq!(told.levels(), levels);
        prop_assert_eq!(told.work(), trace.self_times().iter().sum::<Duration>());
        let mean = counted.iter().sum::<u32>() as f64 / counted.len().max(1) as f64;
        prop_assert!((told.mean() - mean).abs() < 1e-9);

        // As many parts as moments are the moments; in fewer the mean is kept.
        let each = told.profile(counted.len());
        prop_assert!(each.iter().zip(&counted).all(|(one, other)| (one - f64::from(*other)).abs() < 1e-6), "{:?}", each);
        for parts in [1, 3, 50] {
            let profile = told.profile(parts);
            prop_assert!((profile.iter().sum::<f64>() / parts as f64 - mean).abs() < 1e-6);
        }
    }

    #[test]
    fn groups_are_counted_by_themselves(trace in any_trace()) {
        let mut total = Duration::ZERO;
        for (name, told) in trace.concurrency_by(|span| &span.name) {
            for moment in whole(&trace) {
                prop_assert_eq!(at(&told, moment), slow(&trace, moment, |span| span.name == name));
            }
            total += told.work();
        }
        prop_assert_eq!(total, trace.concurrency().work());
    }

    #[test]
    fn every_way_into_another_service_is_a_hand_off(trace in any_trace()) {
        let told = trace.handoffs();
        let crossed = |span: &&Span| {
            trace.parent(span).is_some_and(|above| {
                !above.service.is_empty() && !span.service.is_empty() && above.service != span.service
            })
        };
        let slow: Vec<_> = trace.spans().iter().filter(crossed).map(|span| span.id).collect();
        prop_assert_eq!(told.iter().map(|handoff| handoff.to.id).collect::<Vec<_>>(), slow);
        for handoff in &told {
            let from = handoff.from;
            prop_assert_eq!(trace.parent(handoff.to).map(|above| above.id), Some(from.id));
            // Both failed, and it began when its caller had ended, though it took no longer.
            let have_failed = [from, handoff.to].iter().all(|side| side.outcome == Outcome::Failed);
            let is_within = handoff.to.duration.is_some_and(|took| from.duration.is_some_and(|whole| took <= whole));
            let ahead = have_failed && is_within && from.ended.is_some_and(|ended| handoff.to.began > ended);
            prop_assert_eq!(handoff.skew().is_some(), handoff.to.began < from.began || ahead);
            let stayed = trace.children(from).filter(|child| !told.iter().any(|other| other.to.id == child.id));
            let happened = stayed.chain([from]).flat_map(|child| [Some(child.began), child.ended]).flatten();
            let since = happened.filter(|at| *at <= handoff.to.began).chain([from.began]).max();
            prop_assert_eq!(Some(handoff.since), since);
        }
        let routes = routes(&told);
        prop_assert_eq!(routes.iter().map(|route| route.count).sum::<usize>(), told.len());
        for route in routes {
            let mut delays: Vec<_> = told.iter().filter(|handoff| {
                (handoff.from.service.as_ref(), handoff.to.service.as_ref()) == (route.from, route.to)
            }).filter_map(Handoff::delay).collect();
            delays.sort_unstable();
            prop_assert_eq!(route.longest, delays.last().copied());
            prop_assert_eq!(route.skewed, route.count - delays.len());
            let as_short = |median| delays.iter().filter(|delay| **delay <= median).count();
            prop_assert!(route.median.is_none_or(|median| as_short(median) * 2 >= delays.len()));
        }
    }
}

#[test]
fn another_machine_or_worker_is_another_process() {
    let on = |span, parent, machine: &str, worker: &str| {
        let mut event = call(span, parent, "job.run", 2 * span as i64..20);
        event.service = "fleet".into();
        event.machine_id = Some(machine.to_owned());
        event.worker_id = Some(worker.to_owned());
        event
    };
    let events = [on(1, 0, "m1", "w1"), on(2, 1, "m1", "w1"), on(3, 2, "m1", "w2"), on(4, 3, "m2", "w2")];
    let trace = Trace::from_events(TRACE, events);
    assert_eq!(trace.handoffs().iter().map(|handoff| handoff.to.id.get()).collect::<Vec<_>>(), [3, 4]);
    assert_eq!(trace.services(), ["fleet"]);
}

#[test]
fn a_hundred_thousand_and_absurd_times_are_no_trouble() {
    let many = 100_000;
    let chain = (1..=many).map(|id| {
        let mut event = call(id, id - 1, "dispatch.step", id as i64..2 * many as i64 - id as i64);
        event.service = if id % 2 == 0 { "web".into() } else { "shop".into() };
        event
    });
    let trace = Trace::from_events(TRACE, chain);
    assert_eq!(trace.concurrency().peak().map(|step| step.running), Some(1));
    assert_eq!(trace.handoffs().len() as u64, many - 1);

    let mut events = [call(1, 0, "a.b", 0..1), call(2, 1, "a.b", 0..1), call(3, 2, "a.b", 0..1)];
    events[0].timestamp = Timestamp::from_unix_nanos(i64::MIN);
    events[1].timestamp = Timestamp::from_unix_nanos(i64::MAX);
    events[1].duration = Some(Duration::MAX);
    for trace in [Trace::from_events(TRACE, events), Trace::from_events(TRACE, [])] {
        let told = trace.concurrency();
        assert!(told.mean().is_finite() && told.profile(60).iter().all(|part| part.is_finite()));
        assert!(told.profile(0).is_empty());
        told.levels();
        trace.concurrency_by(|span| &span.service);
        trace.handoffs();
    }
}
