//! Asks the word tables: a word enters, what the tables know about it leaves.
//!
//! The tables themselves are data, sorted and searched by halving: [`irregular`] holds what inflects by heart, [`verbs`]
//! what is a verb and what only looks like one.

mod irregular;
mod verbs;

use std::sync::LazyLock;

/// A verb of any of the tables, unless it is a noun first.
pub(crate) fn is_verb(word: &str) -> bool {
    has(verbs::VERBS, word) || (is_inflected_by_table(word) && !has(verbs::NOUNS_FIRST, word))
}

/// A verb that at the end of an action is a thing: `send_request` sends one.
pub(crate) fn is_object(word: &str) -> bool {
    has(verbs::OBJECTS, word)
}

/// A regular verb of the list; such a word is never taken apart into a prefix and an irregular verb.
pub(crate) fn is_regular(word: &str) -> bool {
    has(verbs::VERBS, word)
}

/// Whether some table says how the word is inflected, verb or not.
pub(crate) fn is_inflected_by_table(word: &str) -> bool {
    irregular(word).is_some()
        || has(irregular::ZERO_CHANGE, word)
        || has(irregular::DOUBLING, word)
        || has(irregular::C_TO_CK, word)
        || compound(word).is_some()
        || clipped(word).is_some()
}

/// The participle of an irregular base: `write` gives `written`.
pub(crate) fn irregular(base: &str) -> Option<&'static str> {
    let at = irregular::IRREGULAR.binary_search_by(|row| row.0.cmp(base)).ok()?;
    irregular::IRREGULAR.get(at).map(|row| row.2)
}

/// The simple past of an irregular base: `write` gives `wrote`.
pub(crate) fn irregular_simple(base: &str) -> Option<&'static str> {
    let at = irregular::IRREGULAR.binary_search_by(|row| row.0.cmp(base)).ok()?;
    irregular::IRREGULAR.get(at).map(|row| row.1)
}

/// The base of an irregular past form: `wrote` and `written` give `write`.
pub(crate) fn irregular_base(past: &str) -> Option<&'static str> {
    look_up(&IRREGULAR_PAST, past)
}

/// What a noun like `rollback` is made of, in the past: `rolled_back`.
pub(crate) fn compound(noun: &str) -> Option<&'static str> {
    look_up(irregular::COMPOUND, noun)
}

/// The participle that a clipped word stands for: `init` gives `initialized`.
pub(crate) fn clipped(word: &str) -> Option<&'static str> {
    look_up(irregular::CLIPPED, word)
}

pub(crate) fn is_zero_change(word: &str) -> bool {
    has(irregular::ZERO_CHANGE, word)
}

pub(crate) fn is_ambiguous_past(word: &str) -> bool {
    has(irregular::AMBIGUOUS, word)
}

pub(crate) fn doubles(word: &str) -> bool {
    has(irregular::DOUBLING, word)
}

pub(crate) fn takes_k(word: &str) -> bool {
    has(irregular::C_TO_CK, word)
}

/// Looks past, is not: `seed`, `hundred`.
pub(crate) fn is_not_past(word: &str) -> bool {
    has(verbs::NOT_PAST, word)
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

/// Past form to base, from both irregular tables. A form that is its own base (`beat`) is no sign of the past.
static IRREGULAR_PAST: LazyLock<Vec<(&'static str, &'static str)>> = LazyLock::new(|| {
    let table =
        irregular::IRREGULAR.iter().flat_map(|&(base, simple, participle)| [(simple, base), (participle, base)]);
    let mut rows: Vec<_> = table
        .chain(irregular::ALSO_PAST.iter().copied())
        .filter(|(form, base)| form != base)
        // `came` is past, but what `come` and `run` are is for the zero-change table to say
        .filter(|(form, _)| !is_zero_change(form))
        .collect();
    rows.sort_unstable();
    rows.dedup_by_key(|row| row.0);
    rows
});

fn has(table: &[&str], word: &str) -> bool {
    table.binary_search(&word).is_ok()
}

fn look_up(table: &[(&'static str, &'static str)], key: &str) -> Option<&'static str> {
    let at = table.binary_search_by(|row| row.0.cmp(key)).ok()?;
    table.get(at).map(|row| row.1)
}

