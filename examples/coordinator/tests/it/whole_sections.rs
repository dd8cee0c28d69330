//! A path may name a section, and not only a field of it: then it stands for all that is in it.

use crate::program::Desk;

#[track_caller]
fn check(give: &str, expected: &str) {
    let desk = Desk::new();
    desk.write(
        "whole.json",
        &format!(
            r#"{{
  "name": "whole", "start": "first",
  "nodes": [
    {{ "id": "first", "task": "transform", "input": {{ "give": 1 }}, "output": {{ "state.a": "result.value" }} }},
    {{ "id": "branch", "task": "transform", "input": {{ "give": 2 }}, "output": {{ "branch.b": "result.value" }} }},
    {{ "id": "it", "task": "transform", "input": {{ "give": {give} }}, "output": {{ "state.it": "result.value" }} }}
  ],
  "transitions": [
    {{ "id": "out", "from": "first", "to": "branch", "fan_out": {{ "group": "g" }} }},
    {{ "id": "on", "from": "branch", "to": "it" }}
  ],
  "output": {{ "it": "$state.it" }}
}}"#
        ),
    );
    let said = desk.run(&["run", "whole.json", "--input", r#"{"n": 7, "m": [8]}"#]);
    assert!(said.out.starts_with(&format!("whole-1  completed  {{\"it\":{expected}}}\n")), "{}{}", said.out, said.err);
}

#[test]
fn a_section_stands_for_all_that_is_in_it() {
    check(r#""$input""#, r#"{"m":[8],"n":7}"#);
    check(r#""$state""#, r#"{"a":1}"#);
    check(r#""$output""#, "{}");
    check(r#""$branch""#, r#"{"b":2}"#);
    check(r#"["$input.n", "$input"]"#, r#"[7,{"m":[8],"n":7}]"#);
    check(r#"["$input", "$input.n"]"#, r#"[{"m":[8],"n":7},7]"#);
    check(r#""all: {input}""#, r#""all: {\"m\":[8],\"n\":7}""#);
}

#[test]
fn a_nested_workflow_may_be_given_the_whole_input() {
    let desk = Desk::new();
    desk.write(
        "outer.json",
        r#"{ "name": "outer", "start": "it", "output": { "n": "$state.n" },
  "nodes": [{ "id": "it", "task": "workflow", "input": { "name": "inner", "input": "$input" }, "output": { "state.n": "result.n" } }] }"#,
    );
    desk.write(
        "inner.json",
        r#"{ "name": "inner", "start": "it", "input_schema": { "n": "number" }, "output": { "n": "$input.n" },
  "nodes": [{ "id": "it", "task": "wait", "input": { "ms": 0 } }] }"#,
    );
    let said = desk.run(&["run", "outer.json", "--input", r#"{"n": 7}"#]);
    assert!(said.out.starts_with("outer-1  completed  {\"n\":7}\n"), "{}{}", said.out, said.err);
}
