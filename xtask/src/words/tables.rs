//! Decides what the tables hold: WordNet and SCOWL go in, nine tables come out.
//!
//! A table holds only what the rules of `grammar` get wrong without it. The forms of the irregular verbs themselves are
//! written by hand there, because WordNet does not say which of `wrote` and `written` is the participle; what is
//! composed of them (`babysit`, `underlie`) is found here.

use std::collections::{BTreeMap, BTreeSet};

use tense_grammar::{Past, base, gerund, is_past, participle, simple_past};

use super::scowl::{Scowl, UNKNOWN};
use super::wordnet::WordNet;

#[derive(Default)]
pub(crate) struct Tables {
    pub(crate) irregular: BTreeMap<String, (String, String)>,
    pub(crate) also_past: BTreeMap<String, String>,
    pub(crate) zero_change: BTreeSet<String>,
    pub(crate) doubling: BTreeSet<String>,
    pub(crate) c_to_ck: BTreeSet<String>,
    pub(crate) double_e: BTreeSet<String>,
    pub(crate) hidden: BTreeSet<String>,
    pub(crate) not_past: BTreeSet<String>,
    pub(crate) verbs: BTreeSet<String>,
}

/// Verbs up to this level are common enough to be proposed.
const COMMON: u32 = 35;
/// Adjectives in -ed are endless (`colonnaded`); beyond this level nobody names an event so.
const FAMILIAR: u32 = 60;
/// What large dictionaries have.
const KNOWN: u32 = 70;

/// Adjectives without a verb in WordNet, which programs have made one for.
const VERBS_OF_PROGRAMS: &[&str] = &["credentialed", "credentialled", "faceted", "skilled", "textured", "tiered"];

/// Old forms that programs know as something else: a generative adversarial network.
const NEWER_WORDS: &[&str] = &["gan"];

/// Prefixes that the rules of `grammar` take off an irregular verb themselves, and the shortest such verb.
const GUARDED: (&[&str], usize) = (&["mis", "out", "over", "re", "un", "under"], 4);

/// What an adjective may have: `redheaded`, `lighthearted`. No verb heads anybody red.
const HAD: &[&str] = &[
    "backed", "bodied", "boned", "brained", "browed", "colored", "coloured", "eyed", "faced", "fingered", "fisted",
    "footed", "handed", "headed", "hearted", "legged", "lipped", "minded", "mouthed", "necked", "nosed", "sighted",
    "spirited", "tailed", "tempered",
];

impl Tables {
    pub(crate) fn make(wordnet: &WordNet, scowl: &Scowl) -> Self {
        let mut tables = Tables { not_past: not_past(wordnet, scowl), ..Tables::default() };
        tables.find_irregular(wordnet, scowl);
        tables.find_odd_spellings(wordnet, scowl);
        tables.find_verbs(wordnet, scowl);
        tables
    }

    fn find_irregular(&mut self, wordnet: &WordNet, scowl: &Scowl) {
        for (base, forms) in wordnet.exceptions.iter().filter(|(base, _)| scowl.level(base) <= KNOWN) {
            self.place(base, forms, wordnet, scowl);
        }
        // `babysit` is younger than WordNet's list; that its past is in use shows that it is a verb
        for base in scowl.words(FAMILIAR).filter(|base| is_nothing_else(base, wordnet)) {
            let in_use = |composed: &Composed<'_>| composed.forms().iter().all(|form| scowl.level(form) <= FAMILIAR);
            if let Some(composed) = compositions(base, wordnet).find(in_use) {
                self.compose(base, composed, scowl);
            }
        }
        let composed: BTreeSet<&String> =
            self.irregular.values().flat_map(|(past, participle)| [past, participle]).collect();
        self.also_past.retain(|form, _| !composed.contains(form) && !NEWER_WORDS.contains(&form.as_str()));
    }

    fn find_odd_spellings(&mut self, wordnet: &WordNet, scowl: &Scowl) {
        for verb in wordnet.verbs.iter().filter(|verb| !self.irregular.contains_key(*verb)) {
            if doubles(verb, scowl) && !self.zero_change.contains(verb) {
                self.doubling.insert(verb.clone());
            }
            let past = format!("{verb}d");
            if verb.ends_with("ee") && participle(verb) == past && !has_other_life(&past, wordnet) {
                self.double_e.insert(verb.clone());
            }
        }
    }

