//! Made-up secrets in made-up surroundings, and rules of a project's own: none survives, and nothing else is lost.

use proptest::prelude::*;
use serde_json::{Value, json};
use tense_event::{
    ErrorInfo, ErrorKind, Event, Family, Rule, RuleError, Sanitizer, SanitizerBuilder, SpanId, Status, Timestamp,
    TraceId,
};

/// A key in any case style, whose value goes.
fn key() -> impl Strategy<Value = String> {
    let words = prop::sample::select(vec![
        &["password"][..],
        &["api", "key"],
        &["access", "token"],
        &["client", "secret"],
        &["db", "password"],
        &["private", "key"],
        &["refresh", "token"],
        &["secret", "access", "key"],
    ]);
    (words, 0..6_usize).prop_map(|(words, style)| {
        let capital = |word: &str| word[..1].to_uppercase() + &word[1..];
        match style {
            0 => words.join("_"),
            1 => words.join("-"),
            2 => words.join("_").to_uppercase(),
            3 => words.iter().map(|word| capital(word)).collect::<Vec<_>>().join("-"),
            4 => words.iter().map(|word| capital(word)).collect(),
            _ => words.join("."),
        }
    })
}

/// What stands around a secret, with its key or alone; `§` is the pair's key and `¶` the value.
const PAIRS: &[&str] = &[
    "§=¶",
    "§=\"¶\"",
    "§: ¶",
    "\"§\": \"¶\"",
    "'§': '¶'",
    "§ => '¶'",
    "--§ ¶",
    "--§=¶",
    "<§>¶</§>",
    "?a=b&§=¶&c=d",
    "%26§%3D¶%26",
    "&quot;§&quot;:&quot;¶&quot;",
    "\\u0022§\\u0022:\\u0022¶\\u0022",
    "Some { §: Some(\"¶\") }",
    "(\"§\", \"¶\")",
    "{\"name\":\"§\",\"value\":\"¶\"}",
    "§: |\n  ¶\n",
    "§ = \"\"\"¶\"\"\"",
    "{\\\"§\\\":\\\"¶\\\"}",
    "GET /a HTTP/1.1\r\nHost: example.com\r\n§: ¶\r\nAccept: */*\r\n\r\n",
    "https://example.com/a?§=¶#end",
    "(§=¶)",
    "[§=¶]",
    "{§=¶}",
    "<§=¶>",
    "§=¶;",
    "§='¶',",
    "§=\"¶\".",
    "a,§=¶,b",
    "{\n  \"a\": 1,\n  \"§\": \"¶\"\n}",
    "{\"a\":[{\"b\":{\"§\":\"¶\"}}]}",
];

/// Around credentials that give themselves away.
const ALONE: &[&str] = &[
    "¶",
    "(¶)",
    "[¶]",
    "\"¶\"",
    "'¶'",
    "`¶`",
    "<¶>",
    "{¶}",
    "x=¶,",
    "¶.",
    "¶;",
    "first\r\n¶\r\nlast",
    "\u{1b}[31m¶\u{1b}[0m",
    "https://example.com/?a=¶&b=c",
    "X-Note: ¶",
    "a\t¶\tb",
    "\\n¶\\n",
    "a:¶",
    "a/¶/b",
    "%3D¶",
    "key_¶",
    "{\\\"a\\\":\\\"¶\\\"}",
    "GET /a HTTP/1.1\r\nHost: example.com\r\nX-Note: ¶\r\nAccept: */*\r\n\r\n",
    "{\n  \"a\": \"¶\"\n}",
    "Some(\"¶\"),",
    "¶!",
    "¶?",
    "(a, ¶)",
];

fn credential() -> impl Strategy<Value = (String, String)> {
    let kinds = vec![
        ("gh", "p_", "[A-Za-z0-9]{36}"),
        ("sk", "-ant-", "[A-Za-z0-9]{40}"),
        ("np", "m_", "[A-Za-z0-9]{36}"),
        ("xo", "xb-", "[0-9]{12}-[A-Za-z0-9]{24}"),
        ("AK", "IA", "[A-Z2-7]{16}"),
        ("sk_", "live_", "[A-Za-z0-9]{24}"),
        ("ey", "J", "[A-Za-z0-9]{30}\\.eyJ[A-Za-z0-9]{40}\\.[A-Za-z0-9]{43}"),
        ("gl", "pat-", "[A-Za-z0-9]{20}"),
    ];
    prop::sample::select(kinds)
        .prop_flat_map(|(first, second, body)| body.prop_map(move |body| (format!("{first}{second}{body}"), body)))
}

