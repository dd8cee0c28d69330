//! Threads and processes that end while something is recorded: the end is as it would have been, at once and without a
//! word.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "in a test a panic is how a failure is told")]

#[macro_use]
mod apart;
mod kept;

use std::cell::RefCell;
use std::fmt::{self, Debug};
use std::process::exit;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;
use std::task::{Context as TaskContext, Poll, Waker};
use std::thread;
use std::time::{Duration, Instant};

use fork::{Fork, fork, waitpid};
use kept::Kept;
use tense::{Json, event, traced};
use tense_event::CleanEvent;
use tense_layer::{Sink, SinkError, builder};
use tracing::Subscriber;
use tracing_subscriber::layer::Layer;
use tracing_subscriber::prelude::*;
use tracing_subscriber::registry;

static TORN_DOWN: AtomicU64 = AtomicU64::new(0);

#[traced(operation.work.done, fields(n, ?shown, json = Json::of(&n)))]
fn work(n: u64, shown: &str) -> Result<u64, String> {
    event!(operation.work.noted, n = n);
    if n.is_multiple_of(3) { Err("by three".to_owned()) } else { inner(n) }
}

#[traced(operation.work.nested)]
fn inner(n: u64) -> Result<u64, String> {
    Ok(n)
}

#[traced(operation.work.awaited)]
async fn awaited(n: u64) -> u64 {
    let mut has_rested = false;
    std::future::poll_fn(|_| if std::mem::replace(&mut has_rested, true) { Poll::Ready(()) } else { Poll::Pending })
        .await;
    n
}

/// Everything that a destructor may do with annotations; the result is that of the work itself.
fn work_in_destructor() {
    assert_eq!((work(1, "torn down"), work(3, "torn down")), (Ok(1), Err("by three".to_owned())));
    let (mut future, mut context) = (Box::pin(awaited(5)), TaskContext::from_waker(Waker::noop()));
    assert!(future.as_mut().poll(&mut context).is_pending());
    assert_eq!(future.as_mut().poll(&mut context), Poll::Ready(5));
    assert!(tense::suppress(|| inner(1)).is_ok());
    assert!(tense::current_context().in_scope(|| inner(1)).is_ok());
    TORN_DOWN.fetch_add(1, Relaxed);
}

struct Last;

impl Drop for Last {
    fn drop(&mut self) {
        work_in_destructor();
    }
}

/// Annotated work in destructors of thread-locals that were made before the first record, and after it.
fn threads_with_destructors(threads: u64) {
    thread_local! {
        static BEFORE: Last = const { Last };
        static AFTER: RefCell<Vec<Last>> = const { RefCell::new(Vec::new()) };
    }
    let before = TORN_DOWN.load(Relaxed);
    for n in 0..threads {
        let thread = thread::spawn(move || {
            BEFORE.with(|_| ());
            // In some nothing is recorded before the destructor.
            if !n.is_multiple_of(4) {
                assert!(work(1, "alive").is_ok());
            }
            AFTER.with(|after| after.borrow_mut().push(Last));
        });
        thread.join().unwrap();
    }
    assert_eq!(TORN_DOWN.load(Relaxed) - before, 2 * threads);
}

/// Wants real spans.
struct Other;

impl<S: Subscriber> Layer<S> for Other {}

/// Threads that record for as long as the process lives.
fn busy(threads: usize) {
    for _ in 0..threads {
        thread::spawn(|| {
            for n in 0.. {
                work(n, "busy").ok();
            }
        });
    }
    thread::sleep(Duration::from_millis(30));
}

struct Leaving;

impl Debug for Leaving {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        exit(7)
    }
}

#[traced(operation.work.left)]
fn leave() -> u8 {
    exit(7)
}

/// Is asked for nothing, and says that it was.
struct Discarding;

impl Sink for Discarding {
    fn deliver(&mut self, _: &[CleanEvent]) -> Result<(), SinkError> {
        Ok(())
    }
}

/// What a child process does with what it inherits; it then ends, with a code that tells how that went.
fn in_child(work: impl FnOnce()) {
    match fork().unwrap() {
        Fork::Child => {
            // A panic here would unwind into a test harness that has no threads any more.
            let is_ok = std::panic::catch_unwind(std::panic::AssertUnwindSafe(work)).is_ok();
            exit(if is_ok { 0 } else { 9 })
        }
        Fork::Parent(child) => assert_eq!(waitpid(child).unwrap(), 0),
    }
}

