//! Reads WordNet: its indexes and its list of exceptions go in; which words are verbs, nouns and adjectives, and which
//! forms of a verb have to be learnt, comes out.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::Context;

/// Words of small letters only; the rest of WordNet are names and expressions.
pub(crate) struct WordNet {
    pub(crate) verbs: BTreeSet<String>,
    pub(crate) nouns: BTreeSet<String>,
    pub(crate) adjectives: BTreeSet<String>,
    /// The forms of a verb that have to be learnt, doubled consonants included, by base.
    pub(crate) exceptions: BTreeMap<String, BTreeSet<String>>,
}

impl WordNet {
    pub(crate) fn read(folder: &Path) -> anyhow::Result<Self> {
        let index = |name: &str| -> anyhow::Result<BTreeSet<String>> {
            let text = read(folder, name)?;
            // the licence comes first, indented
            let words = text.lines().filter_map(|line| line.split(' ').next().filter(|word| is_plain(word)));
            Ok(words.map(str::to_owned).collect())
        };
        let mut exceptions: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for line in read(folder, "verb.exc")?.lines() {
            let mut words = line.split(' ').filter(|word| is_plain(word));
            let Some(form) = words.next() else { continue };
            for base in words {
                exceptions.entry(base.to_owned()).or_default().insert(form.to_owned());
            }
        }
        Ok(Self {
            verbs: index("index.verb")?,
            nouns: index("index.noun")?,
            adjectives: index("index.adj")?,
            exceptions,
        })
    }
}

pub(crate) fn is_plain(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase())
}

fn read(folder: &Path, name: &str) -> anyhow::Result<String> {
    let path = folder.join(name);
    std::fs::read_to_string(&path).with_context(|| format!("failed to read {}", path.display()))
}
