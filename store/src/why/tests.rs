//! Traces small enough to be told in full, and why each of them failed.

use super::*;
use crate::fixture::{TRACE, action, dropped, error, failed, id, loan};
use tense_event::{ErrorKind, Event, Status};

/// Each reason with its link, as text.
fn reasons(events: Vec<Event>) -> Vec<String> {
    let trace = Trace::from_events(TRACE, events);
    let reasons = trace.why().reasons();
    reasons.iter().map(|r| format!("{} {:?}: {}", r.cause.span.label(), r.cause.link, r.message)).collect()
}

#[test]
fn the_way_leads_from_the_pipeline_to_the_ledger() {
    assert_eq!(
        reasons(loan()),
        ["dispatch.funding Root: insufficient funds", "operation.ledger.debit_failed Wrapped: balance 120 < 5000"]
    );
}

#[test]
fn a_retry_that_succeeded_is_not_the_cause() {
    let events = vec![
        failed(1, 0, "a.run", 0..100, "no answer"),
        failed(2, 1, "a.ask", 1..5, "timeout"),
        action(3, 1, "a.ask", Status::Success, 6..9),
        failed(4, 1, "a.tell", 10..20, "refused"),
    ];
    let trace = Trace::from_events(TRACE, events.clone());
    let why = trace.why();
    assert_eq!(why.recovered.iter().map(|r| (r.last_failure.id, r.failures)).collect::<Vec<_>>(), [(id(2), 1)]);
    assert!(why.also_failed.is_empty());
    assert_eq!(reasons(events), ["a.run Root: no answer", "a.tell LastDone: refused"]);
}

#[test]
fn the_same_error_beats_a_later_one() {
    let events = vec![
        failed(1, 0, "a.run", 0..100, "refused"),
        failed(2, 1, "a.tell", 10..20, "refused"),
        failed(3, 1, "a.log_out", 30..40, "already out"),
    ];
    assert_eq!(reasons(events.clone()), ["a.tell Root: refused"]);
    let trace = Trace::from_events(TRACE, events);
    assert_eq!(trace.why().also_failed.iter().map(|span| span.id).collect::<Vec<_>>(), [id(3)]);
}

#[test]
fn a_message_is_said_in_whole_words() {
    let events = vec![
        failed(1, 0, "a.run", 0..100, "bank refused"),
        failed(2, 1, "a.look_up", 1..5, "a"),
        failed(3, 1, "a.ask", 20..45, "account closed"),
    ];
    assert_eq!(reasons(events), ["a.run Root: bank refused", "a.ask LastDone: account closed"]);
    for (text, said, expected) in [
        ("step two: no route", "no route", true),
        ("(no route)", "no route", true),
        ("no routes", "no route", false),
        ("no routes, no route", "no route", true),
        ("Zürich", "rich", false),
        ("45 ms", "5 ms", false),
        ("x: -", "-", true),
    ] {
        assert_eq!(says(text, said), expected, "{text} {said}");
    }
}

#[test]
fn an_error_that_only_changes_its_type_on_the_way_is_one_reason() {
    let mut passed_on = failed(2, 1, "a.ask", 1..90, "no route");
    passed_on.error = error("BankError", "no route");
    let mut first = failed(3, 2, "a.connect", 2..80, "no route");
    first.error = error("NetError", "no route");
    let events = vec![failed(1, 0, "a.run", 0..100, "step two: no route"), passed_on, first];
    assert_eq!(reasons(events), ["a.run Root: step two", "a.connect Wrapped: no route"]);
}

#[test]
fn what_ended_after_its_parent_is_not_the_cause() {
    let events = vec![failed(1, 0, "a.run", 0..10, "no"), failed(2, 1, "a.detached", 5..30, "late")];
    assert_eq!(reasons(events), ["a.run Root: no"]);
}

#[test]
fn other_work_in_between_makes_a_cause_uncertain() {
    let events = vec![
        failed(1, 0, "a.run", 0..100, "invalid"),
        failed(2, 1, "a.cache", 1..2, "miss"),
        action(3, 1, "a.load", Status::Success, 3..50),
    ];
    assert_eq!(reasons(events), ["a.run Root: invalid", "a.cache Perhaps: miss"]);
}

#[test]
fn what_was_dropped_beside_the_cause_has_not_failed_too() {
    // The first one was dropped long before, for another reason; it has not failed either.
    let events = [
        failed(1, 0, "a.run", 0..100, "refused"),
        dropped(2, 1, "a.wait", 1..5),
        failed(3, 1, "a.tell", 10..20, "refused"),
        dropped(4, 1, "a.wait", 10..21),
    ];
    let trace = Trace::from_events(TRACE, events);
    assert!(trace.why().also_failed.is_empty());
    assert_eq!(trace.why().cancelled.iter().map(|span| span.id).collect::<Vec<_>>(), [id(2), id(4)]);
}

