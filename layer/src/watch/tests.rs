//! Spans that are slow or fail at moments that the test sets, and a hook that says what it was told.

use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Barrier};
use std::time::{Duration, Instant};

use tense::__private::layer::{Kind, Line};

use super::*;
use crate::join::Joiner;
use crate::join::tests::record;
use crate::order::Order;
use crate::sampling::Limits as Most;

const MS: u64 = 1_000_000;
const SECOND: u64 = 1000 * MS;

/// Spans that are joined, and what is told of them.
struct Watched {
    joiner: Joiner,
    watching: Watching,
    told: Receiver<Alarm>,
    spans: u64,
}

impl Watched {
    fn new() -> Self {
        Self::with(|watch| watch)
    }

    fn with(set: impl Fn(Watch) -> Watch) -> Self {
        let (sender, told) = channel();
        let watch = set(Watch::new(move |alarm: &Alarm| sender.send(alarm.clone()).unwrap()));
        Self { joiner: Joiner::new(&Most::new()), watching: watching(Some(watch)), told, spans: 0 }
    }

    /// A pass at that moment, in which these records are there.
    fn pass(&mut self, now: u64, records: &[Vec<u64>]) {
        let mut order = Order::new();
        order.drain_of(now, &[records.concat()]);
        self.joiner.begin_pass(Line::SAME);
        let watching = &mut self.watching;
        let mut see = |_: &Joiner, step: Step<'_>| watching.see(&step);
        order.take(usize::MAX, &Line::SAME, |record| self.joiner.take(record, &mut see));
        self.joiner.end_pass(now, &mut see);
        self.watching.end_pass(&self.joiner, now, |_| ());
    }

    /// A span ends at that moment, in a pass of its own, after so long.
    fn span(&mut self, at: u64, took: u64, ending: Ending) {
        self.spans += 1;
        let mut end = record(Kind::End, at, self.spans, 0, &[]);
        end[0] |= (ending as u64) << 20;
        self.pass(at, &[record(Kind::Begin, at - took, self.spans, 0, &[]), end]);
    }

    fn told(&self) -> Vec<Alarm> {
        self.watching.alarms().unwrap().wait(Some(Instant::now() + Duration::from_secs(60)));
        self.told.try_iter().collect()
    }

    /// The spans that were told, with the others that they stand for.
    fn told_spans(&self) -> Vec<(u64, u64)> {
        self.told().iter().map(|alarm| (alarm.span_id.unwrap().get(), alarm.more)).collect()
    }

    fn health(&self, now: u64) -> TypeHealth {
        let [health] = <[TypeHealth; 1]>::try_from(self.watching.health(now)).unwrap();
        health
    }
}

fn watching(watch: Option<Watch>) -> Watching {
    Watching::new(Slowness::unless_set(None), &Sanitizer::default(), watch)
}

#[test]
fn a_span_is_slow_from_its_threshold_on() {
    let mut watched = Watched::new();
    watched.span(SECOND, 100 * MS - 1, Ending::Success);
    assert_eq!(watched.told(), []);
    watched.span(2 * SECOND, 100 * MS, Ending::Success);
    let [alarm] = watched.told().try_into().unwrap();
    let threshold = Duration::from_millis(100);
    assert_eq!(alarm.kind, AlarmKind::Slow { took: threshold, threshold, is_over: true });
    assert_eq!((alarm.event_type.as_str(), alarm.span_id.unwrap().get(), alarm.more), ("operation.work.done", 2, 0));
    let health = watched.health(2 * SECOND);
    assert_eq!((health.event_type.as_str(), health.ended, health.slow), ("operation.work.done", 2, 1));
}

#[test]
fn of_many_slow_ones_the_slowest_of_each_second_is_told() {
    let mut watched = Watched::new();
    // A hundred a second, for ten seconds, and the last of each is the slowest.
    for n in 0..1000 {
        watched.span((n + 20) * 10 * MS, (100 + n % 100) * MS, Ending::Success);
    }
    let told = watched.told_spans();
    assert_eq!(told.iter().map(|(_, more)| more + 1).sum::<u64>(), 901, "{told:?}");
    assert_eq!((told[0], told.len()), ((1, 0), 10), "{told:?}");
    assert!(told[1..].iter().all(|(span, more)| span % 100 == 0 && *more == 99), "{told:?}");
    // What is left is told when nothing comes any more.
    watched.pass(11_250 * MS, &[]);
    assert_eq!(watched.told_spans(), [(1000, 98)]);
    assert_eq!(watched.health(12 * SECOND).slow, 1000);
}

