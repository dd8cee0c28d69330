//! The rules of each form, as its own documents have them: a file enters, and every rule that it breaks fails the test.

use std::collections::{BTreeMap, HashMap, HashSet};

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::KeyValue;
use opentelemetry_proto::tonic::trace::v1::Span;
use serde::Deserialize;
use serde_json::Value;

pub(super) fn spans(request: &ExportTraceServiceRequest) -> impl Iterator<Item = &Span> {
    request.resource_spans.iter().flat_map(|of| &of.scope_spans).flat_map(|of| &of.spans)
}

/// What the comments of `opentelemetry/proto/trace/v1/trace.proto` ask for beyond the types.
pub(super) fn hold_otlp(requests: &[ExportTraceServiceRequest]) {
    let unique = |attributes: &[KeyValue]| {
        let mut seen = HashSet::new();
        // "Attribute keys MUST be unique"
        assert!(attributes.iter().all(|pair| !pair.key.is_empty() && seen.insert(&pair.key)), "{attributes:?}");
    };
    for request in requests {
        for resource in request.resource_spans.iter().map(|of| of.resource.as_ref().unwrap()) {
            unique(&resource.attributes);
            assert!(resource.attributes.iter().any(|pair| pair.key == "service.name"));
        }
        for span in spans(request) {
            // "an array with all zeroes is invalid", of 16 and 8 bytes
            let is_id = |bytes: &[u8], length| bytes.len() == length && bytes.iter().any(|byte| *byte != 0);
            assert!(is_id(&span.trace_id, 16) && is_id(&span.span_id, 8), "{span:?}");
            assert!(span.parent_span_id.is_empty() || is_id(&span.parent_span_id, 8), "{span:?}");
            assert!(span.start_time_unix_nano > 0 && span.end_time_unix_nano >= span.start_time_unix_nano, "{span:?}");
            assert!(!span.name.is_empty() && span.kind == 1, "{span:?}");
            unique(&span.attributes);
            for event in &span.events {
                assert!(event.time_unix_nano > 0 && !event.name.is_empty());
                unique(&event.attributes);
            }
        }
    }
}

/// `internal/uimodel/model.go` of jaegertracing/jaeger, which its page reads.
#[expect(non_snake_case, dead_code, reason = "the keys are theirs")]
mod jaeger {
    use super::{BTreeMap, Deserialize, Value};

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    pub(super) struct File {
        pub(super) data: Vec<Trace>,
    }

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    pub(super) struct Trace {
        pub(super) traceID: String,
        pub(super) spans: Vec<Span>,
        pub(super) processes: BTreeMap<String, Process>,
        pub(super) warnings: Option<Vec<String>>,
    }

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    pub(super) struct Span {
        pub(super) traceID: String,
        pub(super) spanID: String,
        pub(super) flags: u32,
        pub(super) operationName: String,
        pub(super) references: Vec<Reference>,
        /// "microseconds since Unix epoch"
        pub(super) startTime: u64,
        /// "microseconds"
        pub(super) duration: u64,
        pub(super) tags: Vec<KeyValue>,
        pub(super) logs: Vec<Log>,
        pub(super) processID: String,
        pub(super) warnings: Option<Vec<String>>,
    }

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    pub(super) struct Reference {
        pub(super) refType: RefType,
        pub(super) traceID: String,
        pub(super) spanID: String,
    }

    #[derive(Deserialize)]
    pub(super) enum RefType {
        #[serde(rename = "CHILD_OF")]
        ChildOf,
        #[serde(rename = "FOLLOWS_FROM")]
        FollowsFrom,
    }

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    pub(super) struct Process {
        pub(super) serviceName: String,
        pub(super) tags: Vec<KeyValue>,
    }

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    pub(super) struct Log {
        pub(super) timestamp: u64,
        pub(super) fields: Vec<KeyValue>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    pub(super) struct KeyValue {
        pub(super) key: String,
        pub(super) r#type: String,
        pub(super) value: Value,
    }
}

pub(super) fn hold_jaeger(file: Value) {
    let file: jaeger::File = serde_json::from_value(file).unwrap();
    let is_hex =
        |id: &str, digits| id.len() == digits && id.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    // `ValueType`
    let hold = |pair: &jaeger::KeyValue| {
        let is_of_type = match pair.r#type.as_str() {
            "string" => pair.value.is_string(),
            "bool" => pair.value.is_boolean(),
            "int64" => pair.value.is_i64(),
            "float64" => pair.value.is_f64(),
            _ => false,
        };
        assert!(is_of_type, "{pair:?}");
    };
    for trace in &file.data {
        let known: HashSet<&str> = trace.spans.iter().map(|span| span.spanID.as_str()).collect();
        assert!(is_hex(&trace.traceID, 32) && known.len() == trace.spans.len());
        for span in &trace.spans {
            assert!(span.traceID == trace.traceID && is_hex(&span.spanID, 16));
            assert!(trace.processes.contains_key(&span.processID), "{}", span.processID);
            // The page shows years otherwise.
            assert!((1_700_000_000_000_000..1_900_000_000_000_000).contains(&span.startTime), "{}", span.startTime);
            for reference in &span.references {
                assert!(matches!(reference.refType, jaeger::RefType::ChildOf) && reference.traceID == trace.traceID);
                assert!(is_hex(&reference.spanID, 16));
                // One whose parent is not here says so.
                assert!(known.contains(&*reference.spanID) || span.warnings.is_some(), "{}", span.spanID);
            }
            span.tags.iter().chain(span.logs.iter().flat_map(|log| &log.fields)).for_each(hold);
            // The page warns of a tag that is there twice.
            let mut keys = HashSet::new();
            assert!(span.tags.iter().all(|pair| keys.insert(&pair.key)), "{:?}", span.tags);
        }
    }
}