/// What gives itself away in other ways than by its first letters, and the part of it that may not survive.
fn personal() -> impl Strategy<Value = (String, String)> {
    let alike = |text: String, body: String| (text, body);
    prop_oneof![
        "[a-z]{9}".prop_map(move |name| alike(format!("{name}@example.com"), name)),
        "[A-Za-z0-9]{40}".prop_map(move |token| alike(format!("Bearer {token}"), token)),
        "[A-Za-z0-9]{16}".prop_map(move |word| alike(format!("postgres://app:{word}@db.internal:5432/shop"), word)),
        "[A-Za-z0-9]{16}".prop_map(move |word| alike(format!("https://jane:{word}@example.com/a"), word)),
        "[1-9][0-9]{9}".prop_map(move |number| alike(format!("+49{number}"), number)),
        "4[0-9]{14}".prop_map(move |number| {
            let number = with_checksum(&number);
            alike(number.clone(), number)
        }),
        "([A-Za-z0-9+/]{64}\n){2}".prop_map(move |lines| {
            let key = ["PRIVATE", "KEY"].join(" ");
            alike(format!("-----BEGIN {key}-----\n{lines}-----END {key}-----"), lines[..64].to_owned())
        }),
    ]
}

/// Luhn's.
fn with_checksum(number: &str) -> String {
    let digits = number.chars().rev().filter_map(|c| c.to_digit(10)).enumerate();
    let sum: u32 = digits.map(|(at, digit)| if at % 2 == 0 { digit * 2 / 10 + digit * 2 % 10 } else { digit }).sum();
    format!("{number}{}", (10 - sum % 10) % 10)
}

/// Where people's data stands, as they write it.
const AMONG: &[&str] = &[
    "¶",
    "(¶)",
    "[¶]",
    "<¶>",
    "\"¶\"",
    "'¶'",
    "`¶`",
    "got ¶, retrying",
    "got ¶; retrying",
    "X-Note: ¶\r\nAccept: */*",
    "{\"note\": \"¶\"}",
    "{\n  \"note\": \"¶\"\n}",
    "Denied(\"¶\")",
    "first\n¶\nlast",
    "note=¶ n=3",
    "\u{1b}[31m¶\u{1b}[0m",
];

/// Events in whose every place a text may stand.
fn places() -> Vec<fn(&mut Event, String)> {
    fn error(event: &mut Event) -> &mut ErrorInfo {
        event.error.get_or_insert_with(|| ErrorInfo::new(ErrorKind::Error))
    }
    vec![
        |event, text| event.data.insert("note", text),
        |event, text| event.data.insert(text, 1),
        |event, text| event.data.insert("deep", json!([{"a": [1, {"b": text}]}])),
        |event, text| event.data.insert("keys", json!({"a": {text: 1}})),
        |event, text| event.data.insert("json", json!({"body": json!({"note": text}).to_string()}).to_string()),
        |event, text| error(event).error_message = text,
        |event, text| error(event).error_type = text.into(),
        |event, text| error(event).input_preview = Some(text),
        |event, text| error(event).stack_frames = vec!["main".to_owned(), text],
        |event, text| event.tags = vec![text.into()],
        |event, text| event.service = text.into(),
        |event, text| event.user_id = Some(text),
    ]
}

