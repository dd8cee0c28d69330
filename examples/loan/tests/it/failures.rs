//! One application for every way to fail: what is printed, the tree of its trace, and the events that are stored.

use crate::program::{self, Desk, Event, Said, tree};

/// Runs one application and compares everything that it leaves behind.
#[track_caller]
fn check(id: &str, line: &str, expected_tree: &str, expected_events: &str) -> (Desk, Said) {
    let desk = Desk::new();
    let said = desk.run(&["--only", id, "--patience", patience_for(id)]);
    assert_eq!(said.code, Some(0), "{}", said.err);
    assert_eq!(said.out.lines().next().unwrap(), format!("{id}  {line}"));
    assert!(said.out.contains("the books balance: "), "{}", said.out);

    let trace = desk.trace(id);
    assert!(trace.gaps().is_empty(), "{:?}", trace.gaps());
    program::check(&tree(&trace), expected_tree);

    let events = desk.events();
    assert!(events.iter().all(|event| event.has("application", id)), "{events:#?}");
    // When a report is made depends on how busy the machine is.
    let events = events.iter().filter(|event| !event.is_report());
    let events: Vec<_> = events.map(|event| format!("{} {}", event.event_type, event.status)).collect();
    program::check(&events.join("\n"), expected_events);
    (desk, said)
}

/// What is told of a failure: the reasons with their spans, each with its attempts where these are several; which
/// steps were undone by what, which were not and why, and which stages never ran.
#[track_caller]
fn told(desk: &Desk, id: &str, reasons: &[&str], undone: &[&str], not_undone: &[&str], never_ran: &[&str]) {
    let trace = desk.trace(id);
    let why = trace.why();
    let said = why.reasons().into_iter().map(|reason| {
        let attempts = if reason.cause.attempts > 1 { format!(" x{}", reason.cause.attempts) } else { String::new() };
        let message = program::without_changing_numbers(reason.message);
        format!("{}{attempts}: {message}", reason.cause.span.label()).trim_end_matches([':', ' ']).to_owned()
    });
    assert_eq!(said.collect::<Vec<_>>(), reasons);
    let found = trace.compensations();
    assert_eq!(found, why.compensations);
    let pairs = found.done().map(|pair| {
        let original = pair.original.map_or("?", |original| original.label());
        format!("{original} by {}", pair.compensation.label())
    });
    assert_eq!(pairs.collect::<Vec<_>>(), undone);
    assert_eq!(found.failed().count(), 0);
    let missing = found.missing.iter().map(|missing| {
        format!("{} by {}: {:?}", missing.stage.label(), missing.declared, missing.because).to_lowercase()
    });
    assert_eq!(missing.collect::<Vec<_>>(), not_undone);
    let absent: Vec<_> = why.never_ran.iter().map(|absent| absent.stage).collect();
    assert_eq!(absent, never_ran);
    assert_eq!(trace.never_ran().len(), absent.len());
}

/// An inbox that answers does so at once, but on a machine that is busy with other tests this may be late; so only who
/// never gets an answer has the program's own patience.
fn patience_for(id: &str) -> &'static str {
    match id {
        "L050" => "400",
        "L044" => "2000",
        _ => "30000",
    }
}

#[test]
fn an_application_that_nothing_is_wrong_with() {
    let (desk, _) = check(
        "L001",
        "approved",
        "dispatch.loan  application=L001
        ├─ dispatch.validate
        ├─ dispatch.credit
        │  └─ operation.ledger.reserved  amount=1400
        ├─ dispatch.funding  instalment=58
        │  └─ operation.ledger.debited  amount=1400  fund=home
        └─ dispatch.notify
           └─ dispatch.notify.attempt  attempt=1  backoff_ms=_
              └─ operation.notice.sent",
        "dispatch.loan.start pending
        dispatch.validate.start pending
        dispatch.validate.complete success
        dispatch.credit.start pending
        operation.ledger.reserved success
        dispatch.credit.complete success
        dispatch.funding.start pending
        operation.ledger.debited success
        dispatch.funding.complete success
        dispatch.notify.start pending
        operation.notice.sent success
        dispatch.notify.attempt success
        dispatch.notify.complete success
        dispatch.loan.complete success",
    );
    told(&desk, "L001", &[], &[], &[], &[]);
}

#[test]
fn bad_data() {
    let (desk, _) = check(
        "L012",
        "refused in dispatch.validate: 75000 is more than the 50000 that can be asked for",
        "dispatch.loan  application=L012  failed
        ├─ dispatch.validate  failed  ValidateError: 75000 is more than the 50000 that can be asked for
        ├─ dispatch.credit  never ran
        ├─ dispatch.funding  never ran
        └─ dispatch.notify  never ran",
        "dispatch.loan.start pending
        dispatch.validate.start pending
        dispatch.validate.fail failed
        dispatch.loan.fail failed",
    );
    let all = ["dispatch.credit", "dispatch.funding", "dispatch.notify"];
    told(&desk, "L012", &["dispatch.validate: 75000 is more than the 50000 that can be asked for"], &[], &[], &all);
}

