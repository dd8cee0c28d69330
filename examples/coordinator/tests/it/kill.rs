//! The program is killed in the middle of a workflow; started again, it goes on from its own database, and neither does
//! nor reports anything a second time.

use std::collections::BTreeSet;

use tense_store::{Outcome, Trace};

use crate::lookups;
use crate::program::{Desk, job_id, operations, twice, until};
use crate::split_branch::{SPLIT, WAITS};

/// Two branches are quick, the third waits for a file. Then all are merged. The README has whoever reads it do the
/// same.
const HELD: &str = include_str!("../../workflows/held.json");

/// The same, one level down.
const AROUND: &str = r#"{
  "name": "around",
  "start": "within",
  "nodes": [
    { "id": "within", "task": "workflow", "input": { "name": "held" }, "output": { "state.within": "result.all" } }
  ],
  "output": { "within": "$state.within" }
}"#;

/// Runs the workflow until two tokens wait for the third, kills the program, and starts it again. What the second one
/// said.
fn killed_and_resumed(desk: &Desk, workflow: &str) -> String {
    let program = desk.start(&["run", workflow, "--db", "state.db"]);
    until("everything but the held token is stored", || {
        let traces = desk.traces();
        let waiting = |one: &&String| one.contains("status_updated") && one.contains("to=\"waiting\"");
        (operations(&traces).iter().filter(waiting).count() == 2).then_some(())
    });
    assert!(!program.kill().success());
    desk.write("go", "");
    let said = desk.run(&["run", "--db", "state.db", "--resume"]);
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""));
    said.out
}

fn check(workflow: &str, expected: &str) {
    let desk = Desk::new();
    desk.write("held.json", HELD);
    desk.write("around.json", AROUND);
    let out = killed_and_resumed(&desk, workflow);
    assert_eq!(out, format!("{expected}\n1 workflows: 1 completed, 0 failed\n"));

    let traces = desk.traces();
    assert_eq!(traces.len(), 2, "one of each process");
    // A run is told when it ends, so the killed process has not told of any.
    let runs = traces.iter().flat_map(Trace::spans).filter(|span| span.name == "dispatch.workflow.completed");
    assert!(runs.clone().all(|run| matches!(run.outcome, Outcome::Success | Outcome::Open)));
    let ended = runs.filter(|run| run.outcome == Outcome::Success).filter_map(job_id);
    let expected_runs = desk.query("state.db", "SELECT name || '-' || number, status FROM runs ORDER BY number");
    let ended: BTreeSet<_> = ended.map(|run| (run.to_owned(), "completed".to_owned())).collect();
    assert_eq!(ended, expected_runs.into_iter().collect());

    let operations = operations(&traces);
    assert_eq!(twice(&operations), Vec::<&String>::new());
    // Nothing is missing either: five tokens, and each of them at its end.
    let has = |what: &str| operations.iter().filter(|one| one.contains(what)).count();
    let rows = desk.query("state.db", "SELECT id, status FROM tokens");
    assert_eq!(has(" operation.tokens.created "), rows.len());
    assert!(rows.iter().all(|(_, status)| status == "completed" || status == "merged"), "{rows:?}");
    assert_eq!(
        (has(" operation.context.merged "), has("branch_table.created "), has("branch_table.dropped ")),
        (1, 3, 1)
    );

    // There is nothing left to go on with.
    let said = desk.run(&["run", "--db", "state.db", "--resume"]);
    assert_eq!((said.code, said.out.as_str()), (Some(0), "0 workflows: 0 completed, 0 failed\n"));
}

