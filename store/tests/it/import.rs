//! Lines and spans as other programs write them, and the events that they become.

use std::time::Duration;

use serde_json::{Value, json};
use tense_event::{ErrorKind, Event, Level, SpanId, Status};
use tense_store::import::otlp::{self, Resource};
use tense_store::import::{ImportError, foreign, ids};

fn read(line: &str) -> Result<Event, ImportError> {
    foreign::event(serde_json::from_str(line).unwrap(), line.as_bytes())
}

/// What an event says beside its ids, in one line.
fn told(line: &str) -> String {
    let event = match read(line) {
        Ok(event) => event,
        Err(why) => return why.to_string(),
    };
    let mut told = format!("{} {} {}", event.event_type, event.status.as_str(), event.timestamp);
    if let Some(took) = event.duration {
        told += &format!(" took={took:?}");
    }
    if event.level != Level::Info {
        told += &format!(" level={}", event.level.as_str());
    }
    for (name, text) in [("service", &event.service), ("source", &event.source)] {
        if !text.is_empty() {
            told += &format!(" {name}={text}");
        }
    }
    for (name, text) in [
        ("job", &event.job_id),
        ("worker", &event.worker_id),
        ("machine", &event.machine_id),
        ("user", &event.user_id),
        ("key", &event.correlation_key),
    ] {
        if let Some(text) = text {
            told += &format!(" {name}={text}");
        }
    }
    if !event.tags.is_empty() {
        told += &format!(" tags={:?}", event.tags);
    }
    if let Some(error) = &event.error {
        told += &format!(" error={:?}/{}/{}", error.kind, error.error_type, error.error_message);
    }
    told + &event.data.iter().map(|(name, value)| format!(" {name}:{value}")).collect::<String>()
}

