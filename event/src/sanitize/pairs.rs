//! A text enters; where it says `key=value`, `"key": "value"` or `Key: value` and the key names a secret, it leaves
//! without the value.
//!
//! Written by hand and not as a pattern: the key is judged by [`keys`], and where a value ends depends on how it began.
//! One walk over the text looks at every `=` and `:`, a bounded step back for the key, and forward for the value.

use super::keys::{self, Secret, token_like};
use super::{MARKER, text::unveil};

/// How far a key reaches back; a longer name is judged by its end.
const KEY_REACH: usize = 64;
/// How far it is looked ahead for what follows a delimiter, and for the bracket that closes `Some(`.
const LOOK_AHEAD: usize = 64;
const GROUP_REACH: usize = 1024;
/// How much of a value decides whether it looks like a token.
const JUDGED: usize = 256;

/// Says that there is nothing, and stays.
const NOTHING: &[&str] = &["", "None", "nil", "none", "null", "undefined"];

/// The text without the values of secret keys; `None` when there was none.
pub(super) fn redact(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let mut new = String::new();
    let (mut copied, mut at) = (0, 0);
    while let Some(step) = bytes.get(at..).and_then(|rest| rest.iter().position(|b| matches!(b, b'=' | b':' | b'%'))) {
        let from = at + step;
        let (sign, separates) = sign(&bytes[from..]);
        at = from + sign;
        if !separates {
            continue;
        }
        // A key must not reach back into what was already taken out.
        let Some(key) = Key::before(text, copied, from) else { continue };
        let Some(secret) = key.secret() else { continue };
        let Some((start, end)) = value(text, at, &key, secret) else { continue };
        if text.get(start..end).is_none_or(|value| value == MARKER) {
            continue;
        }
        new.push_str(&text[copied..start]);
        new.push_str(MARKER);
        (copied, at) = (end, end);
    }
    if new.is_empty() {
        return None;
    }
    new.push_str(&text[copied..]);
    Some(new)
}

/// How long the sign is that stands here, and whether it separates a key from its value.
fn sign(rest: &[u8]) -> (usize, bool) {
    if rest.starts_with(b"%") {
        let separates = matches!(rest.get(..3), Some(b"%3D" | b"%3d" | b"%3A" | b"%3a"));
        return (if separates { 3 } else { 1 }, separates);
    }
    // `=>`, `:=` and the like are one sign; in `https://` and `a::b` there is none.
    let length = rest.iter().take_while(|b| matches!(b, b'=' | b':' | b'>' | b'~')).count();
    (length, !rest.starts_with(b"://") && !rest.starts_with(b"::"))
}

/// A key in a text.
struct Key<'t> {
    /// As it is written, or what its quotes hold.
    name: &'t str,
    /// The same with up to two words in front of it.
    phrase: &'t str,
    /// Whether a backslash stands before it, and its first letter may therefore be none of its own.
    escaped: bool,
    /// Whether it stands in quotes.
    quoted: bool,
    /// The quote that stands directly before a key that is not in quotes, and therefore around the whole pair.
    around: Option<u8>,
    /// Whether a word stands before it: `could not read password: permission denied`.
    in_prose: bool,
    /// Whether it is separated by a colon, as a header is.
    colon: bool,
}