    fn find_verbs(&mut self, wordnet: &WordNet, scowl: &Scowl) {
        for verb in wordnet.verbs.iter().filter(|verb| scowl.level(verb) <= COMMON && is_regular(verb, wordnet)) {
            if self.irregular.contains_key(verb) || self.zero_change.contains(verb) || is_variant(verb, wordnet) {
                continue;
            }
            if is_nothing_else(verb, wordnet) {
                self.verbs.insert(verb.clone());
            } else if is_hidden(verb) && is_past(&participle(verb)) == Past::Yes {
                self.hidden.insert(verb.clone());
            }
        }
    }

    /// Puts the forms of one verb into the tables of irregular ones.
    fn place(&mut self, base: &str, forms: &BTreeSet<String>, wordnet: &WordNet, scowl: &Scowl) {
        if base.ends_with('c') && forms.contains(&format!("{base}ked")) {
            self.c_to_ck.insert(base.to_owned());
            return;
        }
        let irregular: BTreeSet<&str> = past_forms(base, forms).collect();
        if irregular.is_empty() {
            // `besetting` has to be learnt, and there is no past to learn: `beset` is its own
            let doubled = doubled(base);
            let own = forms.contains(&format!("{doubled}ing"))
                && !forms.contains(&format!("{doubled}ed"))
                // `clad` is the past of `clothe`
                && !wordnet.exceptions.values().any(|forms| forms.contains(base));
            if own && [format!("{doubled}ed"), format!("{base}ed")].iter().all(|form| scowl.level(form) == UNKNOWN) {
                self.zero_change.insert(base.to_owned());
            }
            return;
        }
        let listed = |composed: &Composed<'_>| {
            composed.forms().iter().all(|form| irregular.contains(form) || regular(base) == *form)
        };
        let composed = compositions(base, wordnet).find(listed);
        if composed.is_some_and(|composed| self.compose(base, composed, scowl)) {
            return;
        }
        let (past, participle) = (simple_past(base), participle(base));
        for form in irregular {
            // `dove`, `clove` and `stove` are other things before they are pasts
            let is_known = form == past || form == participle || form.ends_with("ed");
            let in_use = scowl.level(form) <= FAMILIAR || scowl.level(base) <= COMMON;
            if in_use && !is_known && !has_other_life(form, wordnet) {
                self.also_past.insert(form.to_owned(), base.to_owned());
            }
        }
    }

    /// Takes a composed verb up, unless it is more often regular; those that `grammar` takes apart itself need no row.
    fn compose(&mut self, base: &str, composed: Composed<'_>, scowl: &Scowl) -> bool {
        let is_irregular = scowl.level(&composed.participle) <= scowl.level(&regular(base));
        if is_irregular && !composed.is_taken_apart() {
            self.irregular.insert(base.to_owned(), (composed.past, composed.participle));
        }
        is_irregular
    }
}

/// A verb that ends in an irregular one and inflects like it: `babysit`, of `baby` and `sit`.
struct Composed<'a> {
    prefix: &'a str,
    core: &'a str,
    past: String,
    participle: String,
}

impl Composed<'_> {
    fn forms(&self) -> [&str; 2] {
        [&self.past, &self.participle]
    }

    fn is_taken_apart(&self) -> bool {
        let (prefixes, shortest) = GUARDED;
        prefixes.contains(&self.prefix)
            && self.core.len() >= shortest
            && [simple_past(self.core), participle(self.core)].iter().all(|form| is_past(form) == Past::Yes)
    }
}

/// The past forms among the exceptions that no rule of spelling gives.
fn past_forms<'a>(base: &'a str, forms: &'a BTreeSet<String>) -> impl Iterator<Item = &'a str> {
    let spelt = [format!("{base}ed"), format!("{}ed", doubled(base)), regular(base)];
    forms
        .iter()
        .map(String::as_str)
        .filter(move |form| !form.ends_with("ing") && !form.ends_with('s') && !spelt.iter().any(|spelt| spelt == form))
}

