//! Made-up secrets enter carriers, the ways in which secrets travel through a program; none may come out of the
//! sanitizer.

use serde_json::{Value, json};

use super::MARKER;
use super::examples::{OTHERS, of_token, tokens};
use crate::{ErrorInfo, ErrorKind, Event, Sanitizer, SpanId, Status, Timestamp, TraceId};

/// A small generator (splitmix64): the same seed makes the same secrets.
pub(super) struct Seeded(u64);

impl Seeded {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(super) fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }

    /// So many characters of an alphabet, with a digit among them where the alphabet has one, beginning and ending in a
    /// letter or digit.
    pub(super) fn run(&mut self, alphabet: &str, length: usize) -> String {
        let letters: Vec<char> = alphabet.chars().collect();
        let digit = alphabet.chars().any(|c| c.is_ascii_digit());
        loop {
            let run: String = (0..length).map(|_| letters[self.below(letters.len())]).collect();
            let ends = run.starts_with(char::is_alphanumeric) && run.ends_with(char::is_alphanumeric);
            if ends && (!digit || run.contains(|c: char| c.is_ascii_digit())) {
                return run;
            }
        }
    }

    pub(super) fn card(&mut self, first: &str, length: usize) -> String {
        let body = format!("{first}{}", self.run("0123456789", length - first.len() - 1));
        let sum: u32 = body
            .chars()
            .rev()
            .filter_map(|c| c.to_digit(10))
            .enumerate()
            .map(|(at, digit)| if at % 2 == 1 { digit } else { digit * 2 / 10 + digit * 2 % 10 })
            .sum();
        format!("{body}{}", (10 - sum % 10) % 10)
    }

    pub(super) fn base64(text: &str) -> String {
        const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let mut out = String::new();
        for chunk in text.as_bytes().chunks(3) {
            let mut three = [0; 3];
            three[..chunk.len()].copy_from_slice(chunk);
            let bits = u32::from_be_bytes([0, three[0], three[1], three[2]]);
            for nth in 0..4 {
                let letter = LETTERS[(bits >> (18 - 6 * nth) & 63) as usize] as char;
                out.push(if nth <= chunk.len() { letter } else { '=' });
            }
        }
        out
    }
}

fn event() -> Event {
    Event::new(
        TraceId::from_bytes([7; 16]),
        SpanId::new(1).unwrap(),
        "operation.tokens.created",
        Status::Failed,
        Timestamp::from_unix_nanos(0),
    )
}

fn with_text(text: &str) -> Event {
    let mut event = event();
    event.data.insert("note", text);
    event
}

#[derive(Debug)]
#[expect(dead_code, reason = "only its Debug is read")]
struct Config<'a> {
    node: &'a str,
    note: Option<&'a str>,
}

/// The ways in which a value travels whose key says nothing.
type Carry = fn(&str) -> Event;
const CARRIERS: &[(&str, Carry)] = &[
    ("bare", |secret| with_text(secret)),
    ("sentence", |secret| with_text(&format!("could not use {secret}, retrying"))),
    ("pair", |secret| with_text(&format!("node=n4 note={secret} attempt=3"))),
    ("json", |secret| with_text(&json!({"node": "n4", "note": secret, "n": 3}).to_string())),
    ("json in json", |secret| with_text(&json!({"body": json!({"note": secret}).to_string()}).to_string())),
    ("nested value", |secret| {
        let mut event = event();
        event.data.insert("input", json!([{"list": [null, {"note": secret}]}]));
        event
    }),
    ("header", |secret| with_text(&format!("GET / HTTP/1.1\r\nHost: example.com\r\nX-Note: {secret}\r\n\r\n"))),
    ("query", |secret| with_text(&format!("https://example.com/a?b=c&note={secret}&d=e"))),
    ("debug", |secret| with_text(&format!("{:?}", Config { node: "n4", note: Some(secret) }))),
    ("pretty debug", |secret| with_text(&format!("{:#?}", Config { node: "n4", note: Some(secret) }))),
    ("lines", |secret| with_text(&format!("first\n{secret}\nlast"))),
    ("colour", |secret| with_text(&format!("\u{1b}[31m{secret}\u{1b}[0m"))),
    ("error", |secret| {
        let mut event = event();
        let error = event.error.insert(ErrorInfo::new(ErrorKind::Panic));
        error.error_message = format!("request failed: rejected {secret}: status 401");
        error.input_preview = Some(format!("({secret})"));
        error.stack_frames = vec![format!("call({secret})")];
        event
    }),
    ("field name", |secret| {
        let mut event = event();
        event.data.insert(secret.to_owned(), 1);
        event.data.insert("map", Value::Object([(secret.to_owned(), json!(1))].into_iter().collect()));
        event
    }),
    ("names", |secret| {
        let mut event = event();
        event.event_type = format!("foreign.Call {secret}").into();
        event.span_name = format!("Call {secret}").into();
        event.tags = vec![secret.to_owned().into()];
        event.user_id = Some(secret.to_owned());
        event
    }),
];

