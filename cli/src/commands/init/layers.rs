//! The annotations of a layer enter; the tense that they keep leaves, and what would have to be renamed to keep it.

use tense_grammar::{Registry, Tense};

use super::found::Annotation;

/// What is proposed for a layer.
pub(super) struct Layer {
    pub(super) name: String,
    pub(super) tense: Tense,
    /// The tense that most of its names keep where not all of them do, how many, and what the others would be called.
    pub(super) nearly: Option<Nearly>,
    /// What a failure is called today, and what it will be called, where that changes.
    pub(super) failure: Option<(String, String)>,
}

pub(super) struct Nearly {
    pub(super) tense: Tense,
    pub(super) keep: usize,
    pub(super) all: usize,
    pub(super) others: Vec<String>,
}

/// Proposes a tense that changes no name: a layer that is built in has one; another one gets that which all of its
/// names keep, and `any` where they are divided, or say nothing of it.
pub(super) fn propose(name: &str, annotations: &[Annotation]) -> Layer {
    let builtin = Registry::builtin();
    if let Some((_, decl)) = builtin.layers().find(|(layer, _)| *layer == name) {
        return Layer { name: name.to_owned(), tense: decl.tense, nearly: None, failure: None };
    }
    let of_layer: Vec<&Annotation> = annotations.iter().filter(|annotation| annotation.layer() == name).collect();
    let keep = |tense| {
        let registry = with_tense(name, tense);
        of_layer.iter().filter(|annotation| annotation.stays(&registry)).count()
    };
    let (past, present, all) = (keep(Tense::Past), keep(Tense::Present), of_layer.len());
    let (tense, kept) = if past > present { (Tense::Past, past) } else { (Tense::Present, present) };
    if past == present {
        return Layer { name: name.to_owned(), tense: Tense::Any, nearly: None, failure: None };
    }
    let registry = with_tense(name, tense);
    if kept == all {
        let failures = of_layer.iter().map(|annotation| (annotation.failure(&builtin), annotation.failure(&registry)));
        let failure = failures.filter_map(|(today, then)| Some((today?, then?))).find(|(today, then)| today != then);
        return Layer { name: name.to_owned(), tense, nearly: None, failure };
    }
    let others = of_layer
        .iter()
        .filter(|annotation| !annotation.stays(&registry))
        .map(|annotation| other(annotation, &registry));
    let mut others: Vec<String> = others.collect();
    others.sort();
    others.dedup();
    Layer {
        name: name.to_owned(),
        tense: Tense::Any,
        nearly: Some(Nearly { tense, keep: kept, all, others }),
        failure: None,
    }
}

/// What would become of a name in a layer of that tense.
fn other(annotation: &Annotation, registry: &Registry) -> String {
    let old = annotation.events.join(", ");
    match annotation.resolve(registry) {
        // taken from a function's name, or the word of a life
        Ok(tense_grammar::Resolved::Action { event, .. }) => format!("{old} -> {event}, by itself"),
        Ok(tense_grammar::Resolved::Life { start, complete, .. }) => format!("{old} -> {start}, {complete}, by itself"),
        Err(violations) => {
            let right = violations.iter().find_map(|violation| violation.suggestion.as_deref());
            match (right, old.rsplit_once('.')) {
                (Some(right), Some((before, _))) => format!("{old} -> {before}.{right}"),
                _ => format!(
                    "{old} -> a name of your own: {}",
                    violations.first().map(ToString::to_string).unwrap_or_default()
                ),
            }
        }
    }
}

fn with_tense(layer: &str, tense: Tense) -> Registry {
    let text = format!("version = 1\n[layers.{layer}]\ntense = \"{}\"\n", tense.as_str());
    // a layer of a name that resolves is a word, so this is a file without mistakes
    Registry::parse(&text).unwrap_or_else(|_| Registry::builtin())
}
