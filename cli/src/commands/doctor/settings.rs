//! The variables of this shell enter; findings leave: names that are misspelt, values that make no sense, and settings
//! that take each other away. docs/settings.md has them all.

use std::collections::BTreeMap;
use std::env;
use std::path::Path;

use tense_event::Sanitizer;
use tense_grammar::{SETTINGS, Setting, SettingSpec, SettingValue, nearest};

use super::finding::{Finding, Mark};
use crate::database;

const ABOUT: &str = "settings";
const OURS: &str = "TENSE_";
const CONFIG: &str = "TENSE_CONFIG";
const PLACE: &str = "the environment";

/// Pairs of which the second one is without effect while the first one has one of these values, or any, and why. With
/// `*` it is whatever begins so.
const BESIDE: [(&str, &[&str], &str, &str); 8] = [
    ("TENSE_ENABLED", &["false"], "TENSE_*", "nothing is recorded"),
    ("TENSE_LEVEL", &["off"], "TENSE_SAMPL*", "no level is recorded"),
    ("TENSE_SAMPLE", &[], "OTEL_TRACES_SAMPLER", "it goes before OpenTelemetry's"),
    ("TENSE_SERVICE", &[], "OTEL_SERVICE_NAME", "it goes before OpenTelemetry's"),
    ("TENSE_ENABLED", &[], "OTEL_SDK_DISABLED", "it goes before OpenTelemetry's"),
    ("OTEL_SDK_DISABLED", &["true"], "TENSE_SAMPL*", "nothing is recorded"),
    ("TENSE_DELIVERY_WHILE_RESTING", &["keep"], "TENSE_DELIVERY_PRINT_RATE", "nothing is printed"),
    ("TENSE_DELIVERY_PRINT_RATE", &["0"], "TENSE_DELIVERY_WHILE_RESTING", "no line may be printed"),
];

pub(super) fn findings(db: Option<&Path>) -> Vec<Finding> {
    let all = env::vars_os().filter_map(|(name, value)| {
        let name = name.into_string().ok().filter(|name| name.starts_with(OURS) || name.starts_with("OTEL_"))?;
        // What is empty is not set.
        Some((name, value.to_string_lossy().into_owned())).filter(|(_, value)| !value.is_empty())
    });
    let mut findings = judged(&all.collect());
    if let (Some(flag), Some(variable)) = (db, env::var_os(database::VARIABLE).filter(|value| !value.is_empty()))
        && flag != Path::new(&variable)
    {
        let what = format!("programs of this shell write to {}, and --db names another", variable.to_string_lossy());
        findings.push(Finding::note(ABOUT, database::VARIABLE, what));
    }
    if findings.is_empty() {
        findings.push(Finding::ok(ABOUT, PLACE, "all variables that begin with TENSE_ make sense"));
    }
    findings
}

fn judged(all: &BTreeMap<String, String>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (name, value) in all.iter().filter(|(name, _)| name.starts_with(OURS)) {
        match SETTINGS.iter().find(|spec| spec.variable == name) {
            Some(spec) => findings.extend(spec.read(value).err().map(|error| wrong(spec, &error.to_string()))),
            None if name == CONFIG => findings.extend(config(Path::new(value))),
            None => findings.push(unknown(name)),
        }
    }
    findings.extend(BESIDE.iter().flat_map(|beside| without_effect(all, *beside)));
    if let (Some(0.0), Some(false)) = (share(all, "TENSE_SAMPLE"), switch(all, "TENSE_SAMPLING_KEEP_FAILURES"))
        && switch(all, "TENSE_SAMPLING_KEEP_SLOW") == Some(false)
    {
        let what = "it keeps no trace, and neither failures nor what is slow are kept in any case: nothing is recorded";
        findings
            .push(Finding::problem(ABOUT, "TENSE_SAMPLE", what).advice("TENSE_ENABLED=false says that more clearly"));
    }
    findings
}

fn wrong(spec: &SettingSpec, error: &str) -> Finding {
    let what = Sanitizer::default().redact(error).into_owned();
    Finding::problem(ABOUT, spec.variable, format!("{what}; it is left aside"))
        .advice(format!("unless set, `{spec}` is {}", spec.unless_set))
}

fn unknown(name: &str) -> Finding {
    let known = SETTINGS.iter().map(|spec| spec.variable).chain([CONFIG]);
    let near =
        name.strip_prefix(OURS).and_then(|rest| nearest(rest, known.filter_map(|known| known.strip_prefix(OURS))));
    match near {
        Some(near) => Finding::problem(ABOUT, name, "this is no setting, so nothing goes by it")
            .advice(format!("did you mean {OURS}{near}?")),
        None => Finding::note(ABOUT, name, "this is no setting of tense").advice("docs/settings.md has all of them"),
    }
}

/// The file whose settings replace those that were compiled in.
fn config(path: &Path) -> Option<Finding> {
    let shown = path.display();
    let what = match Setting::load(path) {
        Ok(Ok((_, mistakes)) | Err(mistakes)) => format!("{shown}: {}", mistakes.first()?),
        Err(error) => format!("{shown} cannot be read: {error}"),
    };
    let what = Sanitizer::default().redact(&what).into_owned();
    Some(Finding::problem(ABOUT, CONFIG, what).advice("it has the form of a tense.toml, `version = 1` included"))
}

fn without_effect(
    all: &BTreeMap<String, String>,
    (strong, values, weak, because): (&str, &[&str], &str, &str),
) -> Vec<Finding> {
    let holds =
        all.get(strong).is_some_and(|value| values.is_empty() || values.iter().any(|one| means(strong, value, one)));
    if !holds {
        return Vec::new();
    }
    let is_weak = |name: &&String| match weak.strip_suffix('*') {
        // By this one the command itself goes.
        Some(begin) => name.starts_with(begin) && ![strong, database::VARIABLE].contains(&name.as_str()),
        None => *name == weak,
    };
    // Of what is no setting that has been said.
    let is_known = |name: &&String| !name.starts_with(OURS) || SETTINGS.iter().any(|spec| spec.variable == **name);
    let beside = all.keys().filter(is_weak).filter(is_known).map(|name| {
        let what = format!("it has no effect beside {strong}: {because}");
        Finding::of(Mark::Note, ABOUT, name.clone(), what).advice("unset one of the two")
    });
    beside.collect()
}

/// Whether what stands in a variable is that value, in whatever words.
fn means(variable: &str, text: &str, value: &str) -> bool {
    let Some(spec) = SETTINGS.iter().find(|spec| spec.variable == variable) else {
        return text.trim().eq_ignore_ascii_case(value);
    };
    spec.read(text).is_ok_and(|is| spec.read(value).is_ok_and(|wanted| is == wanted))
}

fn read(all: &BTreeMap<String, String>, variable: &str) -> Option<SettingValue> {
    SETTINGS.iter().find(|spec| spec.variable == variable)?.read(all.get(variable)?).ok()
}

fn share(all: &BTreeMap<String, String>, variable: &str) -> Option<f64> {
    match read(all, variable)? {
        SettingValue::Share(share) => Some(share),
        _ => None,
    }
}

fn switch(all: &BTreeMap<String, String>, variable: &str) -> Option<bool> {
    match read(all, variable)? {
        SettingValue::Switch(is_on) => Some(is_on),
        _ => None,
    }
}
