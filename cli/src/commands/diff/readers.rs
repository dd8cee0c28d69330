//! What readers can rely on enters, before and after; what they no longer can leaves, as far as no change of the event
//! itself says it.
//!
//! An event changes for its readers without a change of its own: a rule under `[foreign]` leads to it, another event
//! fails as it, a field is handed down, a failure that followed from a name is declared. [`Shapes`] knows all of that,
//! for `tense schema` and for this.

use std::collections::{BTreeMap, BTreeSet};

use tense_event::Status;
use tense_grammar::{FieldKind, Registry};

use super::change::{Breaks, Change};
use crate::commands::schema::shape::{Field, Shape, Shapes};
use crate::successors::Successors;

pub(super) fn compare(old: &Registry, new: &Registry, successors: &Successors) -> Vec<Change> {
    let (before, after) = (Shapes::of(old), Shapes::of(new));
    let after: BTreeMap<&str, &Shape<'_>> = after.events.iter().map(|shape| (shape.name.as_str(), shape)).collect();
    let mut changes = Vec::new();
    for was in &before.events {
        let same = after.get(was.name.as_str());
        // what is gone is told where events are compared
        let Some(is) = same.or_else(|| after.get(successors.of_type(&was.name)?)) else { continue };
        changes.extend(statuses(was, is, new));
        changes.extend(promises(was, is, new));
        if was.fails.is_some() != is.fails.is_some() {
            changes.extend(kinds(was, is));
        }
    }
    changes
}

/// Ways to end that nobody had to reckon with.
fn statuses(was: &Shape<'_>, is: &Shape<'_>, new: &Registry) -> Vec<Change> {
    let added = is.statuses.iter().filter(|status| !was.statuses.contains(status));
    let change = |status: &Status| {
        let why = match status {
            Status::Pending => "it begins a life".to_owned(),
            _ => failing(is, new),
        };
        let message = format!("its status may be `{}` now: {why}", status.as_str());
        Change::new("diff/status-added", Breaks::Consumers, &is.name, message)
    };
    added.map(change).collect()
}

/// What fails under the name of an event.
fn failing(is: &Shape<'_>, new: &Registry) -> String {
    let sources = new.foreign_rules().filter(|(_, rule)| rule.event == is.name).map(|(source, _)| source);
    let sources: Vec<String> = sources.map(|source| format!("`{source}`")).collect();
    if !sources.is_empty() {
        return format!("it tells of {}, which may fail", sources.join(", "));
    }
    let events = new.events().filter(|event| new.failure(event) == is.name);
    let events: BTreeSet<String> = events.map(|event| format!("`{}`", event.name)).collect();
    format!("it reports the failure of {}", events.into_iter().collect::<Vec<_>>().join(", "))
}

/// Fields that were always there and may be absent, though they are declared as they were.
fn promises(was: &Shape<'_>, is: &Shape<'_>, new: &Registry) -> Vec<Change> {
    let excused = is.statuses.iter().any(|status| was.whole.contains(status) && !is.whole.contains(status));
    let after: BTreeMap<&str, &Field<'_>> = is.required().map(|field| (field.name, field)).collect();
    let lost = was.required().filter_map(|before| {
        let after = after.get(before.name)?;
        (excused || was.promises(before) && !is.promises(after)).then_some(())?;
        let why = if after.is_handed_down && !before.is_handed_down {
            "it is handed down, so the compiler does not ask for it".to_owned()
        } else {
            failing(is, new)
        };
        let message = format!("the field `{}` was always there, and may be absent now: {why}", before.name);
        Some(Change::new("diff/field-optional", Breaks::Consumers, &is.name, message).of_field(before.name))
    });
    lost.collect()
}

/// Fields of another kind, where a failure that followed from a name was declared, or the other way round.
fn kinds(was: &Shape<'_>, is: &Shape<'_>) -> Vec<Change> {
    let before = was.fields.iter().filter_map(|before| {
        let after = is.fields.iter().find(|after| after.name == before.name)?;
        Some((before, after)).filter(|(before, after)| before.kind != after.kind && before.kind != FieldKind::Json)
    });
    let change = |(before, after): (&Field<'_>, &Field<'_>)| {
        let id = if after.kind == FieldKind::Json { "diff/type-widened" } else { "diff/type-changed" };
        let (was, kind) = (before.kind.as_str(), after.kind.as_str());
        let message = format!("the field `{}` was {was} and is {kind}", before.name);
        Change::new(id, Breaks::Consumers, &is.name, message).of_field(before.name)
    };
    before.map(change).collect()
}
