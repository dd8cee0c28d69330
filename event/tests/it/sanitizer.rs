//! What leaves the sanitizer: nothing secret, nothing too large, and the same again when it is cleaned again.

use proptest::prelude::*;
use serde_json::{Value, json};
use tense_event::{CleanEvent, ErrorInfo, ErrorKind, Event, Limits, Sanitizer, SpanId, Status, Timestamp, TraceId};

const MARKER: &str = "[REDACTED]";

fn event() -> Event {
    Event::new(
        TraceId::from_bytes([7; 16]),
        SpanId::new(1).unwrap(),
        "operation.tokens.created",
        Status::Failed,
        Timestamp::from_unix_nanos(0),
    )
}

fn with_error(fill: impl FnOnce(&mut ErrorInfo)) -> Event {
    let mut event = event();
    fill(event.error.insert(ErrorInfo::new(ErrorKind::Error)));
    event
}

/// Cleans, and sees that cleaning again changes nothing and that the size is kept.
fn clean_with(sanitizer: &Sanitizer, event: Event, bytes: usize) -> CleanEvent {
    let clean = sanitizer.clean(event);
    assert_eq!(sanitizer.clean(Event::clone(&clean)), clean);
    let size = serde_json::to_string(&clean).unwrap().len();
    assert!(size <= bytes, "{size} bytes");
    clean
}

fn clean(event: Event) -> CleanEvent {
    clean_with(&Sanitizer::default(), event, 10 * 1024)
}

fn data(name: &'static str, value: Value) -> CleanEvent {
    let mut event = event();
    event.data.insert(name, value);
    clean(event)
}

#[test]
fn secret_keys_lose_their_value_whatever_it_is() {
    for value in
        [json!("x"), json!(""), json!(1234), json!(1.5), json!(true), json!(["a", {"b": 1}]), json!({"a": "b"})]
    {
        for key in ["password", "apiKey", "Set-Cookie", "client.secret"] {
            assert_eq!(data(key, value.clone()).data.get(key), Some(&json!(MARKER)), "{key}: {value}");
        }
        let nested = json!([{"list": [{"privateKey": value, "n": 1}]}]);
        assert_eq!(
            data("config", nested).data.get("config"),
            Some(&json!([{"list": [{"privateKey": MARKER, "n": 1}]}]))
        );
    }
    // That there was none is worth knowing and hides nothing.
    assert_eq!(data("password", Value::Null).data.get("password"), Some(&Value::Null));
}

#[test]
fn a_token_may_be_a_credential_or_a_thing_that_is_counted() {
    for (value, expected) in
        [(json!("abc"), json!(MARKER)), (json!(5), json!(5)), (json!({"token_id": "t1"}), json!({"token_id": "t1"}))]
    {
        assert_eq!(data("token", value).data.get("token"), Some(&expected));
    }
    let plain = json!({"token_id": "t1", "parent_token_id": "t0", "tokens_created": 3, "token_count": 3, "tokens_dispatched": 2});
    assert_eq!(data("batch", plain.clone()).data.get("batch"), Some(&plain));
}

