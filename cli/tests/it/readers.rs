//! Two registries and what `tense diff` says of them enter; it is held against what their schemas say: whether an event
//! that may come by the new one is refused by a reader of the old one.
//!
//! A reader ignores events that it does not know, and follows a rename that `was` declares.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use tense_grammar::Registry;

use super::said::{Folder, Said};
use super::schema::Schema;

/// Changes that the types of a reader show. Of others, such as an event that is gone, no event that comes knows.
const IN_THE_TYPES: [&str; 5] =
    ["diff/field-optional", "diff/status-added", "diff/type-widened", "diff/type-changed", "diff/field-removed"];

/// Whoever reads by a registry.
struct Reader {
    registry: Registry,
    schema: Schema,
    typescript: String,
    /// What may come by it.
    events: Vec<Value>,
}

impl Reader {
    fn of(registry: &str) -> Self {
        let folder = Folder::new().with("tense.toml", registry);
        let schema = Schema::compile(&folder.ask(&["schema"]).out);
        let events = events_of(&schema.json);
        for event in &events {
            assert_eq!(schema.refusal(event), None, "the test makes an event that may not come");
        }
        let typescript = folder.ask(&["schema", "--typescript"]).out;
        Self { registry: Registry::parse(registry).unwrap(), schema, typescript, events }
    }
}

/// `said` is the answer in JSON.
#[track_caller]
pub(super) fn hold(old: &str, new: &str, said: &Said) {
    hold_between(&Reader::of(old), &Reader::of(new), said, &format!("{old}\n{new}"));
}

#[track_caller]
fn hold_between(before: &Reader, after: &Reader, said: &Said, files: &str) {
    let names = old_names(&before.registry, &after.registry);
    let refused = after.events.iter().find_map(|event| {
        let name = event["event_type"].as_str()?;
        let old_name = names.get(name).map_or(name, String::as_str);
        before.schema.json["$defs"].get(old_name)?;
        let mut event = event.clone();
        event["event_type"] = old_name.into();
        before.schema.refusal(&event).map(|why| format!("{event}\n{why}"))
    });
    let told = said.json();
    let breaks_readers = |change: &&Value| change["breaks"].as_array().unwrap().contains(&json!("consumers"));
    let is_told = told.iter().any(|change| breaks_readers(&change));
    assert!(is_told || refused.is_none(), "nobody is told:\n{}\nof {files}\n{}", refused.unwrap_or_default(), said.out);

    let in_the_types = |change: &&Value| IN_THE_TYPES.iter().any(|id| change["id"] == *id);
    if told.iter().filter(breaks_readers).any(|change| in_the_types(&change)) {
        let quoted = |name: &str| format!("\"{name}\"");
        let typescript = after.typescript.clone();
        let typescript = names.iter().fold(typescript, |text, (new, old)| text.replace(&quoted(new), &quoted(old)));
        assert!(
            refused.is_some() || before.typescript != typescript,
            "a reader sees nothing of what is told: {}",
            said.out
        );
    }
}

/// What each renamed event, and its failure, was called before.
fn old_names(old: &Registry, new: &Registry) -> BTreeMap<String, String> {
    let mut names = BTreeMap::new();
    for event in new.events() {
        for before in
            event.was.iter().filter_map(|was| old.event(was)).filter(|before| new.event(&before.name).is_none())
        {
            names.insert(new.failure(event), old.failure(before));
            names.insert(event.name.clone(), before.name.clone());
        }
    }
    names
}

/// Events that may come: of each type in each of its statuses, with all fields, with those alone that have to be there,
/// and without any where it says so.
fn events_of(schema: &Value) -> Vec<Value> {
    let mut events = Vec::new();
    for definition in schema["$defs"].as_object().unwrap().values() {
        let properties = &definition["properties"];
        let Some(name) = properties["event_type"]["const"].as_str() else { continue };
        for status in one_of(&properties["status"]) {
            let data = properties["data"]["properties"].as_object().cloned().unwrap_or_default();
            let required = |keys: &Value| -> Vec<String> {
                keys.as_array().into_iter().flatten().map(|key| key.as_str().unwrap().to_owned()).collect()
            };
            let top: Vec<String> =
                required(&definition["then"]["required"]).into_iter().filter(|key| key != "data").collect();
            let fields = required(&definition["then"]["properties"]["data"]["required"]);
            let always = definition["if"]["properties"].get("status").is_none_or(|when| one_of(when).contains(&status));
            let texts =
                |keys: &[String]| -> Map<String, Value> { keys.iter().map(|key| (key.clone(), json!("x"))).collect() };
            for turn in 0..3 {
                let whole: Map<String, Value> =
                    data.iter().map(|(key, value)| (key.clone(), value_of(value, turn))).collect();
                let least: Map<String, Value> =
                    whole.clone().into_iter().filter(|(key, _)| fields.contains(key)).collect();
                events.push(event(name, &status, json!(whole), texts(&top), &[]));
                events.push(event(name, &status, json!(least), texts(&top), &[]));
            }
            let absent = [&fields[..], &top].concat();
            events.push(event(name, &status, json!({}), Map::new(), &absent));
            if !always {
                events.push(event(name, &status, json!({}), Map::new(), &[]));
            }
        }
    }
    events
}

