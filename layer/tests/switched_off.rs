//! One switch turns everything off: nothing is recorded, nothing is opened, no thread is started, and nobody else
//! notices. Each case in a process of its own.

#![expect(clippy::unwrap_used, reason = "in a test a panic is how a failure is told")]

mod outside;
mod route;
mod seen;
#[path = "it/tree.rs"]
mod tree;

use std::panic::catch_unwind;
use std::time::Duration;

use route::{route, wait_for};
use seen::{Kept, Names, over_some_ticks};
use tense::__private::Route;
use tense::traced;
use tense_layer::{Builder, builder, health};
use tracing::Level;
use tracing_subscriber::prelude::*;
use tracing_subscriber::{EnvFilter, Registry, registry};

#[traced(operation.cards.charged, fields(amount))]
fn charge(amount: u32) -> Result<u32, std::fmt::Error> {
    let _foreign = tracing::info_span!("select").entered();
    tense::event!(operation.cards.counted, n = amount);
    tense::log!(info, "charging");
    assert_ne!(amount, 13, "no luck");
    if amount == 0 { Err(std::fmt::Error) } else { Ok(amount * 2) }
}

#[traced(operation.cards.refunded)]
async fn refund(amount: u32) -> u32 {
    std::future::ready(()).await;
    charge(amount).unwrap_or(7)
}

/// What the host gets, which is what it gets without us.
fn results_are_the_hosts() {
    assert_eq!((charge(4), charge(0)), (Ok(8), Err(std::fmt::Error)));
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    assert_eq!(runtime.block_on(refund(0)), 7);
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| ()));
    let panicked = catch_unwind(|| charge(13)).unwrap_err();
    std::panic::set_hook(hook);
    assert!(panicked.downcast_ref::<String>().unwrap().contains("no luck"));
}

/// The threads of this process, where the system tells.
fn threads() -> Option<usize> {
    Some(std::fs::read_dir("/proc/self/task").ok()?.count())
}

fn nothing_happens(by: &str) {
    let health = health();
    assert_eq!((health.emitted, health.offered, health.open_spans, health.sinks.len()), (0, 0, 0, 0), "{health:?}");
    assert!(health.switched_off);
    let told = format!("{by} switches recording off: nothing is recorded, and nothing is opened");
    assert_eq!(health.settings, [told]);
    let report = tense_layer::flush(Duration::from_secs(1));
    assert!(report.is_complete && report.loss().is_none(), "{report:?}");
    assert!(tense_layer::shutdown(Duration::from_secs(1)).is_complete);
}

fn is_off_by(case: &str, variables: &[(&str, &str)], by: &str, make: impl FnOnce() -> Builder) {
    let left = outside::with(case, variables, &[], || {
        let before = threads();
        let guard = make().init().unwrap();
        assert!(!tracing::dispatcher::has_been_set(), "a subscriber that nobody needs");
        results_are_the_hosts();
        assert_eq!(route(), Route::Off);
        tense_layer::set_max_level(Level::TRACE);
        tense_layer::forked();
        assert_eq!(route(), Route::Off);
        nothing_happens(by);
        drop(guard);
        assert_eq!(threads(), before);
        // Whoever wants the global subscriber can have it.
        let names = Names::default();
        registry().with(names.clone()).init();
        results_are_the_hosts();
        assert!(names.take().contains(&"operation.cards.charged"));
    });
    assert_eq!(left, [""; 0], "files that nobody needs");
}

#[test]
fn the_switch_has_many_words() {
    for word in ["false", "FALSE", "0", "off", "No"] {
        // In the process that is switched off, the word that did it.
        let said = std::env::var("TENSE_ENABLED").unwrap_or(word.to_owned());
        let by = format!("`TENSE_ENABLED={said}` in the environment");
        is_off_by("the_switch_has_many_words", &[("TENSE_ENABLED", word)], &by, builder);
    }
}

#[test]
fn the_switch_of_opentelemetry_is_one_too() {
    let (case, variables) = ("the_switch_of_opentelemetry_is_one_too", [("OTEL_SDK_DISABLED", "true")]);
    is_off_by(case, &variables, "`OTEL_SDK_DISABLED=true` in the environment", || builder().database("trace.db"));
}

#[test]
fn code_can_switch_off() {
    is_off_by("code_can_switch_off", &[], "`enabled(false)` in the code", || {
        builder().enabled(false).sink(Kept::default()).real_spans(true)
    });
}

