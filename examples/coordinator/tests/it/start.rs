//! A start that goes wrong, and what is around a start: what it leaves behind, where it prints to, and how it ends.
//! Nothing of it is a panic.

use std::fs::File;
use std::process::Stdio;

use crate::program::{Desk, until};

const SHORT: &str = r#"{"name": "short", "start": "n", "nodes": [{"id": "n", "task": "wait", "input": {"ms": 0}}]}"#;
const HELD: &str = r#"{"name": "held", "start": "n", "nodes": [{"id": "n", "task": "wait", "input": {"file": "go"}}]}"#;

#[test]
fn a_start_that_fails_leaves_nothing_to_resume() {
    let desk = Desk::new();
    desk.write("short.json", SHORT);
    // The trace database is no database: that is found out when everything else is ready.
    desk.write("tense.db", "this is no database, however long it may be made for that it could be one");
    let said = desk.run(&["run", "short.json", "--db", "state.db"]);
    assert_eq!((said.code, said.out.as_str()), (Some(1), ""));
    assert!(said.err.starts_with("error: start to trace: "), "{}", said.err);
    assert_eq!(desk.query("state.db", "SELECT name, status FROM runs"), []);

    std::fs::remove_file(desk.path("tense.db")).unwrap();
    let said = desk.run(&["run", "--db", "state.db", "--resume"]);
    assert_eq!((said.code, said.out.as_str()), (Some(0), "0 workflows: 0 completed, 0 failed\n"));
}

/// What an earlier process has left is still there to be resumed.
#[test]
fn a_resumption_that_fails_to_start_can_be_tried_again() {
    let desk = Desk::new();
    desk.write("held.json", HELD);
    let program = desk.start(&["run", "held.json", "--db", "state.db"]);
    let holds = "SELECT node, status FROM tokens WHERE status = 'dispatched'";
    until("it waits", || desk.ask("state.db", holds).filter(|tokens| !tokens.is_empty()));
    program.kill();
    desk.write("go", "");
    // With its log: else that would be taken for the database.
    ["tense.db", "tense.db-wal", "tense.db-shm"].iter().for_each(|file| drop(std::fs::remove_file(desk.path(file))));
    desk.write("tense.db", "this is no database, however long it may be made for that it could be one");
    assert_eq!(desk.run(&["run", "--db", "state.db", "--resume"]).code, Some(1));
    std::fs::remove_file(desk.path("tense.db")).unwrap();
    let said = desk.run(&["run", "--db", "state.db", "--resume"]);
    assert!(said.out.starts_with("held-1  completed  null\n"), "{}{}", said.out, said.err);
}

#[test]
fn a_status_that_is_not_known_is_told() {
    let desk = Desk::new();
    desk.write("held.json", HELD);
    let program = desk.start(&["run", "held.json", "--db", "state.db"]);
    let holds = "SELECT node, status FROM tokens WHERE status = 'dispatched'";
    until("it waits", || desk.ask("state.db", holds).filter(|tokens| !tokens.is_empty()));
    program.kill();
    desk.change("state.db", "UPDATE tokens SET status = 'odd'");
    let said = desk.run(&["run", "--db", "state.db", "--resume"]);
    let expected = "error: held-1: the coordinator's database holds the token held-1.t1 with the status `odd`, which is not \
                    understood; --resume goes on with it\n";
    assert_eq!((said.err.as_str(), said.code), (expected, Some(1)));
}