#[test]
fn credit_refused() {
    let (desk, _) = check(
        "L023",
        "refused in dispatch.credit: 40000 is more than 2 incomes of 15500",
        "dispatch.loan  application=L023  failed
        ├─ dispatch.validate
        ├─ dispatch.credit  failed  CreditError: 40000 is more than 2 incomes of 15500
        ├─ dispatch.funding  never ran
        └─ dispatch.notify  never ran",
        "dispatch.loan.start pending
        dispatch.validate.start pending
        dispatch.validate.complete success
        dispatch.credit.start pending
        dispatch.credit.fail failed
        dispatch.loan.fail failed",
    );
    let reason = "dispatch.credit: 40000 is more than 2 incomes of 15500";
    told(&desk, "L023", &[reason], &[], &[], &["dispatch.funding", "dispatch.notify"]);
}

#[test]
fn insufficient_funds() {
    let (desk, said) = check(
        "L031",
        "refused in dispatch.funding: insufficient funds: balance 120 < 5000; undone: dispatch.credit",
        "dispatch.loan  application=L031  failed
        ├─ dispatch.validate
        ├─ dispatch.credit  compensated by dispatch.release_credit
        │  └─ operation.ledger.reserved  amount=5000
        ├─ dispatch.funding  instalment=208  failed  FundingError: insufficient funds
        │  └─ operation.ledger.debit_failed  amount=5000  fund=study  failed  LedgerError: balance 120 < 5000
        ├─ dispatch.release_credit  undoes dispatch.credit
        │  └─ operation.ledger.released
        └─ dispatch.notify  never ran",
        "dispatch.loan.start pending
        dispatch.validate.start pending
        dispatch.validate.complete success
        dispatch.credit.start pending
        operation.ledger.reserved success
        dispatch.credit.complete success
        dispatch.funding.start pending
        operation.ledger.debit_failed failed
        dispatch.funding.fail failed
        operation.ledger.released success
        dispatch.release_credit success
        dispatch.loan.fail failed",
    );
    assert!(said.out.contains("left to settle by hand: none"), "{}", said.out);

    told(
        &desk,
        "L031",
        &["dispatch.funding: insufficient funds", "operation.ledger.debit_failed: balance 120 < 5000"],
        &["dispatch.credit by dispatch.release_credit"],
        &[],
        &["dispatch.notify"],
    );
}

#[test]
fn an_endpoint_that_answers_too_late_is_tried_again() {
    let (desk, _) = check(
        "L044",
        "approved",
        "dispatch.loan  application=L044
        ├─ dispatch.validate
        ├─ dispatch.credit
        │  └─ operation.ledger.reserved  amount=17300
        ├─ dispatch.funding  instalment=288
        │  └─ operation.ledger.debited  amount=17300  fund=home
        └─ dispatch.notify
           ├─ dispatch.notify.attempt_fail  attempt=1  backoff_ms=_  failed
           │  └─ operation.notice.send_failed  failed  NoticeError: no answer within 2000 ms
           └─ dispatch.notify.attempt  attempt=2  backoff_ms=_
              └─ operation.notice.sent",
        "dispatch.loan.start pending
        dispatch.validate.start pending
        dispatch.validate.complete success
        dispatch.credit.start pending
        operation.ledger.reserved success
        dispatch.credit.complete success
        dispatch.funding.start pending
        operation.ledger.debited success
        dispatch.funding.complete success
        dispatch.notify.start pending
        operation.notice.send_failed failed
        dispatch.notify.attempt_fail failed
        operation.notice.sent success
        dispatch.notify.attempt success
        dispatch.notify.complete success
        dispatch.loan.complete success",
    );
    assert_eq!(desk.trace("L044").why().recovered.iter().map(|r| r.failures).collect::<Vec<_>>(), [1]);
    told(&desk, "L044", &[], &[], &[], &[]);
}

