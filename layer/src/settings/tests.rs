//! Who goes before whom, for every setting there is; what variables mean; and that each mistake is told.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::time::Duration;

use tense::registry::Setting;
use tense_grammar::{SETTINGS, SettingKind};
use tracing_core::Level;

use super::*;
use crate::delivery::{WhenFull, WhileResting};

/// Three values that are not the one that holds unless set, and not each other.
fn values(spec: &SettingSpec) -> [&'static str; 3] {
    match (&spec.kind, spec.unless_set) {
        // There are two; what is said last is what differs.
        (SettingKind::Switch, "true") => ["false", "false", "false"],
        (SettingKind::Switch, _) => ["true", "true", "true"],
        (SettingKind::Word(words), unless_set) => {
            let mut others = words.iter().filter(|word| **word != unless_set);
            let first = others.next().unwrap();
            [first, others.next().unwrap_or(first), others.next().unwrap_or(first)]
        }
        (SettingKind::Count { .. } | SettingKind::Bytes { .. }, _) => ["131072", "262143", "524289"],
        (SettingKind::Share, "0.1") => ["0.2", "0.3", "0.4"],
        (SettingKind::Share, _) => ["0.1", "0.2", "0.3"],
        (SettingKind::Time { .. }, _) => ["7ms", "8s", "9m"],
        (SettingKind::Text, _) => ["one", "two", "three"],
        (SettingKind::SharesOfEvents, _) => ["sql.*=0.1", "sql.*=0.2", "sql.*=0.3"],
        (SettingKind::SharesOf(_), _) => ["debug=0.1", "debug=0.2", "debug=0.3"],
        (kind, _) => panic!("no values for {kind:?}"),
    }
}

fn environment(variables: &[(&str, &str)]) -> Environment {
    Environment::of(variables.iter().map(|(name, value)| ((*name).to_owned(), OsString::from(value))))
}

fn registry(settings: Vec<Setting>) -> Registry {
    Registry::new().settings(settings.leak())
}

/// What holds, and what is told.
fn weighed(variables: &[(&str, &str)]) -> (Settings, Vec<String>) {
    let (settled, told) = weigh(Settings::default(), None, &environment(variables));
    (settled.settings, told.aside)
}

#[test]
fn environment_goes_before_code_and_code_before_file_and_file_before_default_for_every_setting() {
    for spec in SETTINGS {
        let [outside, inside, written] = values(spec);
        let name: &'static str = spec.to_string().leak();
        for sources in 0..8 {
            let says = |bit: u8| sources & bit != 0;
            let variables = [(spec.variable, outside)];
            let mut code = Settings::default();
            if says(2) {
                code.set(spec, &spec.read(inside).unwrap());
            }
            let file = registry(if says(1) { vec![Setting::new(name, written)] } else { Vec::new() });
            let environment = environment(if says(4) { &variables } else { &[] });
            let (mut settled, told) = weigh(code, Some(&file), &environment);
            let expected = match sources {
                4..8 => outside,
                2 | 3 => inside,
                1 => written,
                _ => spec.unless_set,
            };
            assert_eq!(settled.settings.shown(spec), expected, "{spec}, {sources:03b}");
            assert_eq!(told.aside, [""; 0]);
        }
    }
}

/// What holds two of a kind, such as a switch, cannot show by its value who said it; so each word is said by each.
#[test]
fn a_switch_is_thrown_by_whoever_goes_first() {
    for spec in SETTINGS.iter().filter(|spec| spec.kind == SettingKind::Switch) {
        let name: &'static str = spec.to_string().leak();
        for (outside, inside, written) in [("true", "false", "false"), ("", "true", "false"), ("", "false", "true")] {
            let mut code = Settings::default();
            code.set(spec, &spec.read(inside).unwrap());
            let file = registry(vec![Setting::new(name, written)]);
            let (mut settled, _) = weigh(code, Some(&file), &environment(&[(spec.variable, outside)]));
            let expected = if outside.is_empty() { inside } else { outside };
            assert_eq!(settled.settings.shown(spec), expected, "{spec}");
        }
    }
}