/// All ways to see a verb as composed, the longest irregular verb first.
fn compositions<'a>(base: &'a str, wordnet: &'a WordNet) -> impl Iterator<Item = Composed<'a>> {
    (1..base.len().saturating_sub(1)).filter_map(|at| {
        let (prefix, core) = base.split_at(at);
        // `cleave` is not c and `leave`, nor `spring` sp and `ring`
        prefix.get(1..).filter(|_| prefix.contains(['a', 'e', 'i', 'o', 'u']))?;
        past_forms(core, wordnet.exceptions.get(core)?).next()?;
        let (past, participle) = (simple_past(core), participle(core));
        // neither does `arrive` inflect like `rive`, which is as good as regular, nor `finished` like `shed`
        let spelt = [regular(core), format!("{}ed", doubled(core))];
        let is_irregular = past != core && [&past, &participle].iter().any(|form| !spelt.contains(&form.to_string()));
        let composed = |form: &str| format!("{prefix}{form}");
        is_irregular.then(|| Composed { prefix, core, past: composed(&past), participle: composed(&participle) })
    })
}

fn regular(base: &str) -> String {
    match (base.strip_suffix('y'), base.ends_with('e')) {
        (Some(stem), _) if !stem.ends_with(['a', 'e', 'i', 'o', 'u']) => format!("{stem}ied"),
        (_, true) => format!("{base}d"),
        _ => format!("{base}ed"),
    }
}

fn doubled(base: &str) -> String {
    format!("{base}{}", base.chars().last().unwrap_or_default())
}

/// Whether a verb of several syllables doubles its last consonant, as Americans spell it where the two differ.
fn doubles(verb: &str, scowl: &Scowl) -> bool {
    // for the rule on short verbs, y at the beginning and u after q are no vowels either
    let plain = verb.replace("qu", "q").replacen('y', "j", usize::from(verb.starts_with('y')));
    let is_vowel = |letter: char| "aeiouy".contains(letter);
    let mut ends = plain.chars().rev();
    let (last, vowel, before) = (ends.next(), ends.next(), ends.next());
    let ends_short = last.is_some_and(|last| !"aeiouhwxy".contains(last))
        && vowel.is_some_and(is_vowel)
        && before.is_some_and(|before| !is_vowel(before));
    if !ends_short || plain.chars().filter(|letter| is_vowel(*letter)).count() < 2 {
        return false;
    }
    let (doubled, single) = (format!("{}ed", doubled(verb)), format!("{verb}ed"));
    match (scowl.american_level(&doubled), scowl.american_level(&single)) {
        (UNKNOWN, UNKNOWN) => scowl.level(&doubled) <= FAMILIAR && scowl.level(&doubled) < scowl.level(&single),
        (doubled, single) => doubled < single,
    }
}

/// Words in -ed that are no form of a verb. Those in -eed are for the rule that asks for the verbs in -ee.
fn not_past(wordnet: &WordNet, scowl: &Scowl) -> BTreeSet<String> {
    // a noun with a gerund is a verb to somebody: `gloving`, `doming`
    let is_known = |base: &String| {
        wordnet.verbs.contains(base) || wordnet.nouns.contains(base) && scowl.level(&gerund(base)) <= KNOWN
    };
    let is_verb = |word: &str| bases(word).iter().any(is_known);
    let bases_in_ed = wordnet.verbs.iter().filter(|word| scowl.level(word) <= KNOWN);
    let is_other = |word: &str| !is_verb(word) && !is_participial(word, is_verb, wordnet);
    let nouns = wordnet.nouns.iter().filter(|word| scowl.level(word) <= KNOWN && is_other(word));
    let adjectives = wordnet.adjectives.iter().filter(|word| scowl.level(word) <= FAMILIAR && is_other(word));
    let words = bases_in_ed.chain(nouns).chain(adjectives);
    let words = words.filter(|word| word.len() > 3 && word.ends_with("ed") && !word.ends_with("eed"));
    words.cloned().collect()
}

