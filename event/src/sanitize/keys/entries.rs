//! The words of keys that name a secret, and those of keys that only seem to: sorted tables.

use super::Secret::{self, Always, Header, Text, TokenLike};

/// Each key that names a secret has one of these in it, in one piece: so most keys need not be taken apart; sorted.
pub(in crate::sanitize) const STEMS: &[&str] = &[
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
pub(super) const NEUTRAL: &[&str] = &[
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
pub(super) const STRONG: &[&str] =
    &["credential", "credentials", "passphrase", "passwd", "password", "passwords", "pwd", "secret", "secrets"];

/// Last words that turn a suspicious key into a plain one, and endings of files; sorted.
pub(super) const HARMLESS: &[&str] = &[
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
pub(super) const TAILS: &[&str] = &[
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

/// What an entry of [`KEYS`] says, for the joined words of it; `None` when there is no such entry.
pub(super) fn entry(phrase: &[u8]) -> Option<Option<Secret>> {
    if !may_be_key(phrase) {
        return None;
    }
    let at = KEYS.binary_search_by_key(&phrase, |(key, _)| key.as_bytes()).ok()?;
    Some(KEYS[at].1)
}

pub(super) fn is_in(table: &[&str], word: &[u8]) -> bool {
    table.binary_search_by_key(&word, |entry| entry.as_bytes()).is_ok()
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
}
