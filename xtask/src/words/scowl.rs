//! Reads SCOWL: lists of spellings that are in use go in; how common each one is comes out.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Context;

use super::wordnet::is_plain;

/// Levels are SCOWL's own: 10 is a word of every day, 70 one of large dictionaries.
pub(crate) struct Scowl {
    /// American spellings, and what is spelt alike everywhere.
    american: BTreeMap<String, u32>,
    all: BTreeMap<String, u32>,
}

/// Worse than all lists that are read. Those beyond 70 hold what only players of word games use, and have licences of
/// their own.
pub(crate) const UNKNOWN: u32 = 99;

impl Scowl {
    pub(crate) fn read(folder: &Path) -> anyhow::Result<Self> {
        let (mut american, mut all) = (BTreeMap::new(), BTreeMap::new());
        for level in [10, 20, 35, 40, 50, 55, 60, 70] {
            for list in ["english", "american", "british", "british_z"] {
                let path = folder.join(format!("{list}-words.{level}"));
                // the lists are Latin-1; words with letters beyond ASCII are not ours
                let bytes = std::fs::read(&path).with_context(|| format!("failed to read {}", path.display()))?;
                for word in String::from_utf8_lossy(&bytes).lines().filter(|word| is_plain(word)) {
                    all.entry(word.to_owned()).or_insert(level);
                    if matches!(list, "english" | "american") {
                        american.entry(word.to_owned()).or_insert(level);
                    }
                }
            }
        }
        Ok(Self { american, all })
    }

    /// All that are as common as this, in any spelling.
    pub(crate) fn words(&self, level: u32) -> impl Iterator<Item = &str> {
        self.all.iter().filter(move |word| *word.1 <= level).map(|word| word.0.as_str())
    }

    pub(crate) fn level(&self, word: &str) -> u32 {
        self.all.get(word).copied().unwrap_or(UNKNOWN)
    }

    pub(crate) fn american_level(&self, word: &str) -> u32 {
        self.american.get(word).copied().unwrap_or(UNKNOWN)
    }
}