fn one_of(schema: &Value) -> Vec<String> {
    let texts = schema["enum"].as_array().cloned().unwrap_or_else(|| vec![schema["const"].clone()]);
    texts.iter().map(|text| text.as_str().unwrap().to_owned()).collect()
}

/// A value that the schema of a field allows, another one each turn where there are several.
fn value_of(schema: &Value, turn: usize) -> Value {
    if let Some(marker) = schema.get("const") {
        return marker.clone();
    }
    match schema["type"].as_str() {
        Some("string") => json!("x"),
        Some("integer") => json!(1),
        Some("boolean") => json!(true),
        None if schema.get("anyOf").is_some() => [json!(1.5), json!("NaN"), json!(2)][turn].clone(),
        None => [json!({"a": 1}), json!("x"), json!(1)][turn].clone(),
        other => panic!("{other:?}"),
    }
}

fn event(name: &str, status: &str, data: Value, top: Map<String, Value>, absent: &[String]) -> Value {
    let mut event = json!({
        "schema_version": 1, "trace_id": "1".repeat(32), "span_id": "1".repeat(16), "event_type": name, "span_name": name,
        "timestamp": "2025-11-21T10:00:00Z", "status": status, "level": "info", "data": data,
    });
    let keys = event.as_object_mut().unwrap();
    keys.extend(top);
    if status == "failed" {
        keys.insert("error".to_owned(), json!({"kind": "error"}));
    }
    if !absent.is_empty() {
        keys.insert("absent".to_owned(), json!(absent));
    }
    event
}

/// Each of these files may follow upon each other one.
const STATES: [&str; 16] = [
    "[events.'operation.a.made']\nfields = { n = 'integer', m = 'string?', job_id = 'string' }",
    "[events.'operation.a.made']\nfields = { n = 'integer?', m = 'string' }",
    "[events.'operation.a.made']\nfields = { n = 'json', m = 'json?' }",
    "[events.'operation.a.made']\nfields = { n = 'float', password = 'integer' }",
    "[events.'operation.a.made']",
    "closed = true\n[events.'operation.a.made']",
    "[context]\ninherit = ['n']\n[events.'operation.a.made']\nfields = { n = 'integer' }",
    "[events.'operation.a.made']\nfields = { n = 'integer' }\n[foreign]\n'x::y' = { event = 'operation.a.made', fields = ['n'] }",
    "[events.'operation.b.made']\nwas = ['operation.a.made']\nfields = { n = 'integer' }",
    "[events.'operation.a.made']\nfailed = 'operation.a.lost'\nfields = { n = 'integer' }\n[events.'operation.a.lost']\nfields = { o = 'string?', error = 'string' }",
    "[events.'operation.a.made']\nfields = { n = 'integer' }\n[events.'operation.a.lost']\nfields = { o = 'string?', error = 'string' }",
    "[events.'operation.a.made']\nfields = { n = 'integer' }\n[events.'operation.a.make_failed']\nfields = { n = 'string' }",
    "[events.'operation.a.make_failed']\nfields = { n = 'string' }",
    "[events.'operation.a.started']\nfields = { n = 'integer' }",
    "[events.'operation.a.started']\nfields = { n = 'integer' }\n[events.'operation.a.completed']\nfields = { n = 'integer' }",
    "[layers.operation]\ntense = 'any'\n[events.'operation.a.made']\nfields = { n = 'integer' }",
];

#[test]
fn diff_tells_what_the_schemas_show() {
    let files = STATES.map(|state| format!("version = 1\n{state}\n"));
    let readers = files.each_ref().map(|file| Reader::of(file));
    for (old, before) in files.iter().zip(&readers) {
        for (new, after) in files.iter().zip(&readers) {
            let folder = Folder::new().with("old.toml", old).with("new.toml", new);
            let said = folder.ask(&["diff", "old.toml", "new.toml", "--json"]);
            hold_between(before, after, &said, &format!("{old}\n{new}"));
        }
    }
}
