//! `#[tracing::instrument]` enters; the `#[traced]` that it could be leaves, with what would be lost.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use tense_grammar::{Form, Registry, Resolved, Tense, Written, WrittenField};

use super::finding::{Finding, Level};
use super::judge::Judged;
use crate::sources::{File, Instrument, Setting, Sources, shown};

pub(super) fn findings(judged: &Judged, sources: &Sources) -> Vec<Finding> {
    let rewriting = Rewriting::of(judged);
    let of_registry = sources.files.iter().filter(|source| judged.crates.contains(&source.krate));
    let each = of_registry.flat_map(|source| source.instruments.iter().map(move |instrument| (source, instrument)));
    each.map(|(source, instrument)| rewriting.hint(source, instrument)).collect()
}

/// What to write in place of attributes, by one registry.
pub(super) struct Rewriting<'j> {
    registry: &'j Registry,
    /// The crates whose manifests name the crate that the attribute comes from.
    dependents: BTreeSet<&'j Path>,
}

/// What to write between the brackets, and what goes, in words.
pub(super) struct Rewritten {
    pub(super) text: String,
    pub(super) note: String,
}

/// Why an attribute is left to a person.
pub(super) enum ByHand {
    /// Its name is to be chosen.
    Unnamed,
    /// A setting has no counterpart, or its crate does not know the attribute.
    Named(String),
    /// Under this name its fields do not compile, for this reason.
    Refused(String, String),
}

impl<'j> Rewriting<'j> {
    pub(super) fn of(judged: &'j Judged) -> Self {
        let crates = judged.crates.iter().map(PathBuf::as_path);
        Self { registry: &judged.registry, dependents: crates.filter(|krate| depends_on_tense(krate)).collect() }
    }

    fn hint(&self, source: &File, instrument: &Instrument) -> Finding {
        let (name, how) = match self.rewritten(source, instrument) {
            Ok((name, _)) => (Some(name), "; `tense lint --fix-instrument` writes it".to_owned()),
            Err(ByHand::Unnamed) => (None, String::new()),
            Err(ByHand::Named(name)) => (Some(name), ", written by hand".to_owned()),
            Err(ByHand::Refused(name, why)) => (Some(name), format!(", written by hand: {why}")),
        };
        let sentence = match &name {
            None => "this can be `#[tense::traced(..)]`, under a name that you choose".to_owned(),
            Some(name) => format!("this can be `#[tense::traced({name}, ..)]`{how}"),
        };
        let message = format!("{sentence} [lint/instrument]");
        let file = shown(&source.path);
        let place = instrument.place.in_file(&file);
        Finding::at("lint/instrument", Level::Hint, place, name.clone(), message).suggesting(name)
    }

    /// What to write, or why a person has to.
    pub(super) fn rewritten(&self, source: &File, instrument: &Instrument) -> Result<(String, Rewritten), ByHand> {
        let (name, resolved) = name(self.registry, source, instrument).ok_or(ByHand::Unnamed)?;
        let settings = instrument.settings.as_ref().filter(|_| self.dependents.contains(source.krate.as_path()));
        let Some(settings) = settings else { return Err(ByHand::Named(name)) };
        if let Err(why) = self.fits(&resolved, settings) {
            return Err(ByHand::Refused(name, why));
        }
        let rewritten = rewritten(&name, source, settings);
        Ok((name, rewritten))
    }

    /// Whether the event takes the fields that would be kept, and needs no others.
    fn fits(&self, resolved: &Resolved, settings: &[Setting]) -> Result<(), String> {
        let fields: Vec<&str> = settings.iter().flat_map(Setting::fields).map(|field| field.name.as_str()).collect();
        let written: Vec<_> = fields.iter().map(|name| WrittenField { name, later: false }).collect();
        let Err(violations) = self.registry.contract(resolved, Form::Action, &written) else { return Ok(()) };
        let reasons = violations.iter().map(|violation| match violation.field.and_then(|index| fields.get(index)) {
            Some(field) => format!("it has no field `{field}`"),
            None => self.needed(resolved, &fields).unwrap_or_else(|| violation.message.clone()),
        });
        Err(reasons.collect::<Vec<_>>().join(", "))
    }

    /// The fields that the event needs besides these.
    fn needed(&self, resolved: &Resolved, fields: &[&str]) -> Option<String> {
        let Resolved::Action { event, .. } = resolved else { return None };
        let declared = self.registry.event(event)?.fields.iter().filter(|(_, field)| !field.optional);
        let missing =
            declared.filter(|(name, _)| !fields.contains(&name.as_str()) && !self.registry.is_handed_down(name));
        let names: Vec<String> = missing.map(|(name, _)| format!("`{name}`")).collect();
        (!names.is_empty()).then(|| format!("it needs {}", names.join(", ")))
    }
}

/// The name that it could have: in the layer of what has happened, of its module, after its function, where the grammar
/// finds a verb in that.
fn name(registry: &Registry, source: &File, instrument: &Instrument) -> Option<(String, Resolved)> {
    let mut past = registry.layers().filter(|(_, layer)| layer.tense == Tense::Past).map(|(name, _)| name);
    let layer = if registry.tense_of("operation") == Tense::Past { "operation" } else { past.next()? };
    let domain = instrument.module.clone().or_else(|| module_of(source))?;
    let segments = [layer, &domain, "_"];
    let written = Written::new(&segments, Form::Action).function(instrument.function.as_deref()?);
    registry.resolve(&written).ok().map(|resolved| (segments.join("."), resolved))
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

fn rewritten(name: &str, source: &File, settings: &[Setting]) -> Rewritten {
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
            Setting::Fields(fields) => {
                let fields = fields.iter().filter_map(|field| source.text.get(field.place.bytes.clone()));
                text += &format!(", fields({})", fields.collect::<Vec<_>>().join(", "));
            }
        }
    }
    if !skips_all {
        dropped.push("arguments that `fields(..)` does not name");
    }
    text.push(')');
    let note = if dropped.is_empty() { String::new() } else { format!("; dropped: {}", dropped.join(", ")) };
    Rewritten { text, note }
}

/// Whether a crate's manifest names the crate that the attribute comes from.
fn depends_on_tense(krate: &Path) -> bool {
    let manifest = std::fs::read_to_string(krate.join("Cargo.toml")).unwrap_or_default();
    manifest.lines().any(|line| {
        let rest = line.trim_start().strip_prefix("tense");
        rest.is_some_and(|rest| rest.trim_start().starts_with(['=', '.'])) || line.trim() == "[dependencies.tense]"
    })
}
