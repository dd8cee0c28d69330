//! Whatever a trace is, each form of it keeps its own rules, and what comes back of OTLP is the same tree.

use std::collections::HashMap;
use std::io::{self, Write};
use std::time::{Duration, Instant};

use proptest::prelude::*;
use serde_json::Value;
use tense_event::{ErrorInfo, ErrorKind, Event, Level, SpanId, Status, Timestamp, TraceId};
use tense_store::Trace;
use tense_store::export::{Export, Format};
use tense_store::import::{foreign, otlp};

const TRACE: TraceId = TraceId::from_bytes([7; 16]);
const BEGAN: i64 = 1_795_255_200_000_000_000;
const FORMATS: [Format; 6] =
    [Format::Otlp, Format::Jaeger, Format::Zipkin, Format::Chrome, Format::Speedscope, Format::Markdown];

fn event(span: u64, parent: u64, name: &'static str, status: Status, nanos: i64) -> Event {
    let mut event = Event::new(TRACE, SpanId::new(span).unwrap(), name, status, Timestamp::from_unix_nanos(nanos));
    event.parent_span_id = SpanId::new(parent);
    event
}

fn export(format: Format, traces: &[&Trace]) -> String {
    let mut export = Export::new(format, Vec::new());
    traces.iter().for_each(|trace| export.trace(trace).unwrap());
    String::from_utf8(export.finish().unwrap()).unwrap()
}

/// The events of what was exported as OTLP.
fn events_of(lines: &str) -> Vec<Event> {
    let mut events = Vec::new();
    for line in lines.lines() {
        let request: Value = serde_json::from_str(line).unwrap();
        for of_resource in request["resourceSpans"].as_array().unwrap() {
            let resource = otlp::resource(&of_resource["resource"]);
            for of_scope in of_resource["scopeSpans"].as_array().unwrap() {
                let scope = of_scope["scope"]["name"].as_str().unwrap();
                for span in of_scope["spans"].as_array().unwrap() {
                    events.extend(otlp::events(span, &resource, scope).unwrap());
                }
            }
        }
    }
    events
}

/// What a viewer of profiles asks for: whatever is opened is closed, the last one first, and time does not run back.
fn hold_profiles(trace: &Trace) {
    let file: Value = serde_json::from_str(&export(Format::Speedscope, &[trace])).unwrap();
    let frames = file["shared"]["frames"].as_array().unwrap().len() as u64;
    let mut opened = 0;
    for profile in file["profiles"].as_array().unwrap() {
        let (mut at, mut open) = (profile["startValue"].as_i64().unwrap(), Vec::new());
        for event in profile["events"].as_array().unwrap() {
            let (now, frame) = (event["at"].as_i64().unwrap(), event["frame"].as_u64().unwrap());
            assert!(now >= at && now <= profile["endValue"].as_i64().unwrap() && frame < frames, "{event}");
            at = now;
            if event["type"] == "O" {
                open.push(frame);
                opened += 1;
            } else {
                assert_eq!(open.pop(), Some(frame), "{event}");
            }
        }
        assert!(open.is_empty());
    }
    let file: Value = serde_json::from_str(&export(Format::Chrome, &[trace])).unwrap();
    let mut tracks: HashMap<String, (f64, Vec<String>)> = HashMap::new();
    let (mut begun, mut instants) = (0, 0);
    for event in file["traceEvents"].as_array().unwrap() {
        let (phase, name) = (event["ph"].as_str().unwrap(), event["name"].as_str().unwrap().to_owned());
        if phase == "M" {
            continue;
        }
        let (at, open) = tracks.entry(format!("{}/{}", event["cat"], event["id"])).or_insert((f64::MIN, Vec::new()));
        let now = event["ts"].as_f64().unwrap();
        assert!(now >= *at, "{event}");
        *at = now;
        match phase {
            "b" => {
                open.push(name);
                begun += 1;
            }
            "e" => assert_eq!(open.pop(), Some(name)),
            "n" => instants += 1,
            other => panic!("{other}"),
        }
    }
    assert!(tracks.values().all(|(_, open)| open.is_empty()));
    assert_eq!((begun, begun + instants), (opened, trace.spans().len()), "every span once");
}

