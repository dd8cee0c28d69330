//! The JSON of an event: every key, what is left out, and what readers forgive.

use std::time::Duration;

use serde_json::{Value, json};
use tense_event::{ErrorInfo, ErrorKind, Event, Level, SpanId, Status, Timestamp, TraceId};

const TRACE: &str = "0190163d8694739b96b6f0a7b0c1d2e3";

fn small() -> Event {
    Event::new(
        TRACE.parse().unwrap(),
        SpanId::new(2).unwrap(),
        "operation.tokens.created",
        Status::Success,
        Timestamp::from_unix_nanos(1_795_255_200_000_123_000),
    )
}

fn full() -> Event {
    let mut event = small();
    event.parent_span_id = SpanId::new(1);
    event.duration = Some(Duration::from_micros(1204));
    event.service = "coordinator".into();
    event.source = "src/tokens.rs:12".into();
    event.data = [("token_id", "t1"), ("node_id", "n4")].into_iter().collect();
    event.tags = vec!["saga".into()];
    event.job_id = Some("j1".into());
    event.worker_id = Some("w1".into());
    event.machine_id = Some("m1".into());
    event.user_id = Some("u1".into());
    event.correlation_key = Some("order-7".into());
    let mut error = ErrorInfo::new(ErrorKind::Error);
    error.error_type = "StoreError".into();
    error.error_message = "the store is full".into();
    error.stack_frames = vec!["src/tokens.rs:12".into()];
    error.processor = "create_token".into();
    error.input_preview = Some("node n4".into());
    event.error = Some(error);
    event.cut = vec!["value".into()];
    event.left_out = 5;
    event.sample_weight = 3;
    event
}

/// The example of the design, in its order, with every optional key.
const FULL: &str = concat!(
    r#"{"schema_version":1,"trace_id":"0190163d8694739b96b6f0a7b0c1d2e3","span_id":"0000000000000002","#,
    r#""parent_span_id":"0000000000000001","event_type":"operation.tokens.created","#,
    r#""span_name":"operation.tokens.created","timestamp":"2026-11-21T10:00:00.000123Z","status":"success","#,
    r#""duration_ms":1.204,"service":"coordinator","source":"src/tokens.rs:12","level":"info","#,
    r#""data":{"token_id":"t1","node_id":"n4"},"tags":["saga"],"job_id":"j1","worker_id":"w1","machine_id":"m1","#,
    r#""user_id":"u1","correlation_key":"order-7","error":{"kind":"error","error_type":"StoreError","#,
    r#""error_message":"the store is full","stack_frames":["src/tokens.rs:12"],"processor":"create_token","#,
    r#""input_preview":"node n4"},"cut":["value"],"left_out":5,"sample_weight":3}"#,
);

#[test]
fn every_key_is_written_in_its_place_and_read_back() {
    assert_eq!(serde_json::to_string(&full()).unwrap(), FULL);
    assert_eq!(serde_json::from_str::<Event>(FULL).unwrap(), full());
}

#[test]
fn what_is_empty_is_left_out() {
    let expected = concat!(
        r#"{"schema_version":1,"trace_id":"0190163d8694739b96b6f0a7b0c1d2e3","span_id":"0000000000000002","#,
        r#""event_type":"operation.tokens.created","span_name":"operation.tokens.created","#,
        r#""timestamp":"2026-11-21T10:00:00.000123Z","status":"success","level":"info"}"#,
    );
    assert_eq!(serde_json::to_string(&small()).unwrap(), expected);
    assert_eq!(serde_json::from_str::<Event>(expected).unwrap(), small());

    let mut event = small();
    event.error = Some(ErrorInfo::new(ErrorKind::Cancelled));
    assert_eq!(serde_json::to_value(&event).unwrap()["error"], json!({"kind": "cancelled"}));
}

fn read_with(key: &str, value: Value) -> Result<Event, serde_json::Error> {
    let mut json: Value = serde_json::from_str(FULL).unwrap();
    json[key] = value;
    serde_json::from_value(json)
}

