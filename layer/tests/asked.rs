//! The host's subscribers are asked about our call sites, by us and by `tracing`, under its locks. What they do then is
//! theirs: they may call annotated functions, and they may panic. Nobody waits for ever, no result changes, and the
//! locks of `tracing` stay whole. Each case in a process of its own, with a deadline.

#![expect(clippy::unwrap_used, reason = "in a test a panic is how a failure is told")]

#[macro_use]
#[allow(dead_code, reason = "no case here is alone with a layer without a filter")]
mod apart;
mod kept;
mod panicking;

use std::panic::{catch_unwind, set_hook};
use std::sync::atomic::Ordering::SeqCst;
use std::sync::atomic::{AtomicBool, AtomicUsize};
use std::thread;
use std::time::{Duration, Instant};

use kept::Kept;
use panicking::{ARMED, IS_DRAINER_SPARED, NEVER_AGAIN, Never, Panicking};
use tense::traced;
use tense_layer::{builder, flush, health, set_max_level};
use tracing::subscriber::Interest;
use tracing::{Dispatch, Level, Metadata, Subscriber};
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::{Context, Filter, Layer};
use tracing_subscriber::prelude::*;
use tracing_subscriber::{Registry, registry, reload};

#[traced(operation.work.done)]
fn work() -> u8 {
    let _foreign = tracing::info_span!("select").entered();
    7
}

#[traced(operation.filters.asked)]
fn asked() -> u8 {
    8
}

#[traced(operation.filters.decided)]
fn decided() -> u8 {
    9
}

/// Calls annotated functions wherever it is asked, about whatever.
#[derive(Clone, Copy)]
struct Calling(Interest3);

/// What it says of a call site.
#[derive(Clone, Copy)]
enum Interest3 {
    Always,
    Sometimes,
}

impl Calling {
    const YES: Self = Self(Interest3::Always);
    const ASK: Self = Self(Interest3::Sometimes);

    fn interest(self) -> Interest {
        match self.0 {
            Interest3::Always => Interest::always(),
            Interest3::Sometimes => Interest::sometimes(),
        }
    }
}

impl<S> Filter<S> for Calling {
    fn enabled(&self, _: &Metadata<'_>, _: &Context<'_, S>) -> bool {
        assert_eq!(decided(), 9);
        true
    }

    fn callsite_enabled(&self, _: &'static Metadata<'static>) -> Interest {
        assert_eq!(asked(), 8);
        self.interest()
    }
}

impl<S: Subscriber> Layer<S> for Calling {
    fn register_callsite(&self, _: &'static Metadata<'static>) -> Interest {
        assert_eq!(asked(), 8);
        self.interest()
    }

    fn enabled(&self, _: &Metadata<'_>, _: Context<'_, S>) -> bool {
        assert_eq!(decided(), 9);
        true
    }
}

/// Looks how the recorder does, empties it and sets its level, wherever it is asked about a call of ours.
struct LookingAfter;

static QUESTIONS: AtomicUsize = AtomicUsize::new(0);

impl<S> Filter<S> for LookingAfter {
    fn enabled(&self, _: &Metadata<'_>, _: &Context<'_, S>) -> bool {
        true
    }

    fn callsite_enabled(&self, metadata: &'static Metadata<'static>) -> Interest {
        if metadata.name() == "operation.work.done" {
            assert_eq!(health().queue_full, 0);
            flush(Duration::from_secs(1));
            set_max_level(Level::DEBUG);
            QUESTIONS.fetch_add(1, SeqCst);
        }
        Interest::always()
    }
}

/// Until something can be seen that another thread brings about; a case has a deadline of its own.
fn wait_until(is_so: impl Fn() -> bool) {
    while !is_so() {
        thread::sleep(Duration::from_millis(1));
    }
}

/// Thinks long about a call of ours, and calls another one for the first time. It wants neither.
struct Slow;

