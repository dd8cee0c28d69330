//! What OpenTelemetry's variables say goes in; the settings that they mean here come out.
//!
//! As its specification has them: what is empty is not there, and what makes no sense is ignored.

use std::borrow::Cow;

use tense_grammar::{SettingSpec, nearest};

use super::Settings;
use super::environment::{Environment, Outside};
use super::told::Aside;

const DISABLED: &str = "OTEL_SDK_DISABLED";
const SAMPLER: &str = "OTEL_TRACES_SAMPLER";
const ARGUMENT: &str = "OTEL_TRACES_SAMPLER_ARG";
const SERVICE: &str = "OTEL_SERVICE_NAME";
const RESOURCE: &str = "OTEL_RESOURCE_ATTRIBUTES";
/// There are others, some of which hold credentials; nothing else is looked at.
pub(super) const VARIABLES: [&str; 5] = [DISABLED, SAMPLER, ARGUMENT, SERVICE, RESOURCE];

/// Each sampler: what it keeps, where that is not in its argument, and whether the caller's word goes before that.
const SAMPLERS: [(&str, Option<f64>, bool); 6] = [
    ("always_on", Some(1.0), false),
    ("always_off", Some(0.0), false),
    ("traceidratio", None, false),
    ("parentbased_always_on", Some(1.0), true),
    ("parentbased_always_off", Some(0.0), true),
    ("parentbased_traceidratio", None, true),
];
/// Those of the specification that ask somebody else.
const ELSEWHERE: [&str; 3] = ["jaeger_remote", "parentbased_jaeger_remote", "xray"];

pub(super) fn read(environment: &Environment, aside: &mut Vec<Aside>) -> Outside {
    let mut outside = Outside::default();
    if let Some(text) = environment.get(DISABLED, aside) {
        if text.trim().eq_ignore_ascii_case("true") {
            outside.settings.enabled = Some(false);
            outside.switch = Some((DISABLED, text.to_owned()));
        } else if !text.trim().eq_ignore_ascii_case("false") {
            let sentence = format!("`{DISABLED}`: only `true` switches off, and `{}` is not", shown(text));
            aside.push(Aside::of(SettingSpec::named("recording.enabled"), sentence));
        }
    }
    sampler(environment, &mut outside.settings, aside);
    outside.settings.service = environment
        .get(SERVICE, aside)
        .map(str::to_owned)
        .or_else(|| service_of(environment.get(RESOURCE, aside)?, aside));
    outside
}

fn sampler(environment: &Environment, settings: &mut Settings, aside: &mut Vec<Aside>) {
    let argument = environment.get(ARGUMENT, aside);
    let Some(text) = environment.get(SAMPLER, aside) else {
        if argument.is_some() {
            let sentence = format!("`{ARGUMENT}` says nothing without `{SAMPLER}=traceidratio`");
            aside.push(Aside::of(SettingSpec::named("sampling.ratio"), sentence));
        }
        return;
    };
    let name = text.trim().to_ascii_lowercase();
    let Some((_, ratio, is_parent_based)) = SAMPLERS.iter().find(|(known, ..)| *known == name) else {
        let sentence = if ELSEWHERE.contains(&name.as_str()) {
            format!("`{SAMPLER}`: `{name}` asks a service which events to keep, and that is not done here")
        } else {
            let known = SAMPLERS.map(|(known, ..)| known);
            let near = nearest(&name, known);
            let near = near.map_or_else(
                || format!("there are `{}`", known.join("`, `")),
                |near| format!("did you mean `{near}`?"),
            );
            format!("`{SAMPLER}`: `{}` is no sampler: {near}", shown(text))
        };
        return aside.push(Aside::of(SettingSpec::named("sampling.ratio"), sentence));
    };
    settings.sampling.parent_based = Some(*is_parent_based);
    settings.sampling.ratio = ratio.or_else(|| {
        let Some(argument) = argument else { return Some(1.0) };
        let ratio = argument.trim().parse().ok().filter(|ratio| (0.0..=1.0).contains(ratio));
        if ratio.is_none() {
            let sentence = format!("`{ARGUMENT}`: `{}` is not a number from 0 to 1, such as `0.1`", shown(argument));
            aside.push(Aside::of(SettingSpec::named("sampling.ratio"), sentence));
        }
        // What the specification says in this case.
        ratio.or(Some(1.0))
    });
}

/// The service of `service.name=checkout,host.name=..`
fn service_of(attributes: &str, aside: &mut Vec<Aside>) -> Option<String> {
    let pairs = attributes.split(',').map(|pair| pair.split_once('='));
    let name = pairs.flatten().find(|(key, _)| key.trim() == "service.name").map(|(_, value)| value.trim())?;
    let decoded = decoded(name).filter(|name| !name.is_empty());
    if decoded.is_none() {
        let sentence = format!("`{RESOURCE}`: `service.name` is `{}`, which is not encoded in percent", shown(name));
        aside.push(Aside::of(SettingSpec::named("recording.service"), sentence));
    }
    decoded
}

fn decoded(text: &str) -> Option<String> {
    let (mut bytes, mut rest) = (Vec::with_capacity(text.len()), text.as_bytes());
    while let Some((first, behind)) = rest.split_first() {
        rest = behind;
        if *first != b'%' {
            bytes.push(*first);
            continue;
        }
        let (digits, behind) = rest.split_at_checked(2)?;
        bytes.push(u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?);
        rest = behind;
    }
    String::from_utf8(bytes).ok()
}

/// A value that makes no sense, as far as it may be shown.
fn shown(text: &str) -> Cow<'_, str> {
    const MOST: usize = 120;
    text.char_indices().nth(MOST).map_or(Cow::Borrowed(text), |(end, _)| Cow::Owned(format!("{}…", &text[..end])))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percent_codes_are_bytes() {
        let table = [
            ("checkout", Some("checkout")),
            ("check%20out", Some("check out")),
            ("k%C3%A4se", Some("käse")),
            ("%", None),
            ("%4", None),
            ("%zz", None),
            ("%ff", None),
        ];
        for (text, expected) in table {
            assert_eq!(decoded(text).as_deref(), expected, "{text}");
        }
    }
}
