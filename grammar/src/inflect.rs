//! Inflects single words: a word enters; whether it is past, its participle or its base leaves.
//!
//! Tables answer first, spelling rules after them. No dictionary is needed to see a past, so verbs that nobody listed
//! work (`upserted`, `acked`, `memoized`); the lists exist for the words that break the rules.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::spelling;
use crate::words;

/// Whether a word is in the past tense.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Past {
    /// A simple past or a participle, and nothing else: `created`, `written`, `wrote`.
    Yes,
    /// Not past: `create`, `seed`, `hundred`.
    No,
    /// As much past as not: verbs that do not change (`set`, `read`) and pasts that are words of their own (`left`).
    Both,
}

/// Says whether a word is past.
///
/// ```
/// use tense_grammar::{Past, is_past};
///
/// assert_eq!(is_past("written"), Past::Yes);
/// assert_eq!(is_past("seed"), Past::No);
/// assert_eq!(is_past("set"), Past::Both);
/// ```
pub fn is_past(word: &str) -> Past {
    ENGLISH.is_past(word)
}

/// The past participle of a verb. A word that is no verb gets the regular ending.
///
/// ```
/// use tense_grammar::participle;
///
/// assert_eq!(participle("write"), "written");
/// assert_eq!(participle("commit"), "committed");
/// assert_eq!(participle("rollback"), "rolled_back");
/// ```
pub fn participle(word: &str) -> Cow<'_, str> {
    regular_or_listed(word)
}

/// The base form of a past word; nothing for a word that is not past.
///
/// ```
/// use tense_grammar::base;
///
/// assert_eq!(base("updated").as_deref(), Some("update"));
/// assert_eq!(base("wrote").as_deref(), Some("write"));
/// assert_eq!(base("status"), None);
/// ```
pub fn base(word: &str) -> Option<String> {
    ENGLISH.base(word)
}

/// The tables and, before them, the words that a project declares itself under `[words]`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Lexicon {
    participles: BTreeMap<String, String>,
    bases: BTreeMap<String, String>,
}

/// The tables alone, for whoever has no project.
pub(crate) static ENGLISH: Lexicon = Lexicon { participles: BTreeMap::new(), bases: BTreeMap::new() };

impl Lexicon {
    /// Adds a verb of the project's own and its participle, which may be several words (`spun_up`).
    pub(crate) fn add(&mut self, base: &str, participle: &str) {
        self.participles.insert(base.to_owned(), participle.to_owned());
        self.bases.insert(participle.to_owned(), base.to_owned());
    }

    pub(crate) fn is_past(&self, word: &str) -> Past {
        if self.bases.contains_key(word) {
            return if self.participles.contains_key(word) { Past::Both } else { Past::Yes };
        }
        if self.participles.contains_key(word) {
            return Past::No;
        }
        if words::is_zero_change(word) || words::is_ambiguous_past(word) {
            return Past::Both;
        }
        if words::irregular_base(word).is_some() {
            return Past::Yes;
        }
        if words::is_not_past(word) {
            return Past::No;
        }
        match prefixed(word) {
            Some((_, Prefixed::Past)) => Past::Yes,
            Some((_, Prefixed::ZeroChange)) => Past::Both,
            // -eed is the past of few verbs, and the end of many things: `seaweed`, `newsfeed`
            None if word.ends_with("eed") && !self.is_double_e_past(word) => Past::No,
            None if spelling::is_bed(word) => Past::No,
            None if word.len() > 3 && word.ends_with("ed") => Past::Yes,
            None => Past::No,
        }
    }

    pub(crate) fn participle<'a>(&'a self, word: &'a str) -> Cow<'a, str> {
        match self.participles.get(word) {
            Some(own) => Cow::Borrowed(own),
            None => regular_or_listed(word),
        }
    }

    pub(crate) fn base(&self, word: &str) -> Option<String> {
        if let Some(base) = self.bases.get(word) {
            return Some(base.clone());
        }
        if self.is_past(word) == Past::No {
            return None;
        }
        if let Some(base) = words::irregular_base(word) {
            return Some(base.to_owned());
        }
        match prefixed(word) {
            Some((prefix, Prefixed::Past)) => {
                let rest = word.get(prefix.len()..).and_then(words::irregular_base)?;
                Some(format!("{prefix}{rest}"))
            }
            // what does not change is its own base; so is an ambiguous past whose verb nobody uses
            _ if self.is_past(word) == Past::Both => Some(word.to_owned()),
            _ => Some(self.base_of_regular(word)),
        }
    }

    /// The past of a verb in -ee, prefix or not: `freed`, `refereed`, `unfreed`.
    fn is_double_e_past(&self, word: &str) -> bool {
        let Some(verb) = word.strip_suffix('d') else { return false };
        let rest = PREFIXES.iter().find_map(|prefix| verb.strip_prefix(prefix));
        [Some(verb), rest].into_iter().flatten().any(words::ends_in_double_e) || self.is_own(verb)
    }

    /// Whether the word is a verb, and a verb before it is anything else.
    pub(crate) fn is_verb(&self, word: &str) -> bool {
        self.is_listed(word) || without_prefix(word).is_some()
    }