static IS_SLOW: AtomicBool = AtomicBool::new(false);

impl<S> Filter<S> for Slow {
    fn enabled(&self, metadata: &Metadata<'_>, _: &Context<'_, S>) -> bool {
        !metadata.name().starts_with("operation.")
    }

    fn callsite_enabled(&self, metadata: &'static Metadata<'static>) -> Interest {
        if !metadata.name().starts_with("operation.") {
            return Interest::always();
        }
        if metadata.name() != "operation.work.done" {
            return Interest::never();
        }
        QUESTIONS.fetch_add(1, SeqCst);
        if IS_SLOW.swap(false, SeqCst) {
            thread::sleep(Duration::from_millis(1_100));
            assert_eq!(decided(), 9);
        }
        Interest::never()
    }
}

/// Has the drainer look whether the host still asks, and calls for the first time where it is asked about what the
/// drainer has put on the list for that. It wants nothing of ours.
struct Behind;

static IS_DRAINER_BEHIND: AtomicBool = AtomicBool::new(false);
static HAS_CALLED: AtomicBool = AtomicBool::new(false);

impl<S> Filter<S> for Behind {
    fn enabled(&self, metadata: &Metadata<'_>, _: &Context<'_, S>) -> bool {
        !metadata.name().starts_with("operation.")
    }

    fn callsite_enabled(&self, metadata: &'static Metadata<'static>) -> Interest {
        match (metadata.name(), thread::current().name()) {
            ("tense.through", Some("tense-drainer")) => IS_DRAINER_BEHIND.store(true, SeqCst),
            ("tense.through", _) => {
                assert_eq!(decided(), 9);
                HAS_CALLED.store(true, SeqCst);
            }
            ("operation.work.done", name) if name != Some("tense-drainer") => {
                QUESTIONS.fetch_add(1, SeqCst);
                // Where the drainer waits for this thread with something else, it is so the next time.
                let until = Instant::now() + Duration::from_millis(200);
                if IS_SLOW.load(SeqCst) {
                    assert_eq!(asked(), 8);
                    wait_until(|| IS_DRAINER_BEHIND.load(SeqCst) || Instant::now() > until);
                }
            }
            _ => {}
        }
        if metadata.name().starts_with("operation.") { Interest::never() } else { Interest::always() }
    }
}

/// Until the drainer has come by often enough to have asked everybody again, if it does. What it takes without a flush
/// shows that it has.
fn let_the_drainer_look(kept: &Kept) {
    for _ in 0..6 {
        kept.0.lock().unwrap().clear();
        thread::spawn(decided).join().unwrap();
        wait_until(|| !kept.0.lock().unwrap().is_empty());
    }
}

/// From now on they panic, and it is known. One that begins while the drainer has everybody asked, which it does from
/// time to time, nobody could have asked beforehand: so the host's threads meet it first, and the drainer when it has
/// been through what it was at.
fn arm(kept: &Kept) {
    IS_DRAINER_SPARED.store(true, SeqCst);
    ARMED.store(true, SeqCst);
    set_max_level(Level::DEBUG);
    let_the_drainer_look(kept);
    IS_DRAINER_SPARED.store(false, SeqCst);
}

/// Wants everything.
struct Log;
impl<S: Subscriber> Layer<S> for Log {}

fn counts(kept: &Kept, name: &str) -> usize {
    kept.take().iter().filter(|event| event.event_type == name).count()
}

/// All that makes `tracing` ask again, while other threads call, for the first time and later.
fn goes_on(kept: &Kept) {
    assert_eq!(work(), 7);
    assert_eq!(counts(kept, "operation.work.done"), 1);
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while !is_over.load(SeqCst) {
                    assert_eq!((work(), asked(), decided()), (7, 8, 9));
                    thread::yield_now();
                }
            });
        }
        for turn in 0..20 {
            set_max_level(if turn % 2 == 0 { Level::DEBUG } else { Level::INFO });
            tracing_core::callsite::rebuild_interest_cache();
            thread::spawn(|| drop(Dispatch::new(registry().with(Calling::YES)))).join().unwrap();
            drop(Dispatch::new(registry().with(Log.with_filter(Calling::ASK))));
        }
        is_over.store(true, SeqCst);
    });
    kept.take();
    assert_eq!(work(), 7);
    assert_eq!(counts(kept, "operation.work.done"), 1);
}