/// In a time that is not that of all of them with each other.
#[test]
fn many_that_were_dropped_or_tried_again_are_no_trouble() {
    let many = 40_000;
    let deep = (1..=many).flat_map(|span| {
        let dropped = dropped(many + span, span, "a.wait", span + 1..3 * many - span);
        [failed(span, span - 1, "a.step", span..3 * many - span, ""), dropped]
    });
    let trace = Trace::from_events(TRACE, deep);
    let why = trace.why();
    assert_eq!((why.chain.len() as u64, why.also_failed.len()), (many, 0));

    // Half of them fail when all others have come and gone.
    let of = |mut event: Event, item: u64| {
        event.data.insert("item", item);
        event
    };
    let wide = (2..many + 2).map(|span| match span % 2 {
        0 => of(failed(span, 1, "a.ask", span..many * 9, "late"), 1),
        _ => of(action(span, 1, "a.ask", Status::Success, span..span + 1), 2),
    });
    let ends = [action(1, 0, "a.run", Status::Success, 0..many * 10)];
    let again = [of(action(many * 2, 1, "a.ask", Status::Success, many * 9 + 1..many * 9 + 2), 1)];
    let trace = Trace::from_events(TRACE, wide.chain(ends).chain(again));
    let recovered: Vec<_> = trace.why().recovered.iter().map(|group| (group.last_failure.id, group.failures)).collect();
    assert_eq!(recovered, [(id(many), many as usize / 2)]);
}

#[test]
fn whoever_takes_the_first_answer_drops_the_others() {
    let slow = dropped(3, 1, "a.ask", 1..20);
    let events = [action(1, 0, "a.run", Status::Success, 0..100), action(2, 1, "a.ask", Status::Success, 1..20), slow];
    let trace = Trace::from_events(TRACE, events);
    let why = trace.why();
    assert!(why.also_failed.is_empty());
    assert_eq!(why.cancelled.iter().map(|span| span.id).collect::<Vec<_>>(), [id(3)]);
}

#[test]
fn what_a_timeout_has_dropped_is_its_consequence() {
    let events = vec![
        failed(1, 0, "a.run", 0..210, "a.pack: timed out after 200ms"),
        failed(2, 1, "a.pack", 5..206, "timed out after 200ms"),
        dropped(3, 2, "a.wait", 5..206),
        dropped(4, 3, "a.wait", 6..206),
    ];
    assert_eq!(reasons(events.clone()), ["a.run Root: a.pack", "a.pack Wrapped: timed out after 200ms"]);
    let trace = Trace::from_events(TRACE, events);
    let why = trace.why();
    assert_eq!(why.cancelled.iter().map(|span| span.id).collect::<Vec<_>>(), [id(3)]);
    assert!(why.also_failed.is_empty());
    // It stood further below.
    assert_eq!(trace.first_cause_of(why.cancelled[0]).id, id(4));
}

#[test]
fn what_was_told_to_stop_and_says_so_is_a_cause() {
    let mut stopped = failed(2, 1, "a.pack", 1..90, "stopped: shutting down");
    stopped.error.as_mut().unwrap().kind = ErrorKind::Cancelled;
    let events = vec![failed(1, 0, "a.run", 0..100, "a.pack: stopped: shutting down"), stopped];
    assert_eq!(reasons(events), ["a.run Root: a.pack", "a.pack Wrapped: stopped: shutting down"]);
}

#[test]
fn a_panic_while_something_was_undone_is_where_it_was() {
    let panicked = |span, parent, name, ms: std::ops::Range<u64>| {
        let mut event = failed(span, parent, name, ms, "stuck at src/label.rs:49");
        event.error.as_mut().unwrap().kind = ErrorKind::Panic;
        event
    };
    let mut undo = panicked(4, 2, "a.unlabel", 40..90);
    undo.tags.push("compensation".into());
    let events = vec![
        panicked(1, 0, "a.order", 0..100),
        panicked(2, 1, "a.deliver", 5..95),
        failed(3, 2, "a.ship", 20..30, "no stock"),
        undo,
    ];
    assert_eq!(reasons(events.clone()), ["a.unlabel Root: stuck at src/label.rs:49"]);
    // Why it was undone is told as well.
    let trace = Trace::from_events(TRACE, events);
    assert_eq!(trace.why().also_failed.iter().map(|span| span.id).collect::<Vec<_>>(), [id(3)]);
}

#[test]
fn attempts_in_vain_are_counted() {
    let events = (2..5).map(|n| failed(n, 1, "a.ask", n * 10..n * 10 + 5, "timeout"));
    let events = events.chain([failed(1, 0, "a.run", 0..100, "gave up")]);
    let trace = Trace::from_events(TRACE, events);
    let why = trace.why();
    assert_eq!(why.chain.last().map(|cause| (cause.span.id, cause.attempts)), Some((id(4), 3)));
    assert!(why.also_failed.is_empty());
}

#[test]
fn a_dropped_run_stood_where_its_children_were_dropped() {
    let trace = Trace::from_events(TRACE, [dropped(1, 0, "a.run", 0..10), dropped(2, 1, "a.wait", 5..11)]);
    assert_eq!(trace.why().chain.iter().map(|cause| cause.span.id).collect::<Vec<_>>(), [id(1), id(2)]);
}
