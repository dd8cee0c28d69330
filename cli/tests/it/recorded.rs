//! Runs of both examples, as their events were written when they ran (`tests/runs`): of every kind of failure of the
//! loan program, what happened is told, and nothing else.
//!
//! That the program still leaves such events, its own tests hold (`examples/loan/tests/it/failures.rs`); what all other
//! commands say of these runs, [`super::widths`].

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

use super::runs::Bench;

/// One application a kind of failure, and two that went well.
const LOANS: &str = "loan.jsonl";
/// A workflow of which one branch fails.
const ORDER: &str = "order.jsonl";

/// A database with both, and the trace of each application.
pub(super) struct Recorded {
    pub(super) bench: Bench,
    loans: BTreeMap<String, String>,
}

impl Recorded {
    pub(super) fn new() -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/runs");
        let bench = Bench::new();
        for file in [ORDER, LOANS] {
            let path = folder.join(file);
            let imported = bench.ask(&["import", path.to_str().unwrap()]);
            assert_eq!(imported.code, Some(0), "{}", imported.err);
        }
        let events = std::fs::read_to_string(folder.join(LOANS)).unwrap();
        let events = events.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let loans = events.map(|event| (text(&event["data"]["application"]), text(&event["trace_id"]))).collect();
        Self { bench, loans }
    }

    pub(super) fn trace(&self, application: &str) -> &str {
        &self.loans[application]
    }
}

/// What `why` and `compensations` say of an application.
#[track_caller]
fn check(application: &str, why: &str, compensations: &str) {
    let recorded = Recorded::new();
    recorded.bench.check(&["why", recorded.trace(application)], why);
    recorded.bench.check(&["compensations", recorded.trace(application)], compensations);
}

#[test]
fn approved() {
    check(
        "L001",
        "
dispatch.loan succeeded in 2.0 ms; nothing failed",
        "
dispatch.loan  2.0 ms  success
  nothing was undone, nothing was left undone, every stage ran",
    );
}

#[test]
fn bad_data() {
    check(
        "L012",
        "
dispatch.loan failed after 139 µs: 75000 is more than the 50000 that can be asked for (ValidateError) in dispatch.validate, examples/loan/src/stages.rs:79
  compensated: none · not compensated: none · never ran: dispatch.credit, dispatch.funding, dispatch.notify",
        "
dispatch.loan  139 µs  failed
  never ran  dispatch.credit   of dispatch.loan
  never ran  dispatch.funding  of dispatch.loan
  never ran  dispatch.notify   of dispatch.loan",
    );
}

#[test]
fn credit_refused() {
    check(
        "L023",
        "
dispatch.loan failed after 165 µs: 40000 is more than 2 incomes of 15500 (CreditError) in dispatch.credit, examples/loan/src/stages.rs:90
  compensated: none · not compensated: none · never ran: dispatch.funding, dispatch.notify",
        "
dispatch.loan  165 µs  failed
  never ran  dispatch.funding  of dispatch.loan
  never ran  dispatch.notify   of dispatch.loan",
    );
}

#[test]
fn insufficient_funds() {
    check(
        "L031",
        "
dispatch.loan failed after 512 µs: insufficient funds (FundingError) in dispatch.funding, examples/loan/src/stages.rs:106
  because operation.ledger.debit_failed: balance 120 < 5000
  compensated: dispatch.credit · not compensated: none · never ran: dispatch.notify",
        "
dispatch.loan  512 µs  failed
  undone     dispatch.credit  by dispatch.release_credit, 52.7 µs
  never ran  dispatch.notify  of dispatch.loan",
    );
}

#[test]
fn an_answer_that_came_too_late_once() {
    check(
        "L044",
        "
dispatch.loan succeeded in 433 ms
  recovered: dispatch.notify.attempt (1 failure, then success)",
        "
dispatch.loan  433 ms  success
  nothing was undone, nothing was left undone, every stage ran",
    );
}

#[test]
fn an_answer_that_never_came() {
    check(
        "L050",
        "
dispatch.loan failed after 1.32 s: no answer within 400 ms (NoticeError) in operation.notice.send_failed, examples/loan/src/notices.rs:47, 3 attempts
  compensated: dispatch.funding, dispatch.credit · not compensated: none · never ran: none",
        "
dispatch.loan  1.32 s  failed
  undone  dispatch.funding  by dispatch.return_funds, 257 µs
  undone  dispatch.credit   by dispatch.release_credit, 50.7 µs",
    );
}

#[test]
fn a_panic() {
    check(
        "L061",
        "
dispatch.loan panicked after 150 ms: attempt to divide by zero at examples/loan/src/stages.rs:109 in dispatch.funding, examples/loan/src/stages.rs:106
  compensated: none · not compensated: dispatch.credit (panicked) · never ran: dispatch.notify",
        "
dispatch.loan  150 ms  panicked
  not undone  dispatch.credit  by release_credit: a stage panicked, and took the run with it
  never ran   dispatch.notify  of dispatch.loan",
    );
}

#[test]
fn a_run_that_was_dropped() {
    check(
        "L077",
        "
dispatch.loan was dropped before it finished, after 151 ms in operation.notice.send_failed, examples/loan/src/notices.rs:47
  compensated: none · not compensated: dispatch.credit (cancelled), dispatch.funding (cancelled) · never ran: none",
        "
dispatch.loan  151 ms  cancelled
  not undone  dispatch.credit   by release_credit: the run was dropped, so nobody was left to do it
  not undone  dispatch.funding  by return_funds: the run was dropped, so nobody was left to do it",
    );
}

#[test]
fn a_workflow_of_which_one_branch_fails() {
    let recorded = Recorded::new();
    recorded.bench.check(
        &["why", "122b126e"],
        "
dispatch.workflow.failed failed after 170 ms: node `charge` (RunError), examples/coordinator/src/run.rs:125
  because debug.http.request_fail: POST /cards was answered 402: the card is declined: 900 is more than 500, 2 attempts",
    );
    let nothing = recorded.bench.ask(&["compensations", "122b126e"]);
    assert_eq!((nothing.code, nothing.err.as_str()), (Some(3), "this trace has no pipeline, and undoes nothing\n"));
}
