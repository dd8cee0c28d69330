//! Whether the tables are what [`super`] takes them for: sorted, and of one opinion.

use super::irregular::{ALSO_PAST, AMBIGUOUS, C_TO_CK, IRREGULAR, ZERO_CHANGE};
use super::technical::{CLIPPED, COMPOUND, DOUBLING};
use super::verbs::{E_ENDINGS, EXCUSES, NOT_ADVERBS, NOT_PAST, NOUNS_FIRST, OBJECTS, PARTICLES, VERBS};
use super::*;
use crate::inflect::{Past, base, is_past, participle};

fn firsts(table: &[(&'static str, &'static str)]) -> Vec<&'static str> {
    table.iter().map(|row| row.0).collect()
}

fn bases(table: &[(&'static str, &'static str, &'static str)]) -> Vec<&'static str> {
    table.iter().map(|row| row.0).collect()
}

/// All that inflect by their own table, hand-written and made; the two of a kind as one.
fn inflecting() -> Vec<Vec<&'static str>> {
    vec![
        [bases(IRREGULAR), bases(wordnet::IRREGULAR)].concat(),
        [DOUBLING, wordnet::DOUBLING].concat(),
        [C_TO_CK, wordnet::C_TO_CK].concat(),
        firsts(COMPOUND),
        firsts(CLIPPED),
    ]
}

#[test]
fn tables_are_sorted_and_free_of_duplicates() {
    let (irregular, composed) = (bases(IRREGULAR), bases(wordnet::IRREGULAR));
    let (also, also_wordnet) = (firsts(ALSO_PAST), firsts(wordnet::ALSO_PAST));
    let (compound, clipped) = (firsts(COMPOUND), firsts(CLIPPED));
    let tables: &[(&str, &[&str])] = &[
        ("irregular::IRREGULAR", &irregular),
        ("irregular::ALSO_PAST", &also),
        ("irregular::ZERO_CHANGE", ZERO_CHANGE),
        ("irregular::AMBIGUOUS", AMBIGUOUS),
        ("irregular::C_TO_CK", C_TO_CK),
        ("technical::COMPOUND", &compound),
        ("technical::CLIPPED", &clipped),
        ("technical::DOUBLING", DOUBLING),
        ("technical::VERBS", technical::VERBS),
        ("verbs::VERBS", VERBS),
        ("verbs::NOUNS_FIRST", NOUNS_FIRST),
        ("verbs::OBJECTS", OBJECTS),
        ("verbs::NOT_PAST", NOT_PAST),
        ("verbs::PARTICLES", PARTICLES),
        ("verbs::NOT_ADVERBS", NOT_ADVERBS),
        ("verbs::EXCUSES", EXCUSES),
        ("verbs::E_ENDINGS", E_ENDINGS),
        ("wordnet::IRREGULAR", &composed),
        ("wordnet::ALSO_PAST", &also_wordnet),
        ("wordnet::ZERO_CHANGE", wordnet::ZERO_CHANGE),
        ("wordnet::DOUBLING", wordnet::DOUBLING),
        ("wordnet::C_TO_CK", wordnet::C_TO_CK),
        ("wordnet::DOUBLE_E", wordnet::DOUBLE_E),
        ("wordnet::HIDDEN", wordnet::HIDDEN),
        ("wordnet::NOT_PAST", wordnet::NOT_PAST),
        ("wordnet::VERBS", wordnet::VERBS),
    ];
    for (name, table) in tables {
        for pair in table.windows(2) {
            assert!(pair[0] < pair[1], "{name}: `{}` before `{}`", pair[0], pair[1]);
        }
    }
}

/// What is written by hand says what the made tables do not, or says otherwise; it is no copy of them.
#[test]
fn nothing_is_written_by_hand_that_is_made() {
    for (hand, made) in [
        (VERBS, wordnet::VERBS),
        (technical::VERBS, wordnet::VERBS),
        (technical::VERBS, VERBS),
        (DOUBLING, wordnet::DOUBLING),
        (ZERO_CHANGE, wordnet::ZERO_CHANGE),
        (C_TO_CK, wordnet::C_TO_CK),
        (NOT_PAST, wordnet::NOT_PAST),
    ] {
        let both: Vec<_> = hand.iter().filter(|word| made.contains(word)).collect();
        assert!(both.is_empty(), "{both:?}");
    }
    for row in IRREGULAR {
        assert!(!wordnet::IRREGULAR.contains(row), "{row:?}");
    }
    for row in ALSO_PAST {
        assert!(!wordnet::ALSO_PAST.contains(row), "{row:?}");
    }
}

#[test]
fn no_word_has_two_inflections() {
    let tables = inflecting();
    for (at, table) in tables.iter().enumerate() {
        for other in tables.iter().skip(at + 1) {
            let both: Vec<_> = table.iter().filter(|word| other.contains(word)).collect();
            assert!(both.is_empty(), "{both:?}");
        }
    }
    for word in [VERBS, technical::VERBS, wordnet::VERBS].concat() {
        let regular = participle(word);
        assert!(regular.ends_with("ed") && !regular.contains('_') && clipped(word).is_none(), "{word}: {regular}");
    }
    for word in [ZERO_CHANGE, wordnet::ZERO_CHANGE].concat() {
        assert_eq!(participle(word), word);
        assert!(!is_regular(word) && !has(DOUBLING, word), "{word}");
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
    for (base_form, simple, participle) in IRREGULAR.iter().chain(wordnet::IRREGULAR) {
        for form in [simple, participle] {
            assert!(form == base_form || is_past(form) != Past::No, "{base_form}: {form}");
        }
    }
    for (base_form, _, participle) in IRREGULAR {
        assert_eq!(crate::inflect::participle(base_form), *participle);
    }
    for (form, base_form) in ALSO_PAST.iter().chain(wordnet::ALSO_PAST) {
        assert_ne!(is_past(form), Past::No, "{form}");
        assert_eq!(base(form).as_deref(), Some(*base_form));
    }
}

/// A past that is none costs trust: no base form of any table may be taken for one.
#[test]
fn no_base_form_is_past() {
    let tables =
        [VERBS, technical::VERBS, wordnet::VERBS, wordnet::DOUBLE_E, wordnet::HIDDEN, NOT_PAST, wordnet::NOT_PAST]
            .concat();
    for word in inflecting().concat().into_iter().chain(tables) {
        assert_ne!(is_past(word), Past::Yes, "{word}");
    }
}

/// Up to the spelling: `enrol` comes back as `enroll`, which has the same participle.
#[test]
fn every_verb_comes_back_from_its_participle() {
    let verbs = [VERBS, technical::VERBS, wordnet::VERBS, DOUBLING, C_TO_CK, wordnet::DOUBLING, wordnet::C_TO_CK];
    for word in verbs.concat().into_iter().chain([wordnet::DOUBLE_E, wordnet::HIDDEN].concat()) {
        let past = participle(word);
        let Some(base) = base(&past) else { panic!("{word}: {past} is not past") };
        assert!(base == word || base.starts_with(word), "{word}: {past}: {base}");
        assert_eq!(participle(&base), past, "{word}");
    }
}
