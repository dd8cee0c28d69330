//! A sink that hangs, fails, panics or is slow: whoever calls does not notice, and what it did not get is counted.

use std::panic::{panic_any, set_hook};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::thread;
use std::time::{Duration, Instant};

use tense_event::{CleanEvent, Event};
use tense_layer::{BreakerState, Sink, SinkError, WhileResting, builder};

use crate::host::{
    Does, Kept, adds_up, adds_up_to, calls, drained, failing, fine, flush, hanging, hasty, is_quick, p99, peak, sink,
    undaunted, until,
};

/// Panics once more when it is thrown away.
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("and again")
    }
}

faults! {
    /// What a call takes is what it took while the sink was well.
    fn one_that_never_returns_costs_no_call_and_opens_its_breaker() {
        let hangs = Arc::new(AtomicBool::new(false));
        let its_hangs = Arc::clone(&hangs);
        let sick = Does(move |_: &[CleanEvent]| {
            while its_hangs.load(SeqCst) {
                thread::park();
            }
            Ok(())
        });
        let stuck = hasty("stuck").timeout(Duration::from_millis(20)).failures(3).rest(Duration::from_secs(3600));
        let _guard = builder().sink_with(sick, stuck).init().unwrap();
        let well = p99(100_000);
        assert!(flush());
        hangs.store(true, SeqCst);
        let ill = p99(100_000);
        is_quick(ill.saturating_sub(well));
        println!("p99 of a call: {well:?}, and behind a sink that hangs {ill:?}");
        until("the breaker opens", || sink("stuck").opened > 0);
        drained(200_000);
        let found = sink("stuck");
        assert!(found.timeouts >= 3 && found.state == BreakerState::Resting, "{found:#?}");
        let before = sink("stuck").breaker_open;
        calls(1000);
        let began = Instant::now();
        assert!(!tense_layer::flush(Duration::from_millis(200)).is_complete, "one batch is still with it");
        assert!(began.elapsed() < Duration::from_secs(5));
        let health = drained(201_000);
        assert_eq!(sink("stuck").breaker_open - before, 1000);
        assert!(health.queued <= 1000 && peak() < 200 << 20, "{} {health:#?}", peak());
    }

    fn one_that_never_returns_fills_its_queue_and_no_more() {
        let stuck = hasty("stuck").queue_events(2000).while_resting(WhileResting::Keep);
        let _guard = builder().sink_with(hanging(), stuck.timeout(Duration::from_millis(20))).init().unwrap();
        let mut recorded = 0;
        until("the queue is full", || {
            is_quick(p99(10_000));
            recorded += 10_000;
            sink("stuck").queue_full >= 100_000
        });
        let health = drained(recorded);
        assert!((2000..=3000).contains(&health.queued), "{health:#?}");
        assert!(health.sinks[0].queued_bytes < 4 << 20 && peak() < 200 << 20, "{} {health:#?}", peak());
    }

    /// They are lines of JSON, as many as were counted, and nothing else is printed.
    fn one_that_always_fails_is_left_alone_and_its_events_are_printed() {
        let closed = hasty("closed").print_rate(10).rest(Duration::from_secs(3600));
        let _guard = builder().sink_with(failing(), closed).init().unwrap();
        for failures in 1..=5 {
            assert_eq!(sink("closed").opened, 0, "after {failures} failures");
            calls(1);
            assert!(flush());
            assert_eq!(sink("closed").failures, failures);
        }
        assert_eq!((sink("closed").opened, sink("closed").state), (1, BreakerState::Resting));
        is_quick(p99(100_000));
        assert!(flush());
        let health = adds_up_to(100_005);
        // The fifth was with the sink when its breaker opened.
        assert_eq!((health.sink_failed, health.breaker_open), (4, health.offered - 4));
        assert!(health.sinks[0].failures == 5 && health.printed >= 10);
        println!("printed: {}", health.printed);
    } ends |running| {
        let ended = running.end();
        ended.passed();
        let events = ended.printed.lines().map(|line| serde_json::from_str::<Event>(line).unwrap());
        let done = events.filter(|event| event.span_name == "operation.work.done").count();
        assert_eq!(done.to_string(), ended.said("printed: "));
    };

    fn one_that_panics_is_called_again() {
        set_hook(Box::new(|_| {}));
        let (kept, panicked) = (Kept::default(), Arc::new(AtomicU64::new(0)));
        let (mut inner, in_vain, mut nth) = (kept.clone(), panicked.clone(), 0);
        let odd = Does(move |batch: &[CleanEvent]| {
            nth += 1;
            match nth % 3 {
                2 => return inner.deliver(batch),
                _ => in_vain.fetch_add(batch.len() as u64, SeqCst),
            };
            if nth % 3 == 0 { panic!("a sink of the program's own") } else { panic_any(Bomb) }
        });
        let _guard = builder().sink_with(odd, hasty("odd")).init().unwrap();
        for _ in 0..30 {
            calls(10);
            assert!(flush());
        }
        // Ten calls are one batch, or two, where the drainer came by in between.
        let (health, kept, lost) = (adds_up_to(300), kept.take().len() as u64, panicked.load(SeqCst));
        assert_eq!((health.delivered, health.sink_failed, kept + lost), (kept, lost, 300), "{health:#?}");
        assert!(kept > 0 && health.sinks[0].panics >= 20, "{health:#?}");
        assert_eq!(health.sinks[0].state, BreakerState::Delivering);
        is_quick(p99(100_000));
    }

    fn one_that_is_slow_loses_what_finds_no_room() {
        let slow = Does(|_: &[CleanEvent]| {
            thread::sleep(Duration::from_millis(100));
            Ok(())
        });
        let small = hasty("slow").queue_events(1000);
        let _guard = builder().sink_with(slow, small).init().unwrap();
        is_quick(p99(200_000));
        assert!(flush());
        let health = adds_up_to(200_000);
        assert!(health.queue_full > 0 && health.delivered > 0 && health.queued == 0, "{health:#?}");
    }

    fn one_that_is_well_gets_everything_beside_others_that_are_not() {
        set_hook(Box::new(|_| {}));
        let kept = Kept::default();
        let impatient = |name| hasty(name).timeout(Duration::from_millis(20)).failures(2).queue_events(100);
        let panicking = Does(|_: &[CleanEvent]| panic!("a sink of the program's own"));
        let _guard = builder()
            .sink_with(hanging(), impatient("stuck"))
            .sink_with(failing(), impatient("closed"))
            .sink_with(panicking, impatient("odd"))
            .sink_with(kept.clone(), hasty("well"))
            .init()
            .unwrap();
        for _ in 0..50 {
            calls(200);
            tense_layer::flush(Duration::from_millis(1));
        }
        let well = || sink("well").delivered == sink("well").offered;
        until("all of it arrives", || !tense_layer::flush(Duration::from_millis(1)).is_complete && well());
        let health = adds_up_to(10_000);
        let well = sink("well");
        assert_eq!((well.delivered, well.dropped(), well.opened), (health.emitted, 0, 0));
        assert_eq!(kept.0.lock().unwrap().len() as u64, health.emitted);
        for ailing in ["stuck", "closed", "odd"] {
            assert!(sink(ailing).opened > 0 && sink(ailing).delivered == 0, "{:#?}", sink(ailing));
        }
    }

    /// It comes back by itself when the sink does, and loses only what came in between.
    fn one_that_recovers_is_delivered_to_again() {
        let is_up = Arc::new(AtomicBool::new(false));
        let (up, kept) = (is_up.clone(), Kept::default());
        let mut inner = kept.clone();
        let flaky = Does(move |batch: &[CleanEvent]| match up.load(SeqCst) {
            true => inner.deliver(batch),
            false => Err(SinkError::NothingWritten("starting".into())),
        });
        let _guard = builder().sink_with(flaky, undaunted("flaky")).init().unwrap();
        until("the breaker opens", || { calls(10); flush() && sink("flaky").opened > 0 });
        is_up.store(true, SeqCst);
        until("it is delivered to", || { calls(10); flush() && sink("flaky").delivered > 0 });
        let dropped = adds_up().dropped();
        calls(1000);
        assert_eq!(u64::try_from(kept.take().len()).unwrap(), adds_up().delivered);
        assert_eq!(adds_up().dropped(), dropped);
    }

    /// The name is asked for on the program's own thread.
    fn one_whose_name_panics_has_none() {
        set_hook(Box::new(|_| {}));
        struct Nameless;
        impl Sink for Nameless {
            fn deliver(&mut self, _: &[CleanEvent]) -> Result<(), SinkError> {
                Ok(())
            }
            fn name(&self) -> &str {
                panic!("a sink of the program's own")
            }
        }
        let _guard = builder().sink(Nameless).sink_with(fine(), hasty("well")).init().unwrap();
        calls(10);
        assert!(flush());
        assert_eq!((sink("sink").delivered, sink("well").delivered, adds_up_to(10).emitted), (10, 10, 10));
    }
}
