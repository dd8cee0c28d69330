//! A declared event enters; what it reports, its fields, and what becomes of it when it fails or is slow leave.

use tense_grammar::{EventDecl, FieldDecl, Registry};

use super::index::Index;
use crate::markdown::{code, codes, sentence};
use crate::redaction;

pub(super) fn section(page: &mut String, registry: &Registry, index: &Index<'_>, event: &EventDecl) {
    *page += &format!("### {}\n\n", code(&event.name));
    if let Some(about) = &event.about {
        *page += &format!("{}\n\n", sentence(about));
    }
    fields(page, registry, event);
    *page += &format!("{}\n\n", notes(registry, index, event).join(" "));
}

fn fields(page: &mut String, registry: &Registry, event: &EventDecl) {
    if event.fields.is_empty() {
        let none = if event.declares_fields { "It has no fields of its own." } else { "It may have any fields." };
        *page += &format!("{none}\n\n");
        return;
    }
    *page += "| field | type | |\n|---|---|---|\n";
    for (name, field) in &event.fields {
        let may_be_absent = if field.optional { ", optional" } else { "" };
        let remarks = remarks(registry, event, name, *field).join("; ");
        *page += &format!("| {} | {}{may_be_absent} | {remarks} |\n", code(name), field.kind.as_str());
    }
    *page += "\n";
}

fn remarks(registry: &Registry, event: &EventDecl, name: &str, field: FieldDecl) -> Vec<&'static str> {
    let mut remarks = Vec::new();
    if registry.is_handed_down(name) {
        remarks.push("handed down");
    }
    if event.indexed.iter().any(|indexed| indexed == name) {
        remarks.push("indexed");
    }
    if redaction::hidden_as(name, field.kind, registry).is_some() {
        remarks.push("always redacted: its name is that of a secret");
    }
    remarks
}

fn notes(registry: &Registry, index: &Index<'_>, event: &EventDecl) -> Vec<String> {
    let mut notes = Vec::new();
    let failure = registry.failure(event);
    if let Some(failing) = index.fail_as.get(&event.name) {
        notes.push(format!("It reports the failure of {}.", codes(failing.iter().copied())));
    }
    match registry.life_of(&event.name) {
        Some((start, complete)) if start == event => {
            notes.push(format!("It begins a life, which ends as {} or {}.", code(&complete.name), code(&failure)));
        }
        Some((start, _)) => {
            notes.push(format!(
                "It ends the life that {} begins; when that fails, {}.",
                code(&start.name),
                code(&failure)
            ));
        }
        None => notes.push(format!("When it fails: {}.", code(&failure))),
    }
    if let Some(slow) = event.slow_ms {
        notes.push(format!("From {slow} ms on it is slow."));
    }
    if !event.was.is_empty() {
        notes.push(format!("It was called {}.", codes(event.was.iter().map(String::as_str))));
    }
    if let Some(reason) = &event.exempt {
        notes.push(format!("Exempt from the tense of its layer: {}", sentence(reason)));
    }
    notes
}
