//! Two registries enter; what has become of each event of the first leaves, and what the second has besides.

use std::collections::BTreeSet;

use tense_grammar::{EventDecl, Registry};

use super::change::{Breaks, Change};
use super::{fields, renames};
use crate::successors::Successors;

pub(super) fn compare(old: &Registry, new: &Registry, successors: &Successors) -> Vec<Change> {
    let mut changes = Vec::new();
    let mut gone: Vec<&EventDecl> = Vec::new();
    let mut kept: BTreeSet<&str> = BTreeSet::new();
    for event in old.events() {
        if let Some(same) = new.event(&event.name) {
            kept.insert(&same.name);
            changes.extend(fields::compare(old, event, new, same));
            changes.extend(failure(old, event, new, same, successors));
        } else if let Some(renamed) = new.successor(&event.name).and_then(|name| new.event(name)) {
            kept.insert(&renamed.name);
            let mut message = format!("it is called `{}` now, which says so under `was`", renamed.name);
            // readers are led on by that; a call site is only while the file is migrating
            let breaks = Breaks::of(!new.is_migrating(), false);
            let (was, is) = (old.failure(event), new.failure(renamed));
            match failure(old, event, new, renamed, successors) {
                Some(change) => changes.push(change),
                None if was != is => message += &format!("; its failure `{was}` is `{is}`"),
                None => {}
            }
            if !new.is_migrating() {
                message += "; calls under the old name no longer compile without `migrating = true`";
            }
            changes.push(Change::new("diff/event-renamed", breaks, &event.name, message));
            changes.extend(fields::compare(old, event, new, renamed));
        } else {
            gone.push(event);
        }
    }
    let added: Vec<&EventDecl> = new.events().filter(|event| !kept.contains(event.name.as_str())).collect();
    // what the file says was removed has not been renamed
    let silent: Vec<&EventDecl> = gone.iter().copied().filter(|event| new.removed(&event.name).is_none()).collect();
    let pairs = renames::pairs(&silent, &added, new);
    for (before, after) in &pairs {
        let message = format!(
            "it seems to be called `{}` now: write `was = [\"{}\"]` there, so that whoever meets the old name is led to it",
            after.name, before.name
        );
        changes.push(Change::new("diff/renamed-without-was", Breaks::Both, &before.name, message));
    }
    let paired: BTreeSet<&str> = pairs.iter().flat_map(|(before, after)| [&*before.name, &*after.name]).collect();
    for event in gone.iter().filter(|event| !paired.contains(&*event.name)) {
        changes.push(Change::new("diff/event-removed", Breaks::Both, &event.name, removed(new, event)));
    }
    for event in added.iter().filter(|event| !paired.contains(&*event.name)) {
        changes.push(Change::new("diff/event-added", Breaks::Nobody, &event.name, "it is new"));
    }
    changes.extend(given_up(old, new, &gone));
    changes
}

fn removed(new: &Registry, event: &EventDecl) -> String {
    match new.removed(&event.name) {
        Some(reason) => format!("it was removed: {reason}"),
        None => "it is gone: say why under [removed], or write it under `was` of the event that tells the same now"
            .to_owned(),
    }
}

/// Whoever counts failures looks for their names. One that follows from an old name is led on as that is.
fn failure(
    old: &Registry,
    before: &EventDecl,
    new: &Registry,
    after: &EventDecl,
    successors: &Successors,
) -> Option<Change> {
    let (was, is) = (old.failure(before), new.failure(after));
    if was == is || successors.of_type(&was) == Some(&is) {
        return None;
    }
    let message = format!("it fails as `{is}` now, and no longer as `{was}`");
    Some(Change::new("diff/failure-renamed", Breaks::Consumers, &after.name, message))
}

/// Names that were given up before: a name belongs to one thing for good.
fn given_up(old: &Registry, new: &Registry, gone: &[&EventDecl]) -> Vec<Change> {
    // an event that is gone is told as a whole
    let gone: BTreeSet<&str> = gone.iter().map(|event| &*event.name).collect();
    let renamed = old.events().filter(|event| !gone.contains(&*event.name));
    let renamed = renamed.flat_map(|event| event.was.iter().map(String::as_str));
    let names: BTreeSet<&str> = renamed.chain(old.removals().map(|(name, _)| name)).collect();
    let told = names.into_iter().filter_map(|name| {
        if new.declaring(name).is_some() {
            let message = "this name was given up, and stands for something else again: old traces still have it";
            return Some(Change::new("diff/name-reused", Breaks::Consumers, name, message));
        }
        if new.successor(name).is_some() || new.removed(name).is_some() {
            return None;
        }
        let message = "this name was given up, and nothing leads on from it any more: keep it under `was` or [removed]";
        Some(Change::new("diff/name-forgotten", Breaks::Consumers, name, message))
    });
    told.collect()
}
