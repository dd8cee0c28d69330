//! How well words are judged, measured against a lexicon that the tables were not made from.
//!
//! The tables come from WordNet and SCOWL, and from our own hands (`src/words/`). The two lists here come from
//! elsewhere: `data/verbs.txt` holds 5,000 verbs with all forms, `data/not_past.txt` words that are no past form of any
//! verb, both as the SPECIALIST Lexicon has them in the package `lemminflect`; the verbs are its most frequent ones by
//! the frequency dictionary of `symspellpy`. No word stands in a table because it was missed here. The rules, of
//! spelling and of what goes into a table, were mended with the misses in sight; on the lexicon's other 1,468 verbs,
//! which nobody looked at, the participle is right for 98.9 %. `cargo xtask words` makes the lists, `NOTICE` says under
//! which licences.
//!
//! Left out of the second list are adjectives that end in a participle: `unmatched`, `landlocked`. In it are all other
//! words that end in -ed or in an irregular past form, and the 10,000 most frequent ones of the rest.
//!
//! The lexicon errs as well (`enroled`, `mimiced`), and nothing is excused for that: such verbs count as ours.

use std::collections::BTreeSet;

use tense_grammar::{Past, conjugate, gerund, is_past, participle, simple_past, third_person};

/// Words that the lexicon has as adjectives alone, and we as past. Everything else that is called past fails.
const DISPUTED: &[(&str, &str)] = &[
    (
        "participles of verbs that the lexicon lacks and WordNet has, or had when they were verbs",
        "bedraggled benighted besotted blotched caffeinated concerted countrified countryfied disgruntled felted
         flatted grizzled miffed multiplexed outmoded reputed straitened worsted",
    ),
    (
        "made of a noun in the form of a participle, as one makes a verb of it: an armored car, to armor a car",
        "armored armoured beaked brindled complected complexioned flavored flavoured hipped honied hooded hoofed hooved
         jeweled kippered leaded leaved legged louvred mascaraed oared palsied pied pocked satellited spored stringed
         striped sulfured sulphured tubed tufted tusked valved versed wattled whiskered",
    ),
    (
        "participles of irregular verbs with a word before them",
        "handwritten misbegotten moonlit outspoken overblown reborn spellbound typewritten underdone",
    ),
];

struct Verb {
    base: &'static str,
    past: BTreeSet<&'static str>,
    participle: BTreeSet<&'static str>,
    gerund: BTreeSet<&'static str>,
    third_person: BTreeSet<&'static str>,
}

/// Lines are `write wrote written writing writes`, variants `canceled/cancelled`, and `=` is the past once more.
fn verbs() -> Vec<Verb> {
    let forms = |column: &'static str| column.split('/').collect::<BTreeSet<_>>();
    let lines = include_str!("../data/verbs.txt").lines().map(|line| {
        let [base, past, participle, gerund, third_person] = line.split(' ').collect::<Vec<_>>()[..] else {
            panic!("{line}")
        };
        let participle = if participle == "=" { past } else { participle };
        Verb {
            base,
            past: forms(past),
            participle: forms(participle),
            gerund: forms(gerund),
            third_person: forms(third_person),
        }
    });
    lines.collect()
}

fn not_past() -> impl Iterator<Item = &'static str> {
    include_str!("../data/not_past.txt").lines()
}

/// Holds the share of what is right to a least one, in per cent, and says what is wrong when it falls below.
#[expect(clippy::print_stdout, reason = "`--nocapture` shows the figures")]
fn at_least(per_cent: f64, what: &str, judged: impl IntoIterator<Item = (String, bool)>) {
    let judged: Vec<_> = judged.into_iter().collect();
    let wrong: Vec<_> = judged.iter().filter(|(_, right)| !right).map(|(word, _)| word.as_str()).collect();
    let share = 100.0 * (judged.len() - wrong.len()) as f64 / judged.len() as f64;
    println!("{what}: {share:.2} % of {}", judged.len());
    assert!(share >= per_cent, "{what}: {share:.2} % of {}, not {per_cent} %; wrong are {wrong:?}", judged.len());
}

#[test]
fn the_lists_are_whole() {
    assert_eq!(verbs().len(), 5_000);
    assert!(not_past().count() > 10_000);
    for traps in ["hundred", "present", "background", "outcome", "underground", "subset", "dissent", "sickbed"] {
        assert!(not_past().any(|word| word == traps), "{traps}");
    }
}

#[test]
fn pasts_are_recognised() {
    let forms = |of: fn(&Verb) -> &BTreeSet<&'static str>| {
        let verbs = verbs();
        let forms: BTreeSet<_> =
            verbs.iter().flat_map(|verb| of(verb).iter().map(|form| (verb.base, *form)).collect::<Vec<_>>()).collect();
        forms.into_iter().map(|(base, form)| (format!("{base}: {form}"), is_past(form) != Past::No))
    };
    at_least(99.0, "simple pasts recognised", forms(|verb| &verb.past));
    at_least(99.0, "participles recognised", forms(|verb| &verb.participle));
}

#[test]
fn forms_are_produced() {
    let verbs = verbs();
    let produced =
        |form: &str, accepted: &BTreeSet<&str>, base: &str| (format!("{base}: {form}"), accepted.contains(form));
    let with = |make: &dyn Fn(&Verb) -> (String, bool)| verbs.iter().map(make).collect::<Vec<_>>();
    at_least(99.4, "participles", with(&|verb| produced(&participle(verb.base), &verb.participle, verb.base)));
    at_least(99.4, "simple pasts", with(&|verb| produced(&simple_past(verb.base), &verb.past, verb.base)));
    at_least(99.4, "gerunds", with(&|verb| produced(&gerund(verb.base), &verb.gerund, verb.base)));
    at_least(99.4, "third persons", with(&|verb| produced(&third_person(verb.base), &verb.third_person, verb.base)));
}

/// Not always to the same base: `bathed` is from `bath` and from `bathe`, `found` both a past and a base.
#[test]
fn forms_lead_back_to_the_base() {
    let verbs = verbs();
    let back = |of: fn(&Verb) -> &BTreeSet<&'static str>| {
        let forms = verbs.iter().flat_map(move |verb| of(verb).iter().map(move |form| (verb.base, *form)));
        forms.map(|(base, form)| (conjugate(form).base, base, form)).map(|(found, base, form)| {
            let is_right = found == base;
            (format!("{form}: {found}, not {base}"), is_right)
        })
    };
    at_least(97.0, "bases of simple pasts", back(|verb| &verb.past));
    at_least(97.0, "bases of participles", back(|verb| &verb.participle));
    at_least(97.0, "bases of gerunds", back(|verb| &verb.gerund));
    at_least(98.0, "bases of third persons", back(|verb| &verb.third_person));
    let own = verbs.iter().map(|verb| (verb.base.to_owned(), conjugate(verb.base).base == verb.base));
    at_least(99.5, "bases of bases", own);
}

#[test]
fn nothing_else_is_past() {
    let disputed: BTreeSet<&str> = DISPUTED.iter().flat_map(|(_, words)| words.split_whitespace()).collect();
    let called_past: BTreeSet<&str> = not_past().filter(|word| is_past(word) == Past::Yes).collect();
    let wrong: Vec<_> = called_past.difference(&disputed).collect();
    assert!(wrong.is_empty(), "not past: {wrong:?}");
    let settled: Vec<_> = disputed.difference(&called_past).collect();
    assert!(settled.is_empty(), "no longer disputed, take it off the list: {settled:?}");
}