prop_compose! {
    fn any_event()(
        span in 1_u64..12,
        above in 0_u64..14,
        status in prop_oneof![Just(Status::Pending), Just(Status::Success), Just(Status::Failed)],
        name in 0_usize..3,
        at in 0_i64..50,
        duration in proptest::option::of(0_u64..50),
        service in 0_usize..3,
        kind in proptest::option::of(prop_oneof![Just(ErrorKind::Error), Just(ErrorKind::Panic), Just(ErrorKind::Cancelled)]),
        extra in 0_u8..6,
    ) -> Event {
        const NAMES: [&str; 3] = ["dispatch.loan", "dispatch.credit", "operation.tokens.created"];
        // What is above came before, or is not here; circles are drawn below.
        let parent = if above >= span && above < 12 { 0 } else { above };
        let mut event = event(span, parent, NAMES[name], status, BEGAN + at);
        event.duration = duration.map(Duration::from_nanos);
        event.service = ["", "front", "back"][service].into();
        event.error = kind.map(|kind| {
            let mut error = ErrorInfo::new(kind);
            error.error_message = ["", "no", "no: funds"][name].to_owned();
            error
        });
        match extra {
            1 => event.data.insert("stages", NAMES.to_vec()),
            2 => event.data.insert("error", "a field of that name"),
            3 => event.data.insert("tense.job_id", 7),
            4 => {
                event.tags.push("compensation".into());
                event.data.insert("original_span_id", SpanId::new(span + 1).unwrap().to_string());
            }
            _ => event.job_id = Some("j1".to_owned()),
        }
        event
    }
}

proptest! {
    #[test]
    fn profiles_are_well_formed_whatever_overlaps(events in proptest::collection::vec(any_event(), 0..24)) {
        hold_profiles(&Trace::from_events(TRACE, events));
    }

    /// One event a span: those that contradict each other are merged into one that says less.
    #[test]
    fn what_comes_back_of_otlp_is_the_same_tree(events in proptest::collection::vec(any_event(), 0..24)) {
        let mut seen = std::collections::HashSet::new();
        let events: Vec<Event> = events.into_iter().filter(|event| seen.insert(event.span_id)).collect();
        let trace = Trace::from_events(TRACE, events);
        let back = Trace::from_events(TRACE, events_of(&export(Format::Otlp, &[&trace])));
        prop_assert_eq!(trace.to_string(), back.to_string());
    }

    #[test]
    fn no_line_of_another_system_is_too_much(text in "\\PC{0,20}", number in any::<f64>(), whole in any::<i64>(), keys in proptest::collection::vec(0_usize..24, 1..8)) {
        const KEYS: [&str; 24] = [
            "event", "type", "name", "message", "time", "ts", "traceId", "correlation_id", "span_id", "parent_id", "status",
            "success", "duration", "duration_s", "started_at", "level", "error", "job_id", "tags", "data", "traceparent",
            "sample_weight", "span_name", "source",
        ];
        let values = [Value::from(text.clone()), number.into(), whole.into(), Value::Null, true.into(), vec![text.clone()].into(),
            serde_json::json!({ "message": text, "type": whole, "key": number })];
        let mut said: serde_json::Map<String, Value> =
            keys.iter().enumerate().map(|(at, key)| (KEYS[*key].to_owned(), values[(at + key) % values.len()].clone())).collect();
        foreign::event(said.clone(), b"line").ok();
        said.insert("ts".to_owned(), 1_795_255_200.into());
        said.insert("event".to_owned(), "job:started".into());
        let event = foreign::event(said, b"line");
        prop_assert!(event.is_ok(), "{:?}", event);
    }
}

