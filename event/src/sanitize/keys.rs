//! The name of a field, a header or a parameter enters; what leaves is whether its value is a secret, and which kind.
//!
//! Styles do not matter: `apiKey`, `api_key`, `API-KEY`, `api.key` and `Api Key` are the words `api`, `key`. The
//! longest entry of [`KEYS`] that a key *ends in* decides, because the last word says what a thing is: a
//! `session_count` is a count and a `token_id` is an id. Words such as `value` or `old`, which say nothing, are skipped
//! at the end.

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

use Secret::{Always, Header, Text, TokenLike};

impl Secret {
    /// Whether a text goes whatever it looks like.
    pub(super) fn hides_text(self) -> bool {
        self >= Text
    }
}

/// Each key that names a secret has one of these in it, in one piece: so most keys need not be taken apart; sorted.
pub(super) const STEMS: &[&str] = &[
    "auth",
    "card",
    "connection",
    "cookie",
    "cred",
    "cvc",
    "cvv",
    "jwt",
    "key",
    "otp",
    "pass",
    "pwd",
    "secret",
    "sess",
    "shared",
    "sig",
    "token",
];

/// What a key may end in, its words joined; sorted. `None` is an exception to a shorter entry.
///
/// `session_id` is here on purpose: whoever has it is the user. Name it otherwise if it is a mere number of a visit.
const KEYS: &[(&str, Option<Secret>)] = &[
    ("accesskey", Some(Always)),
    ("accesstoken", Some(Always)),
    ("accesstokens", Some(Text)),
    ("accountkey", Some(Always)),
    ("apikey", Some(Always)),
    ("apikeys", Some(Secret::Compound)),
    ("apisecret", Some(Always)),
    ("apitoken", Some(Always)),
    ("auth", Some(TokenLike)),
    ("authorization", Some(Header)),
    ("authtoken", Some(Always)),
    ("bearertoken", Some(Always)),
    ("cancellationtoken", None),
    ("canceltoken", None),
    ("cardnumber", Some(Always)),
    ("childtoken", None),
    ("clientsecret", Some(Always)),
    ("connectionstring", Some(Always)),
    ("consumersecret", Some(Always)),
    ("continuationtoken", None),
    ("cookie", Some(Header)),
    ("cookies", Some(Header)),
    ("credential", Some(Always)),
    ("credentials", Some(Always)),
    ("csrftoken", Some(Always)),
    ("currenttoken", None),
    ("cvc", Some(Always)),
    ("cvv", Some(Always)),
    ("dbpass", Some(Always)),
    ("decryptionkey", Some(Always)),
    ("encryptionkey", Some(Always)),
    ("endtoken", None),
    ("expectedtoken", None),
    ("firsttoken", None),
    ("idtoken", Some(Always)),
    ("invalidtoken", None),
    ("jsessionid", Some(Always)),
    ("jwt", Some(Always)),
    ("lasttoken", None),
    ("masterkey", Some(Always)),
    ("nextpagetoken", None),
    ("nexttoken", None),
    ("oauthtoken", Some(Always)),
    ("otp", Some(Always)),
    ("pagetoken", None),
    ("parenttoken", None),
    ("passphrase", Some(Always)),
    ("passphrases", Some(Always)),
    ("passwd", Some(Always)),
    ("password", Some(Always)),
    ("passwords", Some(Always)),
    ("phpsessid", Some(Always)),
    ("privatekey", Some(Always)),
    ("privatekeys", Some(Always)),
    ("pwd", Some(Always)),
    ("refreshtoken", Some(Always)),
    ("refreshtokens", Some(Text)),
    ("roottoken", None),
    ("sastoken", Some(Always)),
    ("secret", Some(Always)),
    ("secretaccesskey", Some(Always)),
    ("secretkey", Some(Always)),
    ("secretkeybase", Some(Always)),
    ("secretkeys", Some(Always)),
    ("secrets", Some(Secret::Compound)),
    ("session", Some(Text)),
    ("sessioncookie", Some(Always)),
    ("sessionid", Some(Text)),
    ("sessionkey", Some(Always)),
    ("sessiontoken", Some(Always)),
    ("setcookie", Some(Header)),
    ("sharedaccesskey", Some(Always)),
    ("sharedaccesssignature", Some(Always)),
    ("sharedkey", Some(Always)),
    ("sig", Some(TokenLike)),
    ("signature", Some(TokenLike)),
    ("signingkey", Some(Always)),
    ("sshkey", Some(Always)),
    ("starttoken", None),
    ("storagekey", Some(TokenLike)),
    ("synctoken", None),
    ("token", Some(Text)),
    ("tokensecret", Some(Always)),
    ("unexpectedtoken", None),
    ("userpass", Some(Always)),
    ("webhooksecret", Some(Always)),
    ("xsrftoken", Some(Always)),
];

