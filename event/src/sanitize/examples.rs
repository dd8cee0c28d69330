//! Made-up secrets, one kind a name: pieces that are joined at run time, so that the repository holds nothing that
//! looks like a live credential.

use super::carriers::Seeded;
use super::kinds::Class;
use super::tokens::{PASETO, TOKENS, Token};

const DIGITS: &str = "0123456789";
const HEX: &str = "0123456789abcdef";
const LOWER: &str = "abcdefghijklmnopqrstuvwxyz";
const ALNUM: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const BASE64: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const URL64: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Makes a text with a secret in it, and says which part of it must not survive.
pub(super) type Make = fn(&mut Seeded) -> (String, String);

/// What the table of tokens does not have, each with something similar that stays.
pub(super) const OTHERS: &[(&str, Make, &str)] = &[
    ("pem", |r| block(r, "\n"), "-----BEGIN CERTIFICATE-----"),
    ("pem of a single line", |r| block(r, "\\n"), "-----BEGIN PUBLIC KEY-----"),
    ("url_userinfo", |r| around(r, &format!("://{}:", "admin"), ALNUM, 14, "@db/x"), "https://host:8080/a@b"),
    ("url_token", |r| around(r, "https://", ALNUM, 30, "@host/x"), "https://jane@host/x"),
    ("jwt", jwt, "eyJpZCI6MX0"),
    ("bearer", |r| around(r, "Bearer ", URL64, 32, ""), "bearer authentication failed"),
    ("basic", basic, "basic authentication"),
    ("flag", |r| around(r, "--db-password ", ALNUM, 12, ""), "--token is missing"),
    ("statement", |r| around(r, "ALTER USER u WITH PASSWORD '", ALNUM, 12, "'"), "the password is 'soon"),
    (
        "telegram",
        |r| {
            let id = r.run(DIGITS, 9);
            around(r, &format!("{id}:A{}", "A"), URL64, 33, "")
        },
        "12345678:9",
    ),
    ("mailchimp", |r| around(r, "", HEX, 32, "-us12"), "d41d8cd98f00b204e9800998ecf8427e-use"),
    ("email", |r| around(r, "", LOWER, 7, "@example.com"), "git@github.com:tense-rs/tense.git"),
    ("phone", |r| around(r, "+1 ", DIGITS, 10, ""), "at +01:00, +20 ms, +1234567"),
    (
        "card",
        |r| {
            let card = r.card("4", 16);
            (card.clone(), card)
        },
        "order 4111111111111112",
    ),
];

fn around(random: &mut Seeded, before: &str, alphabet: &str, length: usize, behind: &str) -> (String, String) {
    let body = random.run(alphabet, length);
    (format!("{before}{body}{behind}"), body)
}

fn block(random: &mut Seeded, line: &str) -> (String, String) {
    let (first, last) = (random.run(BASE64, 64), random.run(BASE64, 40));
    let of = |word: &str| format!("-----{word} RSA PRIVATE KEY-----");
    (format!("{}{line}{first}{line}{last}{line}{}", of("BEGIN"), of("END")), first)
}

fn jwt(random: &mut Seeded) -> (String, String) {
    let (head, body, sign) = (random.run(URL64, 30), random.run(URL64, 60), random.run(URL64, 43));
    (format!("ey{}{head}.ey{}{body}.{sign}", "J", "J"), sign)
}

fn basic(random: &mut Seeded) -> (String, String) {
    let pair = Seeded::base64(&format!("{}:{}", random.run(LOWER, 9), random.run(ALNUM, 9)));
    (format!("Basic {pair}"), pair)
}

pub(super) fn of_token(token: &Token, random: &mut Seeded) -> (String, String) {
    let body = random.run(&alphabet(token.class), token.least.max(4));
    (format!("{}{body}", token.prefix), body)
}

pub(super) fn tokens() -> impl Iterator<Item = &'static Token> {
    TOKENS.iter().chain(PASETO)
}

/// The characters of a class; of those that end a sentence as well only few.
fn alphabet(class: Class) -> String {
    let marks = if class.has(b'=') { "" } else { "-_" };
    let all = (b'0'..=b'z').filter(|byte| class.has(*byte) && byte.is_ascii_alphanumeric()).map(char::from);
    all.chain(marks.chars().filter(|c| class.has(*c as u8))).collect()
}
