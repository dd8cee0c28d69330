//! A text enters; where it says `key=value`, `"key": "value"` or `Key: value` and the key names a secret, it leaves
//! without the value.
//!
//! Written by hand and not as a pattern: the key is judged by [`keys`], and where a value ends depends on how it began.
//! One walk over the text looks at every `=` and `:`, a bounded step back for the key, and forward for the value.

use super::MARKER;
use super::keys::Secret;
use super::pair_values::value;
use super::rules::Rules;

/// How far a key reaches back; a longer name is judged by its end.
const KEY_REACH: usize = 64;
/// The text without the values of secret keys; `None` when there was none.
pub(super) fn redact(text: &str, rules: &Rules) -> Option<String> {
    if !rules.may_name_secret(text) {
        return None;
    }
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
        let Some(secret) = key.secret(rules) else { continue };
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
pub(super) struct Key<'t> {
    /// As it is written, or what its quotes hold.
    name: &'t str,
    /// The same with up to two words in front of it.
    phrase: &'t str,
    /// Whether a backslash stands before it, and its first letter may therefore be none of its own.
    escaped: bool,
    /// Whether it stands in quotes.
    pub(super) quoted: bool,
    /// The quote that stands directly before a key that is not in quotes, and therefore around the whole pair.
    pub(super) around: Option<u8>,
    /// Whether a word stands before it: `could not read password: permission denied`.
    pub(super) in_prose: bool,
    /// Whether it is separated by a colon, as a header is.
    pub(super) colon: bool,
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

    fn secret(&self, rules: &Rules) -> Option<Secret> {
        // The `n` of an escaped line break may stand before the key: `..\ntoken=x`.
        let unescaped = || rules.secret_in_text(self.name.get(1..)?, self.name.get(1..)?);
        rules.secret_in_text(self.name, self.phrase).or_else(|| if self.escaped { unescaped() } else { None })
    }
}

/// Walks back from a place while a byte is right, at most [`KEY_REACH`] bytes.
fn back_over(bytes: &[u8], from: usize, end: usize, right: impl Fn(u8) -> bool) -> usize {
    let reach = end.saturating_sub(KEY_REACH).max(from);
    let steps = bytes[reach..end].iter().rev().take_while(|b| right(**b)).count();
    end - steps
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let expected = expected.replace('§', MARKER);
        let clean = redact(text, &Rules::built_in()).unwrap_or_else(|| text.to_owned());
        assert_eq!(clean, expected, "{text}");
        assert_eq!(redact(&clean, &Rules::built_in()), None, "again: {clean}");
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