#[test]
fn circles_and_absurd_times_are_exported_as_well() {
    let mut absurd = event(1, 1, "operation.tokens.created", Status::Failed, i64::MIN);
    absurd.duration = Some(Duration::MAX);
    let mut late = event(2, 3, "operation.tokens.created", Status::Success, i64::MAX);
    late.duration = Some(Duration::from_nanos(1));
    let back = event(3, 2, "operation.tokens.created", Status::Pending, -5);
    let trace = Trace::from_events(TRACE, [absurd, late, back]);
    hold_profiles(&trace);
    for format in FORMATS {
        assert!(!export(format, &[&trace, &trace]).is_empty(), "{format:?}");
    }
    // Whoever follows the parents comes to an end.
    let spans: Value = serde_json::from_str(&export(Format::Zipkin, &[&trace])).unwrap();
    let parents: HashMap<&str, &str> = spans
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|span| Some((span["id"].as_str()?, span["parentId"].as_str()?)))
        .collect();
    assert_eq!(parents.len(), 1, "{parents:?}");
}

#[test]
fn a_file_of_no_trace_is_one() {
    let empty = Trace::from_events(TRACE, []);
    for traces in [&[][..], &[&empty]] {
        for format in [Format::Jaeger, Format::Zipkin, Format::Chrome, Format::Speedscope] {
            let file = export(format, traces);
            assert!(serde_json::from_str::<Value>(&file).is_ok(), "{format:?}: {file}");
        }
        assert_eq!(export(Format::Otlp, traces), "");
    }
}

#[test]
fn every_key_of_an_event_comes_back_of_otlp() {
    let mut full = event(2, 1, "operation.tokens.create_failed", Status::Failed, BEGAN + 5_000_000);
    full.span_name = "operation.tokens.created".into();
    full.duration = Some(Duration::from_nanos(1_234_567));
    full.service = "bank".into();
    full.source = "src/tokens.rs:12".into();
    full.level = Level::Warn;
    for (name, value) in [
        ("z", serde_json::json!([1, -2.5, "x", true, null, { "k": [] }])),
        ("a", serde_json::json!(i64::MIN)),
        ("empty", serde_json::json!("")),
        ("none", Value::Null),
        ("code.file.path", serde_json::json!("a field")),
    ] {
        full.data.insert(name, value);
    }
    full.tags = vec!["saga".into()];
    (full.job_id, full.worker_id) = (Some("j".to_owned()), Some("w".to_owned()));
    (full.machine_id, full.user_id) = (Some("m".to_owned()), Some("u".to_owned()));
    full.correlation_key = Some("order-4711".to_owned());
    let mut error = ErrorInfo::new(ErrorKind::Panic);
    error.error_type = "StoreError".into();
    error.error_message = "no such node".to_owned();
    error.stack_frames = vec!["a at b:1".to_owned(), "c at d:2".to_owned()];
    error.processor = "create".into();
    error.input_preview = Some("{}".to_owned());
    full.error = Some(error);
    (full.cut, full.absent) = (vec!["value".to_owned()], vec!["token_id".into()]);
    (full.left_out, full.sample_weight) = (7, 10);
    let mut root = event(1, 0, "dispatch.batch", Status::Success, BEGAN + 9_000_000);
    root.duration = Some(Duration::from_millis(9));
    let mut point = event(3, 2, "log.info", Status::Success, BEGAN + 4_000_000);
    point.service = "bank".into();
    point.data.insert("message", "hello");
    let events = vec![root, full, point];
    let trace = Trace::from_events(TRACE, events.clone());
    let mut back = events_of(&export(Format::Otlp, &[&trace]));
    back.sort_by_key(|event| event.span_id);
    assert_eq!(back, events);
}

