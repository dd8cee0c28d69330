//! One raw text enters; the same text leaves, bounded, redacted and shortened, in that order.

use super::decoded::decoded;
use super::families::Family;
use super::kinds::Signs;
use super::limits::{first_bytes, first_chars};
use super::rules::Rules;
use super::{MARKER, homes, pairs, values};

/// What a text is allowed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Room {
    /// Bytes that the rules look at.
    pub(super) bytes: usize,
    /// Characters that may leave.
    pub(super) chars: usize,
    /// Whether paths may name a home directory.
    pub(super) homes: Homes,
    /// Whether it had lost its end before.
    pub(super) torn: bool,
}

/// What happens to home directories in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Homes {
    /// They stay: the author named this value.
    Kept,
    /// They become `~`: nobody chose what an error or a backtrace says.
    Hidden,
}

/// What became of a text.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Cleaned {
    /// The new text; `None` when the old one may stay.
    pub(super) text: Option<String>,
    /// Whether something was cut off.
    pub(super) cut: bool,
}

/// What a bounded text loses at its end after the redaction: the bound may have fallen into a secret, and its head
/// alone matches no rule.
const TAIL: usize = 512;

/// A redaction can uncover another one (a boundary appears where there was none), and so can a cut. The rounds go on
/// until nothing changes, which makes cleaning idempotent by construction; a text that has not settled by then is given
/// up.
const ROUNDS: usize = 5;

/// Bounds, redacts and shortens one text. A clean and short one costs no allocation.
pub(super) fn clean(raw: &str, room: Room, rules: &Rules) -> Cleaned {
    let bounded = first_bytes(raw, room.bytes);
    let mut cut = room.torn || bounded.len() < raw.len();
    let signs = Signs::of(bounded);
    if !cut && bounded.len() <= room.chars && has_nothing(signs, room.homes, rules) {
        return Cleaned { text: None, cut };
    }
    let mut text: Option<String> = None;
    for round in 0..ROUNDS {
        let now = text.as_deref().unwrap_or(bounded);
        let signs = if round == 0 { signs } else { Signs::of(now) };
        let redacted = redact(now, signs, room.homes, rules);
        let long = redacted.as_deref().unwrap_or(now);
        let whole = if cut && round == 0 { first_bytes(long, long.len().saturating_sub(TAIL)) } else { long };
        let short = first_chars(whole, room.chars);
        cut |= short.len() < long.len();
        if redacted.is_none() && short.len() == now.len() {
            let text = text.or_else(|| (bounded.len() < raw.len()).then(|| bounded.to_owned()));
            return Cleaned { text, cut };
        }
        text = Some(short.to_owned());
    }
    Cleaned { text: Some(first_chars(MARKER, room.chars).to_owned()), cut }
}

/// How many codings are undone that lie one upon the other.
const CODINGS: usize = 3;

/// Redacts a text of any length, and does not shorten it; `None` when nothing in it is secret.
pub(super) fn settled(raw: &str, rules: &Rules) -> Option<String> {
    let mut text = redact(raw, Signs::of(raw), Homes::Hidden, rules)?;
    for _ in 1..ROUNDS {
        match redact(&text, Signs::of(&text), Homes::Hidden, rules) {
            Some(new) => text = new,
            None => return Some(text),
        }
    }
    Some(MARKER.to_owned())
}

/// Whether no rule can have anything to say of a text with these signs, as of most.
fn has_nothing(signs: Signs, homes: Homes, rules: &Rules) -> bool {
    signs.are_none() && !rules.has_patterns() && !(homes == Homes::Hidden && signs.may_hold_paths())
}