#[test]
fn every_text_of_an_event_is_looked_at() {
    let mail = ["jane", "@example.com"].concat();
    let mut event = with_error(|error| {
        error.error_type = mail.clone().into();
        error.error_message.clone_from(&mail);
        error.stack_frames = vec![mail.clone()];
        error.processor = mail.clone().into();
        error.input_preview = Some(mail.clone());
    });
    event.event_type = mail.clone().into();
    event.span_name = mail.clone().into();
    event.service = mail.clone().into();
    event.source = mail.clone().into();
    event.tags = vec![mail.clone().into()];
    event.data.insert(mail.clone(), 1);
    event.data.insert("list", json!([mail, {mail.clone(): mail}]));
    event.data.insert("text", format!(r#"{{"to":"{mail}"}}"#));
    event.job_id = Some(mail.clone());
    event.worker_id = Some(mail.clone());
    event.machine_id = Some(mail.clone());
    event.user_id = Some(mail.clone());
    event.correlation_key = Some(mail.clone());
    event.cut = vec![mail.clone()];
    let raw = serde_json::to_string(&event).unwrap().matches(&mail).count();
    let json = serde_json::to_string(&clean(event)).unwrap();
    assert_eq!((json.matches(&mail).count(), json.matches(MARKER).count()), (0, raw), "{json}");
}

#[test]
fn two_keys_that_become_one_keep_the_first_value() {
    let mut event = event();
    for (nth, name) in ["a", "b"].iter().enumerate() {
        event.data.insert(format!("{name}@example.com"), nth);
    }
    let clean = clean(event);
    assert_eq!(serde_json::to_value(&clean.data).unwrap(), json!({MARKER: 0}));
    assert_eq!(clean.cut, [MARKER]);
}

#[test]
fn errors_do_not_name_a_home_directory() {
    let clean = clean(with_error(|error| {
        error.error_message = "cannot open /home/jane/app/x.toml".into();
        error.stack_frames = vec!["/Users/jane/app/src/main.rs:3".into(), r"C:\Users\jane\app\main.rs:4".into()];
        error.input_preview = Some(concat!("/", "root/x").into());
    }));
    let error = clean.error.as_ref().unwrap();
    assert_eq!(error.error_message, "cannot open ~/app/x.toml");
    assert_eq!(error.stack_frames, ["~/app/src/main.rs:3", r"~\app\main.rs:4"]);
    assert_eq!(error.input_preview.as_deref(), Some("~/x"));
    assert!(clean.cut.is_empty());
}

#[test]
fn limits_of_an_error_are_exact() {
    for (chars, cut) in [(500, false), (501, true), (20_000, true)] {
        let clean = clean(with_error(|error| error.error_message = "é".repeat(chars)));
        assert_eq!(clean.error.as_ref().unwrap().error_message, "é".repeat(500));
        assert_eq!(clean.cut == ["error_message"], cut, "{:?}", clean.cut);
    }
    for (chars, cut) in [(100, false), (101, true)] {
        let clean = clean(with_error(|error| error.input_preview = Some("é".repeat(chars))));
        assert_eq!(clean.error.as_ref().unwrap().input_preview, Some("é".repeat(100)));
        assert_eq!(clean.cut == ["input_preview"], cut, "{:?}", clean.cut);
    }
    for (frames, cut) in [(10, false), (11, true)] {
        let clean = clean(with_error(|error| error.stack_frames = vec!["f".into(); frames]));
        assert_eq!(clean.error.as_ref().unwrap().stack_frames.len(), 10);
        assert_eq!(clean.cut == ["stack_frames"], cut, "{:?}", clean.cut);
    }
}

#[test]
fn the_largest_values_go_first() {
    let mut event = event();
    event.data.insert("small", "s".repeat(200));
    event.data.insert("list", (0..4000).collect::<Vec<_>>());
    for name in ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k"] {
        event.data.insert(name, name.repeat(1000));
    }
    let clean = clean(event);
    assert_eq!(clean.data.get("list"), None);
    assert_eq!(clean.data.get("small"), Some(&json!("s".repeat(200))));
    let (mut short, mut whole) = (Vec::new(), 0);
    for (name, value) in clean.data.iter().filter(|(name, _)| *name != "small") {
        match value.as_str().unwrap().len() {
            100 => short.push(name.to_owned()),
            length => whole += usize::from(length == 1000),
        }
    }
    short.insert(0, "list".to_owned());
    assert_eq!(clean.cut, short);
    assert_eq!(whole + short.len(), 12);
}

#[test]
fn an_event_at_the_limit_stays_and_one_byte_more_does_not() {
    let of_size = |size: usize| {
        let mut event = event();
        let names: Vec<String> = (0..12).map(|n| format!("field_{n}")).collect();
        for name in &names {
            event.data.insert(name.clone(), "");
        }
        let mut left = size - serde_json::to_string(&event).unwrap().len();
        for name in &names {
            let length = left.min(1000);
            event.data.insert(name.clone(), "x".repeat(length));
            left -= length;
        }
        assert_eq!(serde_json::to_string(&event).unwrap().len(), size);
        event
    };
    assert_eq!(*clean(of_size(10_240)), of_size(10_240));
    assert_eq!(clean(of_size(10_241)).cut, ["field_0"]);
}

#[test]
fn an_event_of_nothing_but_noise_still_fits() {
    let noise = "\u{1}".repeat(20_000);
    let mut event = with_error(|error| {
        error.error_type = noise.clone().into();
        error.error_message.clone_from(&noise);
        error.stack_frames = vec![noise.clone(); 20];
        error.processor = noise.clone().into();
        error.input_preview = Some(noise.clone());
    });
    event.event_type = noise.clone().into();
    event.span_name = noise.clone().into();
    event.service = noise.clone().into();
    event.source = noise.clone().into();
    event.tags = vec![noise.clone().into(); 100];
    for n in 0..100 {
        event.data.insert(format!("{noise}{n}"), noise.clone());
        event.data.insert(format!("{n}{noise}"), noise.clone());
        event.cut.push(format!("{n}{noise}"));
    }
    for id in [&mut event.job_id, &mut event.worker_id, &mut event.machine_id, &mut event.user_id] {
        *id = Some(noise.clone());
    }
    event.correlation_key = Some(noise);
    clean(event.clone());
    let limits = Limits { event_bytes: 0, ..Limits::default() };
    clean_with(&Sanitizer::with_limits(limits), event, 4 * 1024);
}

#[test]
fn deep_values_neither_recurse_nor_stay() {
    // `json!` would copy, and copying recurses.
    let deep = |levels: usize, object: bool| {
        (0..levels).fold(json!("end"), |inner, _| match object {
            true => Value::Object([("k".to_owned(), inner)].into_iter().collect()),
            false => Value::Array(vec![inner]),
        })
    };
    for object in [false, true] {
        assert_eq!(data("v", deep(32, object)).data.get("v"), Some(&deep(32, object)));
        let clean = data("v", deep(33, object));
        assert_eq!(clean.cut, ["v"]);
        assert!(clean.data.get("v").unwrap().to_string().contains('…'));
        assert_eq!(data("v", deep(200_000, object)).cut, ["v"]);
        assert_eq!(data("password", deep(200_000, object)).data.get("password"), Some(&json!(MARKER)));
    }
}

#[test]
fn many_values_and_fields_are_bounded() {
    let many: serde_json::Map<String, Value> = (0..200_000).map(|n| (format!("k{n}"), json!(n))).collect();
    assert_eq!(data("v", Value::Object(many)).cut, ["v"]);
    assert_eq!(data("v", json!(vec![json!([]); 200_000])).cut, ["v"]);
    let mut event = event();
    event.data = (0..5_000).map(|n| (format!("f{n}"), n)).collect();
    let clean = clean(event);
    assert_eq!(clean.data.len(), 64);
    assert_eq!((clean.cut[0].as_str(), clean.cut.last().unwrap().as_str()), ("f64", "…"));
}

#[test]
fn limits_are_what_the_sanitizer_is_made_with() {
    let limits = Limits { text_chars: 12, error_message_chars: 20, ..Limits::default() };
    let sanitizer = Sanitizer::with_limits(limits);
    let mut event = with_error(|error| error.error_message = "x".repeat(21));
    event.data.insert("text", "y".repeat(13));
    event.data.insert("cut_at_marker", "abc=1 password=x");
    event.data.insert("marker", "pwd=hunter2");
    let clean = clean_with(&sanitizer, event, 10 * 1024);
    assert_eq!(clean.error.as_ref().unwrap().error_message.len(), 20);
    assert_eq!(clean.data.get("text"), Some(&json!("y".repeat(12))));
    assert_eq!(clean.data.get("marker"), Some(&json!("pwd=")));
    assert_eq!(clean.cut, ["error_message", "text", "cut_at_marker", "marker"]);
}

#[test]
fn the_sanitizer_can_be_shared() {
    fn shared<T: Clone + Send + Sync + Default + 'static>() {}
    shared::<Sanitizer>();
}

/// Pieces that rules are made of, so that random texts come near to every corner of them.
fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => "[ -~]{0,12}",
        1 => "\\PC{0,6}",
        1 => "[\\x00-\\x1f]{1,2}",
        6 => prop::sample::select(vec![
            "password", "token", "Cookie", "api key", "secret", "=", ": ", ":", "\"", "'", "\\", "\\\"", "{", "}", "[", "]",
            "(", ")", "Some(", MARKER, "[REDA", "CTED]", "://", "@", "a@example.com", ".com", "+1 555 010 ", "4111 1111 ",
            "Bearer ", "Basic ", "ey", "J", "-----BEGIN ", "PRIVATE KEY-----", "-----END ", "/home/", "/Users/", "~", "/",
            "%3D", "%22", "%26", "&", ";", ",", " ", "\n", "\u{200b}", "\u{1b}[31m", "é", "😀", "--token ", "gh", "p_",
            "0123456789abcdef0123456789abcdef", "AbCdEfGhIjKlMnOpQrStUvWx0123456789", "1", "x", "None", "true",
        ]).prop_map(str::to_owned),
    ];
    prop::collection::vec(piece, 0..14).prop_map(|pieces| pieces.concat())
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        text().prop_map(Value::from),
        text().prop_map(|text| Value::from(text.repeat(30))),
    ];
    leaf.prop_recursive(5, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::Array),
            prop::collection::vec((text(), inner), 0..6).prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn cleaning_again_changes_nothing(
        texts in prop::collection::vec(text(), 8),
        fields in prop::collection::vec((text(), value()), 0..8),
        small in prop::option::of(10_usize..60),
    ) {
        let mut event = with_error(|error| {
            error.error_message.clone_from(&texts[0]);
            error.stack_frames = vec![texts[1].clone(), texts[2].clone()];
            error.input_preview = Some(texts[3].clone());
        });
        event.service = texts[4].clone().into();
        event.user_id = Some(texts[5].clone());
        event.tags = vec![texts[6].clone().into()];
        event.cut = vec![texts[7].clone()];
        event.data = fields.into_iter().collect();
        let mut limits = Limits::default();
        if let Some(chars) = small {
            limits = Limits { text_chars: chars, name_chars: chars, error_message_chars: chars, input_bytes: 600, ..limits };
        }
        clean_with(&Sanitizer::with_limits(limits), event, 10 * 1024);
    }
}

