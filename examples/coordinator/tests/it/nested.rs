//! Workflows that are tasks of others: what becomes of them when the one around them fails, and how deep they may be.

use std::collections::BTreeSet;

use tense_store::Outcome;

use crate::program::{Desk, job_id, until};

/// Waits in a branch of its own, for ever.
const INNER: &str = r#"{
  "name": "inner",
  "start": "split",
  "nodes": [
    { "id": "split", "task": "transform", "input": { "give": 1 }, "output": { "state.n": "result.value" } },
    { "id": "hold", "task": "wait", "input": { "file": "never" } },
    { "id": "end", "task": "wait", "input": { "ms": 0 } }
  ],
  "transitions": [
    { "id": "out", "from": "split", "to": "hold", "fan_out": { "group": "g" } },
    { "id": "in", "from": "hold", "to": "end", "fan_in": { "group": "g" } }
  ]
}"#;

/// Nests the inner one one level deeper.
const MIDDLE: &str = r#"{
  "name": "middle",
  "start": "within",
  "nodes": [{ "id": "within", "task": "workflow", "input": { "name": "inner" }, "retry": { "attempts": 3 } }]
}"#;

/// One branch nests, the other fails as soon as there is a file.
const AROUND: &str = r#"{
  "name": "around",
  "start": "split",
  "nodes": [
    { "id": "split", "task": "wait", "input": { "ms": 0 } },
    { "id": "nest", "task": "workflow", "input": { "name": "middle" } },
    { "id": "hold", "task": "wait", "input": { "file": "go" } },
    { "id": "burst", "task": "fail", "input": { "message": "it burst" } }
  ],
  "transitions": [
    { "id": "to_nest", "from": "split", "to": "nest" },
    { "id": "to_hold", "from": "split", "to": "hold" },
    { "id": "to_burst", "from": "hold", "to": "burst" }
  ]
}"#;

fn desk() -> Desk {
    let desk = Desk::new();
    for (file, text) in [("inner.json", INNER), ("middle.json", MIDDLE), ("around.json", AROUND)] {
        desk.write(file, text);
    }
    desk
}

fn inner_holds(desk: &Desk) {
    until("the inner workflow waits", || {
        let holds = |(node, status): &(String, String)| node == "hold" && status == "dispatched";
        let tokens = desk.ask("state.db", "SELECT node, status FROM tokens WHERE id LIKE 'inner-%'")?;
        tokens.iter().any(holds).then_some(())
    });
}

fn all_have_ended(desk: &Desk) {
    let runs = desk.query("state.db", "SELECT name, status FROM runs ORDER BY number");
    let failed = ["around", "middle", "inner"].map(|name| (name.to_owned(), "failed".to_owned()));
    assert_eq!(runs, failed);
    let why = desk.query("state.db", "SELECT name, error FROM runs ORDER BY number");
    assert_eq!(why[0].1, "node `burst`: it burst");
    assert_eq!(why[2].1, "cancelled: the workflow around it has failed");
    let open = "SELECT id, status FROM tokens WHERE status IN ('pending', 'dispatched', 'waiting')";
    assert_eq!(desk.query("state.db", open), []);
    assert_eq!(desk.query("state.db", "SELECT name, type FROM sqlite_schema WHERE name LIKE 'branch_%'"), []);
}

#[test]
fn a_failure_ends_the_workflows_that_are_nested_beside_it() {
    let desk = desk();
    let mut program = desk.start(&["run", "around.json", "--db", "state.db"]);
    inner_holds(&desk);
    desk.write("go", "");
    let status = until("the program has ended", || program.ended());
    assert_eq!(status.code(), Some(0), "{}", desk.said());
    all_have_ended(&desk);

    // What became of them is told, once, as theirs; and it is not taken for the reason.
    let trace = desk.trace("around-");
    assert!(trace.gaps().is_empty(), "{:?}\n{trace}", trace.gaps());
    let cancelled = trace.spans().iter().filter(|span| span.data.get("to").is_some_and(|to| to == "cancelled"));
    let cancelled: BTreeSet<_> = cancelled.map(|span| job_id(span).unwrap().to_owned()).collect();
    assert_eq!(cancelled, ["around-1", "inner-3", "middle-2"].map(str::to_owned).into());
    let dropped = trace.spans().iter().find(|span| span.event_type == "operation.context.branch_table.dropped");
    assert_eq!(job_id(dropped.unwrap()), Some("inner-3"));
    let ends = trace.spans().iter().filter(|span| span.name == "dispatch.workflow.completed");
    let ends: Vec<_> = ends.map(|span| (job_id(span).unwrap(), span.outcome)).collect();
    let expected = [("around-1", Outcome::Failed), ("middle-2", Outcome::Cancelled), ("inner-3", Outcome::Cancelled)];
    assert_eq!(ends, expected);
    assert!(trace.why().reasons()[0].message.contains("it burst"));
}