/// `zipkin2-api.yaml` of openzipkin/zipkin-api: `Span`, `Endpoint`, `Annotation`.
#[expect(non_snake_case, dead_code, reason = "the keys are theirs")]
mod zipkin {
    use super::{BTreeMap, Deserialize};

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    pub(super) struct Span {
        pub(super) traceId: String,
        pub(super) name: Option<String>,
        pub(super) parentId: Option<String>,
        pub(super) id: String,
        pub(super) kind: Option<Kind>,
        pub(super) timestamp: Option<i64>,
        pub(super) duration: Option<i64>,
        pub(super) debug: Option<bool>,
        pub(super) shared: Option<bool>,
        pub(super) localEndpoint: Option<Endpoint>,
        pub(super) remoteEndpoint: Option<Endpoint>,
        pub(super) annotations: Option<Vec<Annotation>>,
        pub(super) tags: Option<BTreeMap<String, String>>,
    }

    #[derive(Debug, Deserialize)]
    pub(super) enum Kind {
        #[serde(rename = "CLIENT")]
        Client,
        #[serde(rename = "SERVER")]
        Server,
        #[serde(rename = "PRODUCER")]
        Producer,
        #[serde(rename = "CONSUMER")]
        Consumer,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    pub(super) struct Endpoint {
        pub(super) serviceName: Option<String>,
        pub(super) ipv4: Option<String>,
        pub(super) ipv6: Option<String>,
        pub(super) port: Option<u16>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    pub(super) struct Annotation {
        pub(super) timestamp: i64,
        pub(super) value: String,
    }
}

pub(super) fn hold_zipkin(file: Value) {
    let spans: Vec<zipkin::Span> = serde_json::from_value(file).unwrap();
    // patterns `[a-f0-9]{16,32}` and `[a-f0-9]{16}`
    let is_hex =
        |id: &str, digits| id.len() == digits && id.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let mut seen = HashSet::new();
    for span in &spans {
        assert!(is_hex(&span.traceId, 32) && is_hex(&span.id, 16), "{span:?}");
        assert!(span.parentId.as_ref().is_none_or(|id| is_hex(id, 16) && *id != span.id), "{span:?}");
        // "minimum: 1"
        assert!(span.timestamp.is_some_and(|at| at > 0) && span.duration.is_none_or(|took| took > 0), "{span:?}");
        assert!(seen.insert((&span.traceId, &span.id)), "{span:?}");
        // "uniqueItems: true"
        let (annotations, mut said) = (span.annotations.as_deref().unwrap_or_default(), HashSet::new());
        assert!(annotations.iter().all(|one| said.insert((one.timestamp, &one.value))), "{span:?}");
    }
}

/// "Trace Event Format": nestable asynchronous events, and metadata.
pub(super) fn hold_chrome(file: Value) {
    let (mut tracks, mut processes, mut threads) = (HashMap::new(), HashSet::new(), HashSet::new());
    for event in file["traceEvents"].as_array().unwrap() {
        let number = |key: &str| event[key].as_u64().unwrap_or_else(|| panic!("{key} in {event}"));
        let text = |key: &str| event[key].as_str().unwrap_or_else(|| panic!("{key} in {event}")).to_owned();
        let (process, thread) = (number("pid"), (number("pid"), number("tid")));
        match (&*text("ph"), &*text("name")) {
            ("M", "process_name") => assert!(processes.insert(process) && event["args"]["name"].is_string(), "{event}"),
            ("M", "thread_name") => assert!(threads.insert(thread) && event["args"]["name"].is_string(), "{event}"),
            (phase, name) => {
                // What is named is named before.
                assert!(processes.contains(&process) && threads.contains(&thread), "{event}");
                // "Events with the same category, id, and scope are part of the same event tree."
                let (of_process, last, open) =
                    tracks.entry((text("cat"), text("id"))).or_insert((process, f64::MIN, Vec::new()));
                let at = event["ts"].as_f64().unwrap();
                assert!(at >= *last && *of_process == process && text("id").starts_with("0x"), "{event}");
                *last = at;
                match phase {
                    "b" => open.push((at, name.to_owned())),
                    "e" => assert_eq!(open.pop().unwrap().1, name, "{event}"),
                    "n" => assert!(event["args"].is_object()),
                    other => panic!("{other}"),
                }
            }
        }
    }
    assert!(tracks.values().all(|(.., open)| open.is_empty()), "what begins ends");
}

/// `src/lib/file-format-spec.ts` of jlfwong/speedscope: `FileFormat.File` with `EventedProfile`s.
#[expect(non_snake_case, dead_code, reason = "the keys are theirs")]
mod speedscope {
    use super::Deserialize;

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    pub(super) struct File {
        #[serde(rename = "$schema")]
        pub(super) schema: String,
        pub(super) shared: Shared,
        pub(super) profiles: Vec<Evented>,
        pub(super) name: Option<String>,
        pub(super) activeProfileIndex: Option<usize>,
        pub(super) exporter: Option<String>,
    }

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    pub(super) struct Shared {
        pub(super) frames: Vec<Frame>,
    }

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    pub(super) struct Frame {
        pub(super) name: String,
        pub(super) file: Option<String>,
        pub(super) line: Option<u64>,
        pub(super) col: Option<u64>,
    }

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    pub(super) struct Evented {
        pub(super) r#type: String,
        pub(super) name: String,
        pub(super) unit: String,
        pub(super) startValue: f64,
        pub(super) endValue: f64,
        pub(super) events: Vec<Event>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    pub(super) struct Event {
        pub(super) r#type: Kind,
        pub(super) at: f64,
        pub(super) frame: usize,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    pub(super) enum Kind {
        #[serde(rename = "O")]
        Open,
        #[serde(rename = "C")]
        Close,
    }
}

pub(super) fn hold_speedscope(file: Value) {
    let file: speedscope::File = serde_json::from_value(file).unwrap();
    assert_eq!(file.schema, "https://www.speedscope.app/file-format-schema.json");
    for profile in &file.profiles {
        // `ValueUnit`
        assert_eq!((&*profile.r#type, &*profile.unit), ("evented", "nanoseconds"));
        let (mut at, mut open) = (profile.startValue, Vec::new());
        for event in &profile.events {
            // "List of events that occurred as this profile was captured. Must be sorted by `at`"; frames are closed in
            // the reverse of the order in which they were opened.
            assert!(
                event.at >= at && event.at <= profile.endValue && event.frame < file.shared.frames.len(),
                "{event:?}"
            );
            at = event.at;
            match event.r#type {
                speedscope::Kind::Open => open.push(event.frame),
                speedscope::Kind::Close => assert_eq!(open.pop(), Some(event.frame), "{event:?}"),
            }
        }
        assert!(open.is_empty() && !profile.events.is_empty());
    }
}

/// CommonMark: outside of fenced blocks (0.31, 4.5) and code spans (6.1), nothing that a value could have brought in.
pub(super) fn hold_markdown(text: &str) {
    let mut fence: Option<String> = None;
    for line in text.lines() {
        if let Some(end) = &fence {
            if line == end {
                fence = None;
            }
            continue;
        }
        if let Some(ticks) =
            line.strip_suffix("text").filter(|ticks| ticks.len() >= 3 && ticks.bytes().all(|byte| byte == b'`'))
        {
            fence = Some(ticks.to_owned());
            continue;
        }
        let outside = without_code(line);
        let is_harmless = |c: char| c.is_ascii_alphanumeric() || " -#.,:;*()µ".contains(c);
        assert!(outside.chars().all(is_harmless), "{outside:?} of {line:?}");
        let is_heading = line.starts_with("# ") || line.starts_with("## ");
        assert!(is_heading || !outside.contains('#'), "{line:?}");
    }
    assert_eq!(fence, None, "what is opened is closed");
}

/// A line without its code spans: each goes from so many backticks to the next run of as many.
fn without_code(line: &str) -> String {
    let (mut outside, mut rest) = (String::new(), line);
    while let Some(at) = rest.find('`') {
        outside += &rest[..at];
        let inner = rest[at..].trim_start_matches('`');
        let ticks = rest.len() - at - inner.len();
        let mut from = 0;
        let close = loop {
            let Some(next) = inner[from..].find('`').map(|next| from + next) else {
                panic!("an open code span: {line:?}")
            };
            let run = inner[next..].len() - inner[next..].trim_start_matches('`').len();
            if run == ticks {
                break next + run;
            }
            from = next + run;
        };
        rest = &inner[close..];
    }
    outside + rest
}
