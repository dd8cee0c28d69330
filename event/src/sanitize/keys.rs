//! The name of a field, a header or a parameter enters; what leaves is whether its value is a secret, and which kind.
//!
//! Styles do not matter: `apiKey`, `api_key`, `API-KEY`, `api.key` and `Api Key` are the words `api`, `key`
//! (`keys/words.rs`). The longest entry of the table (`keys/entries.rs`) that a key *ends in* decides, because the last
//! word says what a thing is: a `session_count` is a count and a `token_id` is an id. Words such as `value` or `old`,
//! which say nothing, are skipped at the end.

mod words;
mod entries;

pub(super) use entries::STEMS;
use entries::{HARMLESS, NEUTRAL, STRONG, TAILS, entry, is_in};
use words::Words;

/// How much of a value goes when its key names a secret; each hides what the one before it hides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Secret {
    /// Texts that look like a token: 16 characters or more without spaces, with a digit.
    TokenLike,
    /// Texts only: in a workflow a `token` with a number, an array or an object is no credential.
    Text,
    /// Texts, arrays and objects; not numbers and bools, which count or answer (`password_changed`).
    Compound,
    /// Whatever type it has.
    Always,
    /// The same; in a text, the value goes on to the end of the line.
    Header,
}

impl Secret {
    /// Whether a text goes whatever it looks like.
    pub(super) fn hides_text(self) -> bool {
        self >= Self::Text
    }
}

/// Words of an entry of the table; none has more.
const PHRASE: usize = 3;

/// What a key of a map or a field says about its value; `None` for a plain one.
pub(super) fn secret(key: &str) -> Option<Secret> {
    let words = Words::of(key);
    match words.ending() {
        Some(verdict) => verdict,
        None => words.suspicious(),
    }
}

/// The same for a key found in a text: the last word as it is written, and in front of it up to two words that may
/// belong to it (`api key: x`) and may as well be prose (`reset the password for user: x`).
pub(super) fn secret_in_text(key: &str, with_words_before: &str) -> Option<Secret> {
    match Words::of(with_words_before).ending() {
        Some(verdict) => verdict,
        None => Words::of(key).suspicious(),
    }
}

/// The words of a key in one piece, lower case: `apikey` for `API-Key`.
pub(super) fn joined(key: &str) -> String {
    let words = Words::of(key);
    String::from_utf8_lossy(words.joined(0, words.count)).into_owned()
}

/// The last word of a key.
pub(super) fn last_word(key: &str) -> String {
    let words = Words::of(key);
    words.count.checked_sub(1).map_or(String::new(), |last| String::from_utf8_lossy(words.word(last)).into_owned())
}

/// Whether a key ends in the words of one of these, which are joined and in order.
pub(super) fn ends_in(key: &str, joined: &[String]) -> bool {
    let words = Words::of(key);
    let of = |first| words.joined(first, words.count);
    (0..words.count).any(|first| joined.binary_search_by(|known| known.as_bytes().cmp(of(first))).is_ok())
}

impl Words {
    /// The verdict of the longest entry that the words end in; `None` when there is no such entry.
    fn ending(&self) -> Option<Option<Secret>> {
        let mut last = self.count;
        loop {
            for first in last.saturating_sub(PHRASE)..last {
                let phrase = without_number(self.joined(first, last));
                if let Some(verdict) = entry(phrase) {
                    return Some(verdict);
                }
            }
            let word = without_number(self.word(last.checked_sub(1)?));
            if word.len() > 6 && TAILS.iter().any(|tail| word.ends_with(tail.as_bytes())) {
                return Some(Some(Secret::Always));
            }
            // A number and a neutral word are skipped, and what stands before them decides.
            if !word.is_empty() && !is_in(NEUTRAL, self.word(last - 1)) {
                return None;
            }
            last -= 1;
        }
    }

    fn suspicious(&self) -> Option<Secret> {
        let last = self.word(self.count.checked_sub(1)?);
        let strong = (0..self.count).any(|at| is_in(STRONG, self.word(at)));
        (strong && !is_in(HARMLESS, last)).then_some(Secret::Compound)
    }
}

fn without_number(word: &[u8]) -> &[u8] {
    let digits = word.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    &word[..word.len() - digits]
}

/// Whether a text looks like a token and not like words, for [`Secret::TokenLike`].
pub(super) fn token_like(text: &str, at_least: usize) -> bool {
    text.len() >= at_least
        && text.bytes().any(|byte| byte.is_ascii_digit())
        && text.bytes().all(|byte| byte.is_ascii_graphic())
}

#[cfg(test)]
mod tests;
