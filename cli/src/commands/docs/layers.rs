//! A layer enters; what it is about and owns, its tense, and a good and a bad name leave.

use std::collections::BTreeSet;

use tense_grammar::{EventDecl, Form, Registry, Tense, Written};

use super::index::{Index, Layer};
use crate::markdown::{code, codes, inline, sentence};

pub(super) fn overview(page: &mut String, index: &Index<'_>) {
    *page += "| layer | tense | events | what it is about |\n|---|---|---:|---|\n";
    for Layer { name, tense, decl, events } in &index.layers {
        let about = decl.and_then(|decl| decl.about.as_deref()).map(inline).unwrap_or_default();
        *page += &format!("| {} | {} | {} | {about} |\n", code(name), tense.as_str(), events.len());
    }
    *page += "\n";
}

pub(super) fn section(page: &mut String, registry: &Registry, index: &Index<'_>, layer: &Layer<'_>) {
    *page += &format!("## Layer {}\n\n", code(layer.name));
    if let Some(about) = layer.decl.and_then(|decl| decl.about.as_deref()) {
        *page += &format!("{}\n\n", sentence(about));
    }
    let owned: BTreeSet<&str> = layer.events.iter().filter_map(|event| domain(event)).collect();
    if !owned.is_empty() {
        *page += &format!("It owns {}. ", codes(owned));
    }
    *page += match layer.tense {
        Tense::Past => {
            "Its events say what has happened: their actions are in the past tense. What it reports, no layer of the present \
             reports as well."
        }
        Tense::Present => "Its events say what is being done: their actions are in the present tense.",
        Tense::Any => "Its actions may be in either tense.",
    };
    let outcomes = layer.decl.map(|decl| decl.outcomes.as_slice()).unwrap_or_default();
    if !outcomes.is_empty() {
        *page += &format!(" A name may also close with {}.", codes(outcomes.iter().map(String::as_str)));
    }
    *page += "\n\n";
    if let Some(Example { good, bad, why }) = index.tenses.as_ref().and_then(|tenses| example(registry, tenses, layer))
    {
        *page += &format!("- Good: {}\n- Bad: {}: {}\n\n", code(&good), code(&bad), why);
    }
}

/// The domain of `layer.domain.action`.
fn domain(event: &EventDecl) -> Option<&str> {
    let mut segments = event.name.split('.').skip(1);
    let domain = segments.next()?;
    segments.next().map(|_| domain)
}

struct Example {
    good: String,
    bad: String,
    /// What the compiler says of the bad one.
    why: String,
}

/// The first event of the layer that is not exempt and can be made wrong, and what is said then by the tense alone.
fn example(registry: &Registry, tenses: &Registry, layer: &Layer<'_>) -> Option<Example> {
    let declared = layer.events.iter().filter(|event| event.exempt.is_none());
    let invented = ["created", "create"].map(|action| format!("{}.thing.{action}", layer.name));
    let names = declared.map(|event| event.name.clone()).chain(invented);
    let judge = |name: &str| tenses.resolve(&Written::new(&name.split('.').collect::<Vec<_>>(), Form::Action));
    let example = |good: String| {
        judge(&good).ok()?;
        let (before, action) = good.rsplit_once('.')?;
        let conjugated = registry.conjugate(action);
        let bad = match layer.tense {
            Tense::Past => conjugated.base,
            Tense::Present => conjugated.participle,
            Tense::Any => capitalized(action),
        };
        let bad = format!("{before}.{bad}");
        let why = judge(&bad).err()?.into_iter().next()?.message;
        Some(Example { good, bad, why })
    };
    names.into_iter().find_map(example)
}

fn capitalized(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect()
}