/// Words at the end of a key that do not change what it is; sorted.
const NEUTRAL: &[&str] = &[
    "again",
    "b64",
    "base64",
    "bytes",
    "confirm",
    "confirmation",
    "current",
    "data",
    "default",
    "encoded",
    "encrypted",
    "hash",
    "header",
    "hex",
    "new",
    "old",
    "pem",
    "plain",
    "plaintext",
    "raw",
    "repeat",
    "salt",
    "str",
    "string",
    "temp",
    "text",
    "val",
    "value",
];

/// Words that make a key suspicious wherever they stand (`password_for_admin`), unless it ends in one of [`HARMLESS`];
/// sorted.
const STRONG: &[&str] =
    &["credential", "credentials", "passphrase", "passwd", "password", "passwords", "pwd", "secret", "secrets"];

/// Last words that turn a suspicious key into a plain one, and endings of files; sorted.
const HARMLESS: &[&str] = &[
    "age",
    "algorithm",
    "arn",
    "at",
    "attempts",
    "changed",
    "count",
    "created",
    "css",
    "deleted",
    "disabled",
    "enabled",
    "error",
    "errors",
    "expired",
    "expires",
    "expiry",
    "failed",
    "field",
    "go",
    "html",
    "id",
    "ids",
    "invalid",
    "java",
    "js",
    "jsx",
    "kind",
    "kt",
    "len",
    "length",
    "log",
    "manager",
    "md",
    "missing",
    "name",
    "names",
    "path",
    "php",
    "policy",
    "present",
    "provider",
    "py",
    "rb",
    "ref",
    "required",
    "reset",
    "rotated",
    "rotation",
    "rs",
    "set",
    "sh",
    "size",
    "source",
    "sql",
    "status",
    "store",
    "strength",
    "swift",
    "ts",
    "tsx",
    "ttl",
    "type",
    "updated",
    "valid",
    "version",
    "vue",
];

/// What the last word may end in when it was written together: `dbpassword`, `xapikey`; sorted. Shorter ones would hit
/// plain words (`obsession`).
const TAILS: &[&str] = &[
    "accesskey",
    "accesstoken",
    "apikey",
    "authtoken",
    "clientsecret",
    "passphrase",
    "passwd",
    "password",
    "privatekey",
    "refreshtoken",
    "secretkey",
    "sessiontoken",
];

/// Words of an entry of [`KEYS`]; none has more.
const PHRASE: usize = 3;

/// Bytes of a key that count, from its end, and words in them.
const KEY_BYTES: usize = 96;
const KEY_WORDS: usize = 16;

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

/// The words of a key, lower case, one behind the other.
struct Words {
    letters: [u8; KEY_BYTES],
    /// Where each word ends in `letters`.
    ends: [u8; KEY_WORDS],
    count: usize,
}

impl Words {
    fn of(key: &str) -> Self {
        let bytes = key.as_bytes();
        let bytes = &bytes[bytes.len().saturating_sub(KEY_BYTES)..];
        let mut words = Self { letters: [0; KEY_BYTES], ends: [0; KEY_WORDS], count: 0 };
        let mut len = 0;
        for (at, byte) in bytes.iter().enumerate() {
            let before = at.checked_sub(1).and_then(|at| bytes.get(at));
            let behind = bytes.get(at + 1);
            // `camelCase`, and the last capital of `HTTPServer`. A plural of capitals (`APIKeys`) splits the same way.
            let camel = byte.is_ascii_uppercase()
                && before.is_some_and(|before| {
                    before.is_ascii_lowercase()
                        || before.is_ascii_digit()
                        || (before.is_ascii_uppercase() && behind.is_some_and(u8::is_ascii_lowercase))
                });
            if camel || !byte.is_ascii_alphanumeric() {
                words.end(len);
            }
            if byte.is_ascii_alphanumeric() {
                words.letters[len] = byte.to_ascii_lowercase();
                len += 1;
            }
        }
        words.end(len);
        words
    }