/// The ways in which a value travels that only its key gives away.
type CarryPair = fn(&str, &str) -> Event;
const KEYED: &[(&str, CarryPair)] = &[
    ("field", |key, secret| {
        let mut event = event();
        event.data.insert(key.to_owned(), secret);
        event
    }),
    ("nested field", |key, secret| {
        let mut event = event();
        event.data.insert("input", json!([{"inner": {key: secret}}]));
        event
    }),
    ("pair", |key, secret| with_text(&format!("node=n4 {key}={secret} attempt=3"))),
    ("quoted pair", |key, secret| with_text(&format!("node=n4 {key}=\"{secret}\" attempt=3"))),
    ("json", |key, secret| with_text(&json!({"node": "n4", key: secret, "n": 3}).to_string())),
    ("json in json", |key, secret| with_text(&json!({"body": json!({key: secret}).to_string()}).to_string())),
    ("query", |key, secret| with_text(&format!("https://example.com/a?b=c&{key}={secret}&d=e"))),
    ("encoded query", |key, secret| with_text(&format!("next=%2Fa%3Fb%3Dc%26{key}%3D{secret}%26d%3De"))),
    ("header", |key, secret| with_text(&format!("Host: example.com\r\n{key}: {secret}\r\n\r\n"))),
    ("connection string", |key, secret| with_text(&format!("Server=db;{key}={secret};Timeout=3"))),
    ("debug", |key, secret| with_text(&format!("Config {{ node: \"n4\", {key}: \"{secret}\" }}"))),
    ("debug of an option", |key, secret| with_text(&format!("Config {{ node: \"n4\", {key}: Some(\"{secret}\") }}"))),
    ("error", |key, secret| {
        let mut event = event();
        event.error.insert(ErrorInfo::new(ErrorKind::Error)).error_message =
            format!("rejected {key}={secret}: status 401");
        event
    }),
    ("lines", |key, secret| with_text(&format!("node: n4\n{key}: {secret}\nlast"))),
    ("form", |key, secret| with_text(&format!("user[{key}]={secret}&x=1"))),
    ("colour", |key, secret| with_text(&format!("\u{1b}[31m{key}\u{1b}[0m=\u{1b}[1m{secret}\u{1b}[0m"))),
];

const SECRET_KEYS: &[&str] = &[
    "password",
    "DB_PASSWORD",
    "userPassword",
    "passwd",
    "client-secret",
    "access_token",
    "refreshToken",
    "api_key",
    "x-api-key",
    "apiKey",
    "private_key",
    "Authorization",
    "cookie",
    "session_token",
    "credentials",
    "token",
    "pwd",
    "passphrase",
];

/// How many of `tries` a carrier let through; each event is also cleaned twice.
fn survivors(carry: impl Fn(&mut Seeded) -> (Event, String), tries: usize, random: &mut Seeded) -> usize {
    let sanitizer = Sanitizer::default();
    let mut survived = 0;
    for _ in 0..tries {
        let (event, body) = carry(random);
        let clean = sanitizer.clean(event);
        assert_eq!(sanitizer.clean(Event::clone(&clean)), clean);
        // As text with its escapes undone, so that an escaped slash does not hide a survivor.
        let json = serde_json::to_string(&clean).unwrap().replace('\\', "");
        let plain = body.replace('\\', "");
        assert!(json.contains(MARKER) || json.contains(&plain), "{json}");
        survived += usize::from(json.contains(&plain));
    }
    survived
}

#[test]
fn secrets_of_every_family_do_not_survive_any_carrier() {
    let mut random = Seeded::new(0x7e45e);
    let mut check = |id: &str, make: &dyn Fn(&mut Seeded) -> (String, String)| {
        for (name, carry) in CARRIERS {
            let example = |random: &mut Seeded| {
                let (text, body) = make(random);
                (carry(&text), body)
            };
            let survived = survivors(example, 10, &mut random);
            assert_eq!(survived, 0, "{id}: {name}");
        }
    };
    for token in tokens() {
        check(token.id, &|random| of_token(token, random));
    }
    for (id, make, _) in OTHERS {
        check(id, make);
    }
}

#[test]
fn values_of_secret_keys_do_not_survive_any_carrier() {
    const ODD: &str = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$*+-./?@^_~";
    let mut random = Seeded::new(0x7e45e);
    for (name, carry) in KEYED {
        for key in SECRET_KEYS {
            let survived = survivors(
                |random| {
                    let length = 8 + random.below(30);
                    let body = random.run(ODD, length);
                    (carry(key, &body), body)
                },
                40,
                &mut random,
            );
            assert_eq!(survived, 0, "{name}: {key}");
        }
    }
}
