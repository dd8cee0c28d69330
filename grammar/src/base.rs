//! Takes endings off: a form of a verb enters, its base leaves.
//!
//! A verb that is known wins, if it is spelt so with that ending. Without one the last letters decide, and may be wrong
//! where English is silent: `aching` could be from `ach`.

use crate::conjugate::doubles_in_gerund;
use crate::inflect::{Lexicon, doubles, regular_or_listed};
use crate::spelling::{self, undoubled};
use crate::words;

impl Lexicon {
    /// The base of any form; a word that is no form of a verb is its own.
    pub(crate) fn base_of_any(&self, word: &str) -> String {
        // of the pasts that are verbs themselves some are verbs first: `lay`
        let is_verb_first = words::is_ambiguous_past(word) && self.is_verb(word);
        if self.is_own(word) || words::compound(word).is_some() || words::clipped(word).is_some() || is_verb_first {
            return word.to_owned();
        }
        if let Some(base) = self.base(word) {
            return base;
        }
        match word {
            "has" => return "have".to_owned(),
            "am" | "are" | "is" => return "be".to_owned(),
            // `string` is a noun first, and no gerund all the same
            _ if self.is_verb(word) || words::is_inflected_by_table(word) => return word.to_owned(),
            _ => {}
        }
        // `putting` is from `put` before it is from `putt`
        let noun_as_well = || self.known_in(word, |verb| words::doubles(verb) || words::is_hidden_base(verb));
        let verb = self.verb_in(word).or_else(noun_as_well).or_else(|| unknown_verb_in(word));
        verb.unwrap_or_else(|| word.to_owned())
    }

    /// The known verb in a third person or a gerund: `creates` and `creating` give `create`.
    pub(crate) fn verb_in(&self, word: &str) -> Option<String> {
        self.known_in(word, |verb| self.is_verb(verb))
    }

    /// As [`Lexicon::verb_in`], for a word that stands alone: `sharding` gives `shard`.
    pub(crate) fn act_in(&self, word: &str) -> Option<String> {
        self.known_in(word, |verb| self.acts_alone(verb))
    }

    fn known_in(&self, word: &str, is_known: impl Fn(&str) -> bool) -> Option<String> {
        let known = |candidate: &String| is_known(candidate);
        if let Some(stem) = word.strip_suffix("ing") {
            // `dying` is from `die`: of `dye` it would be `dyeing`
            let with_ie = stem.strip_suffix('y').map(|stem| format!("{stem}ie"));
            let single = undoubled(stem).map(str::to_owned);
            let without_k = stem.strip_suffix('k').filter(|stem| words::takes_k(stem)).map(str::to_owned);
            let candidates = [with_ie, Some(format!("{stem}e")), Some(stem.to_owned()), single, without_k];
            // `hoping` is not from `hop`
            return candidates
                .into_iter()
                .flatten()
                .find(|verb| known(verb) && (verb != stem || !doubles_in_gerund(verb)));
        }
        let stem = word.strip_suffix('s')?;
        let with_y = stem.strip_suffix("ie").map(|stem| format!("{stem}y"));
        // `planes` is not from `plan`
        let without_e =
            stem.strip_suffix('e').map(str::to_owned).filter(|verb| spelling::s(verb, doubles(verb)) == word);
        let without_double = stem.strip_suffix('e').and_then(undoubled).map(str::to_owned);
        [with_y, Some(stem.to_owned()), without_e, without_double].into_iter().flatten().find(known)
    }

    /// Undoes the spelling rules of -ed.
    pub(crate) fn base_of_regular(&self, word: &str) -> String {
        let stem = word.strip_suffix("ed").unwrap_or(word);
        let with_e = format!("{stem}e");
        let with_y = stem.strip_suffix('i').map(|stem| format!("{stem}y"));
        let without_k = stem.strip_suffix('k').filter(|stem| words::takes_k(stem));

        // `robed` is not from `rob`; but a long verb that should have been doubled may be misspelt: `commited`
        let whole = Some(stem).filter(|stem| !spelling::is_short(stem));
        let candidates = [Some(with_e.as_str()), with_y.as_deref(), whole, undoubled(stem), without_k];
        // both spellings of `cancelled` have the same base, hence no look back at the participle for a listed verb
        // nobody has to write `broadcasted`, but its base has no e
        let is_known = |verb: &str| {
            self.acts_alone(verb) || words::doubles(verb) || words::is_hidden_base(verb) || words::is_zero_change(verb)
        };
        if let Some(known) = candidates.into_iter().flatten().find(|verb| is_known(verb)) {
            return known.to_owned();
        }
        with_y.unwrap_or_else(|| unknown_base(stem, || regular_or_listed(stem) == word))
    }
}

/// A verb nobody listed, by the spelling of its gerund or third person: `frobnicating`, `yeets`.
fn unknown_verb_in(word: &str) -> Option<String> {
    if let Some(stem) = word.strip_suffix("ing").filter(|stem| spelling::has_vowel(stem)) {
        // what kept its e before -ing has another vowel before it: `canoeing`, `cueing`
        let whole = stem.ends_with('e').then(|| stem.to_owned());
        return Some(whole.unwrap_or_else(|| unknown_base(stem, || !doubles_in_gerund(stem))));
    }
    let stem = word.strip_suffix('s').filter(|stem| spelling::has_vowel(stem))?;
    // `status`, `address`, `analysis` and `alias` are no third persons
    if stem.ends_with(['s', 'u', 'i', 'a']) {
        return None;
    }
    if let Some(stem) = stem.strip_suffix("ie") {
        // `dies` and `vies` are too short to be from a y
        return Some(if stem.len() < 2 { format!("{stem}ie") } else { format!("{stem}y") });
    }
    let heard = ["che", "she", "sse", "tze", "xe", "zze"].iter().any(|end| stem.ends_with(end));
    let without_e = stem.strip_suffix('e').filter(|verb| heard || spelling::takes_es(verb));
    Some(without_e.unwrap_or(stem).to_owned())
}

/// The base of a stem that is no known verb's, by its last letters. The caller says whether the stem, taken for a base,
/// is spelt as the word was.
fn unknown_base(stem: &str, is_spelt_so: impl FnOnce() -> bool) -> String {
    match undoubled(stem) {
        Some(single) if spelling::is_doubled_for_ending(stem) => single.to_owned(),
        Some(_) => stem.to_owned(),
        None if spelling::loses_e(stem) || !is_spelt_so() => format!("{stem}e"),
        None => stem.to_owned(),
    }
}
