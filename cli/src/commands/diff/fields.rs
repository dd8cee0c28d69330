//! One event of two registries enters; what has become of its fields leaves.

use tense_grammar::{EventDecl, FieldDecl, FieldKind, Registry};

use super::change::{Breaks, Change};

pub(super) fn compare(old: &Registry, before: &EventDecl, new: &Registry, after: &EventDecl) -> Vec<Change> {
    let name = after.name.as_str();
    let mut changes = Vec::new();
    // where all names were opened or closed, that is told once
    let is_of_its_own = old.is_closed() == new.is_closed();
    match (before.declares_fields, after.declares_fields) {
        _ if !is_of_its_own => {}
        (false, true) => {
            let message = "it took any fields, and now only those that it declares";
            changes.push(Change::new("diff/fields-closed", Breaks::Producers, name, message));
        }
        (true, false) => {
            let message = "it takes any fields now";
            changes.push(Change::new("diff/fields-opened", Breaks::Nobody, name, message));
        }
        _ => {}
    }
    for (field, was) in &before.fields {
        let change = match after.fields.get(field) {
            Some(is) => {
                changes.extend(kind(name, field, *was, *is));
                presence(name, field, *was, *is, new)
            }
            None => Some(gone(name, field, *was, new, after)),
        };
        changes.extend(change.map(|change| change.of_field(field)));
    }
    for (field, is) in after.fields.iter().filter(|(field, _)| !before.fields.contains_key(*field)) {
        let change = if is.optional {
            let message = format!("the field `{field}` ({}) is new, and may be absent", written(*is));
            Change::new("diff/field-added", Breaks::Nobody, name, message)
        } else {
            let message =
                format!("the field `{field}` ({}) is new, and always there: {}", written(*is), advice(field, *is, new));
            Change::new("diff/field-required", Breaks::Producers, name, message)
        };
        changes.push(change.of_field(field));
    }
    changes
}

fn gone(name: &str, field: &str, was: FieldDecl, new: &Registry, after: &EventDecl) -> Change {
    // what is handed down may be recorded everywhere
    let producers = after.declares_fields && !new.is_handed_down(field);
    // an event that takes any fields may have it still, and of another type
    let consumers = !was.optional || !after.declares_fields;
    let message = format!("the field `{field}` ({}) is gone", written(was));
    Change::new("diff/field-removed", Breaks::of(producers, consumers), name, message)
}

fn presence(name: &str, field: &str, was: FieldDecl, is: FieldDecl, new: &Registry) -> Option<Change> {
    match (was.optional, is.optional) {
        (true, false) => {
            let message = format!("the field `{field}` is always there now: {}", advice(field, is, new));
            Some(Change::new("diff/field-required", Breaks::Producers, name, message))
        }
        (false, true) => {
            let message = format!("the field `{field}` was always there, and may be absent now");
            Some(Change::new("diff/field-optional", Breaks::Consumers, name, message))
        }
        _ => None,
    }
}

fn kind(name: &str, field: &str, was: FieldDecl, is: FieldDecl) -> Option<Change> {
    let (id, breaks) = match (was.kind, is.kind) {
        (was, is) if was == is => return None,
        (FieldKind::Json, _) => ("diff/type-narrowed", Breaks::Producers),
        (_, FieldKind::Json) => ("diff/type-widened", Breaks::Consumers),
        _ => ("diff/type-changed", Breaks::Both),
    };
    let message = format!("the field `{field}` was {} and is {}", was.kind.as_str(), is.kind.as_str());
    Some(Change::new(id, breaks, name, message).of_field(field))
}

/// As in the file.
fn written(field: FieldDecl) -> String {
    format!("{}{}", field.kind.as_str(), if field.optional { "?" } else { "" })
}

fn advice(field: &str, is: FieldDecl, new: &Registry) -> String {
    let optional = format!("declare it as \"{}?\"", is.kind.as_str());
    if new.is_handed_down(field) {
        format!("where no span above records it, events name it under `absent`; {optional} if that is meant to be")
    } else {
        format!("calls that do not record it no longer compile; {optional} to keep them")
    }
}
