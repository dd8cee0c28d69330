//! Made-up secrets in made-up surroundings, and rules of a project's own: none survives, and nothing else is lost.

use proptest::prelude::*;
use serde_json::json;
use tense_event::{Family, Rule, RuleError, Sanitizer, SanitizerBuilder};

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
