//! Settings from outside: variables of the environment, and the file that one of them names. Each case in a process of
//! its own, whose health tells what made no sense.

#![expect(clippy::unwrap_used, reason = "in a test a panic is how a failure is told")]

#[path = "kept/mod.rs"]
mod kept;
mod outside;
#[path = "it/tree.rs"]
mod tree;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use kept::Kept;
use tense::registry::{Redact, Registry, Setting};
use tense::traced;
use tense_event::CleanEvent;
use tense_layer::{Delivery, Sink, SinkError, builder, health};
use tracing::Level;

#[traced(operation.cards.charged)]
fn charge() {
    detail("to pat@example.com, pin=4711");
}

#[traced(operation.cards.detailed, level = "debug", fields(note))]
fn detail(note: &str) {
    let _ = note;
}

const ABOVE: &str = "operation.cards.charged\n";

/// What is recorded of a piece of work.
fn recorded(kept: &Kept) -> String {
    charge();
    assert!(tense_layer::flush(Duration::from_secs(10)).is_complete);
    tree::tree(&std::mem::take(&mut *kept.0.lock().unwrap()))
}

#[test]
fn the_database_is_where_the_environment_says() {
    let left = outside::with(
        "the_database_is_where_the_environment_says",
        &[("TENSE_DB", "outside.db"), ("TENSE_ENABLED", "")],
        &[],
        || {
            let _guard = builder().database("inside.db").init().unwrap();
            charge();
            assert_eq!(health().settings, [""; 0]);
        },
    );
    assert!(left.contains(&"outside.db".to_owned()) && !left.contains(&"inside.db".to_owned()), "{left:?}");
}

#[test]
fn a_database_is_named_from_outside_only_where_there_is_one() {
    let case = "a_database_is_named_from_outside_only_where_there_is_one";
    let left = outside::with(case, &[("TENSE_DB", "outside.db")], &[], || {
        let kept = Kept::default();
        let _guard = builder().sink(kept.clone()).init().unwrap();
        assert_eq!(recorded(&kept), ABOVE);
    });
    assert_eq!(left, [""; 0]);
}

#[test]
fn level_and_service_are_the_environments() {
    let variables = [("TENSE_LEVEL", "debug"), ("OTEL_RESOURCE_ATTRIBUTES", "host.name=a,service.name=check%20out")];
    outside::with("level_and_service_are_the_environments", &variables, &[], || {
        let kept = Kept::default();
        let _guard = builder().max_level(Level::WARN).service("inside").sink(kept.clone()).init().unwrap();
        charge();
        tense_layer::flush(Duration::from_secs(10));
        let events = std::mem::take(&mut *kept.0.lock().unwrap());
        assert_eq!(events.len(), 2);
        assert!(events.iter().all(|event| event.service == "check out"), "{events:?}");
    });
}

#[test]
fn the_sampler_of_the_environment_is_gone_by() {
    let variables = [("OTEL_TRACES_SAMPLER", "always_off")];
    outside::with("the_sampler_of_the_environment_is_gone_by", &variables, &[], || {
        let kept = Kept::default();
        let _guard = builder().sampling(tense_layer::Sampling::all()).sink(kept.clone()).init().unwrap();
        (0..10).for_each(|_| charge());
        assert!(tense_layer::flush(Duration::from_secs(10)).is_complete);
        assert_eq!((kept.0.lock().unwrap().len(), health().sampled_out), (0, 10));
    });
}

#[test]
fn limits_of_the_environment_are_gone_by() {
    outside::with("limits_of_the_environment_are_gone_by", &[("TENSE_LIMITS_EVENTS_PER_SPAN", "2")], &[], || {
        let kept = Kept::default();
        let limits = tense_layer::Limits::new().events_per_span(1000);
        let _guard = builder().limits(limits).sink(kept.clone()).init().unwrap();
        tense::span!(operation.cards.counted, || (0..10).for_each(|n| tracing::info!("line {n}")));
        assert!(tense_layer::flush(Duration::from_secs(10)).is_complete);
        assert_eq!((kept.0.lock().unwrap().len(), health().limited), (3, 8));
    });
}

#[test]
fn what_a_test_captures_goes_by_code_alone() {
    let variables =
        [("TENSE_ENABLED", "0"), ("TENSE_SAMPLE", "0"), ("TENSE_LEVEL", "off"), ("TENSE_SERVICE", "outside")];
    outside::with("what_a_test_captures_goes_by_code_alone", &variables, &[], || {
        let capture = tense_layer::testing::capture_with(builder().registry(&COMPILED));
        charge();
        let events = capture.events();
        assert_eq!(events.len(), 2);
        assert!(events.iter().all(|event| event.service == "test"), "{events:?}");
        assert_eq!(health().settings, [""; 0]);
    });
}

