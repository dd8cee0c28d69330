//! Two registries enter; what has changed around their events leaves: whether names are closed, the layers, what is
//! handed down, and what comes from other crates.

use std::collections::{BTreeMap, BTreeSet};

use tense_grammar::{LayerDecl, Registry, Tense, layer_of};

use super::change::{Breaks, Change};

pub(super) fn compare(old: &Registry, new: &Registry) -> Vec<Change> {
    let mut changes = Vec::new();
    changes.extend(doors(old, new));
    changes.extend(layers(old, new));
    changes.extend(inherit(old, new));
    changes.extend(foreign(old, new));
    changes
}

fn doors(old: &Registry, new: &Registry) -> Vec<Change> {
    let mut changes = Vec::new();
    match (old.is_closed(), new.is_closed()) {
        (false, true) => {
            let message = "names that are not declared no longer compile, and events without `fields` have none";
            changes.push(Change::new("diff/closed", Breaks::Producers, "closed", message));
        }
        (true, false) => {
            let message = "names that are not declared compile, and events without `fields` take any";
            changes.push(Change::new("diff/opened", Breaks::Nobody, "closed", message));
        }
        _ => {}
    }
    match (old.is_migrating(), new.is_migrating()) {
        (true, false) => {
            let breaks = Breaks::of(new.events().any(|event| !event.was.is_empty()), false);
            let message = "old names no longer compile";
            changes.push(Change::new("diff/migration-ended", breaks, "migrating", message));
        }
        (false, true) => {
            let message = "old names compile, with a warning";
            changes.push(Change::new("diff/migration-begun", Breaks::Nobody, "migrating", message));
        }
        _ => {}
    }
    changes
}

fn layers(old: &Registry, new: &Registry) -> Vec<Change> {
    let mut changes = Vec::new();
    let (before, after): (Layers<'_>, Layers<'_>) = (old.layers().collect(), new.layers().collect());
    let in_use: BTreeSet<&str> = old.events().map(|event| layer_of(&event.name)).collect();
    let names: BTreeSet<&str> = before.keys().chain(after.keys()).copied().collect();
    for name in names {
        let (was, is) = (old.tense_of(name), new.tense_of(name));
        // nobody can have written a name in a layer that a closed registry does not have
        if was != is && (!old.is_closed() || in_use.contains(name)) {
            let message = format!("the tense of its actions was `{}`, and is `{}` now", was.as_str(), is.as_str());
            changes.push(Change::new("diff/tense-changed", Breaks::Producers, name, message));
        }
        // in a closed registry a name without its noun would be a mistake in the file
        if is == Tense::Past && !new.is_closed() {
            for noun in outcomes(&before, name).difference(&outcomes(&after, name)) {
                let message = format!("`{noun}` may no longer close a name of this layer");
                changes.push(Change::new("diff/outcome-removed", Breaks::Producers, name, message));
            }
        }
    }
    changes
}

type Layers<'r> = BTreeMap<&'r str, &'r LayerDecl>;

fn outcomes<'r>(layers: &Layers<'r>, layer: &str) -> BTreeSet<&'r str> {
    layers.get(layer).into_iter().flat_map(|layer| layer.outcomes.iter().map(String::as_str)).collect()
}

fn inherit(old: &Registry, new: &Registry) -> Vec<Change> {
    let (was, is): (BTreeSet<&str>, BTreeSet<&str>) = (old.inherit().collect(), new.inherit().collect());
    let lost = was.difference(&is).filter(|field| !new.is_handed_down(field)).map(|field| {
        let message = "it is no longer handed down: events below the span that records it lose it";
        Change::new("diff/inherit-removed", Breaks::Both, field, message).of_field(field)
    });
    let won = is
        .difference(&was)
        .filter(|field| !old.is_handed_down(field))
        .map(|field| Change::new("diff/inherit-added", Breaks::Nobody, field, "it is handed down now").of_field(field));
    lost.chain(won).collect()
}

fn foreign(old: &Registry, new: &Registry) -> Vec<Change> {
    let mut changes = Vec::new();
    for (source, was) in old.foreign_rules() {
        let Some(is) = new.foreign(source) else {
            let message = format!("it no longer becomes `{}`", was.event);
            changes.push(Change::new("diff/foreign-removed", Breaks::Consumers, source, message));
            continue;
        };
        if was.event != is.event && new.successor(&was.event) != Some(&is.event) {
            let message = format!("it becomes `{}` now, and no longer `{}`", is.event, was.event);
            changes.push(Change::new("diff/foreign-changed", Breaks::Consumers, source, message));
        }
        for field in was.fields.iter().filter(|field| !is.fields.contains(field)) {
            let message = format!("its field `{field}` is no longer kept");
            changes.push(Change::new("diff/foreign-changed", Breaks::Consumers, source, message).of_field(field));
        }
    }
    for (source, rule) in new.foreign_rules().filter(|(source, _)| old.foreign(source).is_none()) {
        let message = format!("it becomes `{}` now", rule.event);
        changes.push(Change::new("diff/foreign-added", Breaks::Nobody, source, message));
    }
    changes
}