#[test]
fn an_endpoint_that_never_answers() {
    let (desk, said) = check(
        "L050",
        "refused in dispatch.notify: no answer within 400 ms; undone: dispatch.credit, dispatch.funding",
        "dispatch.loan  application=L050  failed
        ├─ dispatch.validate
        ├─ dispatch.credit  compensated by dispatch.release_credit
        │  └─ operation.ledger.reserved  amount=19500
        ├─ dispatch.funding  instalment=1625  compensated by dispatch.return_funds
        │  └─ operation.ledger.debited  amount=19500  fund=home
        ├─ dispatch.notify  failed
        │  ├─ dispatch.notify.attempt_fail  attempt=1  backoff_ms=_  failed
        │  │  └─ operation.notice.send_failed  failed  NoticeError: no answer within 400 ms
        │  ├─ dispatch.notify.attempt_fail  attempt=2  backoff_ms=_  failed
        │  │  └─ operation.notice.send_failed  failed  NoticeError: no answer within 400 ms
        │  └─ dispatch.notify.attempt_fail  attempt=3  backoff_ms=_  failed
        │     └─ operation.notice.send_failed  failed  NoticeError: no answer within 400 ms
        ├─ dispatch.return_funds  undoes dispatch.funding
        │  └─ operation.ledger.refunded  amount=19500
        └─ dispatch.release_credit  undoes dispatch.credit
           └─ operation.ledger.released",
        "dispatch.loan.start pending
        dispatch.validate.start pending
        dispatch.validate.complete success
        dispatch.credit.start pending
        operation.ledger.reserved success
        dispatch.credit.complete success
        dispatch.funding.start pending
        operation.ledger.debited success
        dispatch.funding.complete success
        dispatch.notify.start pending
        operation.notice.send_failed failed
        dispatch.notify.attempt_fail failed
        operation.notice.send_failed failed
        dispatch.notify.attempt_fail failed
        operation.notice.send_failed failed
        dispatch.notify.attempt_fail failed
        dispatch.notify.fail failed
        operation.ledger.refunded success
        dispatch.return_funds success
        operation.ledger.released success
        dispatch.release_credit success
        dispatch.loan.fail failed",
    );
    assert!(said.out.contains("the books balance: 0 paid out; left to settle by hand: none"), "{}", said.out);
    // It took longer than a second, so on the way both were reported as open.
    let reported: Vec<_> = desk.events().into_iter().filter(Event::is_report).map(|event| event.event_type).collect();
    for open in ["dispatch.loan", "dispatch.notify"] {
        assert!(reported.iter().any(|name| name == open), "{open} is not in {reported:?}");
    }
    told(
        &desk,
        "L050",
        &["operation.notice.send_failed x3: no answer within 400 ms"],
        &["dispatch.funding by dispatch.return_funds", "dispatch.credit by dispatch.release_credit"],
        &[],
        &[],
    );
}

#[test]
fn a_panic() {
    let (desk, said) = check(
        "L061",
        "panicked: attempt to divide by zero; nothing was undone",
        "dispatch.loan  application=L061  panicked
        ├─ dispatch.validate
        ├─ dispatch.credit  not compensated
        │  └─ operation.ledger.reserved  amount=4600
        ├─ dispatch.funding  panicked  attempt to divide by zero at examples/loan/src/stages.rs:_
        └─ dispatch.notify  never ran",
        "dispatch.loan.start pending
        dispatch.validate.start pending
        dispatch.validate.complete success
        dispatch.credit.start pending
        operation.ledger.reserved success
        dispatch.credit.complete success
        dispatch.funding.start pending
        dispatch.funding.fail failed
        dispatch.loan.fail failed",
    );
    assert!(said.out.contains("left to settle by hand: L061"), "{}", said.out);
    assert!(said.err.contains("attempt to divide by zero"), "the program's own panic hook was heard: {}", said.err);
    told(
        &desk,
        "L061",
        &["dispatch.funding: attempt to divide by zero at examples/loan/src/stages.rs:_"],
        &[],
        &["dispatch.credit by release_credit: panicked"],
        &["dispatch.notify"],
    );
}

#[test]
fn a_cancelled_run() {
    let (desk, said) = check(
        "L077",
        "cancelled after 150 ms; nothing was undone",
        "dispatch.loan  application=L077  cancelled
        ├─ dispatch.validate
        ├─ dispatch.credit  not compensated
        │  └─ operation.ledger.reserved  amount=10500
        ├─ dispatch.funding  instalment=291  not compensated
        │  └─ operation.ledger.debited  amount=10500  fund=home
        └─ dispatch.notify  cancelled
           └─ dispatch.notify.attempt_fail  attempt=1  backoff_ms=_  cancelled
              └─ operation.notice.send_failed  cancelled",
        "dispatch.loan.start pending
        dispatch.validate.start pending
        dispatch.validate.complete success
        dispatch.credit.start pending
        operation.ledger.reserved success
        dispatch.credit.complete success
        dispatch.funding.start pending
        operation.ledger.debited success
        dispatch.funding.complete success
        dispatch.notify.start pending
        operation.notice.send_failed failed
        dispatch.notify.attempt_fail failed
        dispatch.notify.fail failed
        dispatch.loan.fail failed",
    );
    assert!(said.out.contains("left to settle by hand: L077"), "{}", said.out);
    let not_undone = ["dispatch.credit by release_credit: cancelled", "dispatch.funding by return_funds: cancelled"];
    told(&desk, "L077", &["operation.notice.send_failed"], &[], &not_undone, &[]);
}
