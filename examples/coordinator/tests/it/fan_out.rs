//! Fan-outs that have nothing to go over: the run goes on behind the fan-in, with what the merge makes of no branches.

use crate::program::Desk;

/// `first` gives two lists; each of the first becomes a branch, and what is behind them is counted.
fn definition(strategy: &str, list: &str) -> String {
    format!(
        r#"{{
  "name": "letters",
  "start": "first",
  "nodes": [
    {{ "id": "first", "task": "transform", "input": {{ "give": {list} }}, "output": {{ "state.list": "result.value" }} }},
    {{ "id": "each", "task": "transform", "input": {{ "give": "$item" }}, "output": {{ "branch.got": "result.value" }} }},
    {{ "id": "more", "task": "wait", "input": {{ "ms": 0 }} }},
    {{ "id": "behind", "task": "transform", "input": {{ "give": "here" }}, "output": {{ "state.here": "result.value" }} }}
  ],
  "transitions": [
    {{ "id": "out", "from": "first", "to": "each", "fan_out": {{ "group": "g", "over": "state.list" }} }},
    {{ "id": "on", "from": "each", "to": "more" }},
    {{ "id": "in", "from": "more", "to": "behind",
      "fan_in": {{ "group": "g", "merge": {{ "source": "branch.got", "target": "state.all", "strategy": "{strategy}" }} }} }}
  ],
  "output": {{ "all": "$state.all", "here": "$state.here" }}
}}"#
    )
}

#[test]
fn an_empty_list_goes_on_behind_its_fan_in() {
    let check = |strategy: &str, expected: &str| {
        let desk = Desk::new();
        desk.write("letters.json", &definition(strategy, "[]"));
        let said = desk.run(&["run", "letters.json", "--db", "state.db"]);
        let expected = format!("letters-1  completed  {{\"all\":{expected},\"here\":\"here\"}}\n");
        assert!(said.out.starts_with(&expected), "{strategy}: {}{}", said.out, said.err);
        let nodes = desk.query("state.db", "SELECT node, status FROM tokens ORDER BY rowid");
        let nodes: Vec<_> = nodes.iter().map(|(node, status)| format!("{node} {status}")).collect();
        assert_eq!(nodes, ["first completed", "behind completed"], "{strategy}");
        let counts = desk.event_counts();
        assert_eq!(counts.get("dispatch.sync.fan_in_activated"), Some(&1));
        assert_eq!(counts.get("operation.context.merged"), Some(&1));
        // Nothing was made, so nothing is dropped.
        assert_eq!(counts.get("operation.context.branch_table.created"), None);
        assert_eq!(counts.get("operation.context.branch_table.dropped"), None);
    };
    check("append", "[]");
    check("keyed", "{}");
    check("combine", "{}");
    check("sum", "0");
    check("last", "null");
}

#[test]
fn a_list_with_one_item_is_as_before() {
    let desk = Desk::new();
    desk.write("letters.json", &definition("append", r#"["a"]"#));
    let said = desk.run(&["run", "letters.json"]);
    assert!(said.out.starts_with("letters-1  completed  {\"all\":[\"a\"],\"here\":\"here\"}\n"), "{}", said.out);
}

/// Two ways lead into the group: as long as one of them has something, its branches are those that are waited for.
#[test]
fn a_group_is_empty_only_when_all_its_ways_are() {
    let second = r#"{ "id": "out", "#;
    let other = r#"{ "id": "other", "from": "first", "to": "each", "fan_out": { "group": "g", "over": "input.more" } },
    { "id": "out", "#;
    let text = definition("append", "[]").replace(second, other);
    let check = |input: &str, expected: &str| {
        let desk = Desk::new();
        desk.write("letters.json", &text);
        let said = desk.run(&["run", "letters.json", "--input", input]);
        assert!(said.out.starts_with(&format!("letters-1  completed  {expected}\n")), "{}", said.out);
    };
    check(r#"{"more": ["x", "y"]}"#, r#"{"all":["x","y"],"here":"here"}"#);
    check(r#"{"more": []}"#, r#"{"all":[],"here":"here"}"#);
}

/// Within a branch the merge goes into that branch, and the branches around it are waited for.
#[test]
fn an_empty_list_in_a_branch_goes_on_in_that_branch() {
    let desk = Desk::new();
    desk.write(
        "boxes.json",
        r#"{
  "name": "boxes",
  "start": "open",
  "nodes": [
    { "id": "open", "task": "transform", "input": { "give": [["a", "b"], [], ["c"]] }, "output": { "state.boxes": "result.value" } },
    { "id": "box", "task": "transform", "input": { "give": "$item" }, "output": { "branch.things": "result.value" } },
    { "id": "thing", "task": "transform", "input": { "give": "$item" }, "output": { "branch.thing": "result.value" } },
    { "id": "full", "task": "wait", "input": { "ms": 0 } },
    { "id": "end", "task": "wait", "input": { "ms": 0 } }
  ],
  "transitions": [
    { "id": "boxes", "from": "open", "to": "box", "fan_out": { "group": "boxes", "over": "state.boxes" } },
    { "id": "things", "from": "box", "to": "thing", "fan_out": { "group": "things", "over": "branch.things" } },
    { "id": "all_things", "from": "thing", "to": "full",
      "fan_in": { "group": "things", "merge": { "source": "branch.thing", "target": "branch.got", "strategy": "append" } } },
    { "id": "all_boxes", "from": "full", "to": "end",
      "fan_in": { "group": "boxes", "merge": { "source": "branch.got", "target": "state.got", "strategy": "append" } } }
  ],
  "output": { "got": "$state.got" }
}"#,
    );
    let said = desk.run(&["run", "boxes.json"]);
    assert!(said.out.starts_with("boxes-1  completed  {\"got\":[[\"a\",\"b\"],[],[\"c\"]]}\n"), "{}", said.out);
}