#[test]
fn lines_of_other_systems_become_events() {
    let check = |line: &str, expected: &str| assert_eq!(told(line), expected, "{line}");
    // names, and what is no place of ours
    check(
        r#"{"type":"job:started","ts":0,"jobId":"j1","attempt":2,"nothing":null}"#,
        "job.started success 1970-01-01T00:00:00Z job=j1 attempt:2",
    );
    check(
        r#"{"event_type":"job:started","timestamp":"1970-01-01T00:00:00Z","span_id":"s1","job_id":7}"#,
        "job.started pending 1970-01-01T00:00:00Z job=7",
    );
    check(
        r#"{"level":"WARNING","msg":"low on disk: /","time":1000,"app":"disk-watch","hostname":"h1"}"#,
        r#"log.warn success 1970-01-01T00:16:40Z level=warn service=disk-watch machine=h1 message:"low on disk: /""#,
    );
    check(
        r#"{"event":"order paid","message":"by card","ts":0,"type":"shop"}"#,
        r#"order paid success 1970-01-01T00:00:00Z message:"by card" type:"shop""#,
    );
    // what became of it
    check(r#"{"name":"a.b","ts":0,"status":"COMPLETED"}"#, "a.b success 1970-01-01T00:00:00Z");
    check(r#"{"name":"a.b","ts":0,"status":"in progress"}"#, "a.b pending 1970-01-01T00:00:00Z");
    check(r#"{"name":"a.b","ts":0,"status":"canceled"}"#, "a.b failed 1970-01-01T00:00:00Z error=Cancelled//");
    check(r#"{"name":"a.b","ts":0,"status":200}"#, "a.b success 1970-01-01T00:00:00Z status:200");
    check(r#"{"name":"a.b","ts":0,"status":"purple"}"#, r#"a.b success 1970-01-01T00:00:00Z status:"purple""#);
    check(r#"{"name":"a.b","ts":0,"success":false}"#, "a.b failed 1970-01-01T00:00:00Z error=Error//");
    check(r#"{"name":"job:failed","ts":0}"#, "job.failed failed 1970-01-01T00:00:00Z error=Error//");
    check(r#"{"name":"a.b","ts":0,"error":"no money"}"#, "a.b failed 1970-01-01T00:00:00Z error=Error//no money");
    check(r#"{"name":"a.b","ts":0,"error":null,"err":false}"#, "a.b success 1970-01-01T00:00:00Z err:false");
    check(
        r#"{"name":"a.b","ts":0,"error":{"name":"TypeError","message":"x is undefined","code":7}}"#,
        r#"a.b failed 1970-01-01T00:00:00Z error=Error/TypeError/x is undefined error:{"code":7}"#,
    );
    check(
        r#"{"name":"a.b","ts":0,"exception.type":"E","exception.message":"m"}"#,
        "a.b failed 1970-01-01T00:00:00Z error=Error/E/m",
    );
    // how long it took
    check(r#"{"name":"a.b","ts":1,"duration":"1.5s"}"#, "a.b success 1970-01-01T00:00:01Z took=1.5s");
    check(r#"{"name":"a.b","ts":1,"duration_s":0.25}"#, "a.b success 1970-01-01T00:00:01Z took=250ms");
    check(r#"{"name":"a.b","ts":1,"durationMs":-1}"#, "a.b success 1970-01-01T00:00:01Z durationMs:-1");
    check(
        r#"{"name":"a.b","start_time":"1970-01-01T00:00:01Z","end_time":"1970-01-01T00:00:03Z"}"#,
        "a.b success 1970-01-01T00:00:03Z took=2s",
    );
    check(r#"{"name":"a.b","started_at":1,"duration_ms":500}"#, "a.b success 1970-01-01T00:00:01.5Z took=500ms");
    check(r#"{"name":"a.b","started_at":1}"#, "a.b success 1970-01-01T00:00:01Z");
    // fields, and what has the same name
    check(
        r#"{"name":"a.b","ts":0,"data":{"a":1,"b":[2]},"a":3,"tags":["x"],"user_id":"u"}"#,
        r#"a.b success 1970-01-01T00:00:00Z user=u tags=["x"] a:1 b:[2] event.a:3"#,
    );
    check(
        r#"{"name":"a.b","ts":0,"data":"text","tags":[1]}"#,
        r#"a.b success 1970-01-01T00:00:00Z data:"text" tags:[1]"#,
    );
    // what is none
    assert!(told(r#"{"name":"a.b"}"#).starts_with("this is no event: it says no time"));
    assert!(
        told(r#"{"name":"a.b","time":"soon"}"#)
            .starts_with("this is no event: its `time` is no time: \"soon\"; RFC 3339")
    );
    assert!(told(r#"{"ts":0,"name":{}}"#).starts_with("this is no event: it says no name"));
}

#[test]
fn what_belongs_together_is_one_trace() {
    let trace = |line: &str| read(line).unwrap().trace_id;
    let key = |line: &str| read(line).unwrap().correlation_key;
    let by_name = r#"{"name":"a","ts":0,"trace_id":"order-4711","span_id":"s2","parent_id":"s1"}"#;
    assert_eq!(trace(by_name), ids::trace("order-4711").0);
    assert_eq!(key(by_name).as_deref(), Some("order-4711"));
    assert_eq!(read(by_name).unwrap().parent_span_id, Some(ids::span(trace(by_name), "s1")));
    // another key says the same
    assert_eq!(trace(r#"{"name":"b","ts":1,"request_id":"order-4711"}"#), trace(by_name));
    let by_id = r#"{"name":"a","ts":0,"traceId":"0190163d-8694-739b-96b6-f0a7b0c1d2e3","correlation_id":"order-4711"}"#;
    assert_eq!(trace(by_id).short(), "b0c1d2e3");
    assert_eq!(key(by_id), None);
    let of_w3c = r#"{"name":"a","ts":0,"traceparent":"00-0190163d8694739b96b6f0a7b0c1d2e3-00000000000000ab-01"}"#;
    assert_eq!(
        (trace(of_w3c).short().as_str(), read(of_w3c).unwrap().parent_span_id.map(SpanId::get)),
        ("b0c1d2e3", Some(0xab))
    );
    // all of one job, and else nothing
    assert_eq!(trace(r#"{"name":"a","ts":0,"job_id":"j1"}"#), trace(r#"{"name":"b","ts":1,"jobId":"j1"}"#));
    assert_ne!(trace(r#"{"name":"a","ts":0}"#), trace(r#"{"name":"b","ts":0}"#));
    let none = r#"{"name":"a","ts":0,"trace_id":"00000000000000000000000000000000","span_id":"","parent_id":"0"}"#;
    assert_eq!((read(none).unwrap().parent_span_id, key(none)), (None, None));
    // the same line is the same event
    assert_eq!(read(none), read(none));
}

fn span(change: impl FnOnce(&mut Value)) -> Result<Vec<Event>, ImportError> {
    let mut span = json!({
        "traceId": "0190163d8694739b96b6f0a7b0c1d2e3", "spanId": "00000000000000ab", "parentSpanId": "00000000000000aa",
        "name": "GET /users", "kind": 2, "startTimeUnixNano": "1000", "endTimeUnixNano": "3000",
    });
    change(&mut span);
    otlp::events(&span, &Resource::default(), "http")
}

#[test]
fn spans_of_other_programs_become_events() {
    let plain = span(|_| {}).unwrap();
    let [event] = &plain[..] else { panic!("one event") };
    assert_eq!((&*event.event_type, &*event.span_name, event.status), ("GET /users", "GET /users", Status::Success));
    assert_eq!((event.timestamp.unix_nanos(), event.duration), (3000, Some(Duration::from_nanos(2000))));
    assert_eq!(event.data.get("span.kind"), Some(&json!("server")));
    assert_eq!(event.data.get("otel.scope.name"), Some(&json!("http")));

    // keys, ids, numbers and enums as others write them
    let other = json!({
        "trace_id": "AZAWPYaUc5uWtvCnsMHS4w==", "span_id": "AAAAAAAAAKs", "parent_span_id": "AAAAAAAAAKo=", "name": "GET /users",
        "kind": "SPAN_KIND_SERVER", "start_time_unix_nano": 1000, "end_time_unix_nano": 3000,
    });
    assert_eq!(otlp::events(&other, &Resource::default(), "http").unwrap(), plain);

    // an error, an event, a link
    let events = span(|span| {
        span["status"] = json!({ "code": "STATUS_CODE_ERROR", "message": "no" });
        span["attributes"] = json!([
            { "key": "code.filepath", "value": { "stringValue": "src/a.rs" } },
            { "key": "code.lineno", "value": { "intValue": 7 } },
            { "key": "n", "value": { "int_value": "5" } },
            { "key": "error.type", "value": { "stringValue": "Timeout" } },
        ]);
        span["events"] = json!([{ "timeUnixNano": "2000", "name": "cache miss", "attributes": [] }]);
        span["links"] = json!([{ "traceId": "0190163d8694739b96b6f0a7b0c1d2e4", "spanId": "00000000000000ac" }]);
    });
    let events = events.unwrap();
    let [event, point] = &events[..] else { panic!("two events") };
    let error = event.error.as_ref().unwrap();
    assert_eq!((error.kind, &*error.error_type, &*error.error_message), (ErrorKind::Error, "Timeout", "no"));
    assert_eq!((&*event.source, event.data.get("n")), ("src/a.rs:7", Some(&json!(5))));
    assert_eq!(event.data.get("links"), Some(&json!(["0190163d8694739b96b6f0a7b0c1d2e4-00000000000000ac"])));
    assert_eq!((&*point.event_type, point.parent_span_id, point.duration), ("cache miss", Some(event.span_id), None));
    assert_eq!(point.timestamp.unix_nanos(), 2000);

    // one that has not ended, and one whose clock was set
    let open = span(|span| span["endTimeUnixNano"] = json!("0")).unwrap();
    assert_eq!((open[0].status, open[0].timestamp.unix_nanos()), (Status::Pending, 1000));
    let back = span(|span| span["endTimeUnixNano"] = json!("500")).unwrap();
    assert_eq!(back[0].duration, Some(Duration::ZERO));
}

#[test]
fn what_is_no_span_is_told() {
    let check = |why: &str, change: fn(&mut Value)| {
        let told = span(change).unwrap_err().to_string();
        assert!(told.contains(why), "{told}");
    };
    check("its `traceId` is missing", |span| span["traceId"] = json!("00000000000000000000000000000000"));
    check("its `traceId` is neither 32 digits in hex nor 16 bytes in Base64: order", |span| {
        span["traceId"] = json!("order");
    });
    check("its `spanId` is missing", |span| span["spanId"] = Value::Null);
    check("a span id is neither", |span| span["parentSpanId"] = json!("xyz"));
    check("its `endTimeUnixNano` is no number", |span| span["endTimeUnixNano"] = json!("tomorrow"));
    check("its `endTimeUnixNano` is no number", |span| span["endTimeUnixNano"] = json!("18446744073709551615"));
    check("neither when it began", |span| {
        (span["startTimeUnixNano"], span["endTimeUnixNano"]) = (Value::Null, Value::Null);
    });
    check("a span is an object", |span| *span = json!([]));
}

#[test]
fn who_has_sent_spans_is_known_where_they_enter() {
    let said = json!({ "attributes": [
        { "key": "service.name", "value": { "stringValue": "shop" } },
        { "key": "host.name", "value": { "stringValue": "h1" } },
        { "key": "process.pid", "value": { "intValue": "77" } },
    ] });
    let resource = otlp::resource(&said);
    let mut span =
        json!({ "traceId": "0190163d8694739b96b6f0a7b0c1d2e3", "spanId": "00000000000000ab", "endTimeUnixNano": 5 });
    let root = otlp::events(&span, &resource, "").unwrap();
    assert_eq!((&*root[0].service, root[0].machine_id.as_deref()), ("shop", Some("h1")));
    assert_eq!(root[0].data.get("resource.process.pid"), Some(&json!(77)));
    span["parentSpanId"] = json!("00000000000000aa");
    assert!(otlp::events(&span, &resource, "").unwrap()[0].data.is_empty());
}
