//! Makes the lists that the tables are measured with: another lexicon goes in, verbs with their forms and words that
//! are never past come out.
//!
//! The lexicon is the one of `lemminflect`, taken from the SPECIALIST Lexicon; how often a word is used is said
//! by the frequency dictionary of `symspellpy`. Neither has a part in the tables.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::Context;

use super::wordnet::is_plain;

/// As many verbs, by frequency of all their forms.
const VERBS: usize = 5_000;
/// As many words that are no past form, by frequency, besides those that look like one.
const OTHERS: usize = 10_000;

pub(crate) struct HeldOut {
    verbs: BTreeMap<String, Verb>,
    adjectives: BTreeSet<String>,
    /// Nouns and their plurals, adjectives, adverbs.
    others: BTreeSet<String>,
    frequency: BTreeMap<String, u64>,
}

#[derive(Default)]
struct Verb {
    past: BTreeSet<String>,
    participle: BTreeSet<String>,
    gerund: BTreeSet<String>,
    third_person: BTreeSet<String>,
}

impl Verb {
    fn forms(&self) -> [&BTreeSet<String>; 4] {
        [&self.past, &self.participle, &self.gerund, &self.third_person]
    }
}

impl HeldOut {
    pub(crate) fn read(data: &Path) -> anyhow::Result<Self> {
        let read = |name: &str| {
            let path = data.join(name);
            std::fs::read_to_string(&path).with_context(|| format!("failed to read {}", path.display()))
        };
        let frequency = read("symspellpy/frequency_dictionary_en_82_765.txt")?;
        let frequency = frequency.lines().filter_map(|line| {
            let (word, count) = line.trim_start_matches('\u{feff}').split_once(' ')?;
            Some((word.to_owned(), count.trim().parse().ok()?))
        });
        let mut held_out = Self {
            verbs: BTreeMap::new(),
            adjectives: BTreeSet::new(),
            others: BTreeSet::new(),
            frequency: frequency.collect(),
        };
        for line in read("lemminflect/infl_lu.csv")?.lines() {
            held_out.add(line);
        }
        Ok(held_out)
    }

    /// Lines are `write,verb,wrote,written,writing,writes`, with variants as `canceled/cancelled`; a participle that is
    /// the simple past is left empty.
    fn add(&mut self, line: &str) {
        let columns: Vec<&str> = line.split(',').collect();
        let &[word, part, ref forms @ ..] = columns.as_slice() else { return };
        if !is_plain(word) {
            return;
        }
        let forms: Vec<BTreeSet<String>> = forms
            .iter()
            .map(|forms| forms.split('/').filter(|form| is_plain(form)).map(str::to_owned).collect())
            .collect();
        match (part, forms.as_slice()) {
            ("verb", [past, participle, gerund, third_person]) => {
                // a regular past is a participle as well, though only the other one may be listed: `learned`, `learnt`
                let regular = past.iter().filter(|form| form.ends_with("ed"));
                let simple = if participle.is_empty() { past.iter().collect() } else { Vec::new() };
                let participle = participle.iter().chain(regular).chain(simple).cloned().collect();
                let (past, gerund, third_person) = (past.clone(), gerund.clone(), third_person.clone());
                self.verbs.insert(word.to_owned(), Verb { past, participle, gerund, third_person });
            }
            _ => {
                if part == "adj" {
                    self.adjectives.insert(word.to_owned());
                }
                self.others.insert(word.to_owned());
                self.others.extend(forms.into_iter().flatten().filter(|_| part == "noun"));
            }
        }
    }

    /// `write wrote written writing writes`, with variants as `canceled/cancelled`, and `=` for a participle that is
    /// the past. Verbs that lack a form are left out.
    pub(crate) fn verbs(&self) -> String {
        let mut verbs: Vec<_> =
            self.verbs.iter().filter(|(_, verb)| verb.forms().iter().all(|forms| !forms.is_empty())).collect();
        verbs.sort_by_key(|(base, verb)| {
            let forms: BTreeSet<&str> =
                verb.forms().into_iter().flatten().map(String::as_str).chain([base.as_str()]).collect();
            std::cmp::Reverse(forms.iter().map(|form| self.used(form)).sum::<u64>())
        });
        verbs.truncate(VERBS);
        verbs.sort_by_key(|(base, _)| *base);
        let lines = verbs.iter().map(|(base, verb)| {
            let [past, participle, gerund, third_person] =
                verb.forms().map(|forms| forms.iter().map(String::as_str).collect::<Vec<_>>().join("/"));
            let participle = if participle == past { "=" } else { &participle };
            format!("{base} {past} {participle} {gerund} {third_person}\n")
        });
        lines.collect()
    }

    /// One word a line: all that look past, and the most frequent of the rest.
    pub(crate) fn not_past(&self) -> String {
        let past: BTreeSet<&str> =
            self.verbs.values().flat_map(|verb| verb.past.iter().chain(&verb.participle)).map(String::as_str).collect();
        let words: BTreeSet<&str> = self.others.iter().chain(self.verbs.keys()).map(String::as_str).collect();
        let words: Vec<&str> =
            words.into_iter().filter(|word| !past.contains(word) && !self.is_participial(word, &past)).collect();
        let irregular: BTreeSet<&str> =
            past.iter().copied().filter(|form| !form.ends_with("ed") && form.len() > 2).collect();
        let looks_past = |word: &str| word.ends_with("ed") || (1..word.len()).any(|at| irregular.contains(&word[at..]));
        let (mut chosen, mut rest): (Vec<&str>, Vec<&str>) = words.into_iter().partition(|word| looks_past(word));
        rest.sort_by_key(|word| std::cmp::Reverse(self.used(word)));
        rest.truncate(OTHERS);
        chosen.extend(rest);
        chosen.sort_unstable();
        chosen.into_iter().map(|word| format!("{word}\n")).collect()
    }

    /// An adjective that is a participle with something before it: `landlocked`, `unmatched`, `unsent`. Those that
    /// merely lack their verb in this lexicon (`armored`) stay in, and are disputed in the test.
    fn is_participial(&self, word: &str, past: &BTreeSet<&str>) -> bool {
        let composed = || (2..word.len().saturating_sub(3)).any(|at| past.contains(&word[at..]));
        let of_participle = |rest: &str| rest.ends_with("ed") || past.contains(rest);
        self.adjectives.contains(word)
            && (word.strip_prefix("un").is_some_and(of_participle) || word.ends_with("ed") && composed())
    }

    fn used(&self, word: &str) -> u64 {
        self.frequency.get(word).copied().unwrap_or_default()
    }
}