#[test]
fn shares_of_different_names_stand_side_by_side() {
    let sampling = Sampling::new().of("sql.*", 0.2).of("log.info", 0.4).of_level(Level::DEBUG, 0.5);
    let code = Settings { sampling, ..Settings::default() };
    let file = registry(vec![Setting::new("sampling.events", "sql.*=0.3,cache.*=0.6")]);
    let (mut settled, _) = weigh(code, Some(&file), &environment(&[("TENSE_SAMPLING_EVENTS", "sql.*=0.1")]));
    let shown = |settings: &mut Settings, name| settings.shown(SettingSpec::named(name).unwrap());
    assert_eq!(shown(&mut settled.settings, "sampling.events"), "cache.*=0.6,log.info=0.4,sql.*=0.1");
    assert_eq!(shown(&mut settled.settings, "sampling.levels"), "debug=0.5");
}

/// Numbers, times, shares and switches are constants of the list, wherever they hold. What cannot be, words and what
/// other crates begin with, is held against it here.
#[test]
fn what_the_list_says_of_defaults_is_what_holds() {
    let mut listed = Settings::default();
    for spec in SETTINGS {
        if let Ok(value) = spec.read(spec.unless_set) {
            listed.set(spec, &value);
        }
    }
    assert_eq!(listed.delivery.served(), Delivery::new().served());
    assert_eq!(listed.ring_bytes, Some(tense::__private::layer::RING_BYTES_UNLESS_SET));
    assert_eq!(listed.level, Some(crate::builder().level()));
    assert_eq!(listed.enabled, Some(!crate::builder().is_off()));
    assert_eq!(listed.watched.slow_from, Some(crate::watch::UNLESS_SET));
    assert_eq!(listed.sampling, Sampling::unless_said());
    // So that a new one is thought of: what holds of these is said in words, or follows from a constant.
    let others = |spec: &&SettingSpec| match spec.table {
        "recording" => !["ring_bytes", "level", "enabled"].contains(&spec.key),
        "delivery" | "sampling" => false,
        "watch" => spec.key != "slow_from",
        _ => true,
    };
    let others: Vec<String> = SETTINGS.iter().filter(others).map(ToString::to_string).collect();
    let of_limits =
        ["limits.events_per_span", "limits.children_per_span", "limits.fields_per_span", "limits.open_spans"];
    let of_watch = ["watch.failures", "watch.of_at_least", "watch.queue"];
    assert_eq!(others, [&["recording.service", "recording.database"][..], &of_limits, &of_watch].concat());
}

/// The method of each setting, called on a builder.
#[test]
fn every_setting_has_a_method() {
    let limits =
        Limits::new().events_per_span(131_072).children_per_span(131_072).open_spans(131_072).fields_per_span(131_072);
    let sampling = Sampling::ratio(0.1).of("sql.*", 0.1).of_level(Level::DEBUG, 0.1).parent_based(false);
    let sampling = sampling.keep_failures(false).keep_slow(false).keep_cancelled(true).max_events_per_second(131_072);
    let delivery = Delivery::new().queue_events(131_072).queue_bytes(131_072).when_full(WhenFull::DropOldest);
    let delivery = delivery.timeout(Duration::from_millis(7)).failures(131_072).rest(Duration::from_millis(7));
    let delivery = delivery.while_resting(WhileResting::Keep).print_rate(131_072).retry_for(Duration::from_millis(7));
    let builder = crate::builder().enabled(false).max_level(LevelFilter::OFF).service("one").ring_bytes(131_072);
    let watch = crate::Watch::new(|_: &crate::Alarm| ()).failures(0.2, 131_072).queue(131_072);
    let builder = builder.sampling(sampling).limits(limits).delivery(delivery);
    let builder = builder.watch(watch).slow_from(Duration::from_millis(7));
    #[cfg(feature = "sqlite")]
    let builder = builder.database("one");
    let mut said = builder.said();
    for spec in SETTINGS.iter().filter(|spec| cfg!(feature = "sqlite") || spec.key != "database") {
        assert_eq!(said.shown(spec), values(spec)[0], "{spec}");
    }
}

#[test]
fn a_level_and_a_switch_are_read_in_any_case() {
    for (text, expected) in [("FALSE", false), ("0", false), ("Off", false), ("no", false), ("True", true), ("1", true)]
    {
        assert_eq!(weighed(&[("TENSE_ENABLED", text)]).0.enabled, Some(expected), "{text}");
    }
    assert_eq!(weighed(&[("TENSE_LEVEL", "Debug")]).0.level, Some(LevelFilter::DEBUG));
}