/// Takes no event until it is let.
struct Stuck(Arc<Mutex<()>>);

impl Sink for Stuck {
    fn deliver(&mut self, _: &[CleanEvent]) -> Result<(), SinkError> {
        drop(self.0.lock().unwrap());
        Ok(())
    }
}

#[test]
fn a_queue_is_as_long_as_the_environment_says_also_that_of_a_single_sink() {
    let case = "a_queue_is_as_long_as_the_environment_says_also_that_of_a_single_sink";
    outside::with(case, &[("TENSE_DELIVERY_QUEUE_EVENTS", "3")], &[], || {
        let gate = Arc::new(Mutex::new(()));
        let own = Delivery::new().name("own").queue_events(1000);
        let settings = builder().delivery(Delivery::new().name("all").queue_events(2000));
        let _guard = settings.sink(Stuck(Arc::clone(&gate))).sink_with(Stuck(Arc::clone(&gate)), own).init().unwrap();
        let closed = gate.lock().unwrap();
        (0..100).for_each(|_| charge());
        let report = tense_layer::flush(Duration::from_millis(500));
        let waits: Vec<_> = report.health.sinks.iter().map(|sink| (sink.name.as_str(), sink.queue_full > 0)).collect();
        assert_eq!(waits, [("all", true), ("own", true)], "{report:?}");
        drop(closed);
    });
}

#[test]
fn what_makes_no_sense_is_told_and_prints_nothing() {
    let variables = [
        ("TENSE_ENABLED", "perhaps"),
        ("TENSE_LEVEL", "verbose"),
        ("TENSE_SAMPLE", "password=hunter2"),
        ("TENSE_MAX_EVENTS_PER_SECOND", "-1"),
        ("TENSE_DELIVERY_TIMEOUT", "10"),
        ("TENSE_SAMPEL", "0.1"),
        ("OTEL_SDK_DISABLED", "1"),
        ("OTEL_TRACES_SAMPLER", "parentbased_jaeger_remote"),
    ];
    outside::with("what_makes_no_sense_is_told_and_prints_nothing", &variables, &[], || {
        let kept = Kept::default();
        let _guard =
            builder().sink(kept.clone()).delivery(Delivery::new().timeout(Duration::from_secs(3))).init().unwrap();
        assert_eq!(recorded(&kept), ABOVE, "as if nothing had been said");
        let health = health();
        let expected = [
            "`OTEL_SDK_DISABLED`: only `true` switches off, and `1` is not; it is left aside, and `recording.enabled` is true",
            "`OTEL_TRACES_SAMPLER`: `parentbased_jaeger_remote` asks a service which events to keep, and that is not done \
             here; it is left aside, and `sampling.ratio` is 1",
            "`TENSE_ENABLED`: `perhaps` is not `true` or `false`; it is left aside, and `recording.enabled` is true",
            "`TENSE_LEVEL`: `verbose` is none of `off`, `error`, `warn`, `info`, `debug`, `trace`; it is left aside, and \
             `recording.level` is info",
            "`TENSE_SAMPLE`: `password=[REDACTED]` is not a number from 0 to 1, such as `0.1`; it is left aside, and \
             `sampling.ratio` is 1",
            "`TENSE_MAX_EVENTS_PER_SECOND`: `-1` is not a whole number from 1 to 1000000000; it is left aside, and \
             `sampling.max_events_per_second` is no ceiling",
            "`TENSE_DELIVERY_TIMEOUT`: `10` is not a whole number and a unit, from 1ms to 24h, such as `500ms`, `10s`, \
             `2m` or `1h`; it is left aside, and `delivery.timeout` is 3s",
            "`TENSE_SAMPEL` is no setting: did you mean `TENSE_SAMPLE`? It is left aside",
        ];
        assert_eq!(health.settings, expected);
        assert!(!health.switched_off);
        // Another layer finds the same, and it is told once.
        drop(builder().sink(Kept::default()).layer::<tracing_subscriber::Registry>());
        assert_eq!(tense_layer::health().settings.len(), expected.len() + 1, "the time-out is another one there");
    });
}

