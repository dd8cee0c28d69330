//! What a trace cost, what of that is a bottleneck, and which calls are made again and again, held against adding up
//! span by span.

use std::collections::{BTreeSet, HashSet};
use std::time::Duration;

use proptest::prelude::*;
use tense_store::{Outcome, Span, Trace};

use super::drawn::was_dropped;
use super::shape::{TRACE, any_trace, call};

proptest! {
    #[test]
    fn costs_add_up(trace in any_trace()) {
        let performance = trace.performance();
        let path = performance.root.map_or_else(Vec::new, |root| trace.critical_path(root));
        let whole: Duration = path.iter().map(tense_store::timing::Stretch::duration).sum();
        prop_assert_eq!(performance.whole, whole);
        let own = trace.self_times();
        for operation in &performance.operations {
            let calls: Vec<_> = trace.spans().iter().zip(&own).filter(|(span, _)| span.name == operation.name).collect();
            prop_assert_eq!(operation.calls, calls.len());
            prop_assert_eq!(operation.own, calls.iter().map(|(_, own)| **own).sum());
            let of_it = path.iter().filter(|stretch| stretch.span.name == operation.name);
            prop_assert_eq!(operation.on_path, of_it.map(tense_store::timing::Stretch::duration).sum());
        }
        let calls = trace.spans().iter().filter(|span| !span.is_log());
        prop_assert_eq!(performance.operations.iter().map(|operation| operation.calls).sum::<usize>(), calls.count());
        // What is a bottleneck at a threshold is one at every lower one.
        let at = |ms| performance.over(Duration::from_millis(ms)).spans.iter().map(|cost| cost.span.id).collect::<HashSet<_>>();
        prop_assert!(at(5).is_subset(&at(2)) && at(2).is_subset(&at(0)));
    }

    /// The threshold may be any, that of a hundred milliseconds among them.
    #[test]
    fn bottlenecks_are_what_was_at_work_or_waited_for_as_long(trace in any_trace(), least in 0_u64..12) {
        let (least, performance) = (Duration::from_millis(least), trace.performance());
        let path = performance.root.map_or_else(Vec::new, |root| trace.critical_path(root));
        let on_path = |is_meant: &dyn Fn(&Span) -> bool| {
            path.iter().filter(|stretch| is_meant(stretch.span)).map(tense_store::timing::Stretch::duration).sum::<Duration>()
        };
        let own = trace.self_times();
        let calls = || trace.spans().iter().zip(&own).filter(|(span, _)| !span.is_log());
        let is_long = |own: Duration, waited: Duration| own.max(waited) >= least && own.max(waited) > Duration::ZERO;
        let spans: BTreeSet<_> = trace.spans().iter().zip(&own)
            .map(|(span, own)| (span.id, *own, on_path(&|other| other.id == span.id)))
            .filter(|(_, own, waited)| is_long(*own, *waited))
            .collect();
        let found = performance.over(least);
        prop_assert_eq!(found.spans.iter().map(|cost| (cost.span.id, cost.own, cost.on_path)).collect::<BTreeSet<_>>(), spans);
        prop_assert!(found.spans.is_sorted_by_key(|cost| std::cmp::Reverse((cost.on_path, cost.own))));
        let names: BTreeSet<&str> = calls().map(|(span, _)| span.name.as_ref()).collect();
        let of_name = |name: &str| {
            let own = calls().filter(|(span, _)| span.name == name).map(|(_, own)| *own).sum::<Duration>();
            is_long(own, on_path(&|other| other.name == name))
        };
        let told: BTreeSet<&str> = found.operations.iter().map(|operation| operation.name).collect();
        prop_assert_eq!(told, names.into_iter().filter(|name| of_name(name)).collect::<BTreeSet<_>>());
        // The one that was at work for longest, and how many went which way.
        prop_assert_eq!(performance.slowest.map(|cost| cost.own), calls().map(|(_, own)| *own).max());
        let is_dropped = |span: &Span| was_dropped(&trace, span);
        let failed = calls().filter(|(span, _)| span.outcome.is_failure() && !is_dropped(span)).count();
        let dropped = calls().filter(|(span, _)| is_dropped(span)).count();
        prop_assert_eq!((performance.failed, performance.dropped), (failed, dropped));
        prop_assert_eq!(performance.open, calls().filter(|(span, _)| span.outcome == Outcome::Open).count());
    }

    #[test]
    fn the_calls_in_a_row_are_the_longest_row_that_there_is(
        calls in proptest::collection::vec((0_i64..30, 0_i64..5), 5..9),
    ) {
        let events = (2..).zip(&calls).map(|(id, (began, took))| call(id, 1, "sql.query", *began..began + took));
        let trace = Trace::from_events(TRACE, events.chain([call(1, 0, "a.run", 0..40)]));
        // Every choice of them is tried.
        let is_row = |chosen: &u32| {
            let mut row: Vec<_> = (0..).zip(&calls).filter(|(at, _)| chosen >> at & 1 == 1).map(|(_, call)| *call).collect();
            row.sort_unstable_by_key(|(began, took)| (*began, *took));
            row.windows(2).all(|two| two[0].0 + two[0].1 <= two[1].0)
        };
        let longest = (0..1_u32 << calls.len()).filter(is_row).map(u32::count_ones).max().unwrap_or(0) as usize;
        let covered = (0..40).filter(|at| calls.iter().any(|(began, took)| (*began..began + took).contains(at))).count();
        let found = trace.performance().over(Duration::ZERO).repeated;
        match found.first() {
            Some(repeated) => {
                prop_assert_eq!((repeated.calls, repeated.in_a_row), (calls.len(), longest));
                prop_assert_eq!(repeated.took, Duration::from_millis(covered as u64));
            }
            None => prop_assert!(longest * 10 < calls.len() * 9 || covered == 0, "{longest} {covered}"),
        }
    }
}
