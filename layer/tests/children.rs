//! Processes that are forked off while threads record: each delivers what it records itself, and nothing of its
//! parent's. Each case in a process of its own, with a deadline.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "in a test a panic is how a failure is told")]

#[macro_use]
mod apart;
mod kept;

use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;
use std::process::{exit, id};
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::{Duration, Instant};

use fork::{Fork, fork, waitpid};
use kept::Kept;
use serde_json::Value;
use tense::registry::{Event, Registry};
use tense::{TraceContext, fail, record, traced};
use tense_layer::{Alarm, Health, Sampling, builder, flush, forked};
use tracing_core::callsite::DefaultCallsite;
use tracing_core::dispatcher::get_default;
use tracing_core::field::FieldSet;
use tracing_core::metadata::Kind;
use tracing_core::span::Attributes;
use tracing_core::{Level, Metadata, identify_callsite};
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;

#[traced(operation.work.done, fields(n))]
fn work(n: u64) -> u64 {
    n
}

#[traced(operation.child.asked, fields(n))]
fn ask(n: u64) -> u64 {
    n
}

#[traced(operation.child.forked)]
fn fork_within<T>(work: impl FnOnce() -> T) -> T {
    work()
}

static ENOUGH: AtomicBool = AtomicBool::new(false);

/// Threads that record until there is enough of it, in bursts, so that a build without optimization can deliver it all.
fn busy(threads: usize) -> Vec<thread::JoinHandle<u64>> {
    let record = || {
        let mut calls = 0;
        while !ENOUGH.load(Relaxed) {
            (0..16).for_each(|n| assert_eq!(work(n), n));
            calls += 16;
            thread::sleep(Duration::from_millis(2));
        }
        calls
    };
    (0..threads).map(|_| thread::spawn(record)).collect()
}

/// Does that in a process that is forked off, and says which one that was.
fn in_child(work: impl FnOnce()) -> i32 {
    match fork().unwrap() {
        Fork::Child => {
            // A panic here would unwind into a test harness that has no threads any more.
            let is_ok = std::panic::catch_unwind(std::panic::AssertUnwindSafe(work)).is_ok();
            exit(if is_ok { 0 } else { 9 })
        }
        Fork::Parent(child) => {
            assert_eq!(waitpid(child).unwrap(), 0);
            child
        }
    }
}

/// The events of a child.
fn events_of(database: &Path, child: i32) -> Vec<Value> {
    let path = format!("{}.forked-{child}.jsonl", database.display());
    let lines = std::fs::read_to_string(path).unwrap_or_default();
    lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The same, by type and number; each stands there once.
fn delivered(database: &Path, child: i32) -> Vec<(String, Option<u64>)> {
    let events = events_of(database, child);
    let known = |event: &Value| format!("{} {} {}", event["span_id"], event["status"], event["event_type"]);
    let mut seen = BTreeSet::new();
    assert!(events.iter().all(|event| seen.insert(known(event))), "an event came twice");
    let of = |event: &Value| (event["event_type"].as_str().unwrap().to_owned(), event["data"]["n"].as_u64());
    events.iter().map(of).collect()
}

/// Flushes, and says what has become of all that this process has recorded.
fn flushed() -> Health {
    let report = flush(Duration::from_secs(20));
    assert!(report.is_complete, "{report:?}");
    report.health
}

/// A layer of others, for which all calls go the slow way.
struct Others;

impl<S: tracing::Subscriber> Layer<S> for Others {}

/// A call that says more while it runs.
#[traced(operation.child.told, fields(n, left = _))]
fn tell(n: u64) {
    record!(left = n);
    fail!("no {n}");
}

/// A call site of another crate that nobody has met before. `tracing`, whose locks a child may find held as well, is
/// not told of it.
fn meet() {
    static CALLSITE: DefaultCallsite = DefaultCallsite::new(&METADATA);
    static METADATA: Metadata<'static> = metadata();
    const fn metadata() -> Metadata<'static> {
        let fields = FieldSet::new(&[], identify_callsite!(&CALLSITE));
        Metadata::new("met", "others", Level::INFO, None, None, None, fields, Kind::SPAN)
    }
    let metadata: &'static Metadata<'static> = Box::leak(Box::new(metadata()));
    get_default(|dispatch| {
        let id = dispatch.new_span(&Attributes::new(metadata, &metadata.fields().value_set_all(&[])));
        dispatch.try_close(id)
    });
}

