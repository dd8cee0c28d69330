//! The registry enters; what the sections of the page look up in it leaves, so that each of thousands of events need
//! not look through all others.

use std::collections::{BTreeMap, HashMap};

use tense_grammar::{EventDecl, LayerDecl, Registry, Tense, layer_of};

pub(super) struct Index<'r> {
    /// Layers that have events, or that somebody has said something about. Those that are built in and unused are not
    /// shown.
    pub(super) layers: Vec<Layer<'r>>,
    /// Under the name of a failure, the events that it is the failure of.
    pub(super) fail_as: HashMap<String, Vec<&'r str>>,
    /// The same layers with open names: it says what a name has to be, and not whether somebody has declared it.
    pub(super) tenses: Option<Registry>,
}

pub(super) struct Layer<'r> {
    pub(super) name: &'r str,
    pub(super) tense: Tense,
    /// What is declared about it, if anything.
    pub(super) decl: Option<&'r LayerDecl>,
    pub(super) events: Vec<&'r EventDecl>,
}

impl<'r> Index<'r> {
    pub(super) fn of(registry: &'r Registry) -> Self {
        let mut fail_as: HashMap<String, Vec<&str>> = HashMap::new();
        let mut by_layer: BTreeMap<&str, Vec<&EventDecl>> = BTreeMap::new();
        for event in registry.events() {
            fail_as.entry(registry.failure(event)).or_default().push(&event.name);
            by_layer.entry(layer_of(&event.name)).or_default().push(event);
        }
        let declared: BTreeMap<&str, &LayerDecl> = registry.layers().collect();
        let built_in = Registry::builtin();
        let built_in: BTreeMap<&str, &LayerDecl> = built_in.layers().collect();
        let is_empty = by_layer.is_empty();
        for (layer, decl) in &declared {
            if is_empty || built_in.get(layer) != Some(decl) {
                by_layer.entry(layer).or_default();
            }
        }
        let layer =
            |(name, events)| Layer { name, tense: registry.tense_of(name), decl: declared.get(name).copied(), events };
        Self { layers: by_layer.into_iter().map(layer).collect(), fail_as, tenses: tenses(registry) }
    }
}

fn tenses(registry: &Registry) -> Option<Registry> {
    let mut text = String::from("version = 1\n");
    for (layer, decl) in registry.layers() {
        text += &format!("[layers.{layer}]\ntense = \"{}\"\n", decl.tense.as_str());
        if !decl.outcomes.is_empty() {
            let outcomes: Vec<String> = decl.outcomes.iter().map(|outcome| format!("\"{outcome}\"")).collect();
            text += &format!("outcomes = [{}]\n", outcomes.join(", "));
        }
    }
    Registry::parse(&text).ok()
}
