//! Events that are gone and events that are new enter; those of them that are probably the same leave in pairs.

use std::collections::BTreeSet;

use tense_grammar::{EventDecl, Registry, layer_of, nearest};

/// So many fields have to be the same before an event is taken for another one by its fields alone.
const TELLING: usize = 2;

/// So many pairs are looked at. Whoever gives thousands of events new names at once has read no list of them.
const MOST_PAIRS: usize = 1_000_000;

/// Why two events are taken for one, the best reason first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Alike {
    /// The same words, in whatever form and order: `dispatch.token.create`, `operation.tokens.created`.
    Words,
    /// A letter or two.
    Letters,
    /// The same fields, in the same layer.
    Fields,
}

/// Each event once at most: the best pairs are taken first.
pub(super) fn pairs<'a>(
    gone: &[&'a EventDecl],
    added: &[&'a EventDecl],
    registry: &Registry,
) -> Vec<(&'a EventDecl, &'a EventDecl)> {
    if gone.len().saturating_mul(added.len()) > MOST_PAIRS {
        return Vec::new();
    }
    let words = |event: &EventDecl| words(&event.name, registry);
    let added: Vec<(&EventDecl, BTreeSet<String>)> = added.iter().map(|event| (*event, words(event))).collect();
    let mut candidates = Vec::new();
    for old in gone {
        let of_old = words(old);
        for (new, of_new) in &added {
            let alike = alike(old, &of_old, new, of_new);
            candidates.extend(alike.map(|alike| (alike, old.fields != new.fields, &old.name, &new.name, *old, *new)));
        }
    }
    candidates.sort_by_key(|(alike, differ, old, new, ..)| (*alike, *differ, *old, *new));
    let mut taken = BTreeSet::new();
    let mut pairs = Vec::new();
    for (_, _, old_name, new_name, old, new) in candidates {
        if !taken.contains(old_name) && !taken.contains(new_name) {
            taken.extend([old_name, new_name]);
            pairs.push((old, new));
        }
    }
    pairs
}

fn alike(old: &EventDecl, of_old: &BTreeSet<String>, new: &EventDecl, of_new: &BTreeSet<String>) -> Option<Alike> {
    // the layer is not among the words
    if of_old == of_new {
        return Some(Alike::Words);
    }
    let shares = old.fields.keys().any(|field| new.fields.contains_key(field));
    if is_a_slip(&old.name, &new.name) && (shares || old.fields.is_empty() == new.fields.is_empty()) {
        return Some(Alike::Letters);
    }
    let same_fields =
        old.fields == new.fields && old.fields.len() >= TELLING && layer_of(&old.name) == layer_of(&new.name);
    same_fields.then_some(Alike::Fields)
}

/// Whether every segment is the same but for a letter or two. Of whole names a third of the letters would be a word.
fn is_a_slip(old: &str, new: &str) -> bool {
    let mut segments = old.split('.').zip(new.split('.'));
    old.split('.').count() == new.split('.').count() && segments.all(|(old, new)| nearest(old, [new]).is_some())
}

/// What a name says without its layer and without inflection.
fn words(name: &str, registry: &Registry) -> BTreeSet<String> {
    let words = name.split('.').skip(1).flat_map(|segment| segment.split('_'));
    words.map(|word| registry.conjugate(word.strip_suffix('s').unwrap_or(word)).base).collect()
}