    /// Whether the word says what is done even at the end of an action: `retry` in `failed_retry`, but not `request` in
    /// `skipped_request`.
    pub(crate) fn acts_at_end(&self, word: &str) -> bool {
        self.is_verb(word) && !words::is_object(word)
    }

    /// Whether the word says what is done where it stands alone, as verbs do and `shard` does. Among other words it is
    /// a noun as often, and proves nothing.
    pub(crate) fn acts_alone(&self, word: &str) -> bool {
        self.is_verb(word) || ACTS_ALONE.binary_search(&word).is_ok()
    }

    /// Whether the project declares the word as a verb of its own.
    pub(crate) fn is_own(&self, word: &str) -> bool {
        self.participles.contains_key(word)
    }

    /// A verb that somebody wrote down, as opposed to one that only has a prefix before it.
    pub(crate) fn is_listed(&self, word: &str) -> bool {
        self.participles.contains_key(word) || words::is_verb(word)
    }
}

/// Verbs that are nouns as often. They stay out of the tables of verbs, or `void_mine` would be `mine_voided`.
#[rustfmt::skip]
const ACTS_ALONE: &[&str] = &[
    "alias", "anchor", "batch", "benchmark", "bite", "bookmark", "branch", "checkpoint", "chmod", "chown", "chunk",
    "cluster", "diff", "dodge", "echo", "flag", "fuzz", "group", "gzip", "hotfix", "index", "journal", "lint", "mine",
    "mirror", "page", "pipeline", "proxy", "shard", "slice", "spin", "stack", "stream", "stub", "tombstone", "tunnel",
    "void",
];

enum Prefixed {
    Past,
    ZeroChange,
}

/// Prefixes that may stand before an irregular verb. Nothing else is ever taken off: open stripping would call
/// `present`, `background` and `subset` past.
const PREFIXES: &[&str] = &["mis", "out", "over", "re", "un", "under"];

/// Shorter irregular forms after a prefix are accidents: `re` + `bid`, `out` + `let`.
const SHORTEST_PREFIXED: usize = 4;

/// A guarded prefix before an irregular past (`rewrote`), or `re` before a verb that does not change (`recut`).
fn prefixed(word: &str) -> Option<(&'static str, Prefixed)> {
    // `repent` is no past of a verb in -pen
    if words::is_regular(word) {
        return None;
    }
    PREFIXES.iter().find_map(|prefix| {
        let rest = word.strip_prefix(prefix)?;
        let past = rest.len() >= SHORTEST_PREFIXED
            && words::irregular_base(rest).is_some()
            && !words::is_ambiguous_past(rest)
            && !words::is_zero_change(rest);
        let zero = *prefix == "re" && words::is_zero_change(rest) && !matches!(rest, "bet" | "bid" | "let");
        match (past, zero) {
            (true, _) => Some((*prefix, Prefixed::Past)),
            (_, true) => Some((*prefix, Prefixed::ZeroChange)),
            _ => None,
        }
    })
}

/// Whether `re` stands before a verb that does not change: `recut`.
pub(crate) fn is_prefixed_zero_change(word: &str) -> bool {
    matches!(prefixed(word), Some((_, Prefixed::ZeroChange)))
}

/// A guarded prefix and the irregular base behind it: `outshine` inflects like `shine`.
pub(crate) fn without_prefix(word: &str) -> Option<(&'static str, &str)> {
    if words::is_regular(word) {
        return None;
    }
    PREFIXES.iter().find_map(|prefix| {
        let rest = word.strip_prefix(prefix)?;
        (rest.len() >= SHORTEST_PREFIXED && words::irregular(rest).is_some()).then_some((*prefix, rest))
    })
}

fn listed(word: &str) -> Option<&'static str> {
    let irregular = || words::irregular(word).map(|(_, participle)| participle);
    words::compound(word).or_else(|| words::clipped(word)).or_else(irregular)
}

pub(crate) fn regular_or_listed(word: &str) -> Cow<'_, str> {
    if let Some(listed) = listed(word) {
        return Cow::Borrowed(listed);
    }
    if words::is_zero_change(word) || is_prefixed_zero_change(word) {
        return Cow::Borrowed(word);
    }
    if words::takes_k(word) {
        return Cow::Owned(format!("{word}ked"));
    }
    if let Some((prefix, rest)) = without_prefix(word)
        && let Some((_, participle)) = words::irregular(rest)
    {
        return Cow::Owned(format!("{prefix}{participle}"));
    }
    Cow::Owned(spelling::ed(word, doubles(word)))
}

/// Whether the last consonant is doubled before -ed and -ing.
pub(crate) fn doubles(word: &str) -> bool {
    words::doubles(word) || spelling::is_short(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_acts_alone_is_sorted_no_verb_elsewhere_and_comes_back_from_its_past() {
        assert!(ACTS_ALONE.is_sorted());
        for word in ACTS_ALONE {
            assert!(!ENGLISH.is_verb(word), "{word}");
            assert_eq!(base(&participle(word)).as_deref(), Some(*word));
        }
    }
}
