//! What a task is given: what makes no sense is refused in the definition where it stands there, and by the task where
//! it only comes while the workflow runs.

use crate::bad_definitions::check_text;
use crate::program::Desk;

/// One node, whose task begins on line 5 and whose parameters are on line 6 each.
fn definition(task: &str, parameters: &str) -> String {
    format!(
        r#"{{
  "name": "letters", "start": "it",
  "nodes": [
    {{ "id": "it",
      "task": "{task}", "input": {{
        {parameters}
      }}, "output": {{ "state.value": "result.value" }} }}
  ],
  "output": {{ "value": "$state.value" }}
}}"#
    )
}

#[test]
fn a_parameter_of_the_wrong_kind_is_refused() {
    let check = |task: &str, parameters: &str, expected: &str| {
        check_text(&definition(task, parameters), &format!("6: node `it`: {expected}"));
    };
    let ms = "is to be a whole number of milliseconds from 0 to 86400000";
    check("wait", r#""ms": -5"#, &format!("`ms` {ms}, and is -5"));
    check("wait", r#""ms": 0.5"#, &format!("`ms` {ms}, and is 0.5"));
    check("wait", r#""ms": "soon""#, &format!("`ms` {ms}, and is \"soon\""));
    check("wait", r#""ms": "{input.n}""#, &format!("`ms` {ms}, and is a text with values in it"));
    check("wait", r#""ms": null"#, &format!("`ms` {ms}, and is null"));
    check("wait", r#""ms": 86400001"#, &format!("`ms` {ms}, and is 86400001"));
    check("wait", r#""ms": 1e300"#, &format!("`ms` {ms}, and is 1e+300"));
    check("wait", r#""file": 7"#, "`file` is to be a text, and is 7");
    check("list_files", r#""folder": ["a"]"#, "`folder` is to be a text, and is a list");
    check("read_file", r#""path": {"a": 1}"#, "`path` is to be a text, and is an object");
    check("fail", r#""message": true"#, "`message` is to be a text, and is true");
    check("workflow", r#""name": "w", "input": 3"#, "`input` is to be an object, and is 3");
    check("transform", r#""join": "ab""#, "`join` is to be a list of texts, and is \"ab\"");
    check("transform", r#""join": ["a", 3]"#, "item 1 of `join` is to be a text, and is 3");
    check("transform", r#""join": ["a"], "with": 0"#, "`with` is to be a text, and is 0");
    check("transform", r#""sum": 3"#, "`sum` is to be a list of numbers, and is 3");
    check("transform", r#""sum": [1, "2"]"#, "item 1 of `sum` is to be a number, and is \"2\"");
    check("transform", r#""count": "abc""#, "`count` is to be a list, and is \"abc\"");
    check("transform", r#""sum": ["$state.a"], "field": 1"#, "`field` is to be a text, and is 1");
}

#[test]
fn a_parameter_that_the_task_does_not_have_is_refused() {
    let check = |task: &str, parameters: &str, expected: &str| {
        check_text(&definition(task, parameters), &format!("6: node `it`: {expected}"));
    };
    check("wait", r#""ms": 1, "sm": 2"#, "`sm` is no input of `wait`, which takes `ms`, `file`");
    check("fail", r#""message": "no", "msg": "no""#, "`msg` is no input of `fail`, which takes `message`");
    check(
        "transform",
        r#""sum": [1], "count": [1]"#,
        "one of `sum`, `count`, `join`, `give` is wanted, and there are more",
    );
    check("wait", r#""ms": 1, "file": "go""#, "one of `ms`, `file` is wanted, and there are more");
    check("transform", r#""give": 1, "field": "a""#, "`field` goes with `sum` or `join` only");
    check("transform", r#""sum": [1], "with": "a""#, "`with` goes with `join` only");
}

#[test]
fn how_often_a_task_is_tried_has_bounds() {
    let check = |retry: &str, expected: &str| {
        let retry = format!("}}, \"retry\": {retry}, \"output\"");
        let text = definition("wait", r#""ms": 0"#).replacen("}, \"output\"", &retry, 1);
        check_text(&text, &format!("7: node `it`: {expected}"));
    };
    check(r#"{"attempts": 1001}"#, "`attempts` is to be a whole number from 1 to 1000, and is 1001");
    check(
        r#"{"attempts": 2, "back_off_ms": 60001}"#,
        "`back_off_ms` is to be a whole number from 0 to 60000, and is 60001",
    );
    check(r#"{"attempts": -1}"#, "invalid value: integer `-1`, expected u32, column 33");
}

#[test]
fn what_comes_while_it_runs_is_looked_at_as_well() {
    let check = |task: &str, parameters: &str, given: &str, expected: &str| {
        let desk = Desk::new();
        desk.write("letters.json", &definition(task, parameters));
        let said = desk.run(&["run", "letters.json", "--input", &format!("{{\"n\": {given}}}")]);
        assert!(said.out.starts_with(&format!("letters-1  {expected}\n")), "{}{}", said.out, said.err);
    };
    let ms = "is to be a whole number of milliseconds from 0 to 86400000";
    check("wait", r#""ms": "$input.n""#, "1", r#"completed  {"value":null}"#);
    check("wait", r#""ms": "$input.n""#, "-1", &format!("failed  node `it`: `ms` {ms}, and is -1"));
    check("wait", r#""ms": "$input.none""#, "1", &format!("failed  node `it`: `ms` {ms}, and is null"));
    check("wait", r#""file": "$input.n""#, "1", "failed  node `it`: `file` is to be a text, and is 1");
    let nowhere = r"failed  node `it`: look for a\u{0}b: file name contained an unexpected NUL byte";
    check("wait", r#""file": "$input.n""#, r#""a\u0000b""#, nowhere);
    check("transform", r#""join": ["a", "$input.n"]"#, "\"b\"", r#"completed  {"value":"a, b"}"#);
    check(
        "transform",
        r#""join": ["a", "$input.n"]"#,
        "7",
        "failed  node `it`: item 1 of `join` is to be a text, and is 7",
    );
    check("transform", r#""sum": "$input.n", "field": "a""#, r#"[{"a": 1}, {"a": 2}]"#, r#"completed  {"value":3}"#);
    check(
        "transform",
        r#""sum": "$input.n", "field": "a""#,
        r#"[{"a": 1}, {"b": 2}]"#,
        "failed  node `it`: item 1 of `sum` is to have a number as `a`, and has null",
    );
    check("transform", r#""join": "$input.n", "field": "a""#, r#"[{"a": "x"}]"#, r#"completed  {"value":"x"}"#);
    check(
        "transform",
        r#""sum": "$input.n""#,
        "[1e308, 1e308]",
        "failed  node `it`: the sum is larger than a number can be",
    );
    check(
        "transform",
        r#""sum": "$input.n""#,
        "[18446744073709551615, 1]",
        "failed  node `it`: the sum is larger than a number can be",
    );
    check(
        "transform",
        r#""sum": "$input.n""#,
        "[9223372036854775807, 1]",
        r#"completed  {"value":9223372036854775808}"#,
    );
}