#[test]
fn nothing_is_resumed_from_a_database_that_is_not_there() {
    let desk = Desk::new();
    let said = desk.run(&["run", "--db", "sate.db", "--resume"]);
    let expected = "error: there is no sate.db: --resume takes the database that a run was begun with, after --db\n";
    assert_eq!((said.err.as_str(), said.out.as_str(), said.code), (expected, "", Some(1)));
    assert!(!desk.path("sate.db").exists());
    assert!(!desk.path("tense.db").exists());

    // The wrong file is as good as none, and stays as it is.
    desk.write("empty.db", "");
    desk.write("short.json", SHORT);
    assert_eq!(desk.run(&["run", "short.json"]).code, Some(0));
    for file in ["empty.db", "tense.db"] {
        let tables = desk.query(file, "SELECT name, type FROM sqlite_schema");
        let said = desk.run(&["run", "--db", file, "--resume"]);
        let expected =
            format!("error: {file} holds no runs: --resume takes the database that a run was begun with, after --db\n");
        assert_eq!((said.err, said.out.as_str(), said.code), (expected, "", Some(1)));
        assert_eq!(desk.query(file, "SELECT name, type FROM sqlite_schema"), tables);
    }
}

#[test]
fn numbers_that_no_machine_has_are_refused() {
    let desk = Desk::new();
    let check = |arguments: &[&str], expected: &str| {
        let said = desk.run(arguments);
        assert!(said.err.contains(expected), "{}", said.err);
        assert_eq!((said.code, said.out.as_str()), (Some(2), ""));
    };
    check(&["run", "--workers", "100000"], "'--workers <N>': 100000 is not in 1..=256");
    check(&["run", "--workers", "0"], "'--workers <N>': 0 is not in 1..=256");
    check(&["run", "--copies", "18446744073709551615"], "'--copies <N>': 18446744073709551615 is not in 1..=10000");
    check(&["run", "--most-tokens", "0"], "'--most-tokens <N>': 0 is not in 1..");
}

#[test]
fn a_cycle_that_is_never_left_ends_at_the_most_tokens() {
    let desk = Desk::new();
    desk.write(
        "round.json",
        r#"{ "name": "round", "start": "again",
  "nodes": [
    { "id": "again", "task": "wait", "input": { "ms": 0 } },
    { "id": "rest", "task": "wait", "input": { "ms": 0 } }
  ],
  "transitions": [
    { "id": "on", "from": "again", "to": "rest", "when": "state.done != true" },
    { "id": "back", "from": "rest", "to": "again" }
  ] }"#,
    );
    let said = desk.run(&["run", "round.json", "--most-tokens", "41", "--db", "state.db"]);
    let expected = "round-1  failed  the run would have 42 tokens, and 41 are the most: node `again` alone was visited 21 \
                    times, so look for a cycle whose exit is never taken; if it needs them, allow more with --most-tokens\n";
    assert!(said.out.starts_with(expected), "{}", said.out);
    assert_eq!(desk.query("state.db", "SELECT count(*), '' FROM tokens")[0].0, "41");
}