/// Killed, resumed, and only then does the other branch fail.
#[test]
fn a_failure_after_a_resumption_ends_them_as_well() {
    let desk = desk();
    let program = desk.start(&["run", "around.json", "--db", "state.db"]);
    inner_holds(&desk);
    assert!(!program.kill().success());
    desk.write("go", "");
    let said = desk.run(&["run", "--db", "state.db", "--resume"]);
    assert!(said.out.starts_with("around-1  failed  node `burst`: it burst\n"), "{}{}", said.out, said.err);
    all_have_ended(&desk);
}

#[test]
fn a_workflow_that_is_nested_in_itself_says_so_once() {
    let desk = Desk::new();
    let nest = |name: &str, other: &str| {
        format!(
            r#"{{"name": "{name}", "start": "n", "nodes": [{{"id": "n", "task": "workflow", "input": {{"name": "{other}"}}}}]}}"#
        )
    };
    desk.write("itself.json", &nest("itself", "itself"));
    let said = desk.run(&["run", "itself.json"]);
    let expected = "itself-1  failed  node `n`: workflow `itself` would be nested in itself: itself > itself\n";
    assert!(said.out.starts_with(expected), "{}", said.out);

    desk.write("ping.json", &nest("ping", "pong"));
    desk.write("pong.json", &nest("pong", "ping"));
    let said = desk.run(&["run", "ping.json"]);
    let expected = "ping-1  failed  node `n`: workflow `pong`: \
                    node `n`: workflow `ping` would be nested in itself: ping > pong > ping\n";
    assert!(said.out.starts_with(expected), "{}", said.out);
}

/// A database that holds nonsense is no failure of a task: it is not tried again, and `on_failure` does not swallow it.
/// And it is the matter of that run alone: another one beside it is run to its end.
#[test]
fn what_the_database_cannot_do_is_no_failure_of_a_task() {
    let desk = Desk::new();
    desk.write("inner.json", INNER);
    let nest = |name: &str| {
        format!(
            r#"{{"name": "{name}", "start": "n", "nodes": [{{"id": "n", "task": "workflow", "on_failure": "continue",
                "retry": {{"attempts": 3}}, "input": {{"name": "inner"}}}}]}}"#
        )
    };
    desk.write("outer.json", &nest("outer"));
    let hold = r#"{"name": "hold", "start": "n", "nodes": [{"id": "n", "task": "wait", "input": {"file": "go"}}]}"#;
    desk.write("hold.json", hold);
    let program = desk.start(&["run", "outer.json", "hold.json", "--db", "state.db"]);
    inner_holds(&desk);
    program.kill();
    desk.change("state.db", "UPDATE tokens SET input = '{' WHERE id LIKE 'inner-%' AND node = 'hold'");
    desk.write("go", "");
    let said = desk.run(&["run", "--db", "state.db", "--resume"]);
    assert_eq!(said.out, "hold-2  completed  null\n2 workflows: 1 completed, 0 failed, 1 could not go on\n");
    let expected = "error: outer-1: the coordinator's database holds something that is not understood: EOF while parsing \
                    an object at line 1 column 1; --resume goes on with it\n";
    assert_eq!((said.err.as_str(), said.code), (expected, Some(1)));
    // What it could not do can be done once the database is mended.
    let runs = desk.query("state.db", "SELECT name, status FROM runs ORDER BY number");
    let expected = [("outer", "running"), ("hold", "completed"), ("inner", "running")];
    assert_eq!(runs, expected.map(|(name, status)| (name.to_owned(), status.to_owned())));
    let attempts = "SELECT count(*), '' FROM runs WHERE name = 'inner'";
    assert_eq!(desk.query("state.db", attempts)[0].0, "1");
    desk.change("state.db", "UPDATE tokens SET input = '{\"file\":\"go\"}' WHERE id LIKE 'inner-%' AND node = 'hold'");
    let said = desk.run(&["run", "--db", "state.db", "--resume"]);
    assert_eq!(
        (said.out.as_str(), said.code),
        ("outer-1  completed  null\n1 workflows: 1 completed, 0 failed\n", Some(0))
    );
}
