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
    while let Some(step) =
        bytes.get(at..).and_then(|rest| rest.iter().position(|b| matches!(b, b'=' | b':' | b'%' | b',')))
    {
        let from = at + step;
        let (sign, separates) = sign(&bytes[from..]);
        at = from + sign;
        if !separates {
            continue;
        }
        // A key must not reach back into what was already taken out.
        let Some(key) = Key::before(text, copied, from) else { continue };
        let named = if key.says_name() { named_value(text, at, rules) } else { None };
        let value = match named {
            Some(value) => Some(value),
            None => key.secret(rules).and_then(|secret| value(text, at, &key, secret)),
        };
        let Some((start, end)) = value else { continue };
        if key.listed == Some(b'[') && !closes_list(&bytes[end..]) {
            continue;
        }
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
    // `("password", "x")`: only behind a quote.
    if rest.starts_with(b",") {
        let blank = rest[1..].iter().take_while(|b| **b == b' ').count();
        return (1, matches!(rest.get(1 + blank), Some(b'"' | b'\'' | b'\\')));
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
    /// The bracket of a list in which it stands before a comma, and is a key only if the list has two elements.
    listed: Option<u8>,
}

impl<'t> Key<'t> {
    fn before(text: &'t str, from: usize, separator: usize) -> Option<Self> {
        let bytes = text.as_bytes();
        let colon = bytes.get(separator) == Some(&b':');
        let comma = bytes.get(separator) == Some(&b',');
        let mut end = back_over(bytes, from, separator, |b| matches!(b, b' ' | b'\t'));
        // `form[password]=x`
        end = if end > from && bytes[end - 1] == b']' { end - 1 } else { end };
        if let Some(quote) = bytes[from..end].last().copied().filter(|b| matches!(b, b'"' | b'\'' | b'`')) {
            end = back_over(bytes, from, end - 1, |b| b == b'\\');
            let start = back_over(bytes, from, end, |b| b != quote);
            let name = text.get(start..end)?;
            let listed = if comma {
                let open = back_over(bytes, from, start.saturating_sub(1).max(from), |b| b == b'\\');
                let bracket = bytes[from..open].iter().rev().find(|b| !b.is_ascii_whitespace()).copied();
                Some(bracket.filter(|b| matches!(b, b'(' | b'['))?)
            } else {
                None
            };
            return Some(Self {
                name,
                phrase: name,
                escaped: false,
                quoted: true,
                around: None,
                in_prose: false,
                colon,
                listed,
            });
        }
        if comma {
            return None;
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
        // `shop::password: ..` names a module, `shop/token:1.2` an image, `src/password.rs:3` a file.
        let before = bytes.get(start.saturating_sub(2)..start).unwrap_or_default();
        let blank = bytes.get(separator + 1).is_none_or(u8::is_ascii_whitespace);
        if colon && (before == b"::" || before.ends_with(b"/") && !blank) {
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
            listed: None,
        })
    }

    /// Whether the name of a field follows, and its value elsewhere: `{"name": "password", "value": "x"}`.
    fn says_name(&self) -> bool {
        matches!(self.name, "name" | "key" | "Name" | "Key" | "header") && self.listed.is_none()
    }

    fn secret(&self, rules: &Rules) -> Option<Secret> {
        // The `n` of an escaped line break may stand before the key: `..\ntoken=x`.
        let unescaped = || rules.secret_in_text(self.name.get(1..)?, self.name.get(1..)?);
        rules.secret_in_text(self.name, self.phrase).or_else(|| if self.escaped { unescaped() } else { None })
    }
}

/// Where the value stands whose key is itself a value, if it names a secret: `- name: DB_PASSWORD\n  value: x`.
fn named_value(text: &str, behind: usize, rules: &Rules) -> Option<(usize, usize)> {
    let near = text.get(behind..text.floor_char_boundary(behind + KEY_REACH * 3))?;
    let open = |c: char| matches!(c, ' ' | '"' | '\'' | '\\');
    let name = near.trim_start_matches(open);
    let start = near.len() - name.len();
    let length = name.find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '_' | '-' | '.'))?;
    let secret = rules.secret(&name[..length]).filter(|secret| secret.hides_text())?;
    let rest = &near[start + length..];
    if rest.starts_with(' ') {
        return None;
    }
    // Directly behind it, in the same pair of braces.
    let between = rest.find("alue").filter(|at| *at <= KEY_REACH && !rest[..*at].contains(['}', '{']))?;
    rest[..between].ends_with(['v', 'V']).then_some(())?;
    let sign = rest[between + 4..].find([':', '=']).filter(|at| *at <= 4)?;
    let at = behind + start + length + between + 4 + sign + 1;
    let key = Key::before(text, behind, at - 1)?;
    value(text, at, &key, secret)
}

/// Whether a list ends behind a value, at its quote.
fn closes_list(rest: &[u8]) -> bool {
    rest.iter().find(|b| !matches!(b, b'"' | b'\'' | b'\\')) == Some(&b']')
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
            (r#"[("n", "3"), ("password", "x y")]"#, r#"[("n", "3"), ("password", "§")]"#),
            (r#"[["password", "x y"], ["n", "3"]]"#, r#"[["password", "§"], ["n", "3"]]"#),
            (r#"{"name":"password","value":"x y"}"#, r#"{"name":"password","value":"§"}"#),
            ("- name: DB_PASSWORD\n  value: x\n", "- name: DB_PASSWORD\n  value: §\n"),
            ("<add key=\"ApiKey\" value=\"x y\"/>", "<add key=\"ApiKey\" value=\"§\"/>"),
            ("password: |\n  a b\n  c\nn: 3", "password: |\n  §\nn: 3"),
            ("password = \"\"\"a \" b\"\"\"\nn = 3", "password = \"\"\"§\"\"\"\nn = 3"),
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
            r#"["password", "email", "name"]"#,
            "ERROR shop::password: user rejected: connection refused (os error 111)",
            "image registry.example/shop/token:1.2.0 pulled",
            "panicked at src/password.rs:31:9: index out of bounds",
            "SELECT id FROM keys WHERE session_id = $1 AND token = ?",
            "new_token=on, old_cookie=off",
            "invalid cookie: moved 3 minutes ago",
            r#"{"name":"password","type":"string","value":null}"#,
            "name: password policy, value: strict",
        ] {
            check(text, text);
        }
    }
}
