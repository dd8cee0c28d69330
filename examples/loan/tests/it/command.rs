//! The command `tense` is asked about what the program has left behind, as a person asks it; its printed answers are
//! compared.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::program::{self, Desk};

/// Runs one application, and compares what `tense tree` and `tense why` print about it.
#[track_caller]
fn check(id: &str, patience: &str, selector: &str, expected_tree: &str, expected_why: &str) {
    let desk = Desk::new();
    let said = desk.run(&["--only", id, "--patience", patience]);
    assert_eq!(said.code, Some(0), "{}", said.err);
    program::check(&without_times(&ask(&desk, &["tree", selector])), expected_tree);
    program::check(&without_times(&ask(&desk, &["why", selector])), expected_why);
}

/// Another package's program, so cargo is asked for it; with the tests of the workspace it is built already.
fn ask(desk: &Desk, question: &[&str]) -> String {
    let house = Path::new(env!("CARGO_MANIFEST_DIR"));
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| env!("CARGO").into()));
    command.args(["run", "--quiet", "--package", "tense-cli", "--manifest-path"]).arg(house.join("Cargo.toml"));
    command.arg("--target-dir").arg(target).arg("--").args(question);
    command.env("TENSE_DB", desk.path("tense.db")).env("NO_COLOR", "1").env("COLUMNS", "200");
    command.env("LC_ALL", "C.UTF-8").env_remove("TERM");
    let output = command.stdin(Stdio::null()).output().unwrap();
    assert!(output.status.success(), "{question:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The text with `_` for every duration and every number of a line in the source, and columns moved together.
fn without_times(text: &str) -> String {
    // What a line is indented by stays as it is.
    let is_text = |word: &str| word.contains(char::is_alphanumeric);
    let line = |line: &str| {
        let mut words: Vec<&str> = Vec::new();
        let mut rest = line.split(' ').peekable();
        while let Some(word) = rest.next() {
            let unit = rest.peek().map_or("", |next| next.trim_end_matches(':'));
            if word.parse::<f64>().is_ok() && ["ns", "µs", "ms", "s"].contains(&unit) {
                // The number stands at the right of its column.
                while words.last() == Some(&"") {
                    words.pop();
                }
                words.push(if rest.next().is_some_and(|unit| unit.ends_with(':')) { "_:" } else { "_" });
            } else if !(word.is_empty() && words.last() == Some(&"") && words.iter().any(|word| is_text(word))) {
                words.push(word);
            }
        }
        program::without_changing_numbers(&words.join(" "))
    };
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn insufficient_funds() {
    check(
        "L031",
        "30000",
        "last-failed",
        "dispatch.loan  application=L031 _  failed
        ├─ dispatch.validate _
        ├─ dispatch.credit _  compensated by dispatch.release_credit
        │  └─ operation.ledger.reserved  amount=5000 _
        ├─ dispatch.funding  instalment=208 _  failed  FundingError: insufficient funds
        │  └─ operation.ledger.debit_failed  amount=5000  fund=study _  failed  LedgerError: balance 120 < 5000
        ├─ dispatch.release_credit _  undoes dispatch.credit
        │  └─ operation.ledger.released _
        └─ dispatch.notify  never ran",
        "dispatch.loan failed after _: insufficient funds (FundingError) in dispatch.funding, \
         examples/loan/src/stages.rs:_
          because operation.ledger.debit_failed: balance 120 < 5000
          compensated: dispatch.credit · not compensated: none · never ran: dispatch.notify",
    );
}

#[test]
fn an_endpoint_that_is_tried_again() {
    check(
        "L044",
        "2000",
        "last",
        "dispatch.loan  application=L044 _
        ├─ dispatch.validate _
        ├─ dispatch.credit _
        │  └─ operation.ledger.reserved  amount=17300 _
        ├─ dispatch.funding  instalment=288 _
        │  └─ operation.ledger.debited  amount=17300  fund=home _
        └─ dispatch.notify _
           ├─ dispatch.notify.attempt_fail  attempt=1  backoff_ms=_ _  failed
           │  └─ operation.notice.send_failed _  failed  NoticeError: no answer within _
           └─ dispatch.notify.attempt  attempt=2  backoff_ms=_ _
              └─ operation.notice.sent _",
        "dispatch.loan succeeded in _
          recovered: dispatch.notify.attempt (1 failure, then success)",
    );
}

#[test]
fn the_wait_before_another_attempt_is_told_as_one() {
    let desk = Desk::new();
    assert_eq!(desk.run(&["--only", "L044", "--patience", "2000"]).code, Some(0));
    let told = ask(&desk, &["timeline", "last", "--idle", "1ms", "--json"]);
    let told: serde_json::Value = serde_json::from_str(&told).unwrap();
    let list = |key: &str| told[key].as_array().unwrap().iter();
    let begins =
        |moment: &&serde_json::Value| moment["what"] == "began" && moment["label"] == "dispatch.notify.attempt";
    let second = list("moments").find(begins).unwrap();
    let waits: Vec<_> = list("idle").filter(|idle| idle["kind"] == "back_off").map(|idle| &idle["after"]).collect();
    assert_eq!(waits, [&second["span_id"]]);
    let drawn = ask(&desk, &["waterfall", "last"]);
    assert!(drawn.lines().any(|row| row.starts_with("✗") && row.contains("dispatch.notify.attempt_fail")), "{drawn}");
}

#[test]
fn a_panic() {
    check(
        "L061",
        "30000",
        "last-failed",
        "dispatch.loan  application=L061 _  panicked
        ├─ dispatch.validate _
        ├─ dispatch.credit _  not compensated
        │  └─ operation.ledger.reserved  amount=4600 _
        ├─ dispatch.funding _  panicked  attempt to divide by zero at examples/loan/src/stages.rs:_
        └─ dispatch.notify  never ran",
        "dispatch.loan panicked after _: attempt to divide by zero at examples/loan/src/stages.rs:_ in dispatch.funding, \
         examples/loan/src/stages.rs:_
          compensated: none · not compensated: dispatch.credit (panicked) · never ran: dispatch.notify",
    );
}

#[test]
fn a_cancelled_run() {
    check(
        "L077",
        "30000",
        "last-failed",
        "dispatch.loan  application=L077 _  cancelled
        ├─ dispatch.validate _
        ├─ dispatch.credit _  not compensated
        │  └─ operation.ledger.reserved  amount=10500 _
        ├─ dispatch.funding  instalment=291 _  not compensated
        │  └─ operation.ledger.debited  amount=10500  fund=home _
        └─ dispatch.notify _  cancelled
           └─ dispatch.notify.attempt_fail  attempt=1  backoff_ms=_ _  cancelled
              └─ operation.notice.send_failed _  cancelled",
        "dispatch.loan was dropped before it finished, after _ in operation.notice.send_failed, \
         examples/loan/src/notices.rs:_
          compensated: none · not compensated: dispatch.credit (cancelled), dispatch.funding (cancelled) · never ran: none",
    );
}