#[test]
fn a_request_has_no_more_spans_than_a_collector_takes_at_once() {
    let services = ["b", "a", "c"];
    let spans = (1..=1_234_u64).map(|n| {
        let mut event = event(n, n / 2, "sql.query", Status::Success, BEGAN + n as i64);
        event.duration = Some(Duration::from_nanos(1));
        event.service = services[n as usize % 3].into();
        event
    });
    let trace = Trace::from_events(TRACE, spans);
    let lines = export(Format::Otlp, &[&trace]);
    let spans_of = |line: &str| line.matches("\"spanId\"").count();
    assert_eq!(lines.lines().map(spans_of).collect::<Vec<_>>(), [500, 500, 234]);
    assert!(lines.lines().all(|line| line.matches("\"resource\"").count() == 3));
    assert_eq!(trace.to_string(), Trace::from_events(TRACE, events_of(&lines)).to_string());

    // moments count as well, and stay with their span
    let points = (10..=1_009).map(|n| event(n, n % 2 + 1, "log.info", Status::Success, BEGAN + n as i64));
    let two = (1..=3).map(|n| {
        let mut event = event(n, 0, "sql.query", Status::Success, BEGAN + 9_999);
        event.duration = Some(Duration::from_nanos(9_999));
        event
    });
    let lines = export(Format::Otlp, &[&Trace::from_events(TRACE, two.chain(points))]);
    assert_eq!(lines.lines().map(|line| line.matches("\"log.info\"").count()).collect::<Vec<_>>(), [500, 500, 0]);
}

/// Counts what is written, and keeps nothing.
#[derive(Default)]
struct Bytes(usize);

impl Write for Bytes {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn large_traces_take_their_time_and_no_more() {
    // Unoptimized, few of them take as long.
    const SPANS: u64 = if cfg!(debug_assertions) { 6_000 } else { 100_000 };
    let chain = |n: u64| (n - 1, n as i64, 2 * (SPANS - n));
    let wide = |n: u64| (u64::from(n > 1), n as i64, SPANS);
    for shape in [&chain as &dyn Fn(u64) -> (u64, i64, u64), &wide] {
        let spans = (1..=SPANS).map(|n| {
            let (parent, began, took) = shape(n);
            let mut event = event(n, parent, "sql.query", Status::Success, BEGAN + began + took as i64);
            event.duration = Some(Duration::from_nanos(took));
            event
        });
        let trace = Trace::from_events(TRACE, spans);
        for format in FORMATS {
            let began = Instant::now();
            let mut export = Export::new(format, Bytes::default());
            export.trace(&trace).unwrap();
            let written = export.finish().unwrap().0;
            // Something quadratic would take minutes.
            assert!(written > 0 && began.elapsed() < Duration::from_secs(20), "{format:?}: {:?}", began.elapsed());
        }
    }
}

/// Such as one whose rows cannot be read.
#[test]
fn a_trace_without_a_span_tears_no_file() {
    let id = TraceId::from_bytes([7; 16]);
    let one = Event::new(id, SpanId::new(1).unwrap(), "a.b", Status::Success, Timestamp::from_unix_nanos(5));
    let (one, none) = (Trace::from_events(id, [one]), Trace::from_events(id, []));
    for format in [Format::Jaeger, Format::Zipkin, Format::Chrome, Format::Speedscope] {
        for traces in [vec![&none], vec![&none, &one], vec![&one, &none], vec![&one, &none, &one], vec![]] {
            let mut export = Export::new(format, Vec::new());
            traces.iter().for_each(|trace| export.trace(trace).unwrap());
            let file = String::from_utf8(export.finish().unwrap()).unwrap();
            assert!(serde_json::from_str::<Value>(&file).is_ok(), "{format:?}, {} traces: {file}", traces.len());
        }
    }
}

#[test]
fn a_report_says_that_most_of_a_trace_was_not_kept() {
    let id = TraceId::from_bytes([7; 16]);
    let mut kept = Event::new(id, SpanId::new(1).unwrap(), "a.b", Status::Failed, Timestamp::from_unix_nanos(5));
    kept.tags.push(tense_event::UNSAMPLED.into());
    let mut export = Export::new(Format::Markdown, Vec::new());
    export.trace(&Trace::from_events(id, [kept])).unwrap();
    let report = String::from_utf8(export.finish().unwrap()).unwrap();
    assert!(report.contains("- spans kept of a trace that was not sampled"), "{report}");
}