    /// Ends a word; of too many words the first are forgotten, because the last decide.
    fn end(&mut self, at: usize) {
        if at == self.start(self.count) {
            return;
        }
        if self.count == KEY_WORDS {
            self.ends.copy_within(1.., 0);
            self.count -= 1;
        }
        self.ends[self.count] = at as u8;
        self.count += 1;
    }

    fn start(&self, word: usize) -> usize {
        if word == 0 { 0 } else { usize::from(self.ends[word - 1]) }
    }

    /// Words from the first to before the last, joined.
    fn joined(&self, first: usize, last: usize) -> &[u8] {
        &self.letters[self.start(first)..self.start(last)]
    }

    fn word(&self, at: usize) -> &[u8] {
        self.joined(at, at + 1)
    }

    /// The verdict of the longest entry that the words end in; `None` when there is no such entry.
    fn ending(&self) -> Option<Option<Secret>> {
        let mut last = self.count;
        loop {
            for first in last.saturating_sub(PHRASE)..last {
                let phrase = without_number(self.joined(first, last));
                if may_be_key(phrase)
                    && let Ok(at) = KEYS.binary_search_by_key(&phrase, |(key, _)| key.as_bytes())
                {
                    return Some(KEYS[at].1);
                }
            }
            let word = without_number(self.word(last.checked_sub(1)?));
            if word.len() > 6 && TAILS.iter().any(|tail| word.ends_with(tail.as_bytes())) {
                return Some(Some(Always));
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

fn is_in(table: &[&str], word: &[u8]) -> bool {
    table.binary_search_by_key(&word, |entry| entry.as_bytes()).is_ok()
}

fn without_number(word: &[u8]) -> &[u8] {
    let digits = word.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    &word[..word.len() - digits]
}

/// For each first letter, which last letters an entry of [`KEYS`] with it has: nearly all words are told apart by that.
const ENDS: [u32; 26] = {
    let mut ends = [0; 26];
    let mut at = 0;
    while at < KEYS.len() {
        let key = KEYS[at].0.as_bytes();
        ends[(key[0] - b'a') as usize] |= 1 << (key[key.len() - 1] - b'a');
        at += 1;
    }
    ends
};

fn may_be_key(phrase: &[u8]) -> bool {
    let letter = |byte: &u8| byte.is_ascii_lowercase().then(|| byte - b'a');
    match (phrase.first().and_then(letter), phrase.last().and_then(letter)) {
        (Some(first), Some(last)) => ENDS[usize::from(first)] & 1 << last != 0,
        _ => false,
    }
}

/// Whether a text looks like a token and not like words, for [`Secret::TokenLike`].
pub(super) fn token_like(text: &str, at_least: usize) -> bool {
    text.len() >= at_least
        && text.bytes().any(|byte| byte.is_ascii_digit())
        && text.bytes().all(|byte| byte.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_sorted() {
        assert!(KEYS.is_sorted_by(|a, b| a.0 < b.0));
        for table in [NEUTRAL, STRONG, HARMLESS, TAILS, STEMS] {
            assert!(table.is_sorted_by(|a, b| a < b), "{table:?}");
        }
    }

    #[test]
    fn every_secret_key_has_a_stem() {
        let secret = KEYS.iter().filter(|(_, secret)| secret.is_some()).map(|(key, _)| key);
        for key in secret.chain(STRONG).chain(TAILS) {
            assert!(STEMS.iter().any(|stem| key.contains(stem)), "{key}");
        }
    }

    #[test]
    fn keys_that_name_a_secret() {
        for key in [
            "password",
            "Password",
            "PASSWORD",
            "db_password",
            "dbPassword",
            "DB-PASSWORD",
            "db.password",
            "Db Password",
            "passwd",
            "pwd",
            "MYSQL_PWD",
            "PGPASSWORD",
            "dbpassword",
            "password2",
            "password_1",
            "new_password",
            "passwordConfirmation",
            "password_hash",
            "passwords",
            "passwordHash",
            "user[password]",
            "passphrase",
            "secret",
            "clientSecret",
            "client_secret",
            "CLIENT-SECRET",
            "clientsecret",
            "oauth2ClientSecret",
            "access_token",
            "accessToken",
            "ACCESS_TOKEN",
            "access.token",
            "Access Token",
            "accesstoken",
            "refresh_token",
            "auth_token",
            "authToken",
            "X-Auth-Token",
            "id_token",
            "session_token",
            "githubAccessToken",
            "csrf_token",
            "api_key",
            "apiKey",
            "APIKey",
            "APIKEY",
            "apikey",
            "x-api-key",
            "X-API-Key",
            "stripe_api_key",
            "api key",
            "authorization",
            "Authorization",
            "Proxy-Authorization",
            "HTTP_AUTHORIZATION",
            "authorization_header",
            "cookie",
            "Cookie",
            "Set-Cookie",
            "set_cookie",
            "setCookie",
            "sessionCookie",
            "cookies",
            "private_key",
            "privateKey",
            "private_key_pem",
            "PRIVATE KEY",
            "ssh_key",
            "credential",
            "credentials",
            "awsCredentials",
            "aws_secret_access_key",
            "AWS_SECRET_ACCESS_KEY",
            "secretAccessKey",
            "SharedAccessKey",
            "AccountKey",
            "signing_key",
            "encryption_key",
            "secret_key_base",
            "otp",
            "cvv",
            "password_value",
        ] {
            assert!(matches!(secret(key), Some(Always | Header)), "{key}: {:?}", secret(key));
        }
        for key in ["token", "Token", "github_token", "slackToken", "BOT_TOKEN", "token_value", "session", "session_id"]
        {
            assert_eq!(secret(key), Some(Text), "{key}");
        }
        for key in ["signature", "X-Amz-Signature", "sig", "auth", "_auth"] {
            assert_eq!(secret(key), Some(TokenLike), "{key}");
        }
        for key in ["password_for_admin", "secret_santa", "credentials_map", "secrets", "password-hint"] {
            assert_eq!(secret(key), Some(Secret::Compound), "{key}");
        }
    }

    #[test]
    fn keys_that_do_not() {
        for key in [
            "",
            "_",
            "1",
            "token_id",
            "tokenId",
            "token_ids",
            "parent_token_id",
            "tokens_created",
            "token_count",
            "tokens_dispatched",
            "tokens",
            "max_tokens",
            "prompt_tokens",
            "tokenizer",
            "tokenized",
            "next_token",
            "nextPageToken",
            "cancellation_token",
            "parent_token",
            "unexpected token",
            "session_count",
            "sessions",
            "obsession",
            "author",
            "authors",
            "authority",
            "authored_by",
            "authenticated",
            "authorized",
            "authorization_id",
            "cookie_count",
            "cookie_policy",
            "secretary",
            "secretariat",
            "undersecretary_name",
            "password_changed",
            "password_changed_at",
            "password_reset",
            "passwordLength",
            "password_policy",
            "password_attempts",
            "secret_name",
            "secret_version",
            "credentials_provider",
            "credential_id",
            "key",
            "keys",
            "primary_key",
            "public_key",
            "cache_key",
            "partition_key",
            "idempotency_key",
            "key_id",
            "access_key_id",
            "api_key_id",
            "api_version",
            "api",
            "signature_count",
            "signed",
            "design",
            "pass",
            "passed",
            "passenger",
            "compass",
            "bypass",
            "passing_rate",
            "user",
            "user_id",
            "username",
            "node_id",
            "task_output_keys",
            "data",
            "value",
            "hash",
            "text",
            "sigma",
            "pwdx",
            "trace_id",
            "card",
            "number",
        ] {
            assert_eq!(secret(key), None, "{key}");
        }
    }

    #[test]
    fn words_before_a_key_in_a_text() {
        assert_eq!(secret_in_text("key", "the api key"), Some(Always));
        assert_eq!(secret_in_text("user", "password for user"), None);
        assert_eq!(secret_in_text("token", "an unexpected token"), None);
        assert_eq!(secret_in_text("password_for_admin", "the password_for_admin"), Some(Secret::Compound));
    }

    #[test]
    fn long_keys_are_judged_by_their_end() {
        assert_eq!(secret(&format!("{}_password", "a_".repeat(500))), Some(Always));
        assert_eq!(secret(&format!("{}_password", "é".repeat(500))), Some(Always));
        assert_eq!(secret(&"password_".repeat(500)), Some(Always));
        assert_eq!(secret(&"a".repeat(5000)), None);
    }
}