#[test]
fn the_end_does_not_wait_for_the_end_of_a_second() {
    let mut watched = Watched::new();
    (1..=3).for_each(|n| watched.span(SECOND + n, n * SECOND / 4, Ending::Success));
    watched.watching.tell_rest();
    assert_eq!(watched.told_spans(), [(1, 0), (3, 1)]);
}

#[test]
fn a_span_that_goes_on_is_told_once() {
    let mut watched = Watched::new();
    watched.pass(1, &[record(Kind::Begin, 1, 7, 0, &[])]);
    watched.pass(SECOND, &[]);
    assert_eq!(watched.told(), []);
    watched.pass(SECOND + 1, &[]);
    let [alarm] = watched.told().try_into().unwrap();
    assert!(matches!(alarm.kind, AlarmKind::Slow { took, is_over: false, .. } if took.as_secs() == 1));
    assert_eq!((watched.health(SECOND).slow, watched.health(SECOND).ended), (1, 0));
    watched.pass(9 * SECOND, &[record(Kind::End, 9 * SECOND, 7, 0, &[])]);
    watched.pass(20 * SECOND, &[]);
    assert_eq!(watched.told(), []);
    assert_eq!((watched.health(SECOND).slow, watched.health(SECOND).ended), (1, 1));
}

#[test]
fn too_many_failures_are_told_when_they_begin_and_once_a_minute() {
    let mut watched = Watched::with(|watch| watch.failures(0.5, 10));
    // Two calls a second, of which one fails from second 100 until second 250.
    let mut told = Vec::new();
    for second in 1..400 {
        let ending = if (100..250).contains(&second) { Ending::Error } else { Ending::Success };
        watched.span(second * SECOND, 1, Ending::Success);
        watched.span(second * SECOND + 1, 1, ending);
        told.extend(watched.told().into_iter().map(|alarm| (second, alarm.more, alarm.kind)));
    }
    let at: Vec<(u64, u64)> = told.iter().map(|(second, more, _)| (*second, *more)).collect();
    // A minute holds at least 55 seconds, and all of them have to be bad for a half to fail.
    let (first, _) = at[0];
    assert!((154..=160).contains(&first), "{at:?}");
    assert_eq!(at[1..], [(first + 60, 59)], "{told:?}");
    let kinds = told.iter().map(|(.., kind)| *kind);
    assert!(
        kinds.clone().all(|kind| matches!(kind, AlarmKind::Failures { failed, ended, limit }
        if failed * 2 == ended && ended > 100 && limit == 0.5)),
        "{told:?}"
    );
}

#[test]
fn few_calls_are_no_rate() {
    let mut watched = Watched::with(|watch| watch.failures(0.1, 20));
    (1..20).for_each(|second| watched.span(second * SECOND, 1, Ending::Panic));
    assert_eq!(watched.told(), []);
    watched.span(20 * SECOND, 1, Ending::Panic);
    let [alarm] = watched.told().try_into().unwrap();
    assert_eq!(alarm.kind, AlarmKind::Failures { failed: 20, ended: 20, limit: 0.1 });
    assert_eq!(alarm.span_id.unwrap().get(), 20);
}

#[test]
fn what_gets_better_and_worse_again_is_told_again() {
    let mut watched = Watched::with(|watch| watch.failures(0.5, 4));
    let mut minute = |from: u64, ending| {
        (0..60).for_each(|second| watched.span((from + second) * SECOND, 1, ending));
        watched.told().len()
    };
    assert_eq!(minute(100, Ending::Error), 1);
    assert_eq!(minute(160, Ending::Success), 0);
    // The first failure finds that it was better meanwhile.
    assert_eq!(minute(220, Ending::Error), 1);
}