/// Made of a participle (`waterlogged`, `unarmed`, `inbred`), or of a verb too rare for WordNet (`standardized`).
fn is_participial(word: &str, is_verb: impl Fn(&str) -> bool, wordnet: &WordNet) -> bool {
    const OF_VERBS: &[&str] = &["bred", "fed", "ified", "ised", "ized", "led"];
    const PREFIXES: &[&str] = &["dis", "in", "im", "mal", "mis", "multi", "non", "out", "over", "pre", "semi", "up"];
    let composed = (2..word.len().saturating_sub(4)).any(|at| {
        let (before, rest) = word.split_at(at);
        is_verb(rest)
            && (PREFIXES.contains(&before) || wordnet.nouns.contains(before) || wordnet.adjectives.contains(before))
    });
    let is_noun = wordnet.nouns.contains(word) && !wordnet.adjectives.contains(word);
    VERBS_OF_PROGRAMS.contains(&word)
        || word.starts_with("un")
        || !is_noun && OF_VERBS.iter().any(|end| word.ends_with(end))
        || !is_noun && composed && !HAD.iter().any(|end| word.ends_with(end))
}

/// The bases that a word in -ed can come from, by either spelling of a doubled consonant.
fn bases(word: &str) -> Vec<String> {
    let Some(stem) = word.strip_suffix("ed") else { return Vec::new() };
    let mut bases = vec![stem.to_owned(), format!("{stem}e")];
    bases.extend(stem.strip_suffix('i').map(|stem| format!("{stem}y")));
    bases.extend(stem.strip_suffix('k').map(str::to_owned));
    bases.extend(stem.char_indices().next_back().map(|(at, _)| stem.split_at(at).0.to_owned()));
    bases.retain(|base| {
        let doubled = format!("{}ed", doubled(base));
        let spelt = participle(base);
        // where one consonant is spelt, two are: `labelled`; but nobody is `hamed`
        spelt == word || doubled == word || regular(base) == word && spelt != doubled
    });
    bases
}

/// Whether a past form is a noun or another verb as well.
fn has_other_life(form: &str, wordnet: &WordNet) -> bool {
    wordnet.nouns.contains(form) || wordnet.verbs.contains(form)
}

/// Whether the spelling gives the past forms, but for a doubled consonant. What `grammar` says of its own accord
/// counts, but not that it takes `reprove` for a composition of `prove` as long as it is not told better.
fn is_regular(verb: &str, wordnet: &WordNet) -> bool {
    let forms = wordnet.exceptions.get(verb);
    let learnt = forms.is_some_and(|forms| past_forms(verb, forms).next().is_some());
    let prefixed = GUARDED.0.iter().any(|prefix| verb.starts_with(prefix));
    !learnt && participle(verb) != verb && (prefixed || bases(&participle(verb)).iter().any(|base| base == verb))
}

/// No noun and no adjective. Whether a verb that can be one of them is a command in names (`fix`) or a thing (`field`)
/// is judged by hand.
fn is_nothing_else(verb: &str, wordnet: &WordNet) -> bool {
    !wordnet.nouns.contains(verb) && !wordnet.adjectives.contains(verb)
}

/// Whether the rules do not find back to the verb from its past. They are asked for a verb that looks the same and is
/// in no table.
fn is_hidden(verb: &str) -> bool {
    let stranger = |word: &str| format!("zz{word}");
    base(&stranger(&participle(verb))) != Some(stranger(verb))
}

/// `organise` beside `organize`, which `grammar` knows with it; `programme` beside `program`, which has the same past.
fn is_variant(verb: &str, wordnet: &WordNet) -> bool {
    let american = verb.strip_suffix("ise").map(|stem| format!("{stem}ize"));
    let shorter = verb.strip_suffix('e').and_then(|stem| stem.get(..stem.len().checked_sub(1)?));
    let shorter = shorter.filter(|shorter| verb.strip_suffix('e') == Some(&doubled(shorter))).map(str::to_owned);
    american.or(shorter).is_some_and(|verb| wordnet.verbs.contains(&verb))
}
