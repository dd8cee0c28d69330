//! Asks the word tables: a word enters, what the tables know about it leaves.
//!
//! The tables themselves are data, sorted and searched by halving. Written by hand are [`mod@irregular`], what inflects
//! by heart; [`technical`], what programs say and dictionaries do not; [`verbs`], what is a verb and what only looks
//! like one. [`wordnet`] is made from word data by `cargo xtask words`; where it disagrees, what is written by hand
//! holds.

mod irregular;
mod technical;
mod verbs;
mod wordnet;
#[cfg(test)]
mod consistency;

use std::cmp::Ordering;
use std::sync::LazyLock;

/// A verb of any of the tables, unless it is a noun first.
pub(crate) fn is_verb(word: &str) -> bool {
    is_regular(word) || (is_inflected_by_table(word) && !has(verbs::NOUNS_FIRST, word))
}

/// A verb that at the end of an action is a thing: `send_request` sends one.
pub(crate) fn is_object(word: &str) -> bool {
    has(verbs::OBJECTS, word)
}

/// A regular verb of the lists; such a word is never taken apart into a prefix and an irregular verb.
pub(crate) fn is_regular(word: &str) -> bool {
    let is_listed = |verb: &str| [verbs::VERBS, technical::VERBS, wordnet::VERBS].iter().any(|table| has(table, verb));
    // `organise` is in no table, `organize` is
    is_listed(word) || word.strip_suffix("ise").is_some_and(|stem| is_listed(&format!("{stem}ize")))
}

/// Whether some table says how the word is inflected, verb or not. That a consonant is doubled is spelling, and makes
/// no verb of a noun (`diagram`).
pub(crate) fn is_inflected_by_table(word: &str) -> bool {
    irregular(word).is_some()
        || is_zero_change(word)
        || has(technical::DOUBLING, word)
        || takes_k(word)
        || compound(word).is_some()
        || clipped(word).is_some()
}

/// The simple past and the participle of an irregular base: `write` gives `wrote` and `written`.
pub(crate) fn irregular(base: &str) -> Option<(&'static str, &'static str)> {
    [irregular::IRREGULAR, wordnet::IRREGULAR].iter().find_map(|table| {
        let at = table.binary_search_by(|row| row.0.cmp(base)).ok()?;
        table.get(at).map(|row| (row.1, row.2))
    })
}

/// The base of an irregular past form: `wrote` and `written` give `write`.
pub(crate) fn irregular_base(past: &str) -> Option<&'static str> {
    look_up(&IRREGULAR_PAST, past)
}

/// What a noun like `rollback` is made of, in the past: `rolled_back`.
pub(crate) fn compound(noun: &str) -> Option<&'static str> {
    look_up(technical::COMPOUND, noun)
}

/// The participle that a clipped word stands for: `init` gives `initialized`.
pub(crate) fn clipped(word: &str) -> Option<&'static str> {
    look_up(technical::CLIPPED, word)
}

pub(crate) fn is_zero_change(word: &str) -> bool {
    has(irregular::ZERO_CHANGE, word) || has(wordnet::ZERO_CHANGE, word)
}

pub(crate) fn is_ambiguous_past(word: &str) -> bool {
    has(irregular::AMBIGUOUS, word)
}

pub(crate) fn doubles(word: &str) -> bool {
    has(technical::DOUBLING, word) || has(wordnet::DOUBLING, word)
}

pub(crate) fn takes_k(word: &str) -> bool {
    has(irregular::C_TO_CK, word) || has(wordnet::C_TO_CK, word)
}

/// Looks past, is not: `seed`, `hundred`.
pub(crate) fn is_not_past(word: &str) -> bool {
    has(verbs::NOT_PAST, word) || has(wordnet::NOT_PAST, word)
}

/// A verb in -ee: `freed` is past, while `seaweed` and `overfeed` are not.
pub(crate) fn ends_in_double_e(verb: &str) -> bool {
    has(wordnet::DOUBLE_E, verb)
}

/// A verb, though a noun as often, whose ending hides what it is: `hinged` is from `hinge`, `banged` from `bang`.
pub(crate) fn is_hidden_base(verb: &str) -> bool {
    has(wordnet::HIDDEN, verb)
}

/// Zero-change words that are things more often than acts: `offset`, `input`.
pub(crate) fn is_noun_first(word: &str) -> bool {
    has(verbs::NOUNS_FIRST, word)
}

pub(crate) fn is_particle(word: &str) -> bool {
    has(verbs::PARTICLES, word)
}

/// First words after which a present layer asks no further: `is_blocked`, `based_on_policy`.
pub(crate) fn excuses(word: &str) -> bool {
    has(verbs::EXCUSES, word)
}

/// A word in -ly that says how, not what: `successfully`, but not `apply` nor `family`.
pub(crate) fn is_adverb(word: &str) -> bool {
    word == "once" || word == "twice" || (word.ends_with("ly") && !is_verb(word) && !has(verbs::NOT_ADVERBS, word))
}

/// Whether a stem that lost its -ed probably lost an e with it: `frobnicat`.
pub(crate) fn stem_wants_e(last_two: &str) -> bool {
    has(verbs::E_ENDINGS, last_two)
}

/// Past form to base, from all irregular tables. A form that is its own base (`beat`) is no sign of the past.
static IRREGULAR_PAST: LazyLock<Vec<(&'static str, &'static str)>> = LazyLock::new(|| {
    let tables = [irregular::IRREGULAR, wordnet::IRREGULAR];
    let forms = tables.iter().copied().flatten().flat_map(|&(base, simple, past)| [(simple, base), (past, base)]);
    // `overlay` is a verb before it is the past of `overlie`
    let is_composed_base = |form: &str| wordnet::IRREGULAR.binary_search_by(|row| row.0.cmp(form)).is_ok();
    let mut rows: Vec<_> = forms
        .chain(irregular::ALSO_PAST.iter().copied())
        .chain(wordnet::ALSO_PAST.iter().copied())
        .filter(|(form, base)| form != base && !is_composed_base(form))
        // `came` is past, but what `come` and `run` are is for the zero-change table to say
        .filter(|(form, _)| !is_zero_change(form))
        .collect();
    rows.sort_unstable();
    rows.dedup_by_key(|row| row.0);
    rows
});

// Macros are not optimized, and there the search of the standard library costs several calls a step; hence these loops.

fn has(table: &[&str], word: &str) -> bool {
    let (mut low, mut high) = (0, table.len());
    while low < high {
        let middle = low + (high - low) / 2;
        match word.cmp(table[middle]) {
            Ordering::Less => high = middle,
            Ordering::Equal => return true,
            Ordering::Greater => low = middle + 1,
        }
    }
    false
}

fn look_up(table: &[(&'static str, &'static str)], key: &str) -> Option<&'static str> {
    let (mut low, mut high) = (0, table.len());
    while low < high {
        let middle = low + (high - low) / 2;
        let (word, found) = table[middle];
        match key.cmp(word) {
            Ordering::Less => high = middle,
            Ordering::Equal => return Some(found),
            Ordering::Greater => low = middle + 1,
        }
    }
    None
}