#[test]
fn whoever_gives_up_a_call_has_not_seen_it_fail() {
    let mut watched = Watched::with(|watch| watch.failures(0.01, 1));
    (1..100).for_each(|second| watched.span(second * SECOND, 1, Ending::Cancelled));
    assert_eq!(watched.told(), []);
    let health = watched.health(99 * SECOND);
    assert_eq!((health.ended, health.failed, health.cancelled), (99, 0, 99));
}

#[test]
fn a_rate_that_makes_no_sense_is_never_reached() {
    for share in [f64::NAN, f64::INFINITY, 1.1] {
        let mut watched = Watched::with(|watch| watch.failures(share, 1));
        watched.span(SECOND, 1, Ending::Error);
        assert_eq!(watched.told(), [], "{share}");
    }
}

#[test]
fn without_a_hook_all_is_counted() {
    let mut watched = Watched { watching: watching(None), ..Watched::new() };
    (1..=100).for_each(|second| watched.span(second * SECOND, second * 2 * MS, Ending::Error));
    let health = watched.health(100 * SECOND);
    assert_eq!((health.ended, health.failed, health.slow), (100, 100, 51));
    assert!(health.ended_lately <= 60 && health.failure_rate() == 1.0, "{health:?}");
    assert!(watched.health(200 * SECOND).failure_rate() == 0.0, "of nothing");
}

#[test]
fn a_hook_that_hangs_keeps_nobody() {
    let (arrived, leave) = (Arc::new(Barrier::new(2)), Arc::new(Barrier::new(2)));
    let (hook_arrived, hook_leave) = (Arc::clone(&arrived), Arc::clone(&leave));
    let hook = move |_: &Alarm| {
        hook_arrived.wait();
        hook_leave.wait();
    };
    let mut watched = Watched { watching: watching(Some(Watch::new(hook).queue(3))), ..Watched::new() };
    watched.span(SECOND, SECOND / 2, Ending::Success);
    arrived.wait();
    (2..=10).for_each(|second| watched.span(second * SECOND, SECOND / 2, Ending::Success));
    let alarms = watched.watching.alarms().unwrap();
    assert_eq!((alarms.counts().told, alarms.counts().lost), (0, 6), "three wait");
    // A flush is back at its deadline, and nothing else waits.
    alarms.wait(Some(Instant::now()));
    alarms.close();
    (0..3).for_each(|_| {
        leave.wait();
        arrived.wait();
    });
    leave.wait();
    alarms.wait(Some(Instant::now() + Duration::from_secs(60)));
    assert_eq!((alarms.counts().told, alarms.counts().lost), (4, 6), "what waited is told when it comes back");
}

#[test]
fn a_hook_for_which_there_is_no_thread_is_not_dropped_on_another() {
    struct Stuck;
    impl Drop for Stuck {
        fn drop(&mut self) {
            panic!("on the thread that has set it up")
        }
    }
    let stuck = Stuck;
    let hook = Box::new(move |_: &Alarm| _ = &stuck);
    // More than any machine has.
    let thread = std::thread::Builder::new().stack_size(1 << 60);
    let alarms = Alarms::start_on(thread, hook, 3);
    let mut watched = Watched::new();
    watched.watching.hook = watched.watching.hook.map(|(limits, _)| (limits, alarms));
    watched.span(SECOND, SECOND / 2, Ending::Success);
    let alarms = watched.watching.alarms().unwrap();
    alarms.wait(None);
    assert_eq!((alarms.counts().told, alarms.counts().lost), (0, 1));
}

#[test]
fn a_hook_that_panics_is_called_again() {
    struct Again;
    impl Drop for Again {
        fn drop(&mut self) {
            panic!("when it is thrown away")
        }
    }
    let hook = |_: &Alarm| std::panic::panic_any(Again);
    let mut watched = Watched { watching: watching(Some(hook.into())), ..Watched::new() };
    (1..=5).for_each(|second| watched.span(second * SECOND, SECOND / 2, Ending::Success));
    let alarms = watched.watching.alarms().unwrap();
    alarms.wait(Some(Instant::now() + Duration::from_secs(60)));
    assert_eq!((alarms.counts().told, alarms.counts().panics), (5, 5));
}