cases! {
    fn destructors_of_thread_locals_may_record() {
        let (kept, _guard) = Kept::init();
        threads_with_destructors(20);
        assert!(kept.take().len() >= 30);
    }

    fn destructors_of_thread_locals_may_record_real_spans() {
        let kept = Kept::default();
        registry().with(builder().sink(kept.clone()).layer()).with(Other).init();
        threads_with_destructors(20);
        assert!(kept.take().len() >= 30);
    }

    /// What the registry keeps of a thread is made after the thread-local, and gone before its destructor.
    fn a_destructor_may_run_when_the_registry_is_done_with_its_thread() {
        let kept = Kept::default();
        registry().with(builder().sink(kept.clone()).layer()).with(Other).init();
        thread_local! {
            static BETWEEN: Last = const { Last };
        }
        let thread = thread::spawn(|| {
            tense::suppress(|| ());
            BETWEEN.with(|_| ());
            assert!(work(1, "alive").is_ok());
        });
        thread.join().unwrap();
        assert_eq!(TORN_DOWN.load(Relaxed), 1);
    }

    fn destructors_of_thread_locals_may_record_under_a_scoped_default() {
        let kept = Kept::default();
        let subscriber = registry().with(builder().sink(kept.clone()).layer());
        tracing::subscriber::with_default(subscriber, || threads_with_destructors(5));
        thread_local! {
            static GUARD: RefCell<Option<tracing::subscriber::DefaultGuard>> = const { RefCell::new(None) };
        }
        // The scoped default of a thread may be there until the thread is not.
        let scoped = thread::spawn(|| {
            thread_local! {
                static BEFORE: Last = const { Last };
            }
            BEFORE.with(|_| ());
            let subscriber = registry().with(builder().sink(Discarding).layer());
            GUARD.set(Some(tracing::subscriber::set_default(subscriber)));
            assert!(work(1, "alive").is_ok());
        });
        scoped.join().unwrap();
    }

    fn a_process_may_end_within_a_call() exits 7 {
        let (_kept, _guard) = Kept::init();
        leave();
    }

    fn a_process_may_end_within_a_form() exits 7 {
        let (_kept, _guard) = Kept::init();
        event!(operation.work.noted, leaving = ?Leaving);
    }

    fn a_process_may_end_within_a_form_of_a_foreign_span() exits 7 {
        let (_kept, _guard) = Kept::init();
        let _span = tracing::info_span!("foreign").entered();
        tracing::info!("{Leaving:?}");
    }

    fn a_process_may_end_while_threads_record() exits 7 {
        let _guard = builder().sink(Discarding).init().unwrap();
        busy(4);
        thread_local! {
            static LAST: Last = const { Last };
        }
        LAST.with(|_| ());
        work(1, "the end").ok();
        exit(7);
    }

    /// `main` comes back, and its guard flushes, while others go on.
    fn a_guard_may_be_dropped_while_threads_record() exits 7 {
        let guard = builder().sink(Discarding).init().unwrap();
        busy(4);
        let began = Instant::now();
        drop(guard);
        assert!(began.elapsed() < Duration::from_secs(20));
        exit(7);
    }

    fn a_process_may_end_while_the_sink_works() exits 7 {
        struct Slow;
        impl Sink for Slow {
            fn deliver(&mut self, _: &[CleanEvent]) -> Result<(), SinkError> {
                thread::sleep(Duration::from_millis(50));
                exit(7);
            }
        }
        let _guard = builder().sink(Slow).init().unwrap();
        busy(2);
        thread::sleep(Duration::from_secs(30));
    }

    fn a_small_stack_is_enough_to_record() {
        let (kept, _guard) = Kept::init();
        for kib in [16, 32, 64] {
            let small = thread::Builder::new().stack_size(kib << 10).spawn(move || inner(kib as u64));
            assert_eq!(small.unwrap().join().unwrap(), Ok(kib as u64));
            assert_eq!(kept.take().len(), 1, "{kib} KiB");
        }
    }

    /// However busy the parent is just then, and whichever locks are held.
    fn a_forked_process_records_flushes_and_ends() {
        let _guard = builder().sink(Discarding).init().unwrap();
        busy(3);
        for _ in 0..40 {
            in_child(|| {
                assert_eq!(work(1, "in the child"), Ok(1));
                let other = thread::spawn(|| work(2, "in a thread of the child"));
                assert_eq!(other.join().unwrap(), Ok(2));
                let report = tense_layer::flush(Duration::from_secs(20));
                // The sink stayed with the parent. What this thread wrote before it knew is in doubt, if there is any.
                let health = report.health;
                assert!(report.is_complete && health.sink_failed == health.emitted, "{health:?}");
                assert!(health.emitted == 6 || health.lost_at_fork > 0, "{health:?}");
            });
        }
    }

    /// As one does that was started by a server before it took requests.
    fn a_forked_process_may_drop_the_guard() {
        let guard = builder().sink(Discarding).init().unwrap();
        busy(1);
        let mut guard = Some(guard);
        in_child(|| {
            let began = Instant::now();
            drop(guard.take());
            assert!(began.elapsed() < Duration::from_secs(10));
        });
    }
}