#[test]
fn samplers_are_those_of_the_specification() {
    let table: [(&str, Option<&str>, f64, bool); 10] = [
        ("always_on", None, 1.0, false),
        ("always_off", None, 0.0, false),
        ("traceidratio", Some("0.25"), 0.25, false),
        ("traceidratio", None, 1.0, false),
        ("traceidratio", Some("many"), 1.0, false),
        ("parentbased_always_on", Some("0.5"), 1.0, true),
        ("parentbased_always_off", None, 0.0, true),
        ("parentbased_traceidratio", Some("0"), 0.0, true),
        ("parentbased_traceidratio", Some("-1"), 1.0, true),
        ("ParentBased_TraceIdRatio", Some(" 0.5 "), 0.5, true),
    ];
    for (sampler, argument, ratio, is_parent_based) in table {
        let variables = [("OTEL_TRACES_SAMPLER", sampler), ("OTEL_TRACES_SAMPLER_ARG", argument.unwrap_or(""))];
        let (settings, _) = weighed(&variables);
        let sampling = settings.sampling;
        assert_eq!((sampling.ratio, sampling.parent_based), (Some(ratio), Some(is_parent_based)), "{variables:?}");
    }
    for sampler in ["jaeger_remote", "parentbased_jaeger_remote", "xray", "sometimes", ""] {
        assert_eq!(weighed(&[("OTEL_TRACES_SAMPLER", sampler)]).0.sampling, Sampling::new(), "{sampler}");
    }
}

#[test]
fn our_variables_go_before_those_of_opentelemetry() {
    let (settings, told) = weighed(&[
        ("TENSE_ENABLED", "true"),
        ("OTEL_SDK_DISABLED", "true"),
        ("TENSE_SAMPLE", "0.5"),
        ("OTEL_TRACES_SAMPLER", "traceidratio"),
        ("OTEL_TRACES_SAMPLER_ARG", "0.1"),
        ("TENSE_SERVICE", "ours"),
        ("OTEL_SERVICE_NAME", "theirs"),
    ]);
    assert_eq!((settings.enabled, settings.service.as_deref()), (Some(true), Some("ours")));
    assert_eq!((settings.sampling.ratio, settings.sampling.parent_based), (Some(0.5), Some(false)));
    assert_eq!(told, [""; 0]);
}

#[test]
fn a_service_is_named_in_two_places() {
    let attributes = "host.name=a, service.name = check%20out ,x=1";
    let check = |variables: &[(&str, &str)], expected| {
        assert_eq!(weighed(variables).0.service.as_deref(), expected, "{variables:?}");
    };
    check(&[("OTEL_RESOURCE_ATTRIBUTES", attributes)], Some("check out"));
    check(&[("OTEL_RESOURCE_ATTRIBUTES", attributes), ("OTEL_SERVICE_NAME", "checkout")], Some("checkout"));
    check(&[("OTEL_RESOURCE_ATTRIBUTES", "host.name=a")], None);
    check(&[("OTEL_RESOURCE_ATTRIBUTES", "service.name=")], None);
    check(&[("OTEL_RESOURCE_ATTRIBUTES", "service.name")], None);
}

#[test]
fn only_true_disables_as_the_specification_has_it() {
    let check = |text, expected, mistakes| {
        let (settings, told) = weighed(&[("OTEL_SDK_DISABLED", text)]);
        assert_eq!((settings.enabled, told.len()), (expected, mistakes), "{text}: {told:?}");
    };
    check("true", Some(false), 0);
    check("TRUE", Some(false), 0);
    check("false", None, 0);
    check("", None, 0);
    check("1", None, 1);
}