#[cfg(test)]
mod tests {
    use super::irregular::{ALSO_PAST, AMBIGUOUS, C_TO_CK, CLIPPED, COMPOUND, DOUBLING, IRREGULAR, ZERO_CHANGE};
    use super::verbs::{E_ENDINGS, EXCUSES, NOT_ADVERBS, NOT_PAST, NOUNS_FIRST, OBJECTS, PARTICLES, VERBS};
    use super::*;
    use crate::inflect::{Past, base, is_past, participle};

    fn firsts(table: &[(&'static str, &'static str)]) -> Vec<&'static str> {
        table.iter().map(|row| row.0).collect()
    }

    #[test]
    fn tables_are_sorted_and_free_of_duplicates() {
        let irregular: Vec<_> = IRREGULAR.iter().map(|row| row.0).collect();
        let (also, compound, clipped) = (firsts(ALSO_PAST), firsts(COMPOUND), firsts(CLIPPED));
        let tables: &[(&str, &[&str])] = &[
            ("IRREGULAR", &irregular),
            ("ALSO_PAST", &also),
            ("COMPOUND", &compound),
            ("CLIPPED", &clipped),
            ("ZERO_CHANGE", ZERO_CHANGE),
            ("AMBIGUOUS", AMBIGUOUS),
            ("DOUBLING", DOUBLING),
            ("C_TO_CK", C_TO_CK),
            ("VERBS", VERBS),
            ("NOUNS_FIRST", NOUNS_FIRST),
            ("OBJECTS", OBJECTS),
            ("NOT_PAST", NOT_PAST),
            ("PARTICLES", PARTICLES),
            ("NOT_ADVERBS", NOT_ADVERBS),
            ("EXCUSES", EXCUSES),
            ("E_ENDINGS", E_ENDINGS),
        ];
        for (name, table) in tables {
            for pair in table.windows(2) {
                assert!(pair[0] < pair[1], "{name}: `{}` before `{}`", pair[0], pair[1]);
            }
        }
    }

    #[test]
    fn no_word_has_two_inflections() {
        let irregular: Vec<_> = IRREGULAR.iter().map(|row| row.0).collect();
        let (compound, clipped) = (firsts(COMPOUND), firsts(CLIPPED));
        let tables = [VERBS, &irregular, DOUBLING, C_TO_CK, &compound, &clipped];
        for (at, table) in tables.iter().enumerate() {
            for other in tables.iter().skip(at + 1) {
                let both: Vec<_> = table.iter().filter(|word| other.contains(word)).collect();
                assert!(both.is_empty(), "{both:?}");
            }
        }
        for word in ZERO_CHANGE {
            assert_eq!(participle(word), *word);
            assert!(!has(VERBS, word) && !has(DOUBLING, word), "{word}");
        }
        for word in OBJECTS {
            assert!(is_verb(word), "{word} is not even a verb");
        }
        for word in NOUNS_FIRST {
            assert!(is_inflected_by_table(word), "{word} is in no table that it could be kept out of");
        }
    }

    #[test]
    fn irregular_forms_are_past_and_lead_back() {
        for (base_form, simple, participle) in IRREGULAR {
            for form in [simple, participle] {
                assert!(form == base_form || is_past(form) != Past::No, "{base_form}: {form}");
            }
            assert_eq!(super::super::inflect::participle(base_form), *participle);
        }
        for (form, base_form) in ALSO_PAST {
            assert_ne!(is_past(form), Past::No, "{form}");
            assert_eq!(base(form).as_deref(), Some(*base_form));
        }
    }

    /// A past that is none costs trust: no base form of any table may be taken for one.
    #[test]
    fn no_base_form_is_past() {
        let irregular = IRREGULAR.iter().map(|row| &row.0);
        let compound = COMPOUND.iter().map(|row| &row.0);
        let clipped = CLIPPED.iter().map(|row| &row.0);
        let bases = irregular.chain(compound).chain(clipped).chain(VERBS).chain(DOUBLING).chain(C_TO_CK);
        for word in bases.chain(NOT_PAST) {
            assert_ne!(is_past(word), Past::Yes, "{word}");
        }
    }

    /// Up to the spelling: `enrol` comes back as `enroll`, which has the same participle.
    #[test]
    fn every_verb_comes_back_from_its_participle() {
        for word in VERBS.iter().chain(DOUBLING).chain(C_TO_CK) {
            let past = participle(word);
            let base = base(&past).unwrap();
            assert!(base == *word || base.starts_with(word), "{word}: {past}: {base}");
            assert_eq!(participle(&base), past, "{word}");
        }
    }
}
