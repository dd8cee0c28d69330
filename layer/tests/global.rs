//! The global default, in a process of its own for each case: every test runs this binary again with the case's name.
//!
//! However the layer is installed, the same tree comes out; and the direct way is open just when nobody else looks.

#![expect(clippy::unwrap_used, reason = "in a test a panic is how a failure is told")]

#[macro_use]
mod alone;
mod seen;
#[path = "it/tree.rs"]
mod tree;
#[path = "global/arranged.rs"]
mod arranged;
mod route;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use route::{route, wait_for};
use seen::{Kept, Names, over_some_ticks};
use tense::__private::Route;
use tense::{Pipeline, name, pipeline_stage, traced};
use tense_event::CleanEvent;
use tense_layer::{Sink, SinkError, builder};
use tracing::Instrument;
use tracing_subscriber::prelude::*;
use tracing_subscriber::{EnvFilter, Layer, Registry, filter::LevelFilter, registry, reload};

#[traced(operation.work.done)]
fn work() {
    let _foreign = tracing::info_span!("foreign").entered();
    inner();
}

#[traced(operation.work.nested)]
fn inner() {
    tracing::info!("inside");
}

const TREE: &str = "operation.work.done\n\
    \x20 foreign.global name=\"foreign\"\n\
    \x20   operation.work.nested\n\
    \x20     log.info message=\"inside\"\n";

/// Hands `Span::current()` to a thread, and to a task that is polled within the call; then does work of its own.
#[traced(operation.work.handed)]
fn hand_on() {
    let span = tracing::Span::current();
    std::thread::scope(|scope| {
        scope.spawn(|| span.in_scope(inner));
    });
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let task = async {
        tokio::task::yield_now().await;
        inner();
    };
    runtime.block_on(async { tokio::spawn(task.in_current_span()).await.unwrap() });
    inner();
}

/// The same tree before and after the drainer has found out that the layer is the global one, and the direct way then.
fn opens(install: impl FnOnce(tense_layer::Layer<Registry>)) {
    let kept = Kept::default();
    install(builder().sink(kept.clone()).layer());
    work();
    assert_eq!(kept.tree(), TREE, "at once");
    wait_for(Route::Direct);
    work();
    assert_eq!(kept.tree(), TREE, "on the direct way");
}

/// The same tree, with real spans that another layer sees as well.
fn stays_slow(install: impl FnOnce(tense_layer::Layer<Registry>, Names)) {
    let (kept, names) = (Kept::default(), Names::default());
    install(builder().sink(kept.clone()).layer(), names.clone());
    over_some_ticks(|| {
        work();
        assert_eq!(kept.tree(), TREE);
        assert_eq!(names.take(), ["operation.work.done", "foreign", "operation.work.nested"]);
    });
    assert_eq!(route(), Route::Slow);
}