/// Ends this process if it has not come to its end by then.
fn end_if_it_hangs() {
    thread::spawn(|| {
        thread::sleep(Duration::from_secs(5));
        std::process::abort();
    });
}

cases! {
    /// Whatever its parent's threads held when it was forked.
    fn a_child_waits_for_nobody() {
        let layer = builder().sink(Kept::default()).layer();
        tracing_subscriber::registry().with(layer).with(Others).init();
        let have_begun = Arc::new(Barrier::new(4));
        let work = |have_begun: Arc<Barrier>| move || {
            tell(0);
            meet();
            have_begun.wait();
            loop {
                tell(1);
                meet();
            }
        };
        (0..3).for_each(|_| drop(thread::spawn(work(Arc::clone(&have_begun)))));
        tell(0);
        have_begun.wait();
        for _ in 0..60 {
            in_child(|| {
                end_if_it_hangs();
                forked();
                let work = || (0..64).for_each(|n| {
                    tell(n);
                    meet();
                });
                work();
                thread::spawn(work).join().unwrap();
                assert!(flush(Duration::from_secs(4)).is_complete);
            });
        }
    }

    fn each_process_delivers_what_it_has_recorded_itself() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("trace.db");
        let _guard = builder().database(&database).queue_events(4_000).ring_bytes(1 << 20).init().unwrap();
        let threads = busy(3);
        for round in 0..15 {
            work(round);
            let child = in_child(|| {
                forked();
                (0..100).for_each(|n| assert_eq!(ask(n), n));
                thread::spawn(|| (100..200).for_each(|n| assert_eq!(ask(n), n))).join().unwrap();
                let health = flushed();
                assert_eq!((health.emitted, health.delivered, health.lost_at_fork), (200, 200, 0), "{health:?}");
                assert!(!health.has_loss(), "{health:?}");
            });
            let mut events = delivered(&database, child);
            events.sort();
            let expected = (0..200).map(|n| ("operation.child.asked".to_owned(), Some(n)));
            assert!(events.iter().cloned().eq(expected), "{} events: {events:?}", events.len());
        }
        ENOUGH.store(true, Relaxed);
        let calls = 15 + threads.into_iter().map(|thread| thread.join().unwrap()).sum::<u64>();
        let health = flushed();
        assert_eq!(calls, health.emitted + health.ring_full - health.pending, "{health:?}");
        assert_eq!(health.emitted, health.delivered + health.queue_full, "{health:?}");
    }

    /// Nobody says so, and the thread is in the midst of a span: the child finds out when it flushes. What it cannot
    /// tell from its parent's it counts.
    fn a_process_that_does_not_know_that_it_was_forked_counts_what_is_in_doubt() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("trace.db");
        let _guard = builder().database(&database).init().unwrap();
        let threads = busy(2);
        for _ in 0..10 {
            let child = fork_within(|| in_child(|| {
                (0..10).for_each(|n| assert_eq!(ask(n), n));
                let health = flushed();
                assert!(health.emitted == 0 && health.lost_at_fork >= 20, "{health:?}");
                assert!(health.has_loss());
                // From here on it knows.
                (10..20).for_each(|n| assert_eq!(ask(n), n));
                let health = flushed();
                assert_eq!((health.emitted, health.delivered), (10, 10), "{health:?}");
            }));
            assert_eq!(delivered(&database, child).len(), 10);
        }
        ENOUGH.store(true, Relaxed);
        assert!(threads.into_iter().all(|thread| thread.join().is_ok()));
    }

    /// A burst that fills the ring, with no trace that begins and no flush.
    fn a_process_that_records_much_finds_out_by_itself() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("trace.db");
        let _guard = builder().database(&database).ring_bytes(1 << 18).init().unwrap();
        let child = fork_within(|| in_child(|| {
            let began = Instant::now();
            let mut calls = 0;
            while tense_layer::health().delivered < 1000 {
                (0..100).for_each(|n| assert_eq!(ask(n), n));
                calls += 100;
                assert!(began.elapsed() < Duration::from_secs(20), "{:?}", tense_layer::health());
            }
            let health = flushed();
            // Of what is in doubt a call has at most two records.
            assert!(health.emitted + health.ring_full + health.lost_at_fork >= calls, "{calls} {health:?}");
        }));
        assert!(delivered(&database, child).len() >= 1000);
    }

    fn a_process_that_is_forked_before_anything_was_recorded_delivers_all() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("trace.db");
        let guard = builder().database(&database).init().unwrap();
        let mut guard = Some(guard);
        for _ in 0..5 {
            let child = in_child(|| {
                (0..50).for_each(|n| assert_eq!(ask(n), n));
                // And its own child, which has nothing of either.
                let grandchild = in_child(|| {
                    forked();
                    assert_eq!(ask(7), 7);
                    assert_eq!(flushed().delivered, 1);
                });
                assert_eq!(delivered(&database, grandchild).len(), 1);
                drop(guard.take());
            });
            assert_eq!(delivered(&database, child).len(), 50);
        }
    }

    fn what_a_sink_that_stayed_with_the_parent_does_not_get_is_counted() {
        let (kept, _guard) = Kept::init();
        work(1);
        in_child(|| {
            forked();
            (0..10).for_each(|n| assert_eq!(ask(n), n));
            let health = flushed();
            assert_eq!((health.emitted, health.sink_failed), (10, 10), "{health:?}");
        });
        assert_eq!(kept.take().len(), 1);
    }

    /// Its thread stayed with the parent. What is slow is counted by type all the same.
    fn a_child_has_no_hook_and_its_parent_keeps_its_own() {
        static REGISTRY: Registry = Registry::new().events(&[Event::new("operation.child.asked", "").slow_ms(0)]);
        let folder = tempfile::tempdir().unwrap();
        let (database, alarms) = (folder.path().join("trace.db"), folder.path().join("alarms"));
        let told_in = alarms.clone();
        let hook = move |_: &Alarm| {
            let mut told = std::fs::OpenOptions::new().append(true).create(true).open(&told_in).unwrap();
            told.write_all(format!("{}\n", id()).as_bytes()).unwrap();
        };
        let slow = |n| {
            (0..n).for_each(|n| assert_eq!(ask(n), n));
            let health = flushed();
            let [of_type] = <[_; 1]>::try_from(health.types).unwrap();
            assert_eq!((of_type.slow, of_type.ended, health.alarms_lost, health.hook_panics), (n, n, 0, 0));
            health.alarms
        };
        let guard = builder().registry(&REGISTRY).watch(hook).database(&database).init().unwrap();
        let child = in_child(|| {
            forked();
            assert_eq!(slow(10), 0);
        });
        assert_eq!(delivered(&database, child).len(), 10);
        assert!(slow(20) > 0);
        drop(guard);
        let told = std::fs::read_to_string(&alarms).unwrap();
        assert!(told.lines().all(|process| process == id().to_string()), "{told}");
    }

    /// By the same ratio, and so does whoever the trace is handed on to.
    fn what_is_sampled_goes_on_being_sampled() {
        const CALLS: u64 = 2_000;
        #[traced(operation.child.sampled)]
        fn sampled() -> Option<String> {
            let here = TraceContext::current()?;
            here.is_sampled().then(|| here.trace_id())
        }
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("trace.db");
        let sampling = Sampling::ratio(0.25);
        let _guard = builder().database(&database).sampling(sampling).ring_bytes(1 << 20).init().unwrap();
        let sample = || {
            let kept: BTreeSet<String> = (0..CALLS).filter_map(|_| sampled()).collect();
            let health = flushed();
            // Of so many it is a quarter, but for chance: five standard deviations.
            assert!((400..600).contains(&kept.len()), "{}", kept.len());
            let emitted = kept.len() as u64;
            assert_eq!((health.emitted, health.sampled_out), (emitted, CALLS - emitted), "{health:?}");
            assert!(!health.has_loss() && health.delivered == emitted, "{health:?}");
            kept
        };
        let child = in_child(|| {
            forked();
            let kept = sample();
            let events = events_of(&database, id() as i32);
            assert!(events.iter().all(|event| event["sample_weight"] == 4), "{:?}", events.first());
            let traces = events.iter().map(|event| event["trace_id"].as_str().unwrap().to_owned());
            assert_eq!(traces.collect::<BTreeSet<_>>(), kept);
        });
        assert!(!delivered(&database, child).is_empty());
        sample();
    }

    /// As a server does that forks before it takes requests, and whose children end without a request.
    fn a_process_that_records_nothing_starts_nothing() {
        let (_kept, guard) = Kept::init();
        work(1);
        let mut guard = Some(guard);
        in_child(|| {
            let tasks = || std::fs::read_dir("/proc/self/task").map_or(1, Iterator::count);
            drop(guard.take());
            assert_eq!(tasks(), 1, "{}", id());
            assert_eq!(ask(1), 1);
            if cfg!(target_os = "linux") {
                assert!(tasks() > 1);
            }
        });
    }
}