#[test]
#[cfg(unix)]
fn what_is_no_text_is_told() {
    use std::os::unix::ffi::OsStrExt;
    let bytes = std::ffi::OsStr::from_bytes(b"0.\xff");
    // Variables that are no texts are given by whoever starts the process, which is this one.
    if std::env::var_os("TENSE_TEST_BYTES").is_none() {
        let me = std::env::current_exe().unwrap();
        let mut command = std::process::Command::new(me);
        command.args(["--exact", "what_is_no_text_is_told"]).env("TENSE_TEST_BYTES", "1").env("TENSE_SAMPLE", bytes);
        let out = command.output().unwrap();
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stdout));
        return;
    }
    let _guard = builder().sink(Kept::default()).init().unwrap();
    assert_eq!(
        health().settings,
        ["`TENSE_SAMPLE` is not a text in UTF-8; it is left aside, and `sampling.ratio` is 1"]
    );
}

static COMPILED: Registry = Registry::new()
    .settings(&[Setting::new("recording.level", "debug"), Setting::new("delivery.failures", "7")])
    .redact(Redact::new().keys(&["pin"]));

const BELOW: &str = "operation.cards.charged\n  operation.cards.detailed note=\"to [REDACTED], pin=[REDACTED]\"\n";

/// What is recorded, and what is told, of a program whose registry was compiled in as above.
fn with_file(case: &str, config: &str, files: &[(&str, &str)], expected: &str, told: &[&str]) {
    outside::with(case, &[("TENSE_CONFIG", config)], files, || {
        let kept = Kept::default();
        let _guard = builder().registry(&COMPILED).sink(kept.clone()).init().unwrap();
        assert_eq!(recorded(&kept), expected);
        assert_eq!(health().settings, told);
    });
}

#[test]
fn what_was_compiled_in_holds() {
    with_file("what_was_compiled_in_holds", "", &[], BELOW, &[]);
}

#[test]
fn a_file_replaces_settings_as_a_whole() {
    let file = "version = 1\n[delivery]\nfailures = 3\n";
    with_file("a_file_replaces_settings_as_a_whole", "ops.toml", &[("ops.toml", file)], ABOVE, &[]);
}

#[test]
fn a_file_weakens_neither_names_nor_redaction() {
    let file = "version = 1\nclosed = 7\n[recording]\nlevel = \"trace\"\n\
        [redact]\noff = [\"email\", \"keys\"]\n[events.\"operation.x.write\"]\n";
    with_file("a_file_weakens_neither_names_nor_redaction", "ops.toml", &[("ops.toml", file)], BELOW, &[]);
}

#[test]
fn of_a_file_with_mistakes_the_rest_holds() {
    let file =
        "version = 1\n[recording]\nlevel = \"debug\"\nring_bites = \"1MiB\"\n[delivery]\nfailures = 0\n[smapling]\n";
    let told = [
        "`TENSE_CONFIG`: ops.toml: line 4, column 1: `ring_bites` is not a key of [recording]: did you mean `ring_bytes`? \
         [file/key]; it is left aside",
        "`TENSE_CONFIG`: ops.toml: line 6, column 12: `failures`: `0` is not a whole number from 1 to 1000000 \
         [file/setting]; it is left aside",
        "`TENSE_CONFIG`: ops.toml: line 7, column 2: `smapling` is not a key of tense.toml: did you mean `sampling`? \
         [file/key]; it is left aside",
    ];
    with_file("of_a_file_with_mistakes_the_rest_holds", "ops.toml", &[("ops.toml", file)], BELOW, &told);
}

#[test]
fn a_file_that_cannot_be_read_replaces_nothing() {
    let told = ["`TENSE_CONFIG`: none.toml cannot be read: No such file or directory (os error 2); what was compiled \
                 in holds"];
    with_file("a_file_that_cannot_be_read_replaces_nothing", "none.toml", &[], BELOW, &told);
}

#[test]
fn a_file_of_another_kind_replaces_nothing() {
    let told = ["`TENSE_CONFIG`: ops.toml: line 1, column 11: this is not a version that can be read here: write \
                 `version = 1` [file/version]; what was compiled in holds"];
    let file = "version = 2\n[recording]\nlevel = \"off\"\n";
    with_file("a_file_of_another_kind_replaces_nothing", "ops.toml", &[("ops.toml", file)], BELOW, &told);
}

#[test]
fn a_file_that_is_no_toml_replaces_nothing() {
    outside::with(
        "a_file_that_is_no_toml_replaces_nothing",
        &[("TENSE_CONFIG", "ops.toml")],
        &[("ops.toml", "[recording\nlevel = \"off\"")],
        || {
            let kept = Kept::default();
            let _guard = builder().registry(&COMPILED).sink(kept.clone()).init().unwrap();
            assert_eq!(recorded(&kept), BELOW);
            let told = health().settings;
            assert!(told.len() == 1 && told[0].starts_with("`TENSE_CONFIG`: ops.toml: line 1, "), "{told:?}");
            assert!(told[0].ends_with("[file/syntax]; what was compiled in holds"), "{told:?}");
        },
    );
}
