//! Trees of traces small enough to be read, line by line.

use super::*;
use crate::fixture::{TRACE, action, error, event, id, loan};
use tense_event::{ErrorInfo, ErrorKind, Status};

fn check(events: impl IntoIterator<Item = tense_event::Event>, expected: &[&str]) {
    let tree = Trace::from_events(TRACE, events).to_string();
    assert_eq!(tree.lines().collect::<Vec<_>>(), expected, "\n{tree}");
}

#[test]
fn a_pipeline_shows_what_was_undone_and_what_never_ran() {
    check(
        loan(),
        &[
            "dispatch.loan  application=L123  5.02 s  failed",
            "├─ dispatch.validate  3.0 ms",
            "├─ dispatch.credit  21.0 ms  compensated by dispatch.release_credit",
            "│  └─ operation.ledger.reserved  amount=5000  1.0 ms",
            "├─ dispatch.funding  4.98 s  failed  FundingError: insufficient funds",
            "│  └─ operation.ledger.debit_failed  1.0 ms  failed  LedgerError: balance 120 < 5000",
            "├─ dispatch.release_credit  2.0 ms  undoes dispatch.credit",
            "└─ dispatch.notify  never ran",
        ],
    );
}

/// In a loan that also left a stage out, that ran one unseen, and whose list was cut.
#[test]
fn lines_are_counted_as_they_are_made() {
    let mut events = loan();
    for event in events.iter_mut().filter(|event| event.span_id == id(1)) {
        event.data.insert("stages", vec!["a.wrap", "a.pack", "dispatch.validate", "dispatch.notify"]);
        event.data.insert("skipped", vec!["a.wrap"]);
        event.data.insert("unseen", vec!["a.pack"]);
        event.cut = vec!["stages".to_owned()];
    }
    let trace = Trace::from_events(TRACE, events);
    let lines = trace.tree();
    let said = |word| lines.iter().flat_map(|line| &line.notes).filter(|note| note.word == word).count();
    assert_eq!(["skipped", "ran unseen", "never ran", "list of stages cut"].map(said), [1; 4]);
    for taken in 0..=lines.len() {
        let mut rest = trace.tree_lines();
        assert!(rest.by_ref().take(taken).eq(lines[..taken].iter().cloned()));
        assert_eq!(rest.count(), lines.len() - taken);
    }
}

#[test]
fn a_field_that_is_called_skipped_or_unseen_is_one_of_a_pipeline_alone() {
    let mut events = [action(1, 0, "a.run", Status::Success, 0..10), action(2, 1, "a.look", Status::Success, 1..2)];
    events[0].data.insert("skipped", 3);
    events[1].data.insert("unseen", vec!["one"]);
    check(events, &["a.run  skipped=3  10.0 ms", "└─ a.look  unseen=[\"one\"]  1.0 ms"]);
}

#[test]
fn an_error_that_was_passed_on_is_said_once() {
    let mut events = [
        action(1, 0, "a.run", Status::Failed, 0..10),
        action(2, 1, "a.ask", Status::Failed, 1..9),
        action(3, 2, "a.send", Status::Failed, 2..8),
    ];
    events[0].error = error("E", "no answer");
    events[1].error = error("E", "no answer");
    events[2].error = error("F", "closed");
    check(
        events,
        &[
            "a.run  10.0 ms  failed",
            "└─ a.ask  8.0 ms  failed  E: no answer",
            "   └─ a.send  6.0 ms  failed  F: closed",
        ],
    );
}

#[test]
fn what_did_not_end_well_says_how() {
    let mut panicked = action(2, 1, "a.index", Status::Failed, 1..2);
    let mut info = ErrorInfo::new(ErrorKind::Panic);
    info.error_message = "index 3 of 3".to_owned();
    panicked.error = Some(info);
    let mut cancelled = action(3, 1, "a.wait", Status::Failed, 3..5);
    cancelled.error = Some(ErrorInfo::new(ErrorKind::Cancelled));
    let mut line = event(4, "log.info", Status::Success, 6);
    line.parent_span_id = Some(id(1));
    line.data.insert("message", "almost there");
    check(
        [
            event(1, "a.run", Status::Pending, 0),
            panicked,
            cancelled,
            line,
            action(5, 9, "b.run", Status::Success, 7..8),
        ],
        &[
            "a.run  not finished",
            "├─ a.index  1.0 ms  panicked  index 3 of 3",
            "├─ a.wait  2.0 ms  cancelled",
            "└─ log.info  \"almost there\"",
            "b.run  1.0 ms  parent missing",
        ],
    );
}

#[test]
fn what_is_inherited_is_shown_where_it_changes() {
    let at = |span, parent, node: &str| {
        let mut event = action(span, parent, "a.run", Status::Success, span..span + 1);
        event.data.insert("node", node);
        event.job_id = Some("j1".to_owned());
        event
    };
    check(
        [at(1, 0, "n1"), at(2, 1, "n2"), at(3, 2, "n2"), at(4, 1, "n1")],
        &["a.run  node=n1  job_id=j1  1.0 ms", "├─ a.run  node=n2  1.0 ms", "│  └─ a.run  1.0 ms", "└─ a.run  1.0 ms"],
    );
}