/// One round of all rules; `None` when none of them had anything to say.
fn redact(text: &str, signs: Signs, homes: Homes, rules: &Rules) -> Option<String> {
    let in_other_form = |form: Option<String>| {
        let form = form?;
        secrets(&form, Signs::of(&form), rules)
    };
    // What splits a secret without being seen goes first, or the half of one would be left.
    let mut new = if signs.may_be_veiled() { in_other_form(unveil(text)) } else { None };
    new = new.or_else(|| secrets(text, signs, rules));
    if signs.may_be_coded() {
        let coded = new.as_deref().unwrap_or(text);
        let (mut plain, mut veils) = (decoded(coded), coded_veils(coded));
        for _ in 0..CODINGS {
            let Some(text) = plain else { break };
            plain = decoded(&text);
            // What splits a secret may have been coded as well.
            let before = std::mem::replace(&mut veils, coded_veils(&text));
            let unveiled = if veils > before { in_other_form(unveil(&text)) } else { None };
            if let Some(found) = unveiled.or_else(|| secrets(&text, Signs::of(&text), rules)) {
                new = Some(found);
                break;
            }
        }
    }
    if homes == Homes::Hidden
        && rules.on(Family::Home)
        && let Some(found) = homes::redact(new.as_deref().unwrap_or(text))
    {
        new = Some(found);
    }
    new
}

/// Values before pairs: otherwise `authorization: Bearer x` would lose the word and keep the token.
fn secrets(text: &str, signs: Signs, rules: &Rules) -> Option<String> {
    let by_value = values::redact(text, signs, rules);
    if !signs.may_hold_pairs() {
        return by_value;
    }
    pairs::redact(by_value.as_deref().unwrap_or(text), rules).or(by_value)
}

/// The text without characters that nobody sees and colour codes, which split a secret without hiding it from a reader;
/// `None` when there are none.
pub(super) fn unveil(text: &str) -> Option<String> {
    if !text.contains(unseen) {
        return None;
    }
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c == '\u{1b}' && chars.next_if_eq(&'[').is_some() {
            // A control sequence ends with its first letter.
            while chars.next_if(|c| c.is_ascii_digit() || matches!(c, ';' | '?' | ':')).is_some() {}
            let _letter = chars.next_if(char::is_ascii_alphabetic);
        } else if !unseen(c) {
            plain.push(c);
        }
    }
    Some(plain)
}

/// How many characters there are that nobody sees and that a code may stand for: those of ASCII.
fn coded_veils(text: &str) -> usize {
    text.bytes().filter(|byte| byte.is_ascii() && unseen(char::from(*byte))).count()
}

const fn unseen(c: char) -> bool {
    matches!(c,
        '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{ad}' | '\u{300}'..='\u{36f}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn room(chars: usize) -> Room {
        Room { bytes: 16 * 1024, chars, homes: Homes::Hidden, torn: false }
    }

    fn check(raw: &str, chars: usize, expected: &str) {
        let Cleaned { text, .. } = clean(raw, room(chars), &Rules::built_in());
        assert_eq!(text.as_deref().unwrap_or(raw), expected, "{raw}");
    }

    #[test]
    fn a_clean_text_is_not_copied() {
        assert_eq!(clean("balance 120 < 5000", room(500), &Rules::built_in()), Cleaned { text: None, cut: false });
    }

    #[test]
    fn redaction_comes_before_the_cut() {
        check("password=correcthorsebattery", 15, "password=");
        check("password=correcthorsebattery", 19, "password=[REDACTED]");
        check("password=correcthorsebattery", 24, "password=[REDACTED]");
    }

    #[test]
    fn the_head_of_a_secret_at_the_bound_is_dropped() {
        let body = "aB3".repeat(12);
        for before in 16 * 1024 - 45..16 * 1024 {
            // The long value in front shrinks to a marker, so that the end of the input would become visible.
            let raw = format!("password={} {}{body}", "x".repeat(before - 10), "ghp_");
            let text = clean(&raw, room(1000), &Rules::built_in()).text.unwrap_or(raw);
            assert_eq!(text.find("ghp_"), None, "{text}");
        }
    }

    #[test]
    fn unseen_characters_do_not_split_a_secret() {
        check("pass\u{200b}word=hunter2", 500, "password=[REDACTED]");
        check("\u{1b}[31mpassword\u{1b}[0m=hunter2", 500, "password=[REDACTED]");
        check("\u{1b}[31mred\u{1b}[0m", 500, "\u{1b}[31mred\u{1b}[0m");
    }
}
