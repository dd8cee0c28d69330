//! Texts of people enter; what leaves stands in a page of Markdown as they wrote it, and does nothing else there.

use tense_store::text;

/// A text as part of a paragraph, on one line.
pub(super) fn inline(text: &str) -> String {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let words = text::escape(&words);
    let mut safe = String::with_capacity(words.len());
    let (mut before, mut letters) = (' ', words.chars().peekable());
    while let Some(c) = letters.next() {
        // inside of a word an underscore means nothing
        let in_word = c == '_' && before.is_alphanumeric() && letters.peek().is_some_and(|next| next.is_alphanumeric());
        if matches!(c, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '|' | '~') && !in_word {
            safe.push('\\');
        }
        safe.push(c);
        before = c;
    }
    safe
}

/// The same as a sentence: with a full stop, where it has no end of its own.
pub(super) fn sentence(text: &str) -> String {
    let text = inline(text);
    if text.is_empty() || text.ends_with(['.', '!', '?', ':', ';', '…']) { text } else { text + "." }
}

/// A text as it stands in a source.
pub(super) fn code(text: &str) -> String {
    let text = text::escape(text);
    // as many backticks as it takes to hold those inside
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    let (fence, space) = if longest == 0 { (1, "") } else { (longest + 1, " ") };
    let fence = "`".repeat(fence);
    format!("{fence}{space}{text}{space}{fence}")
}

/// Several of them: "`a`, `b`".
pub(super) fn codes<'a>(texts: impl IntoIterator<Item = &'a str>) -> String {
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