/// A sanitizer that redacts too much is switched off by its users.
#[test]
fn ordinary_lines_stay_as_they_are() {
    let lines: Vec<&str> = include_str!("ordinary.txt").lines().collect();
    assert!(lines.len() >= 200);
    let changed: Vec<_> = lines
        .iter()
        .filter_map(|line| {
            let clean = data("line", json!(line));
            let text = clean.data.get("line")?.as_str()?.to_owned();
            (text != *line).then_some(text)
        })
        .collect();
    assert!(changed.is_empty(), "{changed:#?}");
}

#[test]
fn a_text_that_was_torn_before_loses_what_a_secret_left_of_itself() {
    let head = ["ghp", "_", "aB3aB3aB3"].concat();
    let mut torn = event();
    torn.data.insert("note", format!("{} {head}", "words ".repeat(200)));
    torn.data.insert("short", head.as_str());
    torn.torn = vec!["note".to_owned(), "short".to_owned()];
    let clean = Sanitizer::default().clean(torn);
    assert!(!serde_json::to_string(&clean).unwrap().contains("aB3"), "{clean:?}");
    assert_eq!(clean.cut, ["note", "short"]);
    assert!(clean.torn.is_empty());
    assert_eq!(Sanitizer::default().clean((*clean).clone()), clean);
}