cases! {
    fn a_filter_of_ours_that_calls() {
        let kept = Kept::default();
        let _guard = builder().sink(kept.clone()).filter(Calling::YES).init().unwrap();
        goes_on(&kept);
    }

    fn a_filter_of_ours_that_is_asked_each_time_and_calls() {
        let kept = Kept::default();
        let _guard = builder().sink(kept.clone()).filter(Calling::ASK).init().unwrap();
        goes_on(&kept);
    }

    fn a_filter_in_front_that_calls() {
        let kept = Kept::default();
        registry().with(Calling::YES).with(builder().sink(kept.clone()).layer()).init();
        goes_on(&kept);
    }

    fn a_filter_in_front_that_is_asked_each_time_and_calls() {
        let kept = Kept::default();
        registry().with(Calling::ASK).with(builder().sink(kept.clone()).layer()).init();
        goes_on(&kept);
    }

    fn a_filter_of_another_layer_that_calls() {
        let kept = Kept::default();
        registry().with(Log.with_filter(Calling::YES)).with(builder().sink(kept.clone()).layer()).init();
        goes_on(&kept);
    }

    fn a_filter_of_another_layer_that_is_asked_each_time_and_calls() {
        let kept = Kept::default();
        registry().with(builder().sink(kept.clone()).layer()).with(Log.with_filter(Calling::ASK)).init();
        goes_on(&kept);
    }

    fn a_filter_that_calls_under_a_scoped_default() {
        let kept = Kept::default();
        let layer = builder().sink(kept.clone()).filter(Calling::YES).layer();
        let _scoped = tracing::subscriber::set_default(registry().with(Log.with_filter(Calling::ASK)).with(layer));
        assert_eq!(work(), 7);
        assert_eq!(counts(&kept, "operation.work.done"), 1);
        tracing_core::callsite::rebuild_interest_cache();
        thread::spawn(|| drop(Dispatch::new(registry().with(Calling::YES)))).join().unwrap();
        assert_eq!(work(), 7);
    }

    fn a_filter_that_calls_and_is_reloaded() {
        let kept = Kept::default();
        let (own, handle) = reload::Layer::<_, Registry>::new(Calling::YES);
        let (log, of_log) = reload::Layer::new(Calling::ASK);
        registry().with(builder().sink(kept.clone()).filter(own).layer()).with(Log.with_filter(log)).init();
        for _ in 0..5 {
            handle.reload(Calling::ASK).unwrap();
            of_log.reload(Calling::YES).unwrap();
            handle.reload(Calling::YES).unwrap();
            goes_on(&kept);
        }
    }

    /// The drainer has everybody asked again when a scoped default with a layer of ours is gone.
    fn a_filter_that_looks_after_the_recorder_when_the_drainer_asks() {
        let kept = Kept::default();
        let _guard = builder().sink(kept.clone()).filter(LookingAfter).init().unwrap();
        assert_eq!(work(), 7);
        tracing::subscriber::with_default(registry().with(builder().sink(Kept::default()).layer()), work);
        let asked = QUESTIONS.load(SeqCst);
        wait_until(|| QUESTIONS.load(SeqCst) > asked);
        kept.take();
        assert_eq!(work(), 7);
        assert_eq!(counts(&kept, "operation.work.done"), 1);
    }

    fn a_filter_that_looks_after_the_recorder_when_the_level_is_set() {
        let kept = Kept::default();
        let _guard = builder().sink(kept.clone()).filter(LookingAfter).init().unwrap();
        assert_eq!(work(), 7);
        for level in [Level::TRACE, Level::DEBUG, Level::ERROR, Level::INFO] {
            set_max_level(level);
        }
        // Two threads, each asked about the other's call while it sets a level.
        thread::scope(|scope| (0..2).for_each(|_| {
            scope.spawn(|| (0..50).for_each(|_| { set_max_level(Level::TRACE); tracing_core::callsite::rebuild_interest_cache(); }));
        }));
        assert_eq!(work(), 7);
        // The filter was asked last, and has set it last.
        kept.take();
        assert_eq!(work(), 7);
        assert_eq!(counts(&kept, "operation.work.done"), 1);
    }

    /// A stopped process, a debugger, a machine that swaps: how long it takes says nothing.
    fn a_filter_that_takes_long_and_then_calls() {
        let kept = Kept::default();
        registry().with(Log.with_filter(Slow)).with(builder().sink(kept.clone()).layer()).init();
        // It is not registered while the drainer asks.
        wait_until(|| { work(); QUESTIONS.load(SeqCst) > 0 });
        IS_SLOW.store(true, SeqCst);
        tracing_core::callsite::rebuild_interest_cache();
        assert!(!IS_SLOW.load(SeqCst), "it was not asked");
        kept.take();
        wait_until(|| { decided(); counts(&kept, "operation.filters.decided") == 1 });
    }

    /// What the drainer gets through the lock with stays on the list, and everybody is asked about that as well.
    fn a_filter_that_calls_for_the_first_time_where_it_is_asked_about_what_the_drainer_left() {
        let kept = Kept::default();
        registry().with(Log.with_filter(Behind)).with(builder().sink(kept.clone()).layer()).init();
        wait_until(|| { work(); QUESTIONS.load(SeqCst) > 0 });
        IS_SLOW.store(true, SeqCst);
        wait_until(|| { tracing_core::callsite::rebuild_interest_cache(); HAS_CALLED.load(SeqCst) });
        kept.take();
        wait_until(|| { decided(); counts(&kept, "operation.filters.decided") == 1 });
    }

    /// The locks of `tracing` are in pieces then, and nobody can make a subscriber any more. Ours goes on.
    fn a_subscriber_that_panics_while_the_host_has_everybody_asked() {
        set_hook(Box::new(|_| {}));
        ARMED.store(false, SeqCst);
        let kept = Kept::default();
        let _guard = builder().sink(kept.clone()).init().unwrap();
        // In a subscriber of its own, because one with filters does not survive it in a build with assertions.
        let _other = Dispatch::new(registry().with(Panicking::in_callsite("operation.work.done")));
        assert_eq!((work(), asked()), (7, 8));
        ARMED.store(true, SeqCst);
        catch_unwind(tracing_core::callsite::rebuild_interest_cache).unwrap_err();
        ARMED.store(false, SeqCst);
        // Met before, and for the first time.
        kept.take();
        wait_until(|| { work(); counts(&kept, "operation.work.done") == 1 });
        wait_until(|| { decided(); counts(&kept, "operation.filters.decided") == 1 });
        assert_eq!((work(), asked(), decided()), (7, 8, 9));
        let kept = kept.take();
        let names: Vec<&str> = kept.iter().map(|event| &*event.event_type).filter(|name| name.starts_with("operation")).collect();
        assert_eq!(names, ["operation.work.done", "operation.filters.asked", "operation.filters.decided"]);
    }

    /// A subscriber that panics when it is asked about a call of ours for the first time.
    fn a_subscriber_that_panics_changes_no_result() {

        set_hook(Box::new(|_| {}));
        registry().with(Panicking::in_callsite("operation.work.done")).init();
        assert_eq!((work(), work(), asked()), (7, 7, 8));
        // Whoever comes later finds the locks of `tracing` whole.
        ARMED.store(false, SeqCst);
        drop(Dispatch::new(registry()));
        assert_eq!((work(), decided()), (7, 9));
    }

    fn a_subscriber_that_panics_beside_our_layer_changes_no_result() {

        let kept = Kept::default();
        registry().with(Log.with_filter(Panicking::in_callsite("operation.filters.asked"))).with(builder().sink(kept.clone()).layer()).init();
        thread::scope(|scope| (0..4).for_each(|_| { scope.spawn(|| assert_eq!(asked(), 8)); }));
        // In a build with assertions `tracing-subscriber` knows which thread's asking was broken off, and panics at
        // each further question there.
        let counted = counts(&kept, "operation.filters.asked");
        assert!(counted == 4 || cfg!(debug_assertions) && counted == 3, "{counted}");
        // Everybody would be asked again, by us and under a lock.
        set_max_level(Level::DEBUG);
        let_the_drainer_look(&kept);
        assert_eq!((asked(), decided()), (8, 9));
        assert_eq!(counts(&kept, "operation.filters.asked"), 1);
        assert!(health().subscriber_panics > 0);
        ARMED.store(false, SeqCst);
        drop(Dispatch::new(registry()));
        assert_eq!((work(), decided()), (7, 9));
    }

    /// It only begins to panic when it has been asked before.
    fn a_subscriber_that_begins_to_panic_when_it_is_asked_again() {

        ARMED.store(false, SeqCst);
        let kept = Kept::default();
        registry().with(builder().sink(kept.clone()).layer()).with(Log.with_filter(Panicking::in_callsite("operation.work.done"))).init();
        assert_eq!((work(), asked()), (7, 8));
        arm(&kept);
        let_the_drainer_look(&kept);
        ARMED.store(false, SeqCst);
        assert_eq!((work(), decided()), (7, 9));
        drop(Dispatch::new(registry()));
        kept.take();
        assert_eq!(work(), 7);
        assert_eq!(counts(&kept, "operation.work.done"), 1);
    }

    /// Another layer that wants nothing of ours, so that calls go directly, and panics at the second question.
    fn a_filter_of_another_layer_that_panics_when_it_is_asked_on_the_direct_way() {
        ARMED.store(false, SeqCst);
        set_hook(Box::new(|_| {}));
        let kept = Kept::default();
        registry().with(builder().sink(kept.clone()).layer()).with(Log.with_filter(Never("operation.work.done"))).init();
        assert_eq!((work(), asked()), (7, 8));
        // Until the drainer has opened the direct way.
        wait_until(|| { work(); NEVER_AGAIN.load(SeqCst) > 1 });
        assert_eq!(work(), 7);
        arm(&kept);
        kept.take();
        assert_eq!((work(), work()), (7, 7));
        assert!(health().subscriber_panics > 0);
        // See above for builds with assertions.
        assert!(counts(&kept, "operation.work.done") == 2 || cfg!(debug_assertions));
        // A thread whose asking was never broken off is seen in each.
        thread::spawn(|| assert_eq!(work(), 7)).join().unwrap();
        assert_eq!(counts(&kept, "operation.work.done"), 1);
        ARMED.store(false, SeqCst);
        drop(Dispatch::new(registry()));
        assert_eq!((work(), decided()), (7, 9));
    }

    fn a_filter_of_ours_that_panics_changes_no_result() {

        let kept = Kept::default();
        let _guard = builder().sink(kept.clone()).filter(Panicking::in_callsite("operation.work.done")).init().unwrap();
        assert_eq!((work(), asked()), (7, 8));
        set_max_level(LevelFilter::DEBUG);
        assert_eq!((work(), asked()), (7, 8));
        drop(Dispatch::new(registry()));
        assert_eq!((work(), decided()), (7, 9));
        assert!(counts(&kept, "operation.filters.asked") > 0);
        assert!(health().subscriber_panics > 0);
    }
}
