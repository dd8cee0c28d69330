//! The workflows that the program brings along: what comes out of each, and what its trace shows of it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use tense_grammar::Registry;
use tense_store::{Outcome, Trace};

use crate::events::stored;
use crate::lookups;
use crate::program::{Desk, operations, twice};
use crate::registry::OWN;

#[test]
fn without_arguments_the_shipped_workflows_are_run() {
    let desk = Desk::new();
    let said = desk.run(&[]);
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""));
    let mut lines: Vec<&str> = said.out.lines().collect();
    assert_eq!(lines.pop(), Some("5 workflows: 4 completed, 1 failed"));
    lines.sort_unstable();
    assert_eq!(
        lines,
        [
            r#"documents-1  completed  {"files":3,"words":[77,[1,1,1]]}"#,
            r#"invoice-2  completed  {"attempts":2,"title":"Invoice A-1042"}"#,
            "mishaps-3  completed  null",
            "order-4  failed  node `charge`: POST /cards was answered 402: the card is declined: 900 is more than 500",
            r#"parcel-5  completed  {"boxes":{"0":"3 x lamp","1":"3 x shade","2":"3 x bulb"},"note":"3 boxes at the door","papers":{"boxes":3,"for":"order A-1042"}}"#,
        ]
    );
}

#[test]
fn every_strategy_of_a_merge_is_in_a_shipped_workflow() {
    let desk = Desk::new();
    assert_eq!(desk.run(&[]).code, Some(0));
    let traces = desk.traces();
    let merges = traces.iter().flat_map(Trace::spans);
    let strategies: BTreeSet<_> = merges.filter_map(|span| span.data.get("strategy")?.as_str()).collect();
    assert_eq!(strategies, ["append", "combine", "keyed", "last", "sum"].into());
}

#[test]
fn no_operation_is_reported_twice() {
    let desk = Desk::new();
    assert_eq!(desk.run(&["run", "--db", "state.db"]).code, Some(0));
    let traces = desk.traces();
    let operations = operations(&traces);
    let tokens: Vec<String> =
        operations.iter().filter(|one| one.contains(" operation.tokens.created ")).cloned().collect();
    // What the state itself says has happened, and no more.
    let rows = desk.query("state.db", "SELECT id, status FROM tokens");
    assert_eq!(tokens.len(), rows.len());
    // Looks into a catalog are alike; a cycle comes back with new tokens.
    lookups::check(&desk, 0);
    let told: Vec<String> = operations.into_iter().filter(|one| !one.contains(" operation.metadata.")).collect();
    assert!(told.len() > 200, "{}", told.len());
    assert_eq!(twice(&told), Vec::<&String>::new());
}

/// The operations of which two layers have told, about the same token.
fn told_by_two_layers(events: impl Iterator<Item = Value>) -> BTreeMap<String, BTreeSet<String>> {
    let registry = Registry::parse(OWN).unwrap();
    let mut names: BTreeMap<_, BTreeSet<String>> = BTreeMap::new();
    for event in events {
        let name = event["event_type"].as_str().unwrap();
        if let Some(operation) = registry.operation_of(name) {
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            let subject = (text(&event["job_id"]), text(&event["data"]["token_id"]));
            names.entry((operation, subject)).or_default().insert(name.to_owned());
        }
    }
    let layers =
        |names: &BTreeSet<String>| names.iter().map(|name| name.split('.').next().unwrap().to_owned()).collect();
    let by_two = names.into_iter().filter(|(_, names)| {
        let layers: BTreeSet<String> = layers(names);
        layers.len() > 1 && layers.contains("operation")
    });
    by_two.map(|((operation, _), names)| (operation, names)).collect()
}

#[test]
fn no_other_layer_tells_of_an_operation() {
    let desk = Desk::new();
    assert_eq!(desk.run(&["run", "--legacy-events", "old.jsonl"]).code, Some(0));
    let today = stored(&desk).into_iter().map(|event| serde_json::to_value(event).unwrap());
    assert_eq!(told_by_two_layers(today), BTreeMap::new());
    // The old design did, and here in the same words.
    let before: BTreeSet<_> = told_by_two_layers(desk.lines("old.jsonl").into_iter()).into_values().collect();
    let pairs = [
        ["dispatch.token.created", "operation.tokens.create"],
        ["dispatch.token.status_updated", "operation.tokens.update_status"],
    ];
    assert_eq!(before, pairs.map(|pair| pair.map(str::to_owned).into()).into());
}

#[test]
fn an_answer_that_is_no_json_keeps_its_status() {
    let desk = Desk::new();
    desk.write(
        "lost.json",
        r#"{"name": "lost", "start": "n", "nodes": [{"id": "n", "task": "http", "input": {"path": "/no/such/place"}}]}"#,
    );
    let said = desk.run(&["run", "lost.json"]);
    let expected = "lost-1  failed  node `n`: POST /no/such/place was answered 404: it says no more\n";
    assert!(said.out.starts_with(expected), "{}", said.out);
}