#[test]
fn the_hook_goes_when_nobody_can_call_it_any_more() {
    let (sender, gone) = channel::<()>();
    let hook = move |_: &Alarm| {
        let _kept = &sender;
    };
    drop(watching(Some(hook.into())));
    assert!(gone.recv().is_err());
}

#[test]
fn what_comes_behind_the_end_counts_as_lost() {
    let mut watched = Watched::new();
    (1..=3).for_each(|n| watched.span(SECOND + n, SECOND / 2, Ending::Success));
    watched.watching.tell_rest();
    let alarms = watched.watching.alarms().unwrap();
    alarms.close();
    assert_eq!(watched.told_spans(), [(1, 0), (2, 1)]);
    (4..=6).for_each(|n| watched.span(n * SECOND, SECOND / 2, Ending::Success));
    watched.watching.tell_rest();
    assert_eq!((alarms.counts().told, alarms.counts().lost), (2, 3));
}

/// Their ends found no room in a ring, and others took their places.
#[test]
fn slow_spans_whose_ends_are_lost_are_forgotten() {
    let mut watched = Watched { joiner: Joiner::new(&Most::new().open_spans(16)), ..Watched::new() };
    for round in 0..50 {
        let at = round * 10 * SECOND;
        let begins: Vec<_> = (1..=16).map(|n| record(Kind::Begin, at + n, 16 * round + n, 0, &[])).collect();
        watched.pass(at + 20, &begins);
        watched.pass(at + 2 * SECOND, &[]);
        assert_eq!(watched.health(at).slow, 16 * (round + 1), "each of them is told");
        assert!(watched.watching.slow_open.len() <= 16, "{}", watched.watching.slow_open.len());
    }
}

#[test]
fn a_span_that_goes_on_is_told_when_its_type_is_slow_also_where_that_is_late() {
    let slowness = Slowness { registry: None, unless_set: Duration::from_secs(5) };
    let mut watched = Watched::new();
    let (sender, told) = channel();
    let hook = move |alarm: &Alarm| sender.send(alarm.clone()).unwrap();
    (watched.watching, watched.told) = (Watching::new(slowness, &Sanitizer::default(), Some(hook.into())), told);
    // One that hangs, and one that ends in time.
    watched.pass(1, &[record(Kind::Begin, 1, 1, 0, &[]), record(Kind::Begin, 1, 2, 0, &[])]);
    watched.pass(2 * SECOND, &[]);
    watched.pass(4 * SECOND, &[record(Kind::End, 4 * SECOND, 2, 0, &[])]);
    watched.pass(5 * SECOND, &[]);
    assert_eq!(watched.told(), []);
    watched.pass(5 * SECOND + 1, &[]);
    let [alarm] = watched.told().try_into().unwrap();
    assert_eq!(alarm.span_id.unwrap().get(), 1);
    assert!(matches!(alarm.kind, AlarmKind::Slow { took, is_over: false, .. } if took.as_secs() == 5));
    watched.pass(9 * SECOND, &[record(Kind::End, 9 * SECOND, 1, 0, &[])]);
    watched.pass(20 * SECOND, &[]);
    assert_eq!((watched.told(), watched.health(20 * SECOND).slow), (Vec::new(), 1), "and not once more at its end");
}

#[test]
fn spans_that_may_take_for_ever_are_not_remembered_for_ever() {
    let slowness = Slowness { registry: None, unless_set: Duration::MAX };
    let watching = Watching::new(slowness, &Sanitizer::default(), None);
    let mut watched = Watched { watching, ..Watched::new() };
    for n in 1..2000 {
        watched.pass(n * 2 * SECOND, &[record(Kind::Begin, n * 2 * SECOND - SECOND, n, 0, &[])]);
        watched.pass(n * 2 * SECOND + 1, &[record(Kind::End, n * 2 * SECOND + 1, n, 0, &[])]);
    }
    assert!(watched.watching.slow_later.len() <= 1024, "{}", watched.watching.slow_later.len());
}
