//! A key that names a secret has been read; where its value begins and ends leaves.
//!
//! A value ends where it should by how it began, in all the notations in which logs hold pairs. One that never ends was
//! cut, and all of it goes.

use super::keys::{Secret, token_like};
use super::pairs::Key;
use super::{MARKER, text::unveil};

/// How far it is looked ahead for what follows a delimiter, and for the bracket that closes `Some(`.
const LOOK_AHEAD: usize = 64;
const GROUP_REACH: usize = 1024;
/// How much of a value decides whether it looks like a token.
const JUDGED: usize = 256;

/// Says that there is nothing, and stays.
const NOTHING: &[&str] = &["", "?", "None", "nil", "none", "null", "off", "on", "undefined"];

/// Where the secret value of a key begins and ends; `None` when it is not secret after all.
pub(super) fn value(text: &str, behind: usize, key: &Key<'_>, secret: Secret) -> Option<(usize, usize)> {
    let bytes = text.as_bytes();
    let mut blank = bytes[behind..].iter().take_while(|b| matches!(b, b' ' | b'\t')).count();
    if key.quoted {
        // In JSON the value may stand on the next line.
        blank = bytes[behind..].iter().take(LOOK_AHEAD).take_while(|b| b.is_ascii_whitespace()).count();
    }
    let mut start = behind + blank;
    // `b"..."`, `r"..."`
    let prefix = bytes[start..].iter().take(2).take_while(|b| b.is_ascii_alphabetic()).count();
    if prefix > 0 && matches!(bytes.get(start + prefix), Some(b'"' | b'\'')) {
        start += prefix;
    }
    if let Some(block) = block(text, start) {
        return Some(block);
    }
    if let Some((start, end)) = quoted(text, start) {
        let inside = text.get(start..end)?;
        return fits(secret, inside, key.in_prose).then_some((start, end));
    }
    if text[start..].starts_with(['{', '[', '(']) && !text[start..].starts_with(MARKER) {
        let whole = matches!(secret, Secret::Always | Secret::Header | Secret::Compound);
        // One that never closes was cut: all of it goes.
        return whole.then(|| (start, group(bytes, start, bytes.len()).unwrap_or(bytes.len())));
    }
    // `Some("x")`, `Secret { .. }`
    let name = bytes[start..]
        .iter()
        .take(LOOK_AHEAD)
        .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b':'))
        .count();
    let bracket = start + name + usize::from(bytes[start + name..].starts_with(b" {"));
    if name > 0
        && matches!(bytes.get(bracket), Some(b'(' | b'{'))
        && let Some(end) = group(bytes, bracket, bracket + GROUP_REACH)
    {
        return (secret != Secret::TokenLike).then_some((start, end));
    }
    let spoken = key.colon && blank > 0 && !key.quoted;
    if secret <= Secret::Text {
        // Judged by its beginning: reading on to the end for each of many keys would be quadratic.
        let near = &text[..text.ceil_char_boundary(start + JUDGED)];
        if !fits(secret, near.get(start..bare(near, start, key, false))?, spoken) {
            return None;
        }
    }
    let word = bare(text, start, key, false);
    if spoken && key.in_prose && sentence(text, start, word) {
        return None;
    }
    let end = match secret {
        Secret::Header if key.colon && !key.quoted => bare(text, start, key, true),
        Secret::Always | Secret::Compound if spoken && !key.in_prose => line(text, start, key),
        _ => word,
    };
    let inside = text.get(start..end)?.trim_end();
    let judged = secret <= Secret::Text;
    (judged || fits(secret, inside, spoken)).then_some((start, start + inside.len()))
}

/// Whether a value is one that a key of this kind hides.
fn fits(secret: Secret, value: &str, spoken: bool) -> bool {
    if NOTHING.binary_search(&value).is_ok() || is_placeholder(value) {
        return false;
    }
    let unveiled = unveil(value);
    let value = unveiled.as_deref().unwrap_or(value);
    let counts = || value.bytes().all(|b| b.is_ascii_digit()) || matches!(value, "true" | "false");
    match secret {
        Secret::Always | Secret::Header => true,
        Secret::Compound => !counts(),
        // `unexpected token: ident` is no secret, `token: 8 letters and digits` is.
        Secret::Text if spoken => value.starts_with(MARKER) || token_like(value, 8) && !counts(),
        Secret::Text => !counts() && value.bytes().any(|b| b.is_ascii_alphanumeric()),
        Secret::TokenLike => token_like(value, 16),
    }
}

/// The indented lines of a block in YAML: `|`, and then a line break.
fn block(text: &str, at: usize) -> Option<(usize, usize)> {
    let rest = text.get(at..)?;
    let lines = rest.strip_prefix(['|', '>'])?.trim_start_matches(['-', '+']);
    let line = ["\r\n", "\n", "\\n"].into_iter().find(|line| lines.starts_with(line))?;
    let mut end = text.len() - lines.len() + line.len();
    let indent = text[end..].bytes().take_while(|b| *b == b' ').count();
    if indent == 0 {
        return None;
    }
    let start = end + indent;
    while text[end..].starts_with(' ') {
        end = text[end..].find(line).map_or(text.len(), |at| end + at + line.len());
    }
    // The last line break is none of the value's.
    let end = if text[start..end].ends_with(line) { end - line.len() } else { end };
    (start < end).then_some((start, end))
}

/// `$1` in a statement, `%s` in a format.
fn is_placeholder(value: &str) -> bool {
    let number = value.strip_prefix('$').is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()));
    number || matches!(value, "%s" | "{}")
}

