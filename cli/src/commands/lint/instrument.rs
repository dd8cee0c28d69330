//! `#[tracing::instrument]` enters; the `#[traced]` that it could be leaves, with what would be lost.

use std::path::Path;

use tense_grammar::{Form, Registry, Tense, Written};

use super::finding::{Finding, Level};
use super::judge::Judged;
use crate::sources::{File, Instrument, Setting, Sources, shown};

pub(super) fn findings(judged: &Judged, sources: &Sources) -> Vec<Finding> {
    let of_registry = sources.files.iter().filter(|source| judged.crates.contains(&source.krate));
    let each = of_registry.flat_map(|source| source.instruments.iter().map(move |instrument| (source, instrument)));
    each.map(|(source, instrument)| hint(judged, source, instrument)).collect()
}

fn hint(judged: &Judged, source: &File, instrument: &Instrument) -> Finding {
    let name = name(&judged.registry, source, instrument);
    let sentence = match &name {
        None => "this can be `#[tense::traced(..)]`, under a name that you choose".to_owned(),
        Some(name) if rewritten(&judged.registry, source, instrument).is_some() => {
            format!("this can be `#[tense::traced({name}, ..)]`; `tense lint --fix-instrument` writes it")
        }
        Some(name) => format!("this can be `#[tense::traced({name}, ..)]`, written by hand"),
    };
    let message = format!("{sentence} [lint/instrument]");
    let place = (shown(&source.path), &instrument.place);
    Finding::at("lint/instrument", Level::Hint, (&place.0, place.1), name.clone(), message).suggesting(name)
}

/// The name that it could have: in the layer of what has happened, of its module, after its function, where the grammar finds a
/// verb in that.
fn name(registry: &Registry, source: &File, instrument: &Instrument) -> Option<String> {
    let mut past = registry.layers().filter(|(_, layer)| layer.tense == Tense::Past).map(|(name, _)| name);
    let layer = if registry.tense_of("operation") == Tense::Past { "operation" } else { past.next()? };
    let domain = instrument.module.clone().or_else(|| module_of(source))?;
    let segments = [layer, &domain, "_"];
    let written = Written::new(&segments, Form::Action).function(instrument.function.as_deref()?);
    registry.resolve(&written).is_ok().then(|| segments.join("."))
}

/// The module that a file is: its own name, or that of its folder, or that of its crate.
fn module_of(source: &File) -> Option<String> {
    let stem = source.path.file_stem()?.to_str()?;
    let of = |path: &Path| path.file_name().and_then(|name| name.to_str()).map(str::to_owned);
    let name = match stem {
        "lib" | "main" => of(&source.krate),
        "mod" => of(source.path.parent()?),
        stem => Some(stem.to_owned()),
    };
    name.map(|name| name.replace('-', "_"))
}

/// What to write between the brackets, and what goes, in words; nothing where it is left alone.
pub(super) fn rewritten(registry: &Registry, source: &File, instrument: &Instrument) -> Option<(String, String)> {
    let (name, settings) = (name(registry, source, instrument)?, instrument.settings.as_ref()?);
    depends_on_tense(&source.krate).then_some(())?;
    let mut text = format!("tense::traced({name}");
    let mut dropped = Vec::new();
    let skips_all = settings.iter().any(|setting| matches!(setting, Setting::Skip));
    for setting in settings {
        match setting {
            Setting::Skip => {}
            Setting::Dropped(key) => dropped.push(match *key {
                "name" => "its own name",
                "err" => "`err`, since errors are always recorded",
                _ => "the value that it returns",
            }),
            Setting::Target(target) => text += &format!(", target = {target}"),
            Setting::Level(level) => text += &format!(", level = \"{level}\""),
            Setting::Fields(places) => {
                let fields = places.iter().filter_map(|place| source.text.get(place.bytes.clone()));
                text += &format!(", fields({})", fields.collect::<Vec<_>>().join(", "));
            }
        }
    }
    if !skips_all {
        dropped.push("arguments that `fields(..)` does not name");
    }
    text.push(')');
    let dropped = if dropped.is_empty() { String::new() } else { format!("; dropped: {}", dropped.join(", ")) };
    Some((text, dropped))
}

/// Whether a crate's manifest names the crate that the attribute comes from.
fn depends_on_tense(krate: &Path) -> bool {
    let manifest = std::fs::read_to_string(krate.join("Cargo.toml")).unwrap_or_default();
    manifest.lines().any(|line| {
        let rest = line.trim_start().strip_prefix("tense");
        rest.is_some_and(|rest| rest.trim_start().starts_with(['=', '.'])) || line.trim() == "[dependencies.tense]"
    })
}