impl<'t> Key<'t> {
    fn before(text: &'t str, from: usize, separator: usize) -> Option<Self> {
        let bytes = text.as_bytes();
        let colon = bytes.get(separator) == Some(&b':');
        let mut end = back_over(bytes, from, separator, |b| matches!(b, b' ' | b'\t'));
        // `form[password]=x`
        end = if end > from && bytes[end - 1] == b']' { end - 1 } else { end };
        if let Some(quote) = bytes[from..end].last().copied().filter(|b| matches!(b, b'"' | b'\'' | b'`')) {
            end = back_over(bytes, from, end - 1, |b| b == b'\\');
            let start = back_over(bytes, from, end, |b| b != quote);
            let name = text.get(start..end)?;
            return Some(Self {
                name,
                phrase: name,
                escaped: false,
                quoted: true,
                around: None,
                in_prose: false,
                colon,
            });
        }
        if text.get(from..end)?.ends_with("%22") {
            end -= 3;
        }
        let mut start = back_over(bytes, from, end, |b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'));
        if start > from && bytes[start - 1] == b'%' {
            // The digits of `%26` are none of the key's.
            start = end.min(start + 2);
        }
        let name = text.get(start..end)?.trim_start_matches(['-', '.']);
        if name.is_empty() {
            return None;
        }
        let mut phrase = start;
        for _ in 0..2 {
            if phrase > from && bytes[phrase - 1] == b' ' {
                let word = back_over(bytes, from, phrase - 1, |b| b.is_ascii_alphanumeric());
                phrase = if word < phrase - 1 { word } else { break };
            }
        }
        let escaped = start > from && bytes[start - 1] == b'\\' && name.starts_with(['n', 'r', 't']);
        let around = start.checked_sub(1).map(|at| bytes[at]).filter(|b| matches!(b, b'"' | b'\'' | b'`'));
        Some(Self {
            name,
            phrase: text.get(phrase..end)?,
            escaped,
            quoted: false,
            around,
            in_prose: phrase < start,
            colon,
        })
    }

    fn secret(&self) -> Option<Secret> {
        // The `n` of an escaped line break may stand before the key: `..\ntoken=x`.
        let unescaped = || keys::secret_in_text(self.name.get(1..)?, self.name.get(1..)?);
        keys::secret_in_text(self.name, self.phrase).or_else(|| if self.escaped { unescaped() } else { None })
    }
}

/// Walks back from a place while a byte is right, at most [`KEY_REACH`] bytes.
fn back_over(bytes: &[u8], from: usize, end: usize, right: impl Fn(u8) -> bool) -> usize {
    let reach = end.saturating_sub(KEY_REACH).max(from);
    let steps = bytes[reach..end].iter().rev().take_while(|b| right(**b)).count();
    end - steps
}

/// Where the secret value of a key begins and ends; `None` when it is not secret after all.
fn value(text: &str, behind: usize, key: &Key<'_>, secret: Secret) -> Option<(usize, usize)> {
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
    if NOTHING.binary_search(&value).is_ok() {
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

/// What stands between quotes, which may themselves be escaped (JSON in a string); to the end when they never close.
fn quoted(text: &str, at: usize) -> Option<(usize, usize)> {
    let bytes = text.as_bytes();
    let rest = text.get(at..)?;
    if rest.starts_with("%22") {
        let start = at + 3;
        return Some((start, text[start..].find("%22").map_or(text.len(), |end| start + end)));
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
    plain(&text[start..end]) && words.next().is_some_and(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let expected = expected.replace('§', MARKER);
        let clean = redact(text).unwrap_or_else(|| text.to_owned());
        assert_eq!(clean, expected, "{text}");
        assert_eq!(redact(&clean), None, "again: {clean}");
    }

    #[test]
    fn pairs_lose_their_value() {
        for (text, expected) in [
            ("password=hunter2", "password=§"),
            ("login failed user=bob password=hunter2 attempt=3", "login failed user=bob password=§ attempt=3"),
            ("DB_PASSWORD = hunter2, retries = 3", "DB_PASSWORD = §, retries = 3"),
            ("password='it is long'", "password='§'"),
            (r#"{"password":"hun\"ter2","n":1}"#, r#"{"password":"§","n":1}"#),
            (r#"{"password":"ends in \\","n":1}"#, r#"{"password":"§","n":1}"#),
            (r#""{\"password\":\"hunter2\",\"n\":1}""#, r#""{\"password\":\"§\",\"n\":1}""#),
            (r#"\\\"password\\\":\\\"hun\\\\\\\"ter\\\",x"#, r#"\\\"password\\\":\\\"§\\\",x"#),
            (r#"{"password" : "never closed"#, r#"{"password" : "§"#),
            (r#"{"password":1234}"#, r#"{"password":§}"#),
            (r#"{"password":["a","b"],"n":1}"#, r#"{"password":§,"n":1}"#),
            (r#"{"credentials":{"user":"u","pass":"}"},"n":1}"#, r#"{"credentials":§,"n":1}"#),
            ("Config { api_key: \"x y\", retries: 3 }", "Config { api_key: \"§\", retries: 3 }"),
            ("Config { api_key: Some(\"x y\"), token: Some(\"z\") }", "Config { api_key: §, token: § }"),
            ("Login { password: Secret { inner: \"x\" }, n: 1 }", "Login { password: §, n: 1 }"),
            ("GET /x?access_token=abc&page=2", "GET /x?access_token=§&page=2"),
            ("GET /x?user[password]=abc&page=2", "GET /x?user[password]=§&page=2"),
            ("next=%2Flogin%3Fpassword%3Dabc%26page%3D2", "next=%2Flogin%3Fpassword%3D§%26page%3D2"),
            ("%22password%22%3A%22abc%22", "%22password%22%3A%22§%22"),
            ("Cookie: a=b; c=d\nHost: x", "Cookie: §\nHost: x"),
            ("curl -H 'Cookie: a=b; c=d' https://x", "curl -H 'Cookie: §' https://x"),
            ("Set-Cookie: sid=abc; Path=/; HttpOnly", "Set-Cookie: §"),
            ("Authorization: Digest username=\"u\", response=\"r\"", "Authorization: §"),
            ("X-Api-Key: abc def", "X-Api-Key: §"),
            ("Server=db;User Id=u;Password=p@ss;Timeout=3", "Server=db;User Id=u;Password=§;Timeout=3"),
            ("password=ab,cd;ef)gh x", "password=§ x"),
            ("password: correct horse battery\nuser: bob", "password: §\nuser: bob"),
            ("the password: hunter2", "the password: §"),
            ("api key: abc123", "api key: §"),
            ("password => 'x'", "password => '§'"),
            ("{\"password\":\n  \"x\"}", "{\"password\":\n  \"§\"}"),
            (r"first\ntoken=abcdef", r"first\ntoken=§"),
            (r"first\napi_key=abcdef\nlast", r"first\napi_key=§"),
            ("token=abcdef", "token=§"),
            ("token: a1b2c3d4e5", "token: §"),
            ("(password=x)", "(password=§)"),
            ("b'x', password=b'a b'", "b'x', password=b'§'"),
        ] {
            check(text, expected);
        }
    }

    #[test]
    fn other_pairs_stay() {
        for text in [
            "",
            "=",
            ":",
            "a=b",
            "token_id=t1",
            "tokens_created=3",
            "token=42",
            "token: ident",
            "unexpected token: `}`",
            "expected token: ident, found: `abc12345`",
            "author=bob",
            "session_count=3",
            "password_changed=true",
            "could not read password: permission denied (os error 13)",
            "invalid credentials: user not found",
            "could not load the secret: no such file or directory",
            "invalid token: expired",
            "password=",
            "password: None",
            "secret::Vault::open",
            "https://example.com/password",
            "secret manager: timeout",
            "token = 7",
            "password:\n",
            r#"{"password":null,"token":5,"token_count":7}"#,
            "passwords must be long",
            "signature: fn(a, b)",
            "token { id: 3 }",
            "session: {\"n\":1}",
            "é: é=é",
        ] {
            check(text, text);
        }
    }
}