#[test]
fn a_file_can_switch_off() {
    use tense::registry::{Registry, Setting};
    static REGISTRY: Registry = Registry::new().settings(&[Setting::new("recording.enabled", "false")]);
    let by = "`enabled = false` under `[recording]` in the file";
    is_off_by("a_file_can_switch_off", &[], by, || builder().registry(&REGISTRY));
}

#[test]
fn the_environment_switches_on_what_code_has_switched_off() {
    let case = "the_environment_switches_on_what_code_has_switched_off";
    outside::with(case, &[("TENSE_ENABLED", "1")], &[], || {
        let kept = Kept::default();
        let _guard = builder().enabled(false).sink(kept.clone()).init().unwrap();
        charge(1).unwrap();
        assert!(kept.tree().starts_with("operation.cards.charged amount=1\n"));
        wait_for(Route::Direct);
        assert!(!health().switched_off);
    });
}

/// A layer that is off, alone in the subscriber: calls cost what they cost without one.
fn is_off_as(case: &str, subscriber: impl FnOnce(Builder) -> tracing::Dispatch) {
    let left = outside::with(case, &[("TENSE_ENABLED", "0")], &[], || {
        let before = threads();
        tracing::dispatcher::set_global_default(subscriber(builder().database("trace.db"))).unwrap();
        over_some_ticks(|| {
            results_are_the_hosts();
            assert_eq!(route(), Route::Off);
        });
        nothing_happens("`TENSE_ENABLED=0` in the environment");
        assert_eq!(threads(), before);
    });
    assert_eq!(left, [""; 0]);
}

#[test]
fn a_layer_that_is_off_leaves_calls_off() {
    is_off_as("a_layer_that_is_off_leaves_calls_off", |builder| registry().with(builder.layer()).into());
}

#[test]
fn so_does_one_of_real_spans() {
    is_off_as("so_does_one_of_real_spans", |builder| registry().with(builder.real_spans(true).layer()).into());
}

#[test]
fn so_does_one_with_a_filter() {
    is_off_as("so_does_one_with_a_filter", |builder| {
        registry().with(builder.filter(EnvFilter::new("trace,[operation.cards.charged]=trace")).layer()).into()
    });
}

/// The spans that another layer sees of a piece of work.
const SEEN: [&str; 2] = ["operation.cards.charged", "select"];

/// Layers of others, in front and behind, see what they see without ours.
fn others_are_served(case: &str, subscriber: impl FnOnce(Builder, Names, Names) -> tracing::Dispatch) {
    let left = outside::with(case, &[("TENSE_ENABLED", "off")], &[], || {
        let (one, other) = (Names::default(), Names::default());
        let subscriber = subscriber(builder().real_spans(true), one.clone(), other.clone());
        tracing::dispatcher::set_global_default(subscriber).unwrap();
        over_some_ticks(|| {
            charge(1).unwrap();
            // What is wanted at INFO is wanted of both; a filtered one sees its part.
            assert_eq!(one.take(), SEEN);
            assert!(other.take().iter().all(|name| SEEN.contains(name)));
        });
        results_are_the_hosts();
        nothing_happens("`TENSE_ENABLED=off` in the environment");
    });
    assert_eq!(left, [""; 0]);
}

#[test]
fn layers_of_others_are_served_in_any_order() {
    others_are_served("layers_of_others_are_served_in_any_order", |builder, one, other| {
        registry().with(one).with(builder.layer()).with(other).into()
    });
}

#[test]
fn layers_of_others_with_filters_are_served() {
    others_are_served("layers_of_others_with_filters_are_served", |builder, one, other| {
        let filter = EnvFilter::new("info");
        let none = tracing_subscriber::filter::LevelFilter::OFF;
        registry().with(builder.layer()).with(one.with_filter(filter)).with(other.with_filter(none)).into()
    });
}

#[test]
fn a_layer_that_is_on_records_beside_one_that_is_off() {
    outside::with("a_layer_that_is_on_records_beside_one_that_is_off", &[], &[], || {
        let kept = Kept::default();
        let off = builder().enabled(false).layer::<Registry>();
        registry().with(off).with(builder().sink(kept.clone()).layer()).init();
        over_some_ticks(|| {
            charge(1).unwrap();
            let tree = kept.tree();
            assert!(
                tree.starts_with("operation.cards.charged amount=1\n  foreign.switched_off name=\"select\"\n"),
                "{tree}"
            );
        });
        assert!(health().switched_off, "one of them is");
    });
}
