//! Filters, ours and those of others, in every place where a program may put one: what is recorded, and which way our
//! calls take. docs/filters.md says the same in words. Each case in a process of its own.

#![expect(clippy::unwrap_used, reason = "in a test a panic is how a failure is told")]

#[macro_use]
mod alone;
mod seen;
mod route;
#[path = "it/tree.rs"]
mod tree;

use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::thread;

use route::{route, wait_for};
use seen::{Kept, Names, over_some_ticks};
use tense::__private::Route;
use tense::traced;
use tense_layer::{Targets, builder, set_max_level};
use tracing::Level;
use tracing_subscriber::filter::{LevelFilter, dynamic_filter_fn, filter_fn};
use tracing_subscriber::layer::Layer;
use tracing_subscriber::prelude::*;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::{EnvFilter, Registry, registry, reload};

#[traced(operation.work.done)]
fn work() {
    let _foreign = tracing::info_span!(target: "store", "select").entered();
    detail();
    tracing::debug!("inside");
}

#[traced(operation.work.detailed, level = "debug")]
fn detail() {}

const INFO: &str = "operation.work.done\n  foreign.store name=\"select\"\n";
const DEBUG: &str = "operation.work.done\n\
    \x20 foreign.store name=\"select\"\n\
    \x20   operation.work.detailed\n\
    \x20   log.debug message=\"inside\"\n";
/// Without what is of the target `store`.
const OURS: &str = "operation.work.done\n  operation.work.detailed\n  log.debug message=\"inside\"\n";
/// Only what is.
const STORE: &str = "foreign.store name=\"select\"\n";

fn shows(kept: &Kept, expected: &str) {
    work();
    assert_eq!(kept.tree(), expected);
}

/// The same before and after the drainer has found the layer in the global default, with that way for our calls at
/// last.
fn settles(kept: &Kept, expected: &str, way: Route) {
    shows(kept, expected);
    if way == Route::Direct {
        wait_for(way);
        shows(kept, expected);
    } else {
        over_some_ticks(|| shows(kept, expected));
        assert_eq!(route(), way);
    }
}

/// What a log has written.
#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Written {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Written {
    fn take(&self) -> String {
        String::from_utf8(std::mem::take(&mut *self.0.lock().unwrap())).unwrap()
    }
}

/// Off and on again, on the direct way.
fn changes_its_level(kept: &Kept) {
    for (level, tree) in [(LevelFilter::DEBUG, DEBUG), (LevelFilter::INFO, INFO), (LevelFilter::TRACE, DEBUG)] {
        set_max_level(level);
        shows(kept, tree);
        assert_eq!(route(), Route::Direct);
    }
    set_max_level(LevelFilter::WARN);
    shows(kept, "");
    assert_eq!(route(), Route::Off);
    set_max_level(LevelFilter::INFO);
    shows(kept, INFO);
    assert_eq!(route(), Route::Direct);
}