#[test]
fn a_nested_workflow_is_tried_again_and_is_part_of_the_same_tree() {
    let desk = Desk::new();
    assert_eq!(desk.run(&[]).code, Some(0));
    let trace = desk.trace("invoice-");
    assert!(trace.gaps().is_empty(), "{:?}", trace.gaps());
    let runs: Vec<_> = trace.spans().iter().filter(|span| span.name == "dispatch.workflow.completed").collect();
    let outcomes: Vec<_> = runs.iter().map(|span| (span.event_type.as_ref(), span.outcome)).collect();
    assert_eq!(
        outcomes,
        [
            ("dispatch.workflow.completed", Outcome::Success),
            ("dispatch.workflow.failed", Outcome::Failed),
            ("dispatch.workflow.completed", Outcome::Success),
        ]
    );
    assert_eq!(runs[1].data.get("node_id").unwrap(), "deliver");
    let metadata: Vec<_> = trace.spans().iter().map(|span| span.event_type.as_ref()).collect();
    let metadata: Vec<_> =
        metadata.into_iter().filter_map(|name: &str| name.strip_prefix("operation.metadata.")).collect();
    // Whether the table is there already depends on the other workflows.
    let metadata: Vec<_> = metadata.into_iter().filter(|name| *name != "table_init").collect();
    assert_eq!(metadata, ["cache_miss", "fetch_start", "fetch_success", "save", "cache_hit"]);
}

#[test]
fn a_branch_that_fails_fails_the_order_and_cancels_the_others() {
    let desk = Desk::new();
    assert_eq!(desk.run(&["run", "--db", "state.db"]).code, Some(0));
    let trace = desk.trace("order-");
    let why = trace.why();
    let first = why.chain.last().unwrap();
    assert_eq!((first.span.event_type.as_ref(), first.attempts), ("debug.http.request_fail", 2));
    assert_eq!(first.span.data.get("node_id").unwrap(), "charge");
    let tokens = desk.query("state.db", "SELECT node, status FROM tokens WHERE id LIKE 'order-%' ORDER BY rowid");
    let tokens: Vec<_> = tokens.iter().map(|(node, status)| format!("{node} {status}")).collect();
    assert_eq!(tokens, ["accept completed", "reserve cancelled", "charge failed", "pack cancelled"]);
    let left = desk.query("state.db", "SELECT name, type FROM sqlite_schema WHERE name LIKE 'branch_%'");
    assert_eq!(left, []);
}

#[test]
fn a_decision_that_cannot_be_applied_is_told_and_ends_its_workflow() {
    let desk = Desk::new();
    assert_eq!(desk.run(&[]).code, Some(0));
    let trace = desk.trace("mishaps-");
    let error = trace.spans().iter().find(|span| span.event_type == "dispatch.error").unwrap();
    assert_eq!(error.data.get("decision_type").unwrap(), "apply_output");
    let message = "write to `state.total.net`: `total` is 7, and not an object that could hold `net`";
    assert_eq!(error.data.get("error").unwrap(), message);
    let batch = trace.spans().iter().find(|span| Some(span.id) == error.parent_id).unwrap();
    assert_eq!((batch.data.get("errors").unwrap(), batch.data.get("applied").unwrap()), (&1.into(), &0.into()));
}

#[test]
fn an_empty_folder_has_nothing_to_fan_out_over() {
    let desk = Desk::new();
    std::fs::create_dir(desk.path("empty")).unwrap();
    desk.write("documents.json", include_str!("../../workflows/documents.json"));
    let said = desk.run(&["run", "documents.json", "--input", r#"{"folder": "empty", "reports": "."}"#]);
    assert_eq!(said.code, Some(0), "{}", said.err);
    assert!(said.out.starts_with(r#"documents-1  completed  {"files":0,"words":null}"#), "{}", said.out);
    let report = std::fs::read_to_string(desk.path("documents-1.json")).unwrap();
    assert_eq!(serde_json::from_str::<Value>(&report).unwrap(), serde_json::json!({"files": 0, "words": null}));
}

#[test]
fn an_input_that_does_not_fit_its_schema_fails_the_workflow() {
    let desk = Desk::new();
    desk.write("order.json", include_str!("../../workflows/order.json"));
    let said = desk.run(&["run", "order.json", "--input", r#"{"order": "A", "quantity": "many", "amount": 1}"#]);
    assert_eq!(said.code, Some(0));
    assert!(
        said.out.starts_with("order-1  failed  input: `quantity` is to be a number, and is \"many\"\n"),
        "{}",
        said.out
    );
}

#[test]
fn siblings_that_never_come_fail_the_workflow() {
    let desk = Desk::new();
    let text = include_str!("../../workflows/order.json").replace(
        r#""id": "packed", "from": "pack", "to": "ship","#,
        r#""id": "packed", "from": "pack", "to": "ship", "when": "state.title == null","#,
    );
    desk.write("order.json", &text);
    let said = desk.run(&["run", "order.json", "--input", r#"{"order": "A", "quantity": 1, "amount": 1}"#]);
    let expected = "order-1  failed  order-1.t2, order-1.t3 wait for siblings that never come\n";
    assert!(said.out.starts_with(expected), "{}", said.out);
}

#[test]
fn an_order_that_is_paid_is_shipped() {
    let desk = Desk::new();
    desk.write("order.json", include_str!("../../workflows/order.json"));
    let said = desk.run(&["run", "order.json", "--input", r#"{"order": "A", "quantity": 2, "amount": 30}"#]);
    let expected = r#"order-1  completed  {"note":"shipped order A","parts":[2,30,"order A"]}"#;
    assert!(said.out.starts_with(expected), "{}", said.out);
}
