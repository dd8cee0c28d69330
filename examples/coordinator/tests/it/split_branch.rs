//! A branch that splits without a fan-out has several tokens, and is one branch all the same: the fan-in waits for
//! branches.

use crate::program::{Desk, until};

/// Two branches. `one` splits in two, `held` waits for the file that the second half of `one` writes.
pub(crate) const SPLIT: &str = r#"{
  "name": "split",
  "start": "begin",
  "nodes": [
    { "id": "begin", "task": "wait", "input": { "ms": 0 } },
    { "id": "one", "task": "transform", "input": { "give": "one" }, "output": { "branch.got": "result.value" } },
    { "id": "left", "task": "wait", "input": { "ms": 0 } },
    { "id": "right", "task": "write_file", "input": { "path": "go", "content": "" } },
    { "id": "held", "task": "wait", "input": { "file": "go" } },
    { "id": "two", "task": "transform", "input": { "give": "two" }, "output": { "branch.got": "result.value" } },
    { "id": "end", "task": "write_file", "input": { "path": "ended", "content": "" } }
  ],
  "transitions": [
    { "id": "to_one", "from": "begin", "to": "one", "fan_out": { "group": "g" } },
    { "id": "to_held", "from": "begin", "to": "held", "fan_out": { "group": "g" } },
    { "id": "to_left", "from": "one", "to": "left" },
    { "id": "to_right", "from": "one", "to": "right" },
    { "id": "to_two", "from": "held", "to": "two" },
    { "id": "left_in", "from": "left", "to": "end", "fan_in": { "group": "g", "merge": { "source": "branch.got", "target": "state.all", "strategy": "append" } } },
    { "id": "right_in", "from": "right", "to": "end", "fan_in": { "group": "g", "merge": { "source": "branch.got", "target": "state.all", "strategy": "append" } } },
    { "id": "two_in", "from": "two", "to": "end", "fan_in": { "group": "g", "merge": { "source": "branch.got", "target": "state.all", "strategy": "append" } } }
  ],
  "output": { "all": "$state.all", "late": "$state.late" }
}"#;

/// Never ends by itself.
pub(crate) const WAITS: &str =
    r#"{ "name": "waits", "start": "n", "nodes": [{ "id": "n", "task": "wait", "input": { "file": "never" } }] }"#;

#[track_caller]
fn check(text: &str, nodes: &[&str]) {
    let desk = Desk::new();
    desk.write("split.json", text);
    let said = desk.run(&["run", "split.json", "--db", "state.db"]);
    let expected = "split-1  completed  {\"all\":[\"one\",\"two\"],\"late\":null}\n";
    assert!(said.out.starts_with(expected), "{}{}", said.out, said.err);
    let tokens = desk.query("state.db", "SELECT node, status FROM tokens ORDER BY node, rowid");
    let tokens: Vec<_> = tokens.iter().map(|(node, status)| format!("{node} {status}")).collect();
    assert_eq!(tokens, nodes);
    // It was gone on from once, and nothing is left.
    let counts = desk.event_counts();
    assert_eq!((counts["dispatch.sync.fan_in_activated"], counts["operation.context.merged"]), (1, 1));
    assert_eq!(desk.query("state.db", "SELECT name, type FROM sqlite_schema WHERE name LIKE 'branch_%'"), []);
}

#[test]
fn two_tokens_of_one_branch_are_not_two_branches() {
    let nodes = [
        "begin completed",
        "end completed",
        "held completed",
        "left merged",
        "one completed",
        "right merged",
        "two merged",
    ];
    check(SPLIT, &nodes);
}

/// The second token of a branch that has come already: what is done for it is broken off.
#[test]
fn a_token_that_is_late_counts_for_nothing() {
    let at_once =
        SPLIT.replace(r#""task": "wait", "input": { "file": "go" }"#, r#""task": "wait", "input": { "ms": 0 }"#);
    let late =
        r#""task": "wait", "input": { "file": "never" }, "output": { "branch.got": "result", "state.late": "result" }"#;
    let text = at_once.replace(r#""task": "write_file", "input": { "path": "go", "content": "" }"#, late);
    let nodes = [
        "begin completed",
        "end completed",
        "held completed",
        "left merged",
        "one completed",
        "right merged",
        "two merged",
    ];
    check(&text, &nodes);
}

/// What is late may be a workflow: it ends as well, when the branch does or when the run is resumed.
#[test]
fn a_workflow_that_is_late_is_cancelled() {
    let desk = Desk::new();
    let nest = r#""task": "workflow", "input": { "name": "waits" }"#;
    let text = SPLIT.replace(r#""task": "write_file", "input": { "path": "go", "content": "" }"#, nest);
    let hold = r#""task": "wait", "input": { "file": "on" }"#;
    desk.write(
        "split.json",
        &text.replace(r#""task": "write_file", "input": { "path": "ended", "content": "" }"#, hold),
    );
    desk.write("waits.json", WAITS);
    let program = desk.start(&["run", "split.json", "--db", "state.db"]);
    let waits = "SELECT id, status FROM tokens WHERE id LIKE 'waits-%' AND status = 'dispatched'";
    until("the nested one waits", || desk.ask("state.db", waits).filter(|tokens| !tokens.is_empty()));
    desk.write("go", "");
    let runs = "SELECT name, coalesce(error, status) FROM runs ORDER BY number";
    let cancelled = ("waits".to_owned(), "cancelled: the branch that it is in has ended".to_owned());
    until("it was cancelled", || desk.ask("state.db", runs).filter(|runs| runs.contains(&cancelled)));
    assert!(!program.kill().success());

    // As it is when the process is killed before it comes to that.
    desk.change("state.db", "UPDATE runs SET status = 'running', error = NULL WHERE name = 'waits'");
    desk.write("on", "");
    let said = desk.run(&["run", "--db", "state.db", "--resume"]);
    assert!(said.out.starts_with("split-1  completed  {\"all\":[\"one\",\"two\"],"), "{}{}", said.out, said.err);
    assert_eq!(desk.query("state.db", runs), [("split".to_owned(), "completed".to_owned()), cancelled]);
}

/// What is late may have fanned out itself: those branches end with the one around them.
#[test]
fn branches_within_a_branch_end_with_it() {
    let at_once = SPLIT.replace(
        r#""held", "task": "wait", "input": { "file": "go" }"#,
        r#""held", "task": "wait", "input": { "file": "inner" }"#,
    );
    let inner = r#""right", "task": "wait", "input": { "ms": 0 } },
    { "id": "begun", "task": "write_file", "input": { "path": "inner", "content": "" } },
    { "id": "late", "task": "wait", "input": { "file": "never" }, "output": { "branch.got": "result", "state.late": "result" }"#;
    let text =
        at_once.replace(r#""right", "task": "write_file", "input": { "path": "go", "content": "" }"#, inner).replace(
            r#"{ "id": "right_in", "from": "right", "to": "end", "#,
            r#"{ "id": "to_begun", "from": "right", "to": "begun", "fan_out": { "group": "inner" } },
    { "id": "to_late", "from": "right", "to": "late", "fan_out": { "group": "inner" } },
    { "id": "right_in", "from": "late", "to": "end", "#,
        );
    let nodes = [
        "begin completed",
        "begun completed",
        "end completed",
        "held completed",
        "late merged",
        "left merged",
        "one completed",
        "right completed",
        "two merged",
    ];
    check(&text, &nodes);
}