#[test]
fn readers_ignore_what_they_do_not_know() {
    let json = FULL.replacen('{', r#"{"colour":{"deep":[1]},"#, 1);
    assert_eq!(serde_json::from_str::<Event>(&json).unwrap(), full());
    let event = read_with("event_type", json!("never.heard.of")).unwrap();
    assert_eq!(event.event_type, "never.heard.of");
    assert_eq!(read_with("schema_version", json!(999)).unwrap().schema_version, 999);
}

#[test]
fn a_wrong_duration_is_a_missing_one() {
    for wrong in [json!(-1.5), json!(1e300), json!(null)] {
        assert_eq!(read_with("duration_ms", wrong.clone()).unwrap().duration, None, "{wrong}");
    }
    assert_eq!(read_with("duration_ms", json!(0)).unwrap().duration, Some(Duration::ZERO));
}

#[test]
fn durations_keep_their_nanoseconds() {
    let days = 24 * 60 * 60 * 1_000_000_000;
    // Of each length up to 99 days many, as an odd step comes by.
    let all = (0..99).flat_map(|day| (0..300).map(move |nth| day * days + nth * 287_999_999_987));
    for nanos in [0, 1, 999, 1_000_001, 86_400_000_000_001, 4_471_051_527_834_561].into_iter().chain(all) {
        let mut event = small();
        event.duration = Some(Duration::from_nanos(nanos));
        let json = serde_json::to_string(&event).unwrap();
        assert_eq!(serde_json::from_str::<Event>(&json).unwrap().duration, event.duration, "{json}");
    }
}

#[test]
fn a_weight_of_one_is_left_out_and_read_as_one() {
    assert_eq!(read_with("sample_weight", json!(1)).unwrap().sample_weight, 1);
    assert!(!serde_json::to_string(&small()).unwrap().contains("sample_weight"));
}

#[test]
fn words_of_status_level_and_kind() {
    for status in [Status::Pending, Status::Success, Status::Failed] {
        assert_eq!(serde_json::to_value(status).unwrap(), status.as_str());
    }
    for level in [Level::Trace, Level::Debug, Level::Info, Level::Warn, Level::Error] {
        assert_eq!(serde_json::to_value(level).unwrap(), level.as_str());
    }
    let kinds = [ErrorKind::Error, ErrorKind::Panic, ErrorKind::Cancelled];
    assert_eq!(serde_json::to_value(kinds).unwrap(), json!(["error", "panic", "cancelled"]));
    assert!(read_with("status", json!("odd")).is_err());
}

#[test]
fn what_no_event_can_be_without_is_missed() {
    for key in ["schema_version", "trace_id", "span_id", "event_type", "span_name", "timestamp", "status"] {
        let mut json: Value = serde_json::from_str(FULL).unwrap();
        json.as_object_mut().unwrap().remove(key);
        assert!(serde_json::from_value::<Event>(json).unwrap_err().to_string().contains(key), "{key}");
    }
}

#[test]
fn the_sanitizer_leaves_it_as_it_is() {
    let clean = tense_event::Sanitizer::default().clean(full());
    assert_eq!(serde_json::to_string(&clean).unwrap(), FULL);
    assert_eq!(*clean, full());
    let _: TraceId = clean.trace_id;
}

#[test]
fn what_is_never_written_makes_no_other_event() {
    let mut event = small();
    event.data.insert("token_id", "t1");
    let mut declared = event.clone();
    // How a store finds it is nothing that it says: what comes back from a store or a file has forgotten it.
    declared.indexed = &["token_id"];
    assert_eq!(declared, event);
    let json = serde_json::to_string(&declared).unwrap();
    assert_eq!(serde_json::from_str::<Event>(&json).unwrap(), declared);
    event.data.insert("token_id", "t2");
    assert_ne!(declared, event);
}
