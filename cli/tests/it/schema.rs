//! `tense schema`: events that a program may write are what the schema says, and others are not. Real events are held
//! against it where they are made: in `ui-tests/coordinator` and in the examples.

use std::collections::BTreeSet;
use std::time::Duration;

use boon::{Compiler, SchemaIndex, Schemas};
use serde_json::{Value, json};
use tense_event::{ErrorInfo, ErrorKind, Event, SpanId, Status, Timestamp, TraceId};

use super::said::Folder;

const REGISTRY: &str = r#"
version = 1
closed = true
[context]
inherit = ["token_id"]
[events."operation.tokens.created"]
fields = { token_id = "string", worker_id = "string", count = "integer", share = "float?", forced = "bool?", values = "json?", password = "integer?" }
[events."operation.tokens.read"]
[events."dispatch.batch.start"]
fields = { size = "integer" }
[events."dispatch.batch.complete"]
fields = { done = "integer" }
[events."dispatch.workflow.run"]
failed = "dispatch.workflow.abort"
[events."dispatch.workflow.abort"]
fields = { error = "string" }
[events."sql.query"]
fields = { rows = "integer" }
[foreign]
"sqlx::query" = { event = "sql.query", fields = ["rows"] }
"#;

pub(super) struct Schema {
    schemas: Schemas,
    index: SchemaIndex,
    pub(super) json: Value,
}

fn schema(registry: &str) -> Schema {
    let said = Folder::new().with("tense.toml", registry).ask(&["schema"]);
    assert_eq!(said.code, Some(0), "{}", said.err);
    Schema::compile(&said.out)
}

impl Schema {
    pub(super) fn compile(text: &str) -> Self {
        let json: Value = serde_json::from_str(text).unwrap();
        let (mut compiler, mut schemas) = (Compiler::new(), Schemas::new());
        compiler.add_resource("schema.json", json.clone()).unwrap();
        let index = compiler.compile("schema.json", &mut schemas).unwrap();
        Self { schemas, index, json }
    }

    /// Why an event may not come; nothing when it may.
    pub(super) fn refusal(&self, event: &Value) -> Option<String> {
        self.schemas.validate(event, self.index).err().map(|error| format!("{error:#}"))
    }

    #[track_caller]
    fn check(&self, event: &Value, is_valid: bool) {
        let refusal = self.refusal(event);
        assert_eq!(refusal.is_none(), is_valid, "{event:#}\n{}", refusal.unwrap_or_default());
    }
}

/// An event as it is stored, with these keys besides or instead.
fn event(name: &'static str, status: Status, more: Value) -> Value {
    let (trace, span) = (TraceId::from_bytes([1; 16]), SpanId::new(1).unwrap());
    let mut event = Event::new(trace, span, name, status, Timestamp::from_unix_nanos(0));
    if status == Status::Failed {
        event.error = Some(ErrorInfo::new(ErrorKind::Error));
    }
    let mut event = serde_json::to_value(event).unwrap();
    let Value::Object(more) = more else { panic!("{more}") };
    event.as_object_mut().unwrap().extend(more);
    event
}

