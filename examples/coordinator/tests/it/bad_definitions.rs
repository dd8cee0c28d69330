//! What is wrong with a definition is said once, with its file, its line and its node; and nothing is run.

use std::time::{Duration, Instant};

use crate::program::Desk;

/// A definition that nothing is wrong with: nodes on lines 5 to 7, transitions on lines 10 to 12.
const GOOD: &str = r#"{
  "name": "letters",
  "start": "list",
  "nodes": [
    { "id": "list", "task": "list_files", "input": { "folder": "." }, "output": { "state.files": "result.files" } },
    { "id": "read", "task": "read_file", "input": { "path": "$item" }, "output": { "branch.text": "result.text" } },
    { "id": "done", "task": "wait", "input": { "ms": 0 } }
  ],
  "transitions": [
    { "id": "each", "from": "list", "to": "read", "fan_out": { "group": "files", "over": "state.files" } },
    { "id": "all", "from": "read", "to": "done",
      "fan_in": { "group": "files", "merge": { "source": "branch.text", "target": "state.texts", "strategy": "append" } } }
  ],
  "output": { "texts": "$state.texts" }
}"#;

#[track_caller]
fn check(from: &str, to: &str, expected: &str) {
    assert!(GOOD.contains(from), "{from}");
    check_text(&GOOD.replacen(from, to, 1), expected);
}

#[track_caller]
pub(crate) fn check_text(text: &str, expected: &str) {
    let desk = Desk::new();
    desk.write("letters.json", text);
    let said = desk.run(&["run", "letters.json"]);
    let expected = format!("letters.json:{expected}\nerror: 1 of 1 definitions are wrong, so nothing was run\n");
    assert_eq!((said.err.as_str(), said.out.as_str(), said.code), (expected.as_str(), "", Some(1)));
    assert!(desk.traces().is_empty());
}

#[test]
fn the_good_one_runs() {
    let desk = Desk::new();
    desk.write("letters.json", GOOD);
    desk.write("a.txt", "a");
    let said = desk.run(&["run", "letters.json"]);
    assert_eq!((said.err.as_str(), said.code), ("", Some(0)), "{}", said.out);
}