#[test]
fn what_a_definition_says_does_nothing_to_the_terminal() {
    let desk = Desk::new();
    let message = r"red \u001b[31m, a bell \u0007, another\nline, \u009b2J, \u202egnol";
    desk.write(
        "loud.json",
        &format!(
            r#"{{"name": "loud", "start": "n", "nodes": [{{"id": "n", "task": "fail", "input": {{"message": "{message}"}}}}]}}"#
        ),
    );
    let said = desk.run(&["run", "loud.json"]);
    let expected = r"loud-1  failed  node `n`: red \u{1b}[31m, a bell \u{7}, another\u{a}line, \u{9b}2J, \u{202e}gnol";
    assert_eq!(said.out.lines().next(), Some(expected));
    assert_eq!(said.out.lines().count(), 2, "{}", said.out);

    desk.write(
        "soft.json",
        r#"{"name": "soft", "start": "n", "output": {"text": "$state.text"},
 "nodes": [{"id": "n", "task": "transform", "input": {"give": "\u009b31m\u007f"}, "output": {"state.text": "result.value"}}]}"#,
    );
    let said = desk.run(&["run", "soft.json"]);
    assert_eq!(said.out.lines().next(), Some(r#"soft-1  completed  {"text":"\u{9b}31m\u{7f}"}"#));

    desk.write("wrong.json", "{\"name\": \"wrong\", \"start\": \"\\u001b[2J\", \"nodes\": []}");
    let said = desk.run(&["run", "wrong.json"]);
    let expected = r"wrong.json:1: `start` names the unknown node `\u{1b}[2J`";
    assert_eq!(said.err.lines().next(), Some(expected));

    let said = desk.run(&["run", "no\u{1b}[31m.json"]);
    assert!(said.err.starts_with(r"error: read no\u{1b}[31m.json: "), "{}", said.err);
}

#[cfg(target_os = "linux")]
#[test]
fn an_output_that_takes_nothing_is_an_error_and_no_panic() {
    let desk = Desk::new();
    desk.write("short.json", SHORT);
    let full = || Stdio::from(File::options().write(true).open("/dev/full").unwrap());
    let mut command = desk.command(&["run", "short.json", "--db", "state.db"]);
    let said = command.stdout(full()).output().unwrap();
    let err = String::from_utf8(said.stderr).unwrap();
    assert!(err.starts_with("error: write to standard output: No space left on device"), "{err}");
    assert_eq!((said.status.code(), err.lines().count()), (Some(1), 1));
    // What was to be done was done.
    assert_eq!(desk.query("state.db", "SELECT name, status FROM runs")[0].1, "completed");

    // There is nobody left to tell then.
    let status = desk.command(&["run", "none.json"]).stdout(full()).stderr(full()).status().unwrap();
    assert_eq!(status.code(), Some(1));
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let desk = Desk::new();
    desk.write("held.json", HELD);
    let mut command = desk.command(&["run", "held.json", "--copies", "3", "--db", "state.db"]);
    let mut program = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // Nothing is printed before there is a file, and by then nobody reads.
    drop(program.stdout.take());
    desk.write("go", "");
    let said = program.wait_with_output().unwrap();
    assert_eq!((said.status.code(), String::from_utf8(said.stderr).unwrap().as_str()), (Some(0), ""));
    let running = "SELECT name, status FROM runs WHERE status = 'running'";
    assert_eq!(desk.query("state.db", running), []);
}

/// What lies in the folder for temporary files, of this program.
fn temporary(desk: &Desk) -> Vec<String> {
    let entries = std::fs::read_dir(desk.path("")).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.starts_with("coordinator-") || name.starts_with(".tmp")).collect()
}

#[test]
fn what_a_killed_program_left_is_cleaned_by_the_next_one() {
    let desk = Desk::new();
    desk.write("held.json", HELD);
    let killed = desk.start(&["run", "held.json"]);
    until("it has a folder", || (desk.event_count() > 0).then_some(()));
    let dead = temporary(&desk);
    assert_eq!(dead.len(), 1, "{dead:?}");
    killed.kill();

    let alive = desk.start(&["run", "held.json"]);
    until("it has another folder, and the old one is gone", || {
        let folders = temporary(&desk);
        (folders.len() == 1 && folders != dead).then_some(())
    });
    // One that lives is let be.
    desk.write("short.json", SHORT);
    assert_eq!(desk.run(&["run", "short.json"]).code, Some(0));
    assert_eq!(temporary(&desk).len(), 1);
    alive.kill();
    assert_eq!(desk.run(&["run", "short.json"]).code, Some(0));
    assert_eq!(temporary(&desk), [""; 0]);
}

/// The documents that the shipped workflows work on lie beside the database: a run that is resumed still needs them.
#[test]
fn with_a_database_everything_lies_beside_it() {
    let desk = Desk::new();
    assert_eq!(desk.run(&["run", "--db", "state.db"]).code, Some(0));
    assert_eq!(temporary(&desk), [""; 0]);
    assert!(desk.path("state.db-files/documents/letter.txt").exists());
    assert!(desk.path("state.db-files/documents-1.json").exists(), "the report");

    // Who says what the workflows are given needs none of it.
    desk.write("short.json", SHORT);
    assert_eq!(desk.run(&["run", "short.json", "--input", "{}", "--db", "other.db"]).code, Some(0));
    assert!(!desk.path("other.db-files").exists());
}
