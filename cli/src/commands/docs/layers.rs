//! A layer enters; what it is about and owns, its tense, and a good and a bad name leave.

use std::collections::BTreeSet;

use tense_grammar::{EventDecl, Form, LayerDecl, Registry, Tense, Written};

use super::markdown::{code, codes, inline, sentence};

/// The layer that an event belongs to.
pub(super) fn of(event: &EventDecl) -> &str {
    event.name.split('.').next().unwrap_or_default()
}

/// Layers that have events, or that somebody has said something about. Those that are built in and unused are not shown.
pub(super) fn used(registry: &Registry) -> impl Iterator<Item = (&str, &LayerDecl)> {
    let built_in = Registry::builtin();
    registry.layers().filter(move |(layer, decl)| {
        let is_as_built_in = built_in.layers().any(|(name, of_name)| name == *layer && of_name == *decl);
        let has_events = registry.events().any(|event| of(event) == *layer);
        has_events || !is_as_built_in || registry.events().next().is_none()
    })
}

pub(super) fn overview(page: &mut String, registry: &Registry) {
    *page += "| layer | tense | events | what it is about |\n|---|---|---:|---|\n";
    for (layer, decl) in used(registry) {
        let events = registry.events().filter(|event| of(event) == layer).count();
        let about = decl.about.as_deref().map(inline).unwrap_or_default();
        *page += &format!("| {} | {} | {events} | {about} |\n", code(layer), word(decl.tense));
    }
    *page += "\n";
}

pub(super) fn section(page: &mut String, registry: &Registry, layer: &str, decl: &LayerDecl) {
    *page += &format!("## Layer {}\n\n", code(layer));
    if let Some(about) = &decl.about {
        *page += &format!("{}\n\n", sentence(about));
    }
    let owned: BTreeSet<&str> = registry.events().filter(|event| of(event) == layer).filter_map(domain).collect();
    if !owned.is_empty() {
        *page += &format!("It owns {}. ", codes(owned));
    }
    *page += match decl.tense {
        Tense::Past => {
            "Its events say what has happened: their actions are in the past tense. What it reports, no layer of the present reports as well."
        }
        Tense::Present => "Its events say what is being done: their actions are in the present tense.",
        Tense::Any => "Its actions may be in either tense.",
    };
    if !decl.outcomes.is_empty() {
        *page += &format!(" A name may also close with {}.", codes(decl.outcomes.iter().map(String::as_str)));
    }
    *page += "\n\n";
    if let Some(Example { good, bad, why }) = example(registry, layer, decl.tense) {
        *page += &format!("- Good: {}\n- Bad: {}: {}\n\n", code(&good), code(&bad), why);
    }
}

fn word(tense: Tense) -> &'static str {
    match tense {
        Tense::Past => "past",
        Tense::Present => "present",
        Tense::Any => "any",
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
fn example(registry: &Registry, layer: &str, tense: Tense) -> Option<Example> {
    let judge = tenses_of(registry)?;
    let declared = registry.events().filter(|event| of(event) == layer && event.exempt.is_none());
    let invented = ["created", "create"].map(|action| format!("{layer}.thing.{action}"));
    let names = declared.map(|event| event.name.clone()).chain(invented);
    let example = |good: String| {
        judge.resolve(&Written::new(&good.split('.').collect::<Vec<_>>(), Form::Action)).ok()?;
        let (before, action) = good.rsplit_once('.')?;
        let conjugated = registry.conjugate(action);
        let bad = match tense {
            Tense::Past => conjugated.base,
            Tense::Present => conjugated.participle,
            Tense::Any => capitalized(action),
        };
        let bad = format!("{before}.{bad}");
        let violations = judge.resolve(&Written::new(&bad.split('.').collect::<Vec<_>>(), Form::Action)).err()?;
        Some(Example { good, bad, why: violations.into_iter().next()?.message })
    };
    names.into_iter().find_map(example)
}

/// The same layers with open names: what a name has to be, and not whether somebody has declared it.
fn tenses_of(registry: &Registry) -> Option<Registry> {
    let mut text = String::from("version = 1\n");
    for (layer, decl) in registry.layers() {
        text += &format!("[layers.{layer}]\ntense = \"{}\"\n", word(decl.tense));
        if !decl.outcomes.is_empty() {
            let outcomes: Vec<String> = decl.outcomes.iter().map(|outcome| format!("\"{outcome}\"")).collect();
            text += &format!("outcomes = [{}]\n", outcomes.join(", "));
        }
    }
    Registry::parse(&text).ok()
}

fn capitalized(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect()
}
