//! Texts of people enter; what leaves stands in a page of Markdown as they wrote it, and does nothing else there.

use tense_store::text;

/// A text as part of a paragraph, on one line; it may also begin one.
pub(crate) fn inline(text: &str) -> String {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let words = text::escape(&words);
    let opening = opening(&words);
    let mut safe = String::with_capacity(words.len());
    let (mut before, mut letters) = (' ', words.char_indices().peekable());
    while let Some((at, c)) = letters.next() {
        let next = letters.peek().map(|(_, next)| *next);
        let means_something = match c {
            '\\' | '`' | '*' | '[' | ']' | '<' | '>' | '#' | '|' | '~' => true,
            // inside of a word an underscore means nothing
            '_' => !(before.is_alphanumeric() && next.is_some_and(char::is_alphanumeric)),
            // `&lt;` and `&#60;` stand for something else
            '&' => next.is_some_and(|next| next.is_alphanumeric() || next == '#'),
            _ => opening == Some(at),
        };
        // what an entity is opened with needs no escape of its own
        if means_something && !(c == '#' && before == '&') {
            safe.push('\\');
        }
        safe.push(c);
        before = c;
    }
    safe
}

/// Where a text has the mark that would begin a list, or underline what stands above it, at the head of a line.
fn opening(text: &str) -> Option<usize> {
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let mut rest = text.chars().skip(digits);
    match (digits, rest.next()?) {
        (0, '-' | '+' | '=') => Some(0),
        (0, _) => None,
        (_, '.' | ')') if rest.next().is_none_or(|next| next == ' ') => Some(digits),
        _ => None,
    }
}

/// The same as a sentence: with a full stop, where it has no end of its own.
pub(crate) fn sentence(text: &str) -> String {
    let text = inline(text);
    if text.is_empty() || text.ends_with(['.', '!', '?', ':', ';', '…']) { text } else { text + "." }
}

/// A text as it stands in a source.
pub(crate) fn code(text: &str) -> String {
    let text = text::escape(text);
    // as many backticks as it takes to hold those inside
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    let (fence, space) = if longest == 0 { (1, "") } else { (longest + 1, " ") };
    let fence = "`".repeat(fence);
    format!("{fence}{space}{text}{space}{fence}")
}

/// Several of them: "`a`, `b`".
pub(crate) fn codes<'a>(texts: impl IntoIterator<Item = &'a str>) -> String {
    texts.into_iter().map(code).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_write_is_no_markup() {
        assert_eq!(inline("in [the <world>|\n  `a_b`"), r"in \[the \<world\>\| \`a_b\`");
        assert_eq!(inline("_a_ *b*"), r"\_a\_ \*b\*");
        assert_eq!(sentence("a row"), "a row.");
        assert_eq!(sentence("why?"), "why?");
        assert_eq!(code("a.b"), "`a.b`");
        assert_eq!(code("a``b"), "``` a``b ```");
        assert_eq!(inline("\u{202e}"), r"\\u{202e}");
    }
}