#[test]
fn a_killed_workflow_goes_on_where_it_was() {
    check("held.json", r#"held-1  completed  {"all":["a","b","held"],"count":3}"#);
}

#[test]
fn a_nested_workflow_goes_on_inside_the_one_around_it() {
    check("around.json", r#"around-1  completed  {"within":["a","b","held"]}"#);
}

#[test]
fn a_nested_workflow_that_has_completed_is_not_run_again() {
    let desk = Desk::new();
    desk.write("held.json", HELD);
    desk.write("around.json", AROUND);
    desk.write("go", "");
    assert_eq!(desk.run(&["run", "around.json", "--db", "state.db"]).code, Some(0));
    // As it is when the process is killed between the end of the nested run and that of the token whose task it is.
    desk.change(
        "state.db",
        "UPDATE runs SET status = 'running', output = NULL WHERE name = 'around';
         UPDATE tokens SET status = 'dispatched' WHERE run = 1;
         DELETE FROM batches WHERE run = 1 AND source IN ('task', 'routing', 'completion');",
    );
    let said = desk.run(&["run", "--db", "state.db", "--resume"]);
    let expected = r#"around-1  completed  {"within":["a","b","held"]}"#;
    assert!(said.out.starts_with(expected), "{}{}", said.out, said.err);
    let runs = desk.query("state.db", "SELECT name, status FROM runs ORDER BY number");
    assert_eq!(
        runs,
        [("around", "completed"), ("held", "completed")].map(|(name, status)| (name.to_owned(), status.to_owned()))
    );
}

/// How often that is, at most: the last one may have ended by then.
const KILLS: usize = 5;

/// The program is killed in the middle of many workflows, again and again.
fn check_again_and_again(desk: &Desk, workflows: &[&str]) {
    let mut arguments = [&["run", "--db", "state.db", "--copies"], workflows].concat();
    let mut killed = 0;
    for _ in 0..KILLS {
        let before = desk.event_count();
        let mut program = desk.start(&arguments);
        let code = until("it has told something, or has ended", || {
            if let Some(status) = program.ended() {
                return Some(status.code());
            }
            (desk.event_count() > before + 1_000).then_some(None)
        });
        assert!(code.is_none_or(|code| code == 0), "{}", desk.said());
        // It may have ended before it was killed.
        killed += usize::from(program.kill().code().is_none());
        arguments = vec!["run", "--db", "state.db", "--resume"];
    }
    assert!(killed >= 2, "{killed} of {KILLS} were killed while they worked");
    let said = desk.run(&["run", "--db", "state.db", "--resume"]);
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""));
    let told: Vec<String> =
        operations(&desk.traces()).into_iter().filter(|one| !one.contains(" operation.metadata.")).collect();
    lookups::check(desk, killed);
    // A process that is killed takes what it had not delivered with it.
    assert!(told.len() > 100, "{}", told.len());
    assert_eq!(twice(&told), Vec::<&String>::new());
    // Nobody is left behind: no run, no token, no table of a branch.
    assert_eq!(desk.query("state.db", "SELECT name, status FROM runs WHERE status = 'running'"), []);
    let open = "SELECT id, status FROM tokens WHERE status IN ('pending', 'dispatched', 'waiting')";
    assert_eq!(desk.query("state.db", open), []);
    assert_eq!(desk.query("state.db", "SELECT name, type FROM sqlite_schema WHERE name LIKE 'branch_%'"), []);
}

#[test]
fn wherever_it_is_killed_nothing_is_reported_twice() {
    check_again_and_again(&Desk::new(), &["10"]);
}

/// The same with branches that split, and of whose tokens one is late, with a workflow nested in it.
#[test]
fn wherever_it_is_killed_what_is_late_ends() {
    let desk = Desk::new();
    let short = r#""task": "wait", "input": { "ms": 2 }"#;
    let nest = r#""task": "workflow", "input": { "name": "waits" }"#;
    let text = SPLIT.replace(r#""task": "wait", "input": { "file": "go" }"#, short);
    desk.write("split.json", &text.replace(r#""task": "write_file", "input": { "path": "go", "content": "" }"#, nest));
    desk.write("waits.json", WAITS);
    check_again_and_again(&desk, &["40", "split.json"]);
    let outputs = desk.query("state.db", "SELECT DISTINCT output, '' FROM runs WHERE name = 'split'");
    assert_eq!(outputs, [(r#"{"all":["one","two"],"late":null}"#.to_owned(), String::new())]);
}
