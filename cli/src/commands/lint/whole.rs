//! A registry and all names that its crates write enter; what only shows in the whole leaves: events that nobody emits,
//! names outside of an open registry, one operation in two layers, exemptions that grow.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use tense_grammar::{Tense, layer_of};

use super::finding::{Finding, Level};
use super::judge::Judged;
use crate::sources::{Sources, shown};

pub(super) fn findings(judged: &Judged, sources: &Sources) -> Vec<Finding> {
    if judged.is_broken {
        return Vec::new();
    }
    let mut findings = two_layers(judged);
    // who is told to take an event out need not be told to declare it
    let told: BTreeSet<String> = findings.iter().filter_map(|finding| finding.name.clone()).collect();
    findings.extend(not_declared(judged, &told));
    findings.extend(never_emitted(judged, sources));
    findings
}

/// Whether all crates that a registry may hold for have been read.
pub(super) fn is_covered(judged: &Judged, sources: &Sources) -> bool {
    let folder = judged.file.as_deref().and_then(|file| file.parent());
    folder.is_some_and(|folder| folder.starts_with(&sources.root))
}

fn never_emitted(judged: &Judged, sources: &Sources) -> Vec<Finding> {
    let Some(file) = judged.file.as_deref().filter(|_| is_covered(judged, sources)) else { return Vec::new() };
    let registry = &judged.registry;
    let named_as_failure: BTreeSet<&str> = registry.events().filter_map(|event| event.failed.as_deref()).collect();
    let mapped: BTreeSet<&str> = registry.foreign_rules().map(|(_, rule)| rule.event.as_str()).collect();
    let is_dead = |name: &str| {
        !judged.emitted.contains_key(name)
            && !judged.implied.contains(name)
            && !named_as_failure.contains(name)
            && !mapped.contains(name)
    };
    let text = std::fs::read_to_string(file).unwrap_or_default();
    let shown = shown(file);
    let dead = tense_grammar::Registry::places(&text).into_iter().filter(|(name, ..)| is_dead(name));
    let unless = unless(judged, sources);
    let told = dead.map(|(name, line, column)| {
        let nobody = if judged.emitted_in_tests.contains_key(&name) { "nobody but a test" } else { "nobody" };
        let message = format!(
            "{nobody} emits `{name}`{unless}: emit it, or move it to [removed] with the reason, so that its readers are told \
             [lint/never-emitted]"
        );
        Finding::at("lint/never-emitted", Level::Warning, (&shown, line, column), Some(name), message)
    });
    told.collect()
}

/// Where an event may be emitted that nobody has seen.
fn unless(judged: &Judged, sources: &Sources) -> String {
    let is_judged_by = |path: &Path| judged.crates.iter().any(|krate| path.starts_with(krate));
    let unread = sources.unread.iter().filter(|(path, _)| is_judged_by(path)).count();
    let name = format!("it is one of the {} that were not judged", judged.unknown);
    let file = match unread {
        1 => "stands in the file that was not read".to_owned(),
        _ => format!("stands in one of the {unread} files that were not read"),
    };
    match (judged.unknown, unread) {
        (0, 0) => String::new(),
        (_, 0) => format!(", unless {name}"),
        (0, _) => format!(", unless it {file}"),
        _ => format!(", unless {name}, or {file}"),
    }
}

/// In a closed registry the grammar says so itself; in one without events nobody has begun to declare.
fn not_declared(judged: &Judged, told: &BTreeSet<String>) -> Vec<Finding> {
    let registry = &judged.registry;
    let (true, Some(file)) = (!registry.is_closed() && registry.events().next().is_some(), &judged.file) else {
        return Vec::new();
    };
    // both ends of a life stand at one place
    let mut strange: BTreeMap<(&str, usize, usize), Vec<&str>> = BTreeMap::new();
    let named = judged.emitted.iter().chain(&judged.emitted_in_tests);
    for (name, places) in named.filter(|(name, _)| registry.declaring(name).is_none()) {
        for (source, place) in places.iter().filter(|_| !told.contains(name)) {
            strange.entry((source, place.line, place.column)).or_default().push(name);
        }
    }
    let file = shown(file);
    let findings = strange.into_iter().map(|((source, line, column), names)| {
        let all = names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" and ");
        let (are, them) = if names.len() == 1 { ("is", "it") } else { ("are", "them") };
        let name = names.first().map(|name| (*name).to_owned());
        let declared = registry.events().map(|event| event.name.as_str());
        let near = name.as_deref().and_then(|name| tense_grammar::nearest(name, declared));
        let write = near.map(|near| format!("write `{near}`, or ")).unwrap_or_default();
        let message =
            format!("{all} {are} not declared: {write}declare {them} in {file}, under [events] [lint/not-declared]");
        let suggestion = near.map(str::to_owned);
        Finding::at("lint/not-declared", Level::Warning, (source, line, column), name, message).suggesting(suggestion)
    });
    findings.collect()
}

/// One operation that is emitted in two layers, though the grammar let each pass: neither is declared, or both are of
/// the past.
fn two_layers(judged: &Judged) -> Vec<Finding> {
    let registry = &judged.registry;
    let without_tense: BTreeSet<&str> =
        registry.layers().filter(|(_, layer)| layer.tense == Tense::Any).map(|(name, _)| name).collect();
    let mut operations: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for name in judged.emitted.keys().filter(|name| !without_tense.contains(layer_of(name))) {
        if let Some(operation) = registry.operation_of(name) {
            operations.entry(operation).or_default().push(name);
        }
    }
    let mut findings = Vec::new();
    for names in operations.values() {
        // it belongs to the layer of what has happened, and to the declared name among those
        let rank = |name: &&&str| (registry.tense_of(layer_of(name)) != Tense::Past, registry.event(name).is_none());
        let Some(owner) = names.iter().min_by_key(rank) else { continue };
        for name in names.iter().filter(|name| layer_of(name) != layer_of(owner)) {
            let Some((owner_file, at)) = judged.emitted.get(*owner).and_then(|places| places.first()) else { continue };
            let message = format!(
                "`{name}` reports what `{owner}` reports at {owner_file}:{}:{}, and an operation has one event: take one of \
                 them out, or name this one for what only its layer does [lint/two-layers]",
                at.line, at.column
            );
            let places = judged.emitted.get(*name).into_iter().flatten();
            findings.extend(places.map(|(file, place)| {
                let name = Some((*name).to_owned());
                Finding::at("lint/two-layers", Level::Warning, place.in_file(file), name, message.clone())
            }));
        }
    }
    findings
}

/// That the number of exemptions has grown beyond what is allowed.
pub(super) fn too_many_exemptions(judged: &[Judged], exempt: usize, most: Option<usize>) -> Option<Finding> {
    let most = most.filter(|most| exempt > *most)?;
    let with_most = judged.iter().filter(|judged| judged.file.is_some()).max_by_key(|judged| judged.exempt);
    let file = with_most.and_then(|judged| judged.file.as_deref()).map_or_else(|| ".".to_owned(), shown);
    let message = format!(
        "there are {exempt} exemptions, and no more than {most} are allowed: rename an event instead, and keep its old name \
         under `was` [lint/too-many-exemptions]"
    );
    Some(Finding::at("lint/too-many-exemptions", Level::Error, (&file, 1, 1), None, message))
}
