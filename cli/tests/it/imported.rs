//! What an import does to a database that programs write to: fields are still found by their index, and what is too old
//! to stay there is said.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::json;
use tense_event::{Status, Timestamp};
use tense_store::{DEFAULT_RETENTION, Program, SqliteStore};

use super::runs::{Bench, event};
use super::said::Folder;

const REGISTRY: &str = "version = 1\n[context]\ninherit = [\"batch_id\"]\n[events.\"operation.tokens.created\"]\nindexed = [\"token_id\"]\n\
    [events.\"operation.tokens.created\".fields]\ntoken_id = \"string\"\n";

/// A trace each, as the layer hands them to the store.
fn tokens(count: u64) -> Bench {
    let bench = Bench::with((1..=count).map(|n| {
        let mut event = event(n.into(), 1, 0, "operation.tokens.created", Status::Success, 0..5);
        event.indexed = &["batch_id", "token_id"];
        event.data.insert("token_id", format!("t{n}"));
        event.data.insert("batch_id", n % 50);
        event
    }));
    std::fs::write(bench.folder().join("tense.toml"), REGISTRY).unwrap();
    bench
}

#[test]
fn fields_that_are_searched_by_are_found_as_fast_as_before() {
    let bench = tokens(500);
    let found = |term: &str| {
        let said = bench.ask(&["search", term, "--json"]).json_whole();
        (said["events"].as_array().unwrap().len(), said["looked_at"].as_u64().unwrap())
    };
    assert_eq!((found("token_id:t7"), found("batch_id:7")), ((1, 1), (10, 10)));
    // one of ours, one of another system under a name that nobody has declared, and a span of OTLP
    let ours = r#"{"schema_version":1,"trace_id":"0192f3c4a5b67890b0c1d2e3f4a5b6c7","span_id":"0000000000000001","event_type":"operation.tokens.created","timestamp":"2026-11-21T10:00:00Z","status":"success","data":{"token_id":"t7","batch_id":7}}"#;
    let foreign = r#"{"event":"token:seen","ts":1795255200,"token_id":"t7","batch_id":"7"}"#;
    let span = r#"{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"0190163d8694739b96b6f0a7b0c1d2e3","spanId":"00000000000000a1","name":"GET","startTimeUnixNano":"1795255200000000000","endTimeUnixNano":"1795255200001000000","attributes":[{"key":"token_id","value":{"stringValue":"t7"}},{"key":"batch_id","value":{"intValue":"7"}}]}]}]}]}"#;
    for (file, text) in [("ours.jsonl", ours), ("foreign.jsonl", foreign), ("spans.json", span)] {
        std::fs::write(bench.folder().join(file), text).unwrap();
        let said = bench.ask(&["import", file, "--db", "tense.db"]);
        assert_eq!((said.out.as_str(), said.err.as_str(), said.code), ("1 event imported\n", "", Some(0)), "{file}");
    }
    assert_eq!((found("token_id:t7"), found("batch_id:7")), ((4, 4), (13, 13)));
}

/// A line of each age, in days.
fn lines(days: impl IntoIterator<Item = u64>) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let line = |days| format!(r#"{{"event":"a.b","ts":{},"job_id":"j{}"}}"#, now - days * 86_400, days / 50) + "\n";
    days.into_iter().map(line).collect()
}

const GO_AWAY: &str = "3 events in 2 traces of this database ended more than 90 days ago, and the next program that writes to it \
    removes them, unless it has set `sink::Sqlite::keep_for`; import them with `--db kept.db`, say, and they stay in a file of \
    their own\n";

#[test]
fn what_the_next_program_removes_is_said() {
    assert_eq!(DEFAULT_RETENTION.as_secs(), 90 * 86_400);
    // two in a trace that is too old, one alone; and one that is in a trace with a younger one
    let folder = Folder::new().with("tense.toml", "version = 1").with("old.jsonl", lines([130, 149, 400, 99, 51, 7]));
    let said = folder.ask(&["import", "old.jsonl"]);
    assert_eq!((said.out.as_str(), said.err.as_str(), said.code), ("6 events imported\n", GO_AWAY, Some(0)));
    // so it is
    let dry = folder.ask(&["purge", "--older-than", "90d", "--dry-run"]).out;
    assert!(dry.starts_with("would remove 2 traces with 3 events, "), "{dry}");
    // also when it was there already
    assert_eq!(folder.ask(&["import", "old.jsonl"]).err, GO_AWAY);
    // a young one says nothing of them
    let young = folder.pipe(&["import", "-"], lines([1]).as_bytes());
    assert_eq!((young.out.as_str(), young.err.as_str()), ("1 event imported\n", ""));
}

#[test]
fn in_a_file_of_its_own_it_stays_and_nothing_is_said() {
    let folder = Folder::new().with("tense.toml", "version = 1").with("old.jsonl", lines([130, 149, 400]));
    let said = folder.ask(&["import", "old.jsonl", "--db", "kept.db"]);
    assert_eq!((said.out.as_str(), said.err.as_str(), said.code), ("3 events imported\n", "", Some(0)));
    // until a program has written there
    let at = Timestamp::from_unix_nanos(1);
    let program = Program { pid: 7, began: at, at, service: "shop".to_owned(), health: json!({}) };
    SqliteStore::open(folder.path().join("kept.db")).unwrap().report(&program).unwrap();
    assert_eq!(folder.ask(&["import", "old.jsonl", "--db", "kept.db"]).err, GO_AWAY);
}

#[test]
fn a_begin_that_says_so_by_its_status_is_one() {
    let bench = Bench::new();
    let lines = [
        json!({"event": "job:started", "ts": 1_795_255_200, "trace_id": "job-j1", "span_id": "A", "status": "running"}),
        json!({"event": "job:step", "ts": 1_795_255_205, "trace_id": "job-j1", "span_id": "B", "parent_id": "A",
            "elapsed_ms": 3000, "status": "ok"}),
        json!({"event": "job:failed", "ts": 1_795_255_210, "trace_id": "job-j1", "span_id": "A", "error": "no disk"}),
    ];
    std::fs::write(bench.folder().join("job.jsonl"), lines.map(|line| line.to_string()).join("\n")).unwrap();
    let said = bench.ask(&["import", "job.jsonl"]);
    assert_eq!(said.code, Some(0), "{}", said.err);
    let tree = bench.ask(&["tree", "last"]).out;
    assert!(tree.lines().next().is_some_and(|root| root.contains(" 10.00 s  failed")), "{tree}");
    // One clock has told of all of it.
    assert!(!tree.contains("disagree"), "{tree}");
}