/// What is told of a variable that makes no sense, with what holds instead.
#[test]
fn every_mistake_is_told_with_what_holds_instead() {
    let check =
        |variables: &[(&str, &str)], expected: &str| assert_eq!(weighed(variables).1, [expected], "{variables:?}");
    check(
        &[("TENSE_ENABLED", "perhaps")],
        "`TENSE_ENABLED`: `perhaps` is not `true` or `false`; it is left aside, and `recording.enabled` is true",
    );
    check(
        &[("TENSE_SAMPLE", "10%")],
        "`TENSE_SAMPLE`: `10%` is not a number from 0 to 1, such as `0.1`; it is left aside, and `sampling.ratio` is 1",
    );
    check(
        &[("TENSE_SAMPLE", "2"), ("OTEL_TRACES_SAMPLER", "always_off")],
        "`TENSE_SAMPLE`: `2` is not a number from 0 to 1, such as `0.1`; it is left aside, and `sampling.ratio` is 0",
    );
    check(&[("TENSE_SAMPEL", "0.5")], "`TENSE_SAMPEL` is no setting: did you mean `TENSE_SAMPLE`? It is left aside");
    check(
        &[("OTEL_TRACES_SAMPLER", "xray")],
        "`OTEL_TRACES_SAMPLER`: `xray` asks a service which events to keep, and that is not done here; it is left \
         aside, and `sampling.ratio` is 1",
    );
    check(
        &[("OTEL_TRACES_SAMPLER", "alway_on")],
        "`OTEL_TRACES_SAMPLER`: `alway_on` is no sampler: did you mean `always_on`? It is left aside, and \
         `sampling.ratio` is 1",
    );
    check(
        &[("OTEL_TRACES_SAMPLER", "traceidratio"), ("OTEL_TRACES_SAMPLER_ARG", "1.5")],
        "`OTEL_TRACES_SAMPLER_ARG`: `1.5` is not a number from 0 to 1, such as `0.1`; it is left aside, and \
         `sampling.ratio` is 1",
    );
    check(
        &[("OTEL_TRACES_SAMPLER_ARG", "0.1")],
        "`OTEL_TRACES_SAMPLER_ARG` says nothing without `OTEL_TRACES_SAMPLER=traceidratio`; it is left aside, and \
         `sampling.ratio` is 1",
    );
    check(
        &[("OTEL_SDK_DISABLED", "1")],
        "`OTEL_SDK_DISABLED`: only `true` switches off, and `1` is not; it is left aside, and `recording.enabled` is \
         true",
    );
    check(
        &[("OTEL_RESOURCE_ATTRIBUTES", "service.name=%zz")],
        "`OTEL_RESOURCE_ATTRIBUTES`: `service.name` is `%zz`, which is not encoded in percent; it is left aside, and \
         `recording.service` is the name of the executable",
    );
}

/// One of every setting, so that none is forgotten: a value of each kind that makes no sense.
#[test]
fn a_value_that_makes_no_sense_is_told_for_every_setting_and_changes_nothing() {
    // A path may be anything.
    let of_text = |spec: &&SettingSpec| spec.variable != "TENSE_DB";
    let bad = |spec: &SettingSpec| if spec.kind == SettingKind::Text { "a\nb" } else { "=nonsense=" };
    let variables: Vec<(&str, &str)> = SETTINGS.iter().filter(of_text).map(|spec| (spec.variable, bad(spec))).collect();
    let (settings, told) = weighed(&variables);
    assert_eq!(settings, Settings::default());
    let about: BTreeSet<&str> = told.iter().filter_map(|sentence| sentence.split('`').nth(1)).collect();
    assert_eq!(about, variables.iter().map(|(name, _)| *name).collect());
}

#[test]
fn a_registry_made_by_hand_is_read_with_care() {
    let file = registry(vec![
        Setting::new("delivery.timeout", "soon"),
        Setting::new("delivery.tiemout", "1s"),
        Setting::new("delivery.failures", "7"),
    ]);
    let (settled, told) = weigh(Settings::default(), Some(&file), &Environment::default());
    assert_eq!(settled.settings.delivery, Delivery::new().failures(7));
    assert_eq!(told.aside.len(), 2, "{:?}", told.aside);
}

#[test]
fn who_switched_it_off_is_told() {
    let file = registry(vec![Setting::new("recording.enabled", "false")]);
    let said = |enabled| Settings { enabled, ..Settings::default() };
    let by = |variables: &[(&str, &str)], enabled| {
        let told = weigh(said(enabled), Some(&file), &environment(variables)).1;
        told.switch.and_then(|sentence| sentence.split_once(" switches").map(|(who, _)| who.to_owned()))
    };
    let check = |variables: &[(&str, &str)], enabled, expected: Option<&str>| {
        assert_eq!(by(variables, enabled).as_deref(), expected, "{variables:?}");
    };
    check(&[("TENSE_ENABLED", "off")], Some(true), Some("`TENSE_ENABLED=off` in the environment"));
    check(&[("OTEL_SDK_DISABLED", "true")], None, Some("`OTEL_SDK_DISABLED=true` in the environment"));
    check(&[("TENSE_ENABLED", "on"), ("OTEL_SDK_DISABLED", "true")], Some(false), None);
    check(&[], Some(false), Some("`enabled(false)` in the code"));
    check(&[], Some(true), None);
    check(&[], None, Some("`enabled = false` under `[recording]` in the file"));
}
