//! What is wrong with a line, a file or an argument is said once and clearly, and the rest of the work goes on.

use std::fs;

use crate::program::{Desk, PATIENCE, check};

const GOOD: &str = r#"{"id": "G1", "amount": 100, "income": 900, "months": 12, "fund": "home", "inbox": "prompt"}"#;

#[test]
fn the_whole_file_is_worked_on_and_its_bad_lines_are_named() {
    let desk = Desk::new();
    let said = desk.run(&[&["--at-once", "16"], &PATIENCE[..]].concat());
    assert_eq!(said.code, Some(0), "{}", said.err);
    let about_lines: Vec<_> = said.err.lines().filter(|line| line.starts_with("applications.jsonl:")).collect();
    check(
        &about_lines.join("\n"),
        "applications.jsonl:17: field `amount`: a whole number from 1 to 4294967295 is wanted, and this is -2500
        applications.jsonl:38: not a JSON object: EOF while parsing a string at column 54
        applications.jsonl:59: field `income`: is missing
        applications.jsonl:83: field `colour`: is not a field of an application",
    );
    let mut lines: Vec<_> = said.out.lines().collect();
    let summary = lines.split_off(lines.len() - 2);
    assert_eq!(summary[0], "96 applications: 87 approved, 7 refused, 1 panicked, 1 cancelled; bad lines: 4");
    assert!(summary[1].starts_with("the books balance: "), "{}", summary[1]);
    assert!(summary[1].ends_with("; left to settle by hand: L061, L077"), "{}", summary[1]);
    assert_eq!(lines.len(), 96);
    assert!(!said.out.contains('\u{1b}'), "colours where nobody sees them: {}", said.out);
    assert_eq!(desk.traces().len(), 96);
}

#[test]
fn every_bad_line_gets_one_error_and_the_others_go_on() {
    let check = |bad: &str, expected: &str| {
        let desk = Desk::new();
        desk.write("day.jsonl", &format!("{GOOD}\n\n{bad}\n"));
        let said = desk.run(&["--applications", "day.jsonl"]);
        assert_eq!(said.err, format!("day.jsonl:3: {expected}\n"));
        assert!(said.out.starts_with("G1  approved\n1 applications: 1 approved, "), "{}", said.out);
        assert!(said.out.contains("; bad lines: 1\n"), "{}", said.out);
        assert_eq!(said.code, Some(0));
    };
    let with = |from: &str, to: &str| GOOD.replace("G1", "G2").replace(from, to);
    check("loan please", "not a JSON object: expected value at column 1");
    check("[1]", "not a JSON object: this is a list");
    check(GOOD, "field `id`: G1 is on line 1 already");
    check(&with("G2", r"\u001b[31m"), "field `id`: up to 32 letters, digits, `-`, `_` and `.` are wanted");
    check(&with("\"G2\"", "7"), "field `id`: a text is wanted, and this is 7");
    check(&with("100", "0"), "field `amount`: a whole number from 1 to 4294967295 is wanted, and this is 0");
    check(&with("100", "1.5"), "field `amount`: a whole number from 1 to 4294967295 is wanted, and this is 1.5");
    check(
        &with("900", "\"much\""),
        "field `income`: a whole number from 0 to 4294967295 is wanted, and this is \"much\"",
    );
    check(&with("\"fund\": \"home\", ", ""), "field `fund`: is missing");
    check(&with("home", "boat"), "field `fund`: `boat` is none of home, car, study");
    check(
        &with("home", &format!("\\u001b{}", "x".repeat(1_000))),
        &format!("field `fund`: `\\u{{1b}}{}..` is none of home, car, study", "x".repeat(39)),
    );
    check(&with("{", "{\"note\": 1, "), "field `note`: is not a field of an application");
}

#[test]
fn what_the_program_cannot_work_with_is_its_own_trouble() {
    let desk = Desk::new();
    desk.write("day.jsonl", GOOD);
    // What follows is said by the system, each in its own words.
    let check = |arguments: &[&str], expected: &str| {
        let said = desk.run(arguments);
        assert!(said.err.starts_with(&format!("error: {expected}")), "{}", said.err);
        assert_eq!((said.err.lines().count(), said.out.as_str(), said.code), (1, "", Some(1)), "{}", said.err);
    };
    check(
        &["--applications", "none.jsonl"],
        "read none.jsonl: --applications takes a file with one application a line, as JSON: ",
    );
    check(
        &["--applications", "day.jsonl", "--only", "G7"],
        "no application G7 in the file, so --only G7 would do nothing\n",
    );
    check(
        &["--applications", "day.jsonl", "--ledger", "nowhere/ledger.db"],
        "open the ledger nowhere/ledger.db: --ledger takes a file that can be written and does not exist yet: ",
    );
    check(
        &["--applications", "day.jsonl", "--ledger", "day.jsonl"],
        "open the ledger day.jsonl: --ledger takes a file that can be written and does not exist yet: ",
    );
    assert_eq!(fs::read_to_string(desk.path("day.jsonl")).unwrap(), GOOD);
}

#[test]
fn an_inbox_without_any_time_to_answer_is_a_mistake() {
    let said = Desk::new().run(&["--patience", "0"]);
    assert_eq!(said.code, Some(2));
    assert!(said.err.contains("--patience <MS>"), "{}", said.err);
}

#[test]
fn the_ledger_of_an_earlier_run_is_left_as_it_is() {
    let desk = Desk::new();
    desk.write("day.jsonl", GOOD);
    let arguments = ["--applications", "day.jsonl", "--ledger", "ledger.db"];
    assert_eq!(desk.run(&arguments).code, Some(0));
    let before = fs::read(desk.path("ledger.db")).unwrap();
    let said = desk.run(&arguments);
    assert_eq!(said.code, Some(1));
    assert!(said.err.contains("ledger.db: it is in use already; --ledger takes a file"), "{}", said.err);
    assert_eq!(fs::read(desk.path("ledger.db")).unwrap(), before);
}