#[test]
fn what_a_program_may_write_is_told_from_what_it_may_not() {
    use Status::{Failed, Pending, Success};
    let whole = |data: Value| json!({"worker_id": "7", "data": data});
    let table: &[(&'static str, Status, Value, bool)] = &[
        // fields: there, missing, of another kind
        ("operation.tokens.created", Success, whole(json!({"token_id": "t1", "count": 1})), true),
        ("operation.tokens.created", Success, whole(json!({"token_id": "t1", "count": 1, "other": 1})), true),
        ("operation.tokens.created", Success, whole(json!({"token_id": "t1"})), false),
        ("operation.tokens.created", Success, json!({"data": {"token_id": "t1", "count": 1}}), false),
        ("operation.tokens.created", Success, json!({}), false),
        ("operation.tokens.created", Success, whole(json!({"token_id": 1, "count": 1})), false),
        ("operation.tokens.created", Success, whole(json!({"token_id": "t1", "count": 1.5})), false),
        ("operation.tokens.created", Success, whole(json!({"token_id": "t1", "count": 1, "forced": 1})), false),
        (
            "operation.tokens.created",
            Success,
            whole(json!({"token_id": "t1", "count": 1, "share": 1.5, "forced": true})),
            true,
        ),
        ("operation.tokens.created", Success, whole(json!({"token_id": "t1", "count": 1, "share": "NaN"})), true),
        ("operation.tokens.created", Success, whole(json!({"token_id": "t1", "count": 1, "share": "half"})), false),
        (
            "operation.tokens.created",
            Success,
            whole(json!({"token_id": "t1", "count": 1, "values": [{"a": null}]})),
            true,
        ),
        (
            "operation.tokens.created",
            Success,
            whole(json!({"token_id": "t1", "count": 1, "password": "[REDACTED]"})),
            true,
        ),
        ("operation.tokens.created", Success, whole(json!({"token_id": "t1", "count": 1, "password": 1234})), false),
        // an event that says what it lacks
        ("operation.tokens.created", Success, json!({"data": {"count": 1}, "absent": ["token_id", "worker_id"]}), true),
        ("operation.tokens.created", Success, json!({"cut": ["data"]}), true),
        // how it ended
        ("operation.tokens.created", Pending, json!({}), true),
        ("operation.tokens.created", Failed, whole(json!({"token_id": "t1", "count": 1})), false),
        ("operation.tokens.create_failed", Failed, json!({}), true),
        ("operation.tokens.create_failed", Failed, json!({"data": {"count": "one"}}), false),
        ("operation.tokens.create_failed", Pending, json!({}), false),
        ("operation.tokens.read", Success, json!({}), true),
        // both ends of a life, and its report
        ("dispatch.batch.start", Pending, json!({"data": {"size": 1}}), true),
        ("dispatch.batch.start", Pending, json!({}), false),
        ("dispatch.batch.complete", Success, json!({"data": {"done": 1}}), true),
        ("dispatch.batch.complete", Success, json!({"data": {"size": 1}}), false),
        ("dispatch.batch.fail", Failed, json!({}), true),
        ("dispatch.batch", Pending, json!({}), true),
        ("dispatch.batch", Success, json!({}), false),
        // a failure with a name of its own, and a span of another crate
        ("dispatch.workflow.abort", Failed, json!({"data": {"error": "no"}}), true),
        ("dispatch.workflow.abort", Failed, json!({}), false),
        ("dispatch.workflow.run_fail", Failed, json!({}), false),
        ("sql.query", Success, json!({}), false),
        ("sql.query", Failed, json!({}), true),
        // what nobody declares
        ("log.info", Success, json!({"data": {"message": "hello"}}), true),
        ("foreign.hyper.client", Success, json!({}), true),
        ("operation.tokens.deleted", Success, json!({}), false),
        // the envelope
        ("operation.tokens.read", Success, json!({"schema_version": 2}), false),
        ("operation.tokens.read", Success, json!({"trace_id": "1"}), false),
        ("operation.tokens.read", Success, json!({"level": "loud"}), false),
        ("operation.tokens.read", Success, json!({"duration_ms": "1"}), false),
        ("operation.tokens.read", Success, json!({"key_of_a_later_version": 1}), true),
        ("operation.tokens.create_failed", Failed, json!({"error": {"kind": "hiccup"}}), false),
    ];
    let schema = schema(REGISTRY);
    for (name, status, more, is_valid) in table {
        schema.check(&event(name, *status, more.clone()), *is_valid);
    }
    let mut silent = event("operation.tokens.create_failed", Failed, json!({}));
    silent.as_object_mut().unwrap().remove("error");
    schema.check(&silent, false);
}

#[test]
fn where_names_are_open_others_may_come() {
    let schema = schema("version = 1\n[events.\"operation.tokens.created\"]\nfields = { count = \"integer\" }\n");
    schema.check(&event("operation.tokens.deleted", Status::Success, json!({})), true);
    schema.check(&event("operation.tokens.created", Status::Success, json!({})), false);
    schema.check(&event("operation.tokens.created", Status::Success, json!({"data": {"count": 1}})), true);
    let schema = self::schema("version = 1\n");
    schema.check(&event("operation.tokens.deleted", Status::Success, json!({})), true);
    schema.check(&event("operation.tokens.deleted", Status::Success, json!({"level": "loud"})), false);
}

#[test]
fn the_envelope_has_every_key_that_an_event_has() {
    let (trace, span) = (TraceId::from_bytes([1; 16]), SpanId::new(1).unwrap());
    let mut event = Event::new(trace, span, "log.info", Status::Failed, Timestamp::from_unix_nanos(0));
    let text = || Some("x".to_owned());
    event.parent_span_id = Some(span);
    event.duration = Some(Duration::from_millis(1));
    event.service = "x".into();
    event.source = "x".into();
    event.data.insert("x", 1);
    event.tags = vec!["x".into()];
    (event.job_id, event.worker_id, event.machine_id, event.user_id) = (text(), text(), text(), text());
    event.correlation_key = text();
    event.cut = vec!["x".into()];
    event.absent = vec!["x".into()];
    event.left_out = 2;
    event.sample_weight = 2;
    let mut error = ErrorInfo::new(ErrorKind::Cancelled);
    error.error_type = "x".into();
    error.error_message = "x".into();
    error.stack_frames = vec!["x".into()];
    error.processor = "x".into();
    error.input_preview = text();
    event.error = Some(error);
    let event = serde_json::to_value(event).unwrap();

    let schema = schema(REGISTRY);
    schema.check(&event, true);
    let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<BTreeSet<_>>();
    let definitions = &schema.json["$defs"];
    assert_eq!(keys(&event), keys(&definitions["envelope"]["properties"]));
    assert_eq!(keys(&event["error"]), keys(&definitions["error"]["properties"]));
    // the two are two ways to write the same
    let typescript = Folder::new().with("tense.toml", REGISTRY).ask(&["schema", "--typescript"]).out;
    for (interface, event) in [("Envelope", &event), ("Failure", &event["error"])] {
        let (_, lines) = typescript.split_once(&format!("export interface {interface} {{\n")).unwrap();
        let lines = lines.split("\n}\n").next().unwrap().lines();
        let written = lines
            .filter(|line| !line.contains("/**"))
            .filter_map(|line| Some(line.strip_prefix("  ")?.split_once(": ")?.0.trim_end_matches('?')));
        let written: BTreeSet<String> = written.map(str::to_owned).collect();
        // what differs from event to event stands with each of them
        let of_each = ["event_type", "status", "data", "error"].map(str::to_owned);
        let shared: BTreeSet<String> = keys(event).into_iter().filter(|key| !of_each.contains(key)).collect();
        assert_eq!(written, shared, "{interface}");
    }
    let lines: BTreeSet<&str> = typescript.lines().collect();
    let texts =
        |values: &Value| values.as_array().unwrap().iter().map(Value::to_string).collect::<Vec<_>>().join(" | ");
    for (before, values) in [
        ("export type Status = ", &definitions["envelope"]["properties"]["status"]["enum"]),
        ("export type Level = ", &definitions["envelope"]["properties"]["level"]["enum"]),
        ("  kind: ", &definitions["error"]["properties"]["kind"]["enum"]),
    ] {
        assert!(lines.contains(&*format!("{before}{};", texts(values))), "{before}{values}");
    }
}

#[test]
fn texts_of_people_stay_in_their_places() {
    let registry =
        "version = 1\n[events.\"operation.tokens.created\"]\nabout = \"a */ b \\u001b[31m \\\" c\\n\\td \\u202e\"\n";
    let folder = Folder::new().with("tense.toml", registry);
    let json = folder.ask(&["schema"]);
    let about = json.json_whole()["$defs"]["operation.tokens.created"]["description"].clone();
    assert_eq!(about, "a */ b \u{1b}[31m \" c d \u{202e}");
    let typescript = folder.ask(&["schema", "--typescript"]).out;
    assert!(typescript.contains("  /** a * / b \\u{1b}[31m \" c d \\u{202e} */\n"), "{typescript}");
    for text in [json.out, typescript] {
        assert!(!text.chars().any(|c| c != '\n' && tense_store::text::is_hostile(c)));
    }
}