cases! {
    fn init_is_direct_at_once() {
        let kept = Kept::default();
        let _guard = builder().sink(kept.clone()).init().unwrap();
        assert_eq!(route(), Route::Direct);
        work();
        assert_eq!(kept.tree(), TREE);
        assert!(builder().sink(kept).init().is_err(), "a second one is an error, not a panic");
    }

    fn without_a_layer_nothing_happens() {
        work();
        assert_eq!(route(), Route::Off);
        assert_eq!(tense_layer::health().emitted, 0);
    }

    fn a_layer_in_a_registry_becomes_direct() {
        opens(|layer| registry().with(layer).init());
    }

    fn a_layer_in_an_option_becomes_direct() {
        opens(|layer| registry().with(Some(layer)).init());
    }

    fn a_layer_in_a_box_becomes_direct() {
        opens(|layer| registry().with(layer.boxed()).init());
    }

    fn a_layer_in_reload_stays_real() {
        let kept = Kept::default();
        let (layer, _handle) = reload::Layer::new(builder().sink(kept.clone()).layer::<Registry>());
        registry().with(layer).init();
        over_some_ticks(|| {
            work();
            assert_eq!(kept.tree(), TREE);
        });
    }

    fn another_layer_behind_sees_real_spans() {
        stays_slow(|layer, names| registry().with(layer).with(names).init());
    }

    fn another_layer_before_sees_real_spans() {
        let (kept, names) = (Kept::default(), Names::default());
        registry().with(names.clone()).with(builder().sink(kept.clone()).layer()).init();
        work();
        assert_eq!(kept.tree(), TREE);
        assert_eq!(names.take().len(), 3);
    }

    fn another_layer_in_the_same_vec_sees_real_spans() {
        stays_slow(|layer, names| registry().with(vec![layer.boxed(), names.boxed()]).init());
    }

    fn another_layer_that_filters_ours_out_costs_nothing() {
        let names = Names::default();
        let filtered = names.clone().with_filter(EnvFilter::new("nobody=info"));
        opens(move |layer| registry().with(layer).with(filtered).init());
        assert_eq!(names.take(), [""; 0]);
    }

    fn a_global_filter_that_refuses_turns_it_off() {
        let kept = Kept::default();
        let (filter, handle) = reload::Layer::new(EnvFilter::new("warn"));
        registry().with(builder().sink(kept.clone()).layer()).with(filter).init();
        work();
        assert_eq!(kept.tree(), "");
        wait_for(Route::Off);
        handle.reload("info").unwrap();
        work();
        assert_eq!(kept.tree(), TREE, "the filter may change while the program runs");
    }

    fn a_global_filter_that_accepts_means_real_spans() {
        let kept = Kept::default();
        registry().with(builder().sink(kept.clone()).layer()).with(LevelFilter::INFO).init();
        work();
        assert_eq!(kept.tree(), TREE);
    }

    fn real_spans_can_be_handed_around() {
        let kept = Kept::default();
        let _guard = builder().sink(kept.clone()).real_spans(true).init().unwrap();
        #[traced(operation.work.handed)]
        fn hand() {
            let span = tracing::Span::current();
            assert!(!span.is_none());
            std::thread::spawn(move || span.in_scope(inner)).join().unwrap();
        }
        hand();
        assert_eq!(kept.tree(), "operation.work.handed\n  operation.work.nested\n    log.info message=\"inside\"\n");
    }

    fn what_goes_along_with_work_holds_for_real_spans_as_well() {
        let kept = Kept::default();
        let _guard = builder().sink(kept.clone()).real_spans(true).init().unwrap();
        tense::suppress(inner);
        tense::TraceContext::begin("order-1").in_scope(inner);
        let events = || kept.0.lock().unwrap().iter().map(|event| event.correlation_key.clone()).collect::<Vec<_>>();
        assert!(tense_layer::flush(Duration::from_secs(10)).is_complete);
        assert_eq!(events(), [None, Some("order-1".to_owned())], "a line, and what it is said in");
    }

    /// `Span::current()` does not know calls on the direct way. What is handed on with it stands beside them, under
    /// the nearest span that is one of `tracing`, or begins a trace; the call itself goes on as if nothing were.
    fn a_span_that_is_handed_on_from_the_direct_way_is_the_one_above() {
        let kept = Kept::default();
        let _guard = builder().sink(kept.clone()).init().unwrap();
        hand_on();
        assert_eq!(
            kept.tree(),
            "operation.work.nested\n\
             \x20 log.info message=\"inside\"\n\
             operation.work.handed\n\
             \x20 operation.work.nested\n\
             \x20   log.info message=\"inside\"\n\
             \x20 operation.work.nested\n\
             \x20   log.info message=\"inside\"\n",
            "there is no span to hand to the thread; the task is polled within the call"
        );
        tracing::info_span!("request").in_scope(hand_on);
        assert_eq!(
            kept.tree(),
            "foreign.global name=\"request\"\n\
             \x20 operation.work.nested\n\
             \x20   log.info message=\"inside\"\n\
             \x20 operation.work.nested\n\
             \x20   log.info message=\"inside\"\n\
             \x20 operation.work.handed\n\
             \x20   operation.work.nested\n\
             \x20     log.info message=\"inside\"\n",
            "both stand below the request; what the call itself does afterwards, below the call"
        );
    }

    /// Where they are real spans, what is handed on stands below the call.
    fn a_real_span_that_is_handed_on_is_the_call() {
        let kept = Kept::default();
        let _guard = builder().sink(kept.clone()).real_spans(true).init().unwrap();
        const HANDED: &str = "operation.work.handed\n\
            \x20 operation.work.nested\n\x20   log.info message=\"inside\"\n\
            \x20 operation.work.nested\n\x20   log.info message=\"inside\"\n\
            \x20 operation.work.nested\n\x20   log.info message=\"inside\"\n";
        hand_on();
        assert_eq!(kept.tree(), HANDED);
        tracing::info_span!("request").in_scope(hand_on);
        let below = HANDED.lines().map(|line| format!("  {line}\n")).collect::<String>();
        assert_eq!(kept.tree(), format!("foreign.global name=\"request\"\n{below}"));
    }

    fn a_scoped_layer_is_isolated_and_the_direct_way_comes_back() {
        let kept = Kept::default();
        let _guard = builder().sink(kept.clone()).init().unwrap();
        work();
        assert_eq!(kept.tree(), TREE);
        {
            let capture = tense_layer::testing::capture();
            work();
            std::thread::spawn(work).join().unwrap();
            assert_eq!(tree::tree(&capture.events()), TREE, "its own thread's work, once");
            assert_eq!(route(), Route::Slow);
        }
        assert_eq!(kept.tree(), TREE, "the other thread's work");
        wait_for(Route::Direct);
        work();
        assert_eq!(kept.tree(), TREE);
    }

    fn a_call_site_that_another_thread_meets_first_is_seen() {
        #[traced(operation.work.shared)]
        fn shared() {}
        let capture = tense_layer::testing::capture();
        // `tracing` asks that thread's subscriber about the call site; it has none, so nobody would be interested.
        std::thread::spawn(shared).join().unwrap();
        shared();
        assert_eq!(tree::tree(&capture.events()), "operation.work.shared\n");
    }

    fn a_scoped_subscriber_of_others_gets_its_own_spans() {
        let (kept, names) = (Kept::default(), Names::default());
        let _guard = builder().sink(kept.clone()).init().unwrap();
        {
            let _scoped = tracing::subscriber::set_default(registry().with(names.clone()));
            work();
        }
        assert_eq!(names.take().len(), 3);
        assert_eq!(kept.tree(), "", "what is seen by another subscriber is not ours");
    }

    fn two_layers_of_ours_each_see_everything() {
        let (one, two) = (Kept::default(), Kept::default());
        registry().with(builder().sink(one.clone()).layer()).with(builder().sink(two.clone()).layer()).init();
        for _ in 0..2 {
            work();
            let (one, two) = (one.tree(), two.tree());
            assert_eq!((one.as_str(), two.as_str()), (TREE, TREE));
            assert_eq!(tense_layer::health().open_spans, 0);
        }
    }

    fn a_future_that_nobody_wants_does_not_take_the_call_around_it() {
        #[traced(operation.orders.placed, fields(id))]
        async fn outer(id: u32) {
            off(99).await;
            on(id).await;
            tokio::task::yield_now().await;
            off(98).await;
        }
        #[traced(operation.orders.weighed, level = "debug", fields(id))]
        async fn off(id: u32) {
            on(id).await;
            tokio::task::yield_now().await;
        }
        #[traced(operation.orders.counted, fields(id))]
        async fn on(id: u32) {
            tokio::task::yield_now().await;
        }
        let kept = Kept::default();
        let _guard = builder().sink(kept.clone()).init().unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(outer(1));
        assert_eq!(
            kept.tree(),
            "operation.orders.placed id=1\n\
             \x20 operation.orders.counted id=99\n\
             \x20 operation.orders.counted id=1\n\
             \x20 operation.orders.counted id=98\n"
        );
        assert_eq!(tense_layer::health().open_spans, 0);
    }

    fn a_stage_that_nobody_wants_leaves_its_pipeline_alone() {
        #[pipeline_stage(dispatch.weigh, level = "debug")]
        async fn weigh(grams: u32) -> Result<u32, String> {
            tokio::task::yield_now().await;
            Ok(grams)
        }
        #[pipeline_stage(dispatch.ship)]
        async fn ship(grams: u32) -> Result<u32, String> {
            Ok(grams)
        }
        let kept = Kept::default();
        let _guard = builder().sink(kept.clone()).init().unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let pipeline = Pipeline::named(name!(dispatch.parcel)).stage(WeighStage).stage(ShipStage);
        runtime.block_on(pipeline.run(7)).unwrap();
        let stages = "stages=[\"dispatch.weigh\",\"dispatch.ship\"]";
        assert_eq!(
            kept.tree(),
            format!(
                "dispatch.parcel.start {stages} pending\n\
                 \x20 dispatch.ship.start pending\n\
                 \x20 dispatch.ship.complete\n\
                 dispatch.parcel.complete {stages}\n"
            )
        );
    }

    /// Attempts, a limit and a group, on the direct way.
    fn a_pipeline_with_all_that_there_is_on_the_direct_way() {
        let kept = Kept::default();
        let _guard = builder().sink(kept.clone()).init().unwrap();
        assert_eq!(route(), Route::Direct);
        arranged::run();
        assert_eq!(kept.tree(), arranged::TREE);
    }

    /// The same, where another layer sees the spans as well: that of the stage, and one for each call of the function.
    fn a_pipeline_with_all_that_there_is_beside_another_layer() {
        let (kept, names) = (Kept::default(), Names::default());
        registry().with(builder().sink(kept.clone()).layer()).with(names.clone()).init();
        arranged::run();
        assert_eq!(kept.tree(), arranged::TREE);
        assert_eq!(names.take(), ["dispatch.parcel", "dispatch.lift", "dispatch.ring", "dispatch.ring", "dispatch.ring", "dispatch.wait"]);
    }

    fn what_a_layer_that_is_gone_has_recorded_is_flushed() {
        /// Takes its time, so that the layer is long gone.
        struct Slow(Kept);
        impl Sink for Slow {
            fn deliver(&mut self, batch: &[CleanEvent]) -> Result<(), SinkError> {
                std::thread::sleep(Duration::from_millis(300));
                self.0.deliver(batch)
            }
        }
        let kept = Kept::default();
        tracing::subscriber::with_default(registry().with(builder().sink(Slow(kept.clone())).layer()), work);
        assert_eq!(kept.tree(), TREE);
        assert_eq!(tense_layer::health().queued, 0);
    }

    fn a_flush_without_end_is_no_panic() {
        let kept = Kept::default();
        let guard = builder().sink(kept.clone()).init().unwrap();
        work();
        assert!(guard.flush(Duration::MAX).is_complete);
        assert_eq!(kept.tree(), TREE);
    }

    fn spans_that_never_end_do_not_keep_new_ones_out() {
        #[traced(operation.futures.held)]
        async fn hold() {
            std::future::pending::<()>().await;
        }
        let kept = Kept::default();
        let _guard = builder().sink(kept.clone()).ring_bytes(32 << 20).init().unwrap();
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        let mut held: Vec<_> = (0..70_000).map(|_| Box::pin(hold())).collect();
        for future in &mut held {
            assert!(future.as_mut().poll(&mut context).is_pending());
        }
        tense_layer::flush(Duration::from_secs(30));
        work();
        tense_layer::flush(Duration::from_secs(30));
        let got = std::mem::take(&mut *kept.0.lock().unwrap());
        let work = got.iter().filter(|event| event.event_type != "operation.futures.held");
        assert_eq!(work.count(), 4, "a call, a foreign span, a nested call and a line");
        let health = tense_layer::health();
        assert!(health.open_spans <= 65_536 && health.spans_given_up >= 70_000 - 65_536, "{health:?}");
    }

    fn an_ended_span_is_with_its_sink_within_a_quarter_of_a_second() {
        /// Notes how old an event is when it arrives.
        #[derive(Clone, Default)]
        struct Ages(Arc<Mutex<Vec<i64>>>);
        impl Sink for Ages {
            fn deliver(&mut self, batch: &[CleanEvent]) -> Result<(), SinkError> {
                let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_nanos() as i64;
                self.0.lock().unwrap().extend(batch.iter().map(|event| now - event.timestamp.unix_nanos()));
                Ok(())
            }
        }
        let ages = Ages::default();
        let _guard = builder().sink(ages.clone()).init().unwrap();
        // Over several ticks, and only as fast as a program that does something: nothing fills a ring and wakes the
        // drainer.
        let end = std::time::Instant::now() + Duration::from_millis(600);
        while std::time::Instant::now() < end {
            inner();
            std::thread::sleep(Duration::from_micros(300));
        }
        // Not flushed: what is late shows.
        std::thread::sleep(Duration::from_millis(300));
        let mut ages = std::mem::take(&mut *ages.0.lock().unwrap());
        ages.sort_unstable();
        assert!(ages.len() > 200, "{}", ages.len());
        // The machine may be busy for a moment; not for one in ten.
        let late = Duration::from_nanos(ages[ages.len() * 9 / 10].unsigned_abs());
        assert!(late < Duration::from_millis(250), "{late:?}");
    }

    fn a_layer_that_panics_when_it_is_asked_does_not_end_our_thread() {
        struct Broken;
        impl Layer<Registry> for Broken {
            fn register_callsite(&self, _: &'static tracing::Metadata<'static>) -> tracing::subscriber::Interest {
                assert!(std::thread::current().name() != Some("tense-drainer"), "a bug of another layer");
                tracing::subscriber::Interest::always()
            }
        }
        let arrived = Arc::new(Mutex::new(0));
        struct Counted(Arc<Mutex<usize>>);
        impl Sink for Counted {
            fn deliver(&mut self, batch: &[CleanEvent]) -> Result<(), SinkError> {
                *self.0.lock().unwrap() += batch.len();
                Ok(())
            }
        }
        std::panic::set_hook(Box::new(|_| {}));
        let layer = builder().sink(Counted(Arc::clone(&arrived))).panic_hook(false).layer();
        registry().with(Broken.and_then(layer)).init();
        // Nobody flushes: what arrives, our own thread has brought.
        let end = std::time::Instant::now() + Duration::from_secs(10);
        for before in [0, 1, 2] {
            inner();
            while *arrived.lock().unwrap() < 2 * (before + 1) {
                assert!(std::time::Instant::now() < end, "our own thread has gone");
                std::thread::sleep(Duration::from_millis(60));
            }
        }
    }

    fn a_stopped_sink_loses_events_and_says_so() {
        struct Dead;
        impl Sink for Dead {
            fn deliver(&mut self, _: &[CleanEvent]) -> Result<(), SinkError> {
                panic!("the disk is on fire")
            }
        }
        std::panic::set_hook(Box::new(|_| {}));
        let _guard = builder().sink(Dead).queue_events(10).init().unwrap();
        for _ in 0..100 {
            work();
        }
        let report = tense_layer::flush(Duration::from_secs(10));
        let health = report.health;
        assert!(report.is_complete);
        assert_eq!((health.emitted, health.delivered), (400, 0));
        assert_eq!(health.emitted, health.queue_full + health.sink_failed);
    }

    fn a_full_ring_is_counted_and_the_program_goes_on() {
        let kept = Kept::default();
        let _guard = builder().sink(kept.clone()).ring_bytes(0).init().unwrap();
        // Far more than a ring holds, and faster than it can be drained.
        for n in 0..200_000_u64 {
            #[traced(operation.work.counted, fields(n))]
            fn count(n: u64) {}
            count(n);
        }
        let report = tense_layer::flush(Duration::from_secs(30));
        let health = report.health;
        assert!(report.is_complete);
        assert_eq!(health.emitted, health.delivered + health.queue_full);
        assert!(health.ring_full > 0, "{health:?}");
        assert_eq!(health.emitted + health.ring_full, 200_000, "a call is an event or a counted drop: {health:?}");
    }
}
