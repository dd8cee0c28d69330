//! Events that were kept under old names, shown under their present ones.

use std::fs;

use super::said::{Folder, said};

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

    // what was there already was neither renamed nor removed a second time
    let again = folder.ask(&["import", "old.jsonl"]);
    assert_eq!(again.out, "0 events imported, 4 known already\n");
}

/// What follows from an old name was never written down: its failure, the report of a span that is still open, both
/// ends of its life.
#[test]
fn what_follows_from_an_old_name_is_renamed_along() {
    let registry = r#"
version = 1
[events."operation.tokens.created"]
was = ["operation.tokens.inserted", "dispatch.token.create"]
[events."dispatch.batch.start"]
was = ["dispatch.batches.start"]
[events."dispatch.batch.complete"]
was = ["dispatch.batches.complete", "operation.batches.completed"]
[events."dispatch.workflow.run"]
was = ["dispatch.flow.run"]
failed = "dispatch.workflow.abort"
[events."dispatch.workflow.abort"]
[events."operation.report.written"]
was = ["dispatch.report.complete"]
[events."operation.rows.added"]
was = ["operation.lines.put"]
[events."operation.rows.removed"]
was = ["operation.lines.puts"]
[events."operation.lines.put_failed"]
[removed]
"operation.cells.painted" = "nobody has ever looked at it"
"#;
    let table = [
        // the failure of an action, in either tense that its layer may have had
        (
            "operation.tokens.insert_failed",
            "operation.tokens.inserted",
            "failed",
            "operation.tokens.create_failed",
            "operation.tokens.created",
        ),
        (
            "operation.tokens.inserted_fail",
            "operation.tokens.inserted",
            "failed",
            "operation.tokens.create_failed",
            "operation.tokens.created",
        ),
        (
            "dispatch.token.create_fail",
            "dispatch.token.create",
            "failed",
            "operation.tokens.create_failed",
            "operation.tokens.created",
        ),
        ("dispatch.flow.run_fail", "dispatch.flow.run", "failed", "dispatch.workflow.abort", "dispatch.workflow.run"),
        // a span that had not ended, and one that had a life
        (
            "operation.tokens.inserted",
            "operation.tokens.inserted",
            "pending",
            "operation.tokens.created",
            "operation.tokens.created",
        ),
        ("dispatch.batches", "dispatch.batches", "pending", "dispatch.batch", "dispatch.batch"),
        ("dispatch.batches.start", "dispatch.batches", "pending", "dispatch.batch.start", "dispatch.batch"),
        ("dispatch.batches.fail", "dispatch.batches", "failed", "dispatch.batch.fail", "dispatch.batch"),
        ("operation.batches.failed", "operation.batches", "failed", "dispatch.batch.fail", "dispatch.batch"),
        // what was a life is an action now
        (
            "dispatch.report.fail",
            "dispatch.report",
            "failed",
            "operation.report.write_failed",
            "operation.report.written",
        ),
        ("dispatch.report", "dispatch.report", "pending", "operation.report.written", "operation.report.written"),
        // a name that means something today, and one that nobody gave up
        (
            "operation.lines.put_failed",
            "operation.lines.put_failed",
            "failed",
            "operation.lines.put_failed",
            "operation.lines.put_failed",
        ),
        (
            "operation.tokens.create_failed",
            "operation.tokens.created",
            "failed",
            "operation.tokens.create_failed",
            "operation.tokens.created",
        ),
        (
            "dispatch.letters.send_fail",
            "dispatch.letters.send",
            "failed",
            "dispatch.letters.send_fail",
            "dispatch.letters.send",
        ),
    ];
    for (old_type, old_span, status, new_type, new_span) in table {
        let folder = Folder::new().with("tense.toml", registry);
        let error = if status == "failed" { r#","error":{"kind":"error"}"# } else { "" };
        let event = line(old_type, &format!(r#""span_name":"{old_span}","#), 1, 0, status, error);
        let said = folder.pipe(&["import", "-"], event.as_bytes());
        assert_eq!(said.code, Some(0), "{old_type}: {}{}", said.out, said.err);
        let is_renamed = (old_type, old_span) != (new_type, new_span);
        assert_eq!(said.out.contains("1 under a new name"), is_renamed, "{old_type}: {}", said.out);
        let stored = folder.ask(&["tree", "last", "--json"]).json_whole().to_string();
        assert!(stored.contains(&format!("\"{new_span}\"")), "{old_type} in {old_span}: {stored}");
        for old in [old_type, old_span].into_iter().filter(|old| *old != new_type && *old != new_span) {
            assert!(!stored.contains(&format!("\"{old}\"")), "{old}: {stored}");
        }
    }
    let folder = Folder::new().with("tense.toml", registry);
    let said = folder.pipe(&["import", "-"], line("operation.cells.paint_failed", "", 1, 0, "success", "").as_bytes());
    assert_eq!(said.out, "1 event imported, 1 under a name that was removed\n");
}

/// A pipeline says by name which stages it has and which calls undo them.
#[test]
fn what_an_old_pipeline_declared_is_renamed_along() {
    let registry = "version = 1\n[events.\"dispatch.loan.start\"]\n[events.\"dispatch.loan.complete\"]\n\
        [events.\"dispatch.funding.start\"]\nwas = [\"dispatch.fund.start\"]\n\
        [events.\"dispatch.funding.complete\"]\nwas = [\"dispatch.fund.complete\"]\n\
        [events.\"dispatch.notice.start\"]\nwas = [\"dispatch.note.start\"]\n\
        [events.\"dispatch.notice.complete\"]\nwas = [\"dispatch.note.complete\"]\n";
    let stages = r#","data":{"stages":["dispatch.fund","dispatch.note"]}"#;
    let failed = r#","error":{"kind":"error","error_message":"no money"}"#;
    let events = [
        line("dispatch.loan.start", r#""span_name":"dispatch.loan","#, 1, 0, "pending", stages),
        line("dispatch.fund.start", r#""span_name":"dispatch.fund","#, 2, 1, "pending", ""),
        line("dispatch.fund.fail", r#""span_name":"dispatch.fund","#, 2, 1, "failed", failed),
        line("dispatch.loan.fail", r#""span_name":"dispatch.loan","#, 1, 0, "failed", failed),
    ];
    let folder = Folder::new().with("tense.toml", registry).with("old.jsonl", events.join("\n"));
    assert_eq!(folder.ask(&["import", "old.jsonl"]).out, "4 events imported, 2 under a new name\n");
    let why = folder.ask(&["why", "last"]).out;
    assert!(why.contains("never ran: dispatch.notice"), "{why}");
    assert!(!why.contains("dispatch.fund ") && !why.contains("dispatch.note "), "{why}");
}

#[test]
fn without_a_registry_it_is_said_that_no_name_was_changed() {
    let folder = Folder::new().with("old.jsonl", old_events());
    let said = folder.ask(&["import", "old.jsonl", "--db", "tense.db"]);
    assert_eq!((said.code, &*said.out), (Some(0), "4 events imported\n"));
    assert_eq!(
        said.err,
        "no name was changed, and no field is `indexed`: there is no tense.toml here, nor above up to the root of the workspace, \
         that says what became of old names and by which fields people search; name one with --registry PATH\n"
    );
}

#[test]
fn a_line_that_is_no_event_is_told_and_the_others_go_on() {
    let events = format!("not json\n\n{{\"event_type\":\"a.b\"}}\n{}\n", old_events());
    let folder = Folder::new().with("tense.toml", REGISTRY);
    let said = folder.pipe(&["import", "-", "--db", "traces.db"], events.as_bytes());
    assert_eq!(said.code, Some(1));
    let told: Vec<&str> = said.out.lines().collect();
    assert_eq!(told[0], "-:1:1: this line is no JSON object, and an event is one");
    assert_eq!(
        told[1],
        "-:3:1: this is no event: it says no time, under `timestamp`, `time` or `ts`; and it is none of schema 1, which has a \
         `schema_version`"
    );
    assert!(told[2].starts_with("4 events imported") && told[2].ends_with("2 lines not imported"), "{}", said.out);
}

#[test]
fn a_mistake_has_one_place() {
    let good = line("dispatch.token.created", "", 1, 0, "success", "");
    let check = |bytes: &[u8], expected: &str| {
        let said = Folder::new().with("tense.toml", REGISTRY).pipe(&["import", "-"], bytes);
        assert_eq!(said.out.lines().next(), Some(expected), "{}", said.out);
    };
    check(b"\n{\"event_type\":\n", "-:2:14: this line breaks off: EOF while parsing a value");
    let named = line("a.b", r#""span_name":7,"#, 1, 0, "success", "");
    check(
        named.as_bytes(),
        &format!(
            "-:1:{}: this is no event of schema 1: invalid type: integer `7`, expected a string",
            named.find("7,").unwrap() + 1
        ),
    );
    // the name of the span may be missing, so that is not what is wrong
    let late = good.replace("success", "splendid");
    let column = late.find("splendid\"").unwrap() + "splendid\"".len();
    check(
        late.as_bytes(),
        &format!(
            "-:1:{column}: this is no event of schema 1: unknown variant `splendid`, expected one of `pending`, `success`, `failed`"
        ),
    );
    let mut latin = format!("{good}\n").into_bytes();
    latin.extend(b"{\"event_type\":\"caf\xe9\"}\n");
    check(&latin, "-:2:19: this line is not UTF-8: write the file anew as UTF-8, and import it again");
    let marked = format!("\u{feff}{good}\n");
    check(marked.as_bytes(), "1 event imported, 1 under a new name");
    check(format!("{good}\n{marked}").as_bytes(), "-:2:1: this line is no JSON object, and an event is one");
}

#[test]
fn what_cannot_be_read_is_told_and_leaves_no_database() {
    let folder = Folder::new().with("kept/old.jsonl", "").with("bad.toml", "version = 2").with("wrong.jsonl", "wrong");
    for (arguments, told) in [
        (&["import", "nowhere.jsonl"][..], "error: failed to open nowhere.jsonl: "),
        (&["import", "kept"], "error: kept is a folder: name a file in it"),
        (&["import", "kept/old.jsonl", "--registry", "nowhere.toml"], "error: nowhere.toml: this file cannot be read"),
        (&["import", "kept/old.jsonl", "--registry", "bad.toml"], "error: nothing can be judged by bad.toml"),
        (&["import", "wrong.jsonl"], "no name was changed, and "),
    ] {
        let said = folder.ask(arguments);
        assert_eq!(said.code, Some(1), "{arguments:?}: {}", said.err);
        assert!(said.err.starts_with(told), "{}", said.err);
        assert!(!folder.path().join("tense.db").exists(), "{arguments:?}");
    }
    let names: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names.len(), 3, "{names:?}");
}

/// What is named by its whole path needs no folder around it.
#[cfg(unix)]
#[test]
fn a_folder_that_is_gone_is_not_asked_for() {
    let folder = Folder::new().with("old.jsonl", old_events()).with("gone/empty", "");
    let path = |name: &str| folder.path().join(name).display().to_string();
    let mut shell = std::process::Command::new("sh");
    let script = r#"rm -r "$PWD" && exec "$0" "$@""#;
    shell.args(["-c", script, env!("CARGO_BIN_EXE_tense"), "import", &path("old.jsonl"), "--db", &path("kept.db")]);
    let imported = said(shell.current_dir(folder.path().join("gone")).env_remove("TENSE_DB").output().unwrap());
    assert_eq!((imported.code, &*imported.out), (Some(0), "4 events imported\n"), "{}", imported.err);
    assert!(folder.path().join("kept.db").is_file());
}

#[test]
fn what_has_no_place_in_an_event_is_told_and_its_digits_are_kept() {
    const LONG: &str = "123456789012345678901234567890";
    let ours = line("dispatch.token.created", "", 2, 1, "success", &format!(r#","data":{{"id":{LONG},"n":-{LONG}}}"#));
    let foreign = format!(r#"{{"event":"job:done","ts":1795255200,"order":{LONG}}}"#);
    let durations = ["-5", "1e300", LONG, "null", "5"].map(|took| {
        line(
            "dispatch.token.created",
            "",
            3,
            1,
            "success",
            &format!(r#","duration_ms":{took},"data":{{"of":"{took}"}}"#),
        )
    });
    let durations: Vec<String> =
        durations.iter().zip(3..).map(|(line, span)| line.replace("000003\"", &format!("{span:06x}\""))).collect();
    let folder = Folder::new().with("all.jsonl", [vec![ours, foreign], durations].concat().join("\n"));
    let said = folder.ask(&["import", "all.jsonl"]);
    assert_eq!(
        (said.code, &*said.out),
        (
            Some(0),
            "7 events imported, 3 numbers of more than 64 bits kept as text, 3 durations left out, below 0 or above 584 years\n"
        ),
        "{}",
        said.err
    );
    for (term, value) in [("id:*", LONG), ("n:*", &format!("-{LONG}")), ("order:*", LONG)] {
        let name = term.trim_end_matches(":*");
        let found = folder.ask(&["search", term, "--format", "jsonl"]).json();
        assert_eq!(found[0]["data"][name], *value, "{term}");
    }
}

/// `0.1 + 0.2`, and numbers for which the nearest one is hard to find.
#[test]
fn numbers_are_exported_as_they_were_imported_to_the_last_digit() {
    let numbers =
        ["3770.1128565228805", "9007199254740992.0", "0.30000000000000004", "5e-324", "1.7976931348623157e+308"];
    let lines = (1..).zip(numbers).map(|(span, number)| {
        let more = format!(r#","duration_ms":4471051527.834561,"data":{{"number":{number}}}"#);
        line("operation.tokens.created", "", span, 0, "success", &more) + "\n"
    });
    let folder = Folder::new().with("numbers.jsonl", lines.collect::<String>());
    folder.ask(&["import", "numbers.jsonl"]);
    let exported = folder.ask(&["export", "last"]).out;
    for number in numbers {
        assert!(exported.contains(&format!(r#""number":{number}}}"#)), "{number}: {exported}");
    }
    assert_eq!(exported.matches(r#""duration_ms":4471051527.834561,"#).count(), numbers.len(), "{exported}");
    assert!(folder.ask(&["search", "number:3770.1128565228805", "--json"]).out.contains("3770.1128565228805"));
}

#[test]
fn an_event_without_a_name_is_refused_with_its_line() {
    let lines = [line("dispatch.token.created", "", 2, 1, "success", ""), line("  ", "", 3, 1, "success", "")];
    let folder = Folder::new().with("all.jsonl", lines.join("\n"));
    let said = folder.ask(&["import", "all.jsonl"]);
    assert_eq!(
        (said.code, &*said.out),
        (
            Some(1),
            "all.jsonl:2:1: this is no event: its `event_type` is empty, and says nothing of what happened\n\
             1 event imported, 1 line not imported\n"
        )
    );
}