/// How long the texts of an event are at most, those in its data at any depth.
fn longest(value: &Value) -> usize {
    match value {
        Value::String(text) => text.chars().count(),
        Value::Array(values) => values.iter().map(longest).max().unwrap_or(0),
        Value::Object(map) => map.values().map(longest).max().unwrap_or(0),
        _ => 0,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    /// Wherever it stands in an event, and however much stands before it.
    #[test]
    fn no_secret_leaves_in_an_event_and_no_text_is_too_long(
        (text, body) in prop_oneof![credential(), personal()],
        around in prop::sample::select(AMONG),
        place in prop::sample::select(places()),
        before in "[a-zé ]{0,30}",
        times in prop::sample::select(vec![0_usize, 1, 20, 60, 2_000]),
    ) {
        let text = format!("{} {}", before.repeat(times), around.replace('¶', &text));
        let at = Timestamp::from_unix_nanos(0);
        let span = SpanId::new(1).unwrap();
        let mut event = Event::new(TraceId::from_bytes([7; 16]), span, "operation.tokens.created", Status::Failed, at);
        place(&mut event, text.clone());
        let clean = Sanitizer::default().clean(event);
        let json = serde_json::to_string(&clean).unwrap();
        prop_assert!(!json.contains(&body) && !json.contains(&body.replace('/', "\\/")), "{text:?} -> {json}");
        prop_assert!(json.len() <= 10_240, "{} bytes", json.len());
        prop_assert_eq!(&serde_json::from_str::<Event>(&json).unwrap(), &*clean, "what leaves is JSON");
        let value: Value = serde_json::from_str(&json).unwrap();
        prop_assert!(longest(&value) <= 1000);
        if let Some(error) = &clean.error {
            prop_assert!(error.error_message.chars().count() <= 500 && error.stack_frames.len() <= 10);
            prop_assert!(error.input_preview.as_ref().is_none_or(|text| text.chars().count() <= 100));
        }
        prop_assert_eq!(Sanitizer::default().clean(Event::clone(&clean)), clean);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_value_of_a_secret_key_survives(
        key in key(),
        value in "[A-Za-z0-9][A-Za-z0-9_+*/.!-]{6,30}[A-Za-z0-9]",
        around in prop::sample::select(PAIRS),
        before in "[a-z ]{0,20}",
        behind in " [a-z ]{0,20}",
    ) {
        // The word of an authorization scheme before a key is part of no pair.
        let text = format!("{before}\n{}{behind}", around.replace('§', &key).replace('¶', &value));
        let sanitizer = Sanitizer::default();
        let clean = sanitizer.redact(&text).into_owned();
        prop_assert!(!clean.contains(&value), "{text:?} -> {clean:?}");
        prop_assert_eq!(sanitizer.redact(&clean), clean.as_str());
    }

    #[test]
    fn no_credential_survives((text, body) in credential(), around in prop::sample::select(ALONE), before in ".{0,20}") {
        let text = format!("{before} {}", around.replace('¶', &text));
        let sanitizer = Sanitizer::default();
        let clean = sanitizer.redact(&text).into_owned();
        prop_assert!(!clean.contains(&body), "{text:?} -> {clean:?}");
        prop_assert_eq!(sanitizer.redact(&clean), clean.as_str());
    }
}

/// As in a coloured line that was put into JSON that was put into JSON.
#[test]
fn what_is_coded_may_hide_what_is_not_seen() {
    let token = ["xo", "xb-000000000000-aAA0A00A0aAaaa0AAA0AAAa0"].concat();
    for before in ["\\u001b[31m", "\\\\u001b[31m", "%1B%5B31m", "\\x1b[31m"] {
        let text = format!("{{\"note\":\"{before}{token}\"}}");
        let clean = Sanitizer::default().redact(&text).into_owned();
        assert!(!clean.contains("aAA0A00A0"), "{text} -> {clean}");
    }
}

#[test]
fn a_family_can_be_switched_off() {
    let card = ["4111 1111", " 1111 1111"].concat();
    let token = ["gh", "p_", "aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3z"].concat();
    let jwt = ["ey", "JhbGciOiJIUzI1NiJ9.ey", "JzdWIiOiIxIn0.c2lnbmF0dXJl"].concat();
    let block = ["-----BEGIN ", "PRIVATE KEY-----\nMII\n-----END ", "PRIVATE KEY-----"].concat();
    for (family, text) in [
        (Family::Authorization, "Bearer a1b2c3d4e5f6"),
        (Family::Card, card.as_str()),
        (Family::Email, "jane@example.com"),
        (Family::Home, "/home/jane/x"),
        (Family::Jwt, &jwt),
        (Family::Keys, "password=hunter2"),
        (Family::Pem, &block),
        (Family::Phone, "+1 555 010 9999"),
        (Family::Token, &token),
        (Family::Url, "amqp://u:p@host"),
    ] {
        assert_ne!(Sanitizer::default().redact(text), text);
        let without = Sanitizer::builder().without(family).build().unwrap();
        assert_eq!(without.redact(text), text, "{family:?}");
        assert_eq!(Family::named(family.name()), Some(family));
    }
}

#[test]
fn keys_of_a_project_are_known_in_any_style() {
    let sanitizer = Sanitizer::builder().key("badge_code").keep_key("sessionId").build().unwrap();
    for key in ["badge_code", "badgeCode", "BADGE-CODE", "old_badge_code"] {
        assert_eq!(sanitizer.redact(&json!({key: "x y"}).to_string()), json!({key: "[REDACTED]"}).to_string());
    }
    for text in ["session_id=abc", "badge_code_id=3", "code=3"] {
        assert_eq!(sanitizer.redact(text), text);
    }
    assert_eq!(sanitizer.redact("user_session_id=abc"), "user_session_id=[REDACTED]");
}

#[test]
fn a_pattern_never_touches_a_marker() {
    let sanitizer = Sanitizer::builder().rule(Rule::new("shouting", "[A-Z]{4,}")).build().unwrap();
    assert_eq!(sanitizer.redact("password=x HELLO"), "password=[REDACTED] [REDACTED]");
}

#[test]
fn too_many_patterns_are_refused() {
    let rules = (0..65).map(|n| Rule::new(format!("r{n}"), format!("BADGE{n}")));
    let built = rules.fold(Sanitizer::builder(), SanitizerBuilder::rule).build();
    assert_eq!(built.unwrap_err(), RuleError::TooMany(65));
}

#[test]
fn the_rules_take_little_memory() {
    let all = allocation_counter::measure(|| {
        let patterns = (0..64).map(|n| Rule::new(format!("r{n}"), format!(r"BADGE{n}-[0-9]{{6}}")));
        let sanitizer = patterns.fold(Sanitizer::builder(), SanitizerBuilder::rule).build().unwrap();
        for text in ["password=x \"--token a1\" https://a:b@c /home/jane/x", "C:\\Users\\jane\\x +1 555 010 9999"] {
            sanitizer.redact(text);
            Sanitizer::default().redact(text);
        }
    });
    assert!(all.bytes_max < 10 << 20, "{} bytes", all.bytes_max);
}
