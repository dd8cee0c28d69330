//! An answer enters; what the terminal can show of it leaves: all of it, or, where nothing but ASCII is understood,
//! with letters instead of pictures.

use std::borrow::Cow;
use std::env;
use std::io::{self, Write};

use unicode_width::UnicodeWidthChar;

/// What stands for each of our own characters, as wide as it. Sorted.
const INSTEAD: [(char, char); 28] = [
    ('µ', 'u'),
    ('·', '|'),
    ('×', 'x'),
    ('…', '~'),
    ('→', '>'),
    ('⋯', '~'),
    ('─', '-'),
    ('│', '|'),
    ('└', '`'),
    ('├', '|'),
    ('▁', '_'),
    ('▂', '.'),
    ('▃', ':'),
    ('▄', '-'),
    ('▅', '='),
    ('▆', '+'),
    ('▇', '*'),
    ('█', '#'),
    ('▉', '#'),
    ('▊', '#'),
    ('▋', '#'),
    ('▌', '#'),
    ('▍', ':'),
    ('▎', ':'),
    ('▏', ':'),
    ('░', '-'),
    ('▶', '>'),
    ('✗', 'x'),
];

/// Whether nothing but ASCII is understood: by a terminal that is `dumb`, or in a locale that is not one of UTF-8. One
/// that nobody has set says nothing.
pub(crate) fn is_plain() -> bool {
    let named = |variable| env::var(variable).ok().filter(|value| !value.is_empty());
    is_plain_in(named("TERM").as_deref(), ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(named).as_deref())
}

fn is_plain_in(terminal: Option<&str>, locale: Option<&str>) -> bool {
    let is_utf_8 = |locale: &str| ["utf-8", "utf8"].iter().any(|name| locale.to_ascii_lowercase().contains(name));
    terminal == Some("dumb") || locale.is_some_and(|locale| !is_utf_8(locale))
}

/// A message in letters that are understood.
pub(crate) fn readable(text: Cow<'_, str>) -> Cow<'_, str> {
    if text.is_ascii() || !is_plain() { text } else { plain(&text).into() }
}

/// Where an answer for people goes.
pub(crate) struct Screen<W> {
    out: W,
    is_plain: bool,
}

impl<W: Write> Screen<W> {
    /// What is kept, or read by programs, goes out as it is.
    pub(crate) fn new(out: W, is_for_terminal: bool) -> Self {
        Self { out, is_plain: is_for_terminal && is_plain() }
    }
}

impl<W: Write> Write for Screen<W> {
    /// Takes all or nothing.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.is_plain && !bytes.is_ascii() {
            // A text comes in whole pieces, so that none is torn within a character.
            self.out.write_all(plain(&String::from_utf8_lossy(bytes)).as_bytes())?;
        } else {
            self.out.write_all(bytes)?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// The same width in ASCII. What is not ours becomes question marks: in such a terminal the bytes of other letters may
/// be controls.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        match INSTEAD.binary_search_by_key(&c, |(ours, _)| *ours) {
            Ok(at) => plain.push(INSTEAD[at].1),
            Err(_) if c.is_ascii() => plain.push(c),
            Err(_) => plain.extend(std::iter::repeat_n('?', c.width().unwrap_or(0))),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_locale_says_what_is_understood() {
        for (terminal, locale, expected) in [
            (None, None, false),
            (Some("xterm"), Some("en_US.UTF-8"), false),
            (None, Some("C.utf8"), false),
            (None, Some("C"), true),
            (None, Some("de_DE.ISO-8859-1"), true),
            (Some("dumb"), Some("C.UTF-8"), true),
        ] {
            assert_eq!(is_plain_in(terminal, locale), expected, "{terminal:?} {locale:?}");
        }
    }

    #[test]
    fn ours_have_a_letter_each_and_others_a_question_mark_a_column() {
        assert!(INSTEAD.is_sorted_by_key(|(ours, _)| ours));
        assert!(INSTEAD.iter().all(|(ours, instead)| ours.width() == Some(1) && instead.is_ascii_graphic()));
        assert_eq!(plain("├─ a…  3.1 µs █▏ 漢é\u{301}\u{1b}[0m"), "|- a~  3.1 us #: ???\u{1b}[0m");
    }
}
