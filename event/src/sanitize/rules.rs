//! What a sanitizer goes by: the families that are on, keys of the project's own and exceptions, and patterns of its
//! own.

use std::sync::Arc;

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use regex::{Regex, RegexBuilder};

use super::MARKER;
use super::families::Family;
use super::found::Found;
use super::keys::{self, STEMS, Secret};
use super::made::Made;
use super::own::{Rule, RuleError};

/// Rules that are put together once and shared.
#[derive(Debug)]
pub(super) struct Rules {
    off: u16,
    /// Words of further secret keys, joined, sorted.
    keys: Vec<String>,
    /// Words of keys that stay.
    keep: Vec<String>,
    /// What a key that names a secret has in it, so that others are not taken apart. `None` cannot happen (a test
    /// builds it), and would mean that each is looked at.
    stems: Option<AhoCorasick>,
    patterns: Vec<Regex>,
}

static BUILT_IN: Made<Arc<Rules>> = Made::by(|| Arc::new(Rules::new(0, Vec::new(), Vec::new(), Vec::new())));

impl Rules {
    /// What holds where nobody has said anything.
    pub(super) fn built_in() -> Arc<Self> {
        BUILT_IN.clone()
    }

    pub(super) fn new(off: u16, keys: Vec<String>, keep: Vec<String>, patterns: Vec<Regex>) -> Self {
        let joined = |keys: Vec<String>| {
            let mut joined: Vec<String> = keys.iter().map(|key| keys::joined(key)).collect();
            joined.retain(|key| !key.is_empty());
            joined.sort_unstable();
            joined
        };
        // The last word of a further key, since a separator may stand before it.
        let last = keys.iter().map(|key| keys::last_word(key)).filter(|word| !word.is_empty());
        let stems: Vec<String> = STEMS.iter().map(|stem| (*stem).to_owned()).chain(last).collect();
        let stems =
            AhoCorasick::builder().ascii_case_insensitive(true).kind(Some(AhoCorasickKind::DFA)).build(stems).ok();
        Self { off, keys: joined(keys), keep: joined(keep), stems, patterns }
    }

    pub(super) const fn on(&self, family: Family) -> bool {
        self.off & family.bit() == 0
    }

    /// Whether any key that names a secret may be in this text.
    pub(super) fn may_name_secret(&self, text: &str) -> bool {
        self.stems.as_ref().is_none_or(|stems| stems.is_match(text))
    }

    /// What a key of a map or a field says about its value; `None` for a plain one.
    pub(super) fn secret(&self, key: &str) -> Option<Secret> {
        if !self.may_name_secret(key) {
            return None;
        }
        self.own(key).unwrap_or_else(|| if self.on(Family::Keys) { keys::secret(key) } else { None })
    }

    /// The same for a key found in a text, with up to two words in front of it.
    pub(super) fn secret_in_text(&self, key: &str, with_words_before: &str) -> Option<Secret> {
        if !self.may_name_secret(with_words_before) {
            return None;
        }
        self.own(key).unwrap_or_else(|| match self.on(Family::Keys) {
            true => keys::secret_in_text(key, with_words_before),
            false => None,
        })
    }

    /// What the project itself says of a key.
    fn own(&self, key: &str) -> Option<Option<Secret>> {
        if self.keys.is_empty() && self.keep.is_empty() {
            return None;
        }
        if self.keep.binary_search(&keys::joined(key)).is_ok() {
            return Some(None);
        }
        keys::ends_in(key, &self.keys).then_some(Some(Secret::Always))
    }

    pub(super) const fn has_patterns(&self) -> bool {
        !self.patterns.is_empty()
    }

    /// What patterns of the project find; its first group goes, or all of it. Never a part of a marker.
    pub(super) fn find(&self, found: &mut Found<'_>) {
        for pattern in &self.patterns {
            for groups in pattern.captures_iter(found.text) {
                let Some(hit) = groups.get(1).or_else(|| groups.get(0)) else { continue };
                let near = found.text.floor_char_boundary(hit.start().saturating_sub(MARKER.len()));
                let far = found.text.ceil_char_boundary(hit.end() + MARKER.len());
                let touches = found.text[near..far]
                    .match_indices(MARKER)
                    .any(|(at, _)| near + at < hit.end() && hit.start() < near + at + MARKER.len());
                if !touches {
                    found.add(hit.start(), hit.end());
                }
            }
        }
    }
}

/// Bytes of a compiled pattern; `\w{200}` with all letters of the world is larger.
const PATTERN_BYTES: usize = 128 << 10;
/// Bytes that a search may fill while it runs.
const SEARCH_BYTES: usize = 128 << 10;

/// Compiles a pattern and holds it to what the rule says of itself.
pub(super) fn compile(rule: &Rule) -> Result<Regex, RuleError> {
    let name = || rule.name.clone();
    let pattern =
        RegexBuilder::new(&rule.pattern).size_limit(PATTERN_BYTES).dfa_size_limit(SEARCH_BYTES).build().map_err(
            |error| match error {
                regex::Error::CompiledTooBig(_) => RuleError::TooLarge { rule: name() },
                error => RuleError::Pattern { rule: name(), why: last_line(&error.to_string()) },
            },
        )?;
    if pattern.is_match("") {
        return Err(RuleError::Empty { rule: name() });
    }
    if pattern.captures_len() > 2 {
        return Err(RuleError::Groups { rule: name(), groups: pattern.captures_len() - 1 });
    }
    if let Some(text) = rule.hit.iter().find(|text| !pattern.is_match(text)) {
        return Err(RuleError::Hit { rule: name(), text: text.clone() });
    }
    if let Some(text) = rule.miss.iter().find(|text| pattern.is_match(text)) {
        return Err(RuleError::Miss { rule: name(), text: text.clone() });
    }
    Ok(pattern)
}

/// The compiler of patterns draws a picture above its sentence.
fn last_line(message: &str) -> String {
    let line = message.lines().last().unwrap_or_default();
    line.trim_start_matches("error: ").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_automaton_of_the_stems_can_be_built() {
        assert!(Rules::built_in().stems.is_some());
    }
}