#[test]
fn an_unknown_node() {
    check(r#""to": "done""#, r#""to": "dome""#, "11: node `read`: transition `all`: there is no node `dome`");
    check(r#""start": "list""#, r#""start": "first""#, "3: `start` names the unknown node `first`");
}

#[test]
fn a_cycle_without_exit() {
    check(
        r#""id": "all", "from": "read", "to": "done","#,
        r#""id": "back", "from": "done", "to": "list" },
    { "id": "all", "from": "read", "to": "done","#,
        "5: node `list`: a cycle without exit: list > read > done > list",
    );
}

/// What is taken beside such a cycle is no exit: a token goes on around in it.
#[test]
fn a_cycle_that_is_always_taken() {
    let beside = |transitions: &str| {
        let nodes = r#"{ "id": "b", "task": "wait", "input": { "ms": 0 } },
    { "id": "c", "task": "wait", "input": { "ms": 0 } }"#;
        format!(
            r#"{{
  "name": "round", "start": "a",
  "nodes": [
    {{ "id": "a", "task": "wait", "input": {{ "ms": 0 }} }},
    {nodes}
  ],
  "transitions": [{transitions}]
}}"#
        )
    };
    let exit = r#"{ "id": "exit", "from": "a", "to": "c", "when": "state.n == 1" }"#;
    let check = |transitions: &str, expected: &str| check_text(&beside(&format!("{exit}, {transitions}")), expected);
    check(r#"{ "id": "t", "from": "a", "to": "a" }"#, "4: node `a`: a cycle without exit: a > a is always taken");
    check(
        r#"{ "id": "t", "from": "a", "to": "b" }, { "id": "u", "from": "b", "to": "a", "when": "otherwise" }"#,
        "4: node `a`: a cycle without exit: a > b > a is always taken",
    );
    check(
        r#"{ "id": "t", "from": "a", "to": "b" }, { "id": "u", "from": "b", "to": "c", "when": "state.n == 2" },
           { "id": "v", "from": "b", "to": "b", "fan_out": { "group": "g" } }"#,
        "5: node `b`: a cycle without exit: b > b is always taken",
    );

    // A condition somewhere in it is an exit, and so are a list that may be empty and siblings that are waited for.
    let runs = |transitions: &str| {
        let desk = Desk::new();
        desk.write("round.json", &beside(transitions));
        let said = desk.run(&["run", "round.json"]);
        assert_eq!((said.err.as_str(), said.code), ("", Some(0)), "{}", said.out);
    };
    runs(
        r#"{ "id": "exit", "from": "a", "to": "c", "when": "state.n != 1" },
           { "id": "t", "from": "a", "to": "b", "when": "otherwise" }, { "id": "u", "from": "b", "to": "a" }"#,
    );
    runs(
        r#"{ "id": "t", "from": "a", "to": "b", "fan_out": { "group": "g" } },
           { "id": "u", "from": "b", "to": "a", "when": "state.n == 1" },
           { "id": "v", "from": "b", "to": "c", "fan_in": { "group": "g" } }"#,
    );
}

#[test]
fn a_cycle_through_thousands_of_nodes_is_found_soon_and_told_in_short() {
    const COUNT: usize = 4_000;
    let nodes: Vec<_> =
        (0..COUNT).map(|n| format!(r#"    {{ "id": "n{n}", "task": "wait", "input": {{ "ms": 0 }} }}"#)).collect();
    let ways: Vec<_> = (0..COUNT)
        .map(|n| format!(r#"    {{ "id": "t{n}", "from": "n{n}", "to": "n{}" }}"#, (n + 1) % COUNT))
        .collect();
    let text = format!(
        "{{\n  \"name\": \"round\",\n  \"start\": \"n0\",\n  \"nodes\": [\n{}\n  ],\n  \"transitions\": [\n{}\n  ]\n}}",
        nodes.join(",\n"),
        ways.join(",\n")
    );
    let began = Instant::now();
    check_text(&text, "5: node `n0`: a cycle without exit: n0 > n1 > n2 > n3 > n4 > n5 > n6 > n7 > (3992 more) > n0");
    // It took 17 s when every node was looked for among all of them; a tenth of a second is usual now.
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
}

#[test]
fn a_cycle_that_may_be_left_is_none() {
    let desk = Desk::new();
    let way_back = r#"{ "id": "back", "from": "done", "to": "list", "when": "state.texts == null" }, { "id": "all""#;
    desk.write("letters.json", &GOOD.replace(r#"{ "id": "all""#, way_back));
    assert_eq!(desk.run(&["run", "letters.json"]).code, Some(0));
}

#[test]
fn a_missing_mapping() {
    check(r#""input": { "path": "$item" }, "#, "", "6: node `read`: missing mapping: its task needs the input `path`");
    check(
        r#""source": "branch.text""#,
        r#""source": "branch.words""#,
        "11: node `read`: transition `all`: missing mapping: it merges `branch.words`, which no node writes",
    );
    check(
        r#""group": "files", "merge""#,
        r#""group": "pages", "merge""#,
        "11: node `read`: transition `all`: it waits for the group `pages`, and no transition fans out into it",
    );
}

#[test]
fn a_condition_that_does_not_parse() {
    check(
        r#""to": "done","#,
        "\"to\": \"done\",\n      \"when\": \"state.total = 7\",",
        "12: node `read`: transition `all`: `state.total = 7` does not parse: column 13: expected one of == != < <= > >=, found `=`",
    );
}

#[test]
fn invalid_json() {
    check_text("{\n  \"name\": \"letters\",\n  \"start\" \"list\"\n}", "3: invalid JSON: expected `:`, column 11");
    check_text("[1]", "1: a definition is a JSON object, and this is a list");
    check(
        r#"{ "id": "done", "task": "wait", "input": { "ms": 0 } }"#,
        r#"["done", "wait"]"#,
        "7: a node is a JSON object, and this is a list",
    );
    check_text("", "1: invalid JSON: EOF while parsing a value, column 0");
}

#[test]
fn a_part_that_is_not_as_it_has_to_be() {
    check(
        r#""task": "wait""#,
        r#""task": "sleep""#,
        "7: node `done`: unknown variant `sleep`, expected one of `list_files`, `read_file`, `write_file`, `http`, `transform`, `wait`, `fail`, `workflow`, column 35",
    );
    check(r#""id": "read""#, r#""id": "list""#, "6: node `list`: there is a node of this name on line 5 already");
    check(
        r#""$item""#,
        r#""$sate.x""#,
        "6: node `read`: the path `sate.x` begins with none of input, state, output, branch, item, index, run",
    );
    check(
        r#""name": "letters""#,
        r#""name": "Letters of May""#,
        "2: `name` is made of a to z, digits and `_`, and begins with a letter",
    );
}

/// Keys and values that have the name of another key say nothing about where that key stands.
#[test]
fn a_mistake_is_told_where_it_stands() {
    check(
        r#""$state.texts""#,
        r#""$sate.texts""#,
        "14: the path `sate.texts` begins with none of input, state, output, branch, item, index, run",
    );
    // The id of a node is `output`, `start` or `name`, and stands before the key.
    let text = |replaced: &[(&str, &str)]| {
        let text = r#"{
  "nodes": [
    { "id": "output", "task": "wait", "input": { "ms": 0 } },
    { "id": "start", "task": "transform",
      "input": { "give": { "retry": "output", "merge": 1 } },
      "output": {
        "state.input": "result.value",
        "state.b": "result.value"
      },
      "retry": { "attempts": 1 } },
    { "id": "name", "task": "wait", "input": { "ms": 0 } }
  ],
  "transitions": [
    { "id": "when", "from": "output", "to": "start",
      "when": "state.n == 0" },
    { "id": "merge", "from": "start", "to": "name",
      "fan_out": {
        "group": "over",
        "over": "state.list" } },
    { "id": "back", "from": "name", "to": "name", "when": "state.n == 1",
      "fan_in": { "group": "over",
        "merge": { "strategy": "last", "target": "state.merge",
                   "source": "branch.merge" } } }
  ],
  "input_schema": { "output": "string", "start": "any" },
  "start": "output",
  "name": "upside",
  "output": {
    "input": "$state.a",
    "transitions": [
      "$state.b"
    ]
  }
}"#;
        let replace = |text: String, (from, to): &(&str, &str)| {
            assert_eq!(text.matches(from).count(), 1, "{from}");
            text.replace(from, to)
        };
        replaced.iter().fold(text.to_owned(), replace)
    };
    let check = |from: &str, to: &str, expected: &str| check_text(&text(&[(from, to)]), expected);
    let roots = "begins with none of input, state, output, branch, item, index, run";
    check(r#""start": "output""#, r#""start": "nowhere""#, "26: `start` names the unknown node `nowhere`");
    check(r#""upside""#, r#""Upside""#, "27: `name` is made of a to z, digits and `_`, and begins with a letter");
    check("$state.a", "$sate.a", &format!("29: the path `sate.a` {roots}"));
    check("$state.b", "$sate.b", &format!("30: the path `sate.b` {roots}"));
    check(
        r#""state.b": "result.value""#,
        r#""sate.b": "result.value""#,
        "8: node `start`: the path `sate.b` begins with none of state, branch",
    );
    check(r#""state.b": "result.value""#, r#""state.b": 7"#, "8: node `start`: `7` is no path into `result`");
    check(
        r#""retry": { "attempts": 1 }"#,
        r#""retry": { "attempts": 0 }"#,
        "10: node `start`: `attempts` is to be a whole number from 1 to 1000, and is 0",
    );
    check(
        r#""state.n == 0""#,
        r#""state.n""#,
        "15: node `output`: transition `when`: `state.n` does not parse: column 8: expected one of == != < <= > >=, found the end",
    );
    check(
        r#""state.list""#,
        r#""sate.list""#,
        &format!("19: node `start`: transition `merge`: the path `sate.list` {roots}"),
    );
    check(
        r#""branch.merge""#,
        r#""state.merge""#,
        "23: node `name`: transition `back`: the path `state.merge` begins with none of branch",
    );
    check(
        r#""state.merge""#,
        r#""state""#,
        "22: node `name`: transition `back`: `state` is a section, and a field of it is wanted",
    );
}

#[test]
fn all_wrong_definitions_are_told_and_none_is_run() {
    let desk = Desk::new();
    desk.write("good.json", GOOD);
    desk.write("one.json", "[");
    desk.write("two.json", &GOOD.replace("\"done\"", "\"dome\"").replacen("\"dome\"", "\"done\"", 1));
    let said = desk.run(&["run", "one.json", "good.json", "two.json"]);
    let files: Vec<_> = said.err.lines().map(|line| line.split(':').next().unwrap()).collect();
    assert_eq!(files, ["one.json", "two.json", "error"], "{}", said.err);
    assert_eq!((said.out.as_str(), said.code), ("", Some(1)));
}

#[test]
fn arguments_that_make_no_sense() {
    let desk = Desk::new();
    let check = |arguments: &[&str], code: i32, expected: &str| {
        let said = desk.run(arguments);
        assert!(said.err.contains(expected), "{}", said.err);
        assert_eq!(said.code, Some(code));
    };
    check(&["run", "none.json"], 1, "error: read none.json: ");
    check(&["run", "--input", "[1]"], 1, "error: --input takes a JSON object, and this is [1]");
    check(&["run", "--resume"], 2, "--db <FILE>");
    desk.write("text", "this is no database, however long it may be made for that it could be one");
    check(&["run", "--db", "text"], 1, "error: open text: --db takes a database of this program: ");
}