cases! {
    fn a_filter_of_ours_leaves_the_direct_way_open() {
        let kept = Kept::default();
        let _guard = builder().sink(kept.clone()).filter(EnvFilter::new("debug,store=off")).init().unwrap();
        assert_eq!(route(), Route::Direct);
        shows(&kept, OURS);
    }

    fn a_filter_of_ours_that_refuses_turns_call_sites_off() {
        let kept = Kept::default();
        let _guard = builder().sink(kept.clone()).filter("store=info".parse::<Targets>().unwrap()).init().unwrap();
        assert_eq!(route(), Route::Off);
        shows(&kept, STORE);
    }

    fn a_filter_of_ours_in_a_registry() {
        let kept = Kept::default();
        registry().with(builder().sink(kept.clone()).filter(LevelFilter::DEBUG).layer()).init();
        settles(&kept, DEBUG, Route::Direct);
    }

    /// A level beside a filter: both have to let it pass.
    fn a_level_beside_a_filter_narrows_it() {
        let kept = Kept::default();
        let _guard = builder().sink(kept.clone()).filter(EnvFilter::new("debug")).max_level(Level::INFO).init().unwrap();
        shows(&kept, INFO);
        set_max_level(Level::TRACE);
        shows(&kept, DEBUG);
    }

    fn a_filter_of_ours_can_be_reloaded() {
        let kept = Kept::default();
        let (filter, handle) = reload::Layer::<_, Registry>::new(EnvFilter::new("info"));
        let _guard = builder().sink(kept.clone()).filter(filter).init().unwrap();
        shows(&kept, INFO);
        handle.reload(EnvFilter::new("debug")).unwrap();
        shows(&kept, DEBUG);
        assert_eq!(route(), Route::Direct);
        handle.reload(EnvFilter::new("off")).unwrap();
        shows(&kept, "");
        assert_eq!(route(), Route::Off);
        handle.reload(EnvFilter::new("info")).unwrap();
        shows(&kept, INFO);
        assert_eq!(route(), Route::Direct);
    }

    /// One that says neither yes nor no beforehand is asked at each call, and for that the call is a real span.
    fn a_filter_of_ours_that_is_undecided_is_asked_at_each_call() {
        static WANTED: AtomicBool = AtomicBool::new(true);
        let kept = Kept::default();
        let undecided = dynamic_filter_fn(|metadata, _| WANTED.load(SeqCst) || metadata.target() == "store");
        let _guard = builder().sink(kept.clone()).filter(undecided).max_level(Level::INFO).init().unwrap();
        shows(&kept, INFO);
        WANTED.store(false, SeqCst);
        shows(&kept, STORE);
        assert_eq!(route(), Route::Slow);
    }

    /// `[span]=level` of `EnvFilter` with a span of another crate. It makes all other call sites undecided, ours among
    /// them.
    fn a_directive_about_a_foreign_span_is_followed() {
        let kept = Kept::default();
        let _guard = builder().sink(kept.clone()).filter(EnvFilter::new("info,[select]=debug")).init().unwrap();
        shows(&kept, DEBUG);
        detail();
        assert_eq!(kept.tree(), "", "outside of that span");
    }

    /// The same with a span of ours, which the filter only sees where it is a real one.
    fn a_directive_about_a_span_of_ours_needs_real_spans() {
        let kept = Kept::default();
        let filter = EnvFilter::new("info,[operation.work.done]=debug");
        let _guard = builder().sink(kept.clone()).filter(filter).real_spans(true).init().unwrap();
        shows(&kept, DEBUG);
        detail();
        assert_eq!(kept.tree(), "", "outside of that span");
    }

    fn the_level_can_be_changed_while_the_program_runs() {
        let kept = Kept::default();
        let _guard = builder().sink(kept.clone()).init().unwrap();
        changes_its_level(&kept);
    }

    fn the_level_of_a_layer_in_a_registry_can_be_changed() {
        let kept = Kept::default();
        registry().with(builder().sink(kept.clone()).layer()).init();
        shows(&kept, INFO);
        wait_for(Route::Direct);
        changes_its_level(&kept);
    }

    fn the_level_of_a_layer_beside_another_one_can_be_changed() {
        let kept = Kept::default();
        registry().with(builder().sink(kept.clone()).layer()).with(Names::default()).init();
        for (level, tree) in [(Level::DEBUG, DEBUG), (Level::INFO, INFO), (Level::DEBUG, DEBUG)] {
            set_max_level(level);
            shows(&kept, tree);
        }
        set_max_level(LevelFilter::OFF);
        shows(&kept, "");
    }

    fn a_level_that_is_set_on_a_thread_without_a_subscriber_reaches_a_scoped_layer() {
        let kept = Kept::default();
        let _scoped = tracing::subscriber::set_default(registry().with(builder().sink(kept.clone()).layer()));
        shows(&kept, INFO);
        thread::spawn(|| set_max_level(Level::DEBUG)).join().unwrap();
        shows(&kept, DEBUG);
    }

    fn a_capture_keeps_everything_whatever_the_level_is() {
        let capture = tense_layer::testing::capture();
        set_max_level(LevelFilter::OFF);
        detail();
        assert_eq!(capture.tree(), "operation.work.detailed");
    }

    /// `tracing` raises the highest level of all only after it has told the call sites that it does: one that finds out
    /// in between must not rest on the old one. Here it does so at just that moment, on another thread.
    fn a_level_that_is_being_raised_is_not_missed_by_a_call_in_between() {
        #[traced(operation.steps.started, level = "debug")]
        fn earlier() {}
        #[traced(operation.steps.stopped, level = "debug")]
        fn later() {}
        static ARMED: AtomicBool = AtomicBool::new(false);
        let kept = Kept::default();
        // Asked about `later` when `earlier` was told already, because it was met later.
        let between = filter_fn(|metadata| {
            if metadata.name() == "operation.steps.stopped" && ARMED.swap(false, SeqCst) {
                thread::spawn(earlier).join().unwrap();
            }
            false
        });
        let between = between.with_max_level_hint(LevelFilter::ERROR);
        registry().with(builder().sink(kept.clone()).layer()).with(Names::default().with_filter(between)).init();
        wait_for(Route::Direct);
        earlier();
        later();
        assert_eq!(kept.tree(), "");
        ARMED.store(true, SeqCst);
        set_max_level(Level::DEBUG);
        assert!(!ARMED.load(SeqCst), "nobody was asked in between");
        kept.tree();
        earlier();
        assert_eq!(kept.tree(), "operation.steps.started\n");
    }

    /// Threads call all the while: what is open when the level changes ends, and nothing is counted as lost.
    fn spans_that_are_open_when_the_level_changes_end() {
        let kept = Kept::default();
        let _guard = builder().sink(kept.clone()).init().unwrap();
        #[traced(operation.work.surrounded)]
        fn around(inside: impl FnOnce()) {
            let _foreign = tracing::info_span!(target: "store", "select").entered();
            inside();
        }
        around(|| set_max_level(LevelFilter::OFF));
        assert_eq!(kept.tree(), "operation.work.surrounded\n  foreign.store name=\"select\"\n");
        around(|| set_max_level(Level::DEBUG));
        assert_eq!(kept.tree(), "", "it had not begun to be recorded");
        let is_over = AtomicBool::new(false);
        thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    while !is_over.load(SeqCst) {
                        around(detail);
                        thread::yield_now();
                    }
                });
            }
            for level in [Level::INFO, Level::ERROR, Level::DEBUG, Level::TRACE].iter().cycle().take(200) {
                set_max_level(*level);
                if tense_layer::health().open_spans > 4 {
                    thread::yield_now();
                }
            }
            is_over.store(true, SeqCst);
        });
        kept.tree();
        assert_eq!(tense_layer::health().open_spans, 0);
        shows(&kept, DEBUG);
    }

    /// A filter of the whole subscriber, in front of everything, that has more to say than ours.
    fn a_global_env_filter_narrows_ours_and_means_real_spans() {
        let kept = Kept::default();
        registry().with(EnvFilter::new("info,store=off")).with(builder().sink(kept.clone()).layer()).init();
        settles(&kept, "operation.work.done\n", Route::Slow);
    }

    fn a_global_level_narrows_ours() {
        let kept = Kept::default();
        registry().with(LevelFilter::INFO).with(builder().sink(kept.clone()).max_level(Level::DEBUG).layer()).init();
        settles(&kept, INFO, Route::Slow);
    }

    /// A filter of ours does not widen what the whole subscriber refuses.
    fn a_filter_of_ours_behind_a_global_one_that_refuses() {
        let kept = Kept::default();
        registry().with(EnvFilter::new("warn")).with(builder().sink(kept.clone()).filter(EnvFilter::new("debug")).layer()).init();
        settles(&kept, "", Route::Off);
    }

    /// A filter that is put around our layer, instead of into it: the same events, and real spans.
    fn a_filter_around_our_layer_means_real_spans() {
        let kept = Kept::default();
        let layer = builder().sink(kept.clone()).max_level(Level::TRACE).layer().with_filter(EnvFilter::new("debug,store=off"));
        registry().with(layer).init();
        settles(&kept, OURS, Route::Slow);
    }

    /// fmt with a filter of its own, as most programs have it, in both orders.
    fn a_log_with_a_filter_that_refuses_our_spans_costs_nothing() {
        let kept = Kept::default();
        let log = tracing_subscriber::fmt::layer().with_writer(std::io::sink).with_filter(EnvFilter::new("warn"));
        registry().with(log).with(builder().sink(kept.clone()).layer()).init();
        settles(&kept, INFO, Route::Direct);
    }

    fn the_same_log_behind_our_layer() {
        let kept = Kept::default();
        let log = tracing_subscriber::fmt::layer().with_writer(std::io::sink).with_filter(EnvFilter::new("warn"));
        registry().with(builder().sink(kept.clone()).layer()).with(log).init();
        settles(&kept, INFO, Route::Direct);
    }

    /// Of our spans the log wants to know nothing, and of log lines and other spans it does.
    fn a_log_that_wants_all_but_our_spans_costs_nothing() {
        let kept = Kept::default();
        let log = tracing_subscriber::fmt::layer().with_writer(std::io::sink).with_filter(EnvFilter::new("debug,filters=off"));
        registry().with(builder().sink(kept.clone()).layer()).with(log).init();
        settles(&kept, INFO, Route::Direct);
    }

    fn a_log_that_wants_our_spans_has_real_ones() {
        let kept = Kept::default();
        let log = tracing_subscriber::fmt::layer().with_writer(std::io::sink).with_filter(LevelFilter::INFO);
        registry().with(log).with(builder().sink(kept.clone()).layer()).init();
        settles(&kept, INFO, Route::Slow);
    }

    fn the_same_log_behind_our_layer_has_real_ones() {
        let kept = Kept::default();
        let log = tracing_subscriber::fmt::layer().with_writer(std::io::sink).with_filter(LevelFilter::INFO);
        registry().with(builder().sink(kept.clone()).layer()).with(log).init();
        settles(&kept, INFO, Route::Slow);
    }

    /// What a log shows of ours: the name, and the fields that are known by then. What comes late is in `it/late.rs`.
    fn a_log_shows_our_spans_with_their_fields_in_either_order() {
        let (before, behind, kept) = (Written::default(), Written::default(), Kept::default());
        fn log<S>(written: &Written) -> impl Layer<S>
        where
            S: tracing::Subscriber + for<'a> LookupSpan<'a>,
        {
            let written = written.clone();
            tracing_subscriber::fmt::layer().without_time().with_ansi(false).with_writer(move || written.clone())
        }
        registry().with(log(&before)).with(builder().sink(kept.clone()).layer()).with(log(&behind)).init();
        #[traced(operation.cards.charged, fields(amount, card = %card, receipt = _))]
        fn charge(amount: u64, card: &str) {
            tracing::info!("inside");
            // Of two logs each appends it to the same text.
            tense::record!(receipt = 7);
        }
        charge(5, "c1");
        const LINE: &str = " INFO operation.cards.charged{amount=5 card=\"c1\"}: filters: inside\n";
        assert_eq!((before.take(), behind.take()), (LINE.to_owned(), LINE.to_owned()));
        assert_eq!(
            kept.tree(),
            "operation.cards.charged amount=5 card=\"c1\" receipt=7\n  log.info message=\"inside\"\n"
        );
    }

    /// The filter of another layer is reloaded: our calls go from the one way to the other and back.
    fn a_log_whose_filter_is_reloaded() {
        let (kept, names) = (Kept::default(), Names::default());
        let (filter, handle) = reload::Layer::new(EnvFilter::new("off"));
        registry().with(builder().sink(kept.clone()).layer()).with(names.clone().with_filter(filter)).init();
        settles(&kept, INFO, Route::Direct);
        assert_eq!(names.take(), [""; 0]);
        handle.reload(EnvFilter::new("info")).unwrap();
        shows(&kept, INFO);
        assert_eq!((names.take(), route()), (vec!["operation.work.done", "select"], Route::Slow));
        handle.reload(EnvFilter::new("off")).unwrap();
        settles(&kept, INFO, Route::Direct);
        assert_eq!(names.take(), [""; 0]);
    }

    /// In `reload` our layer cannot be found in the subscriber, so its calls stay real spans.
    fn a_layer_of_ours_that_can_be_taken_away() {
        let kept = Kept::default();
        let (layer, handle) = reload::Layer::new(Some(builder().sink(kept.clone()).layer::<Registry>()));
        registry().with(layer).init();
        settles(&kept, INFO, Route::Slow);
        set_max_level(Level::DEBUG);
        shows(&kept, DEBUG);
        handle.modify(|layer| *layer = None).unwrap();
        shows(&kept, "");
    }

    fn layers_of_ours_in_a_vec_an_option_and_a_box() {
        let (one, two) = (Kept::default(), Kept::default());
        let boxed = |kept: &Kept| Some(builder().sink(kept.clone()).layer()).boxed();
        registry().with(vec![boxed(&one), boxed(&two)]).init();
        over_some_ticks(|| {
            work();
            assert_eq!((one.tree(), two.tree()), (INFO.to_owned(), INFO.to_owned()));
        });
    }

    fn a_layer_of_ours_in_a_vec() {
        let kept = Kept::default();
        registry().with(vec![builder().sink(kept.clone()).layer()]).init();
        settles(&kept, INFO, Route::Direct);
    }

    fn none_of_ours_is_nothing() {
        registry().with(None::<tense_layer::Layer<Registry>>).init();
        over_some_ticks(work);
        assert_eq!(tense_layer::health().emitted, 0);
    }

    /// `tracing` does not say when it has ended, and not even that it was there to whoever looks afterwards.
    fn the_direct_way_comes_back_after_a_scoped_default_of_others() {
        let (kept, names) = (Kept::default(), Names::default());
        let _guard = builder().sink(kept.clone()).init().unwrap();
        shows(&kept, INFO);
        {
            let _scoped = tracing::subscriber::set_default(registry().with(names.clone()));
            shows(&kept, "");
            assert_eq!((names.take().len(), route()), (3, Route::Slow));
            thread::spawn(work).join().unwrap();
            assert_eq!((kept.tree().as_str(), names.take()), (INFO, vec![]), "another thread's calls are not its");
        }
        shows(&kept, INFO);
        wait_for(Route::Direct);
        shows(&kept, INFO);
    }

    fn the_direct_way_comes_back_after_a_scoped_default_that_moved_with_a_task() {
        use tracing::instrument::WithSubscriber;
        let (kept, names) = (Kept::default(), Names::default());
        registry().with(builder().sink(kept.clone()).layer()).init();
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
        let task = async { work() }.with_subscriber(registry().with(names.clone()));
        runtime.block_on(async { tokio::spawn(task).await.unwrap() });
        assert_eq!(names.take().len(), 3);
        settles(&kept, INFO, Route::Direct);
    }

    /// The subscriber was set by somebody else; the error says what to do, and no file is made for nobody.
    fn a_program_whose_subscriber_is_set_already_is_told_what_to_do() {
        registry().init();
        let path = std::env::temp_dir().join(format!("tense-{}.db", std::process::id()));
        let error = builder().database(&path).init().unwrap_err();
        let said = error.to_string();
        assert!(said.contains("`.with(tense_layer::layer())`") && said.contains("tense_layer::guard()"), "{said}");
        assert!(!path.exists());
        work();
        assert_eq!(tense_layer::health().emitted, 0);
    }

    /// Call sites that were built with another version of the runtime, as it would have made them.
    fn another_version_of_ours_is_a_crate_like_any_other() {
        let kept = Kept::default();
        let _guard = builder().sink(kept.clone()).init().unwrap();
        work();
        kept.tree();
        assert!(!tense_layer::health().other_versions);
        tracing::info_span!(target: "dependency", "operation.cards.charged", id = 7, "__tense_9_1" = tracing::field::Empty).in_scope(|| {
            tracing::event!(name: "operation.cards.noticed", target: "dependency", Level::INFO, { "__tense_9_1" = tracing::field::Empty });
            detail();
            tracing::info!("inside");
        });
        assert_eq!(
            kept.tree(),
            "foreign.dependency name=\"operation.cards.charged\"\n  log.info message=\"inside\"\n"
        );
        assert!(tense_layer::health().other_versions);
        assert_eq!(route(), Route::Direct);
    }
}