/// What stands between quotes, which may themselves be escaped (JSON in a string); to the end when they never close.
fn quoted(text: &str, at: usize) -> Option<(usize, usize)> {
    let bytes = text.as_bytes();
    let rest = text.get(at..)?;
    if rest.starts_with("%22") {
        let start = at + 3;
        return Some((start, text[start..].find("%22").map_or(text.len(), |end| start + end)));
    }
    if let Some(three) = ["\"\"\"", "'''"].into_iter().find(|three| rest.starts_with(three)) {
        let start = at + three.len();
        return Some((start, text[start..].find(three).map_or(text.len(), |end| start + end)));
    }
    let depth = rest.bytes().take_while(|b| *b == b'\\').count();
    let quote = *bytes.get(at + depth).filter(|b| matches!(b, b'"' | b'\'' | b'`'))?;
    let start = at + depth + 1;
    let mut slashes = 0;
    for (nth, byte) in bytes[start..].iter().enumerate() {
        if *byte == b'\\' {
            slashes += 1;
            continue;
        }
        // Behind n backslashes of its own, the same quote closes; with one level of escaping more, it belongs to the
        // value.
        if *byte == quote && slashes % (2 * (depth + 1)) == depth {
            return Some((start, start + nth - depth));
        }
        slashes = 0;
    }
    Some((start, text.len()))
}

/// Where the group that opens here closes; `None` when it does not do so within reach.
fn group(bytes: &[u8], open: usize, reach: usize) -> Option<usize> {
    let mut depth = 0_usize;
    let mut quote = None;
    let mut escaped = false;
    for (nth, byte) in bytes.get(open..reach.min(bytes.len()))?.iter().enumerate() {
        match (quote, *byte) {
            _ if escaped => escaped = false,
            (Some(_), b'\\') => escaped = true,
            (Some(open), byte) if open == byte => quote = None,
            (Some(_), _) => {}
            (None, b'"') => quote = Some(b'"'),
            (None, b'{' | b'[' | b'(') => depth += 1,
            (None, b'}' | b']' | b')') => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return Some(open + nth + 1);
                }
            }
            _ => {}
        }
    }
    None
}

/// Where a value without quotes ends: at a blank, or at a delimiter that is followed by something that looks like the
/// end of the pair. A delimiter in the middle of a password is none. With `spaces`, as in a header, at the end of the
/// line.
fn bare(text: &str, start: usize, key: &Key<'_>, spaces: bool) -> usize {
    let bytes = text.as_bytes();
    let mut at = start;
    while let Some(byte) = bytes.get(at) {
        if *byte == b'[' && text[at..].starts_with(MARKER) {
            at += MARKER.len();
            continue;
        }
        match byte {
            b'\n' | b'\r' => break,
            b' ' | b'\t' if !spaces => break,
            b'"' | b'\'' | b'`' if Some(*byte) == key.around => break,
            b'\\' if escaped_end(bytes, at) => break,
            b',' | b';' | b'&' | b'|' | b')' | b'}' | b']' | b'>' | b'<' | b'"' | b'\'' | b'`'
                if !spaces && ends_pair(bytes, at + 1) =>
            {
                break;
            }
            b'%' if matches!(bytes.get(at + 1..at + 3), Some(b"26" | b"22")) => break,
            _ => at += 1,
        }
    }
    // A step is one byte, but it only stops at ASCII or at the end.
    at
}

/// The end of the line, or of the pair when more pairs follow: `password: x, user: y`.
fn line(text: &str, start: usize, key: &Key<'_>) -> usize {
    let mut at = start;
    loop {
        at = bare(text, at, key, false);
        match text.as_bytes()[at..].iter().take_while(|b| matches!(b, b' ' | b'\t')).count() {
            0 => return at,
            blanks => at += blanks,
        }
    }
}

/// An escaped quote or line break: the text is the inside of a string.
fn escaped_end(bytes: &[u8], at: usize) -> bool {
    let slashes = bytes[at..].iter().take(LOOK_AHEAD).take_while(|b| **b == b'\\').count();
    matches!(bytes.get(at + slashes), Some(b'"' | b'\'')) && ends_pair(bytes, at + slashes + 1)
        || slashes > 0 && matches!(bytes.get(at + slashes), Some(b'n' | b'r')) && ends_pair(bytes, at + slashes + 1)
}

/// Whether what follows a delimiter is the end, a blank, another delimiter, or the next key.
fn ends_pair(bytes: &[u8], at: usize) -> bool {
    let Some(next) = bytes.get(at) else { return true };
    if next.is_ascii_whitespace()
        || matches!(next, b',' | b';' | b'&' | b')' | b'}' | b']' | b'>' | b'"' | b'\'' | b'\\')
    {
        return true;
    }
    let word = bytes[at..]
        .iter()
        .take(LOOK_AHEAD)
        .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'))
        .count();
    word > 0 && matches!(bytes.get(at + word), Some(b'=' | b':' | b'['))
}

/// Whether plain words stand here, at least two: an error that follows the name of a field, not a value.
fn sentence(text: &str, start: usize, end: usize) -> bool {
    let plain = |word: &str| {
        let word = word.trim_end_matches([',', '.', ':', ';', '!', '?']);
        let mut letters = word.bytes();
        letters.next().is_some_and(|b| b.is_ascii_alphabetic()) && letters.all(|b| b.is_ascii_lowercase() || b == b'\'')
    };
    let mut words = text[end..].split([' ', '\n', ')', '(']).filter(|word| !word.is_empty());
    let mut goes_on = || match words.next() {
        // `expired 3 minutes ago`
        Some(number) if number.bytes().all(|b| b.is_ascii_digit()) => words.next().is_some_and(plain),
        word => word.is_some_and(plain),
    };
    plain(&text[start..end]) && goes_on()
}
