//! Events that were kept under old names, shown under their present ones.

use super::said::Folder;

const REGISTRY: &str = r#"
version = 1
[events."operation.tokens.created"]
was = ["dispatch.token.created"]
[events."dispatch.batch.start"]
was = ["dispatch.batches.start"]
[events."dispatch.batch.complete"]
was = ["dispatch.batches.complete"]
[removed]
"dispatch.tokens.batch_created" = "told by the counts of dispatch.batch.complete"
"#;

/// A line; `span` and `parent` are digits.
fn line(event: &str, span_name: &str, span: u8, parent: u8, status: &str, more: &str) -> String {
    let parent = if parent == 0 { String::new() } else { format!(r#""parent_span_id":"{parent:016x}","#) };
    format!(
        r#"{{"schema_version":1,"trace_id":"0192f3c4a5b67890b0c1d2e3f4a5b6c7","span_id":"{span:016x}",{parent}"event_type":"{event}",{span_name}"timestamp":"2025-11-21T10:00:0{span}Z","status":"{status}"{more}}}"#
    )
}

fn old_events() -> String {
    let of_life = r#""span_name":"dispatch.batches","#;
    [
        line("dispatch.batches.start", of_life, 1, 0, "pending", ""),
        line("dispatch.token.created", "", 2, 1, "success", r#","data":{"token_id":"t1","password":"hunter22"}"#),
        line("dispatch.tokens.batch_created", "", 3, 1, "success", ""),
        line("dispatch.batches.complete", of_life, 1, 0, "success", r#","duration_ms":3000"#),
    ]
    .join("\n")
}

#[test]
fn old_events_are_shown_under_their_new_names() {
    let folder = Folder::new().with("tense.toml", REGISTRY).with("old.jsonl", old_events());
    let said = folder.ask(&["import", "old.jsonl"]);
    assert_eq!(
        (said.code, &*said.out),
        (Some(0), "4 events imported, 3 under a new name, 1 under a name that was removed\n"),
        "{}",
        said.err
    );
    let tree = folder.ask(&["tree", "last"]).out;
    let lines: Vec<Vec<&str>> = tree.lines().map(|line| line.split_whitespace().take(3).collect()).collect();
    assert_eq!(lines[0][0], "dispatch.batch", "{tree}");
    assert_eq!(lines[1][1..], ["operation.tokens.created", "token_id=t1"], "{tree}");
    assert_eq!(lines[2][1], "dispatch.tokens.batch_created", "{tree}");
    assert!(!tree.contains("hunter22"), "{tree}");

    let again = folder.ask(&["import", "old.jsonl"]);
    assert!(again.out.starts_with("0 events imported, 4 known already"), "{}", again.out);
}

#[test]
fn a_line_that_is_no_event_is_told_and_the_others_go_on() {
    let events = format!("not json\n\n{{\"event_type\":\"a.b\"}}\n{}\n", old_events());
    let folder = Folder::new().with("tense.toml", REGISTRY);
    let said = folder.pipe(&["import", "-", "--db", "traces.db"], events.as_bytes());
    assert_eq!(said.code, Some(1));
    let told: Vec<&str> = said.out.lines().collect();
    assert!(told[0].starts_with("-:1: this is no event of schema 1: expected"), "{}", said.out);
    assert!(told[1].starts_with("-:3: this is no event of schema 1: missing field"), "{}", said.out);
    assert!(told[2].starts_with("4 events imported") && told[2].ends_with("2 lines not imported"), "{}", said.out);
}

#[test]
fn what_cannot_be_read_is_told() {
    let said = Folder::new().ask(&["import", "nowhere.jsonl"]);
    assert_eq!((said.code, &*said.out), (Some(1), ""));
    assert!(said.err.contains("failed to open nowhere.jsonl"), "{}", said.err);
}
