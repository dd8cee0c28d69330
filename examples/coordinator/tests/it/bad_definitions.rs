//! What is wrong with a definition is said once, with its file, its line and its node; and nothing is run.

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
fn check_text(text: &str, expected: &str) {
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
    check_text("", "1: invalid JSON: EOF while parsing a value, column 0");
}

#[test]
fn a_part_that_is_not_as_it_has_to_be() {
    check(
        r#""task": "wait""#,
        r#""task": "sleep""#,
        "7: node `done`: unknown variant `sleep`, expected one of `list_files`, `read_file`, `write_file`, `http`, `transform`, `wait`, `fail`, `workflow`, column 31",
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
