//! What a test is given to work with: trees to compare, events to find, captures that reach other threads.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;

use tense::{event, traced};
use tense_layer::testing::{Tree, capture, capture_with};
use tense_layer::{Targets, builder};
use tracing::instrument::WithSubscriber;

#[traced(dispatch.order.*, fields(job_id, amount))]
fn order(job_id: &str, amount: u64) -> Result<u64, String> {
    let paid = charge(amount)?;
    event!(operation.order.paid, paid, at = std::process::id());
    Ok(paid)
}

#[traced(operation.cards.charged, fields(amount))]
fn charge(amount: u64) -> Result<u64, String> {
    if amount > 9 { Err("too much".to_owned()) } else { Ok(amount) }
}

/// What a panic of that says.
fn said<T>(check: impl FnOnce() -> T) -> String {
    match catch_unwind(AssertUnwindSafe(check)) {
        Ok(_) => panic!("it should have panicked"),
        Err(payload) => payload.downcast_ref().cloned().unwrap_or_default(),
    }
}

#[test]
fn a_tree_is_compared_with_one_that_is_written_down() {
    let capture = capture();
    order("j1", 5).unwrap();
    order("j2", 50).unwrap_err();
    capture.tree().without(["at"]).assert_is(
        "
        dispatch.order.start amount=5 pending
          operation.cards.charged amount=5
          operation.order.paid paid=5
        dispatch.order.complete amount=5
        dispatch.order.start amount=50 pending
          operation.cards.charge_failed amount=50 failed Error String: too much
        dispatch.order.fail amount=50 failed Error String: too much
        ",
    );
    assert_eq!(
        capture.tree().only(["job_id", "paid"]),
        r#"
           dispatch.order.start job_id="j1" pending
             operation.cards.charged job_id="j1"
             operation.order.paid job_id="j1" paid=5
           dispatch.order.complete job_id="j1"
           dispatch.order.start job_id="j2" pending
             operation.cards.charge_failed job_id="j2" failed Error String: too much
           dispatch.order.fail job_id="j2" failed Error String: too much"#
    );
    assert_eq!(capture.tree(), Tree::of(&capture.events()));
    assert_ne!(capture.tree(), capture.tree().without(["at"]));
}

#[test]
fn a_tree_that_differs_shows_where() {
    let capture = capture();
    order("j1", 5).unwrap();
    let said = said(|| {
        capture.tree().only(["amount"]).assert_is(
            "
            dispatch.order.start amount=5 pending
              operation.cards.charged amount=6
              operation.order.paid
            dispatch.order.complete amount=5
            ",
        );
    });
    assert_eq!(
        said,
        "another tree was recorded; - is expected and missing, + was recorded:\n\n\
         \x20 dispatch.order.start amount=5 pending\n\
         -   operation.cards.charged amount=6\n\
         +   operation.cards.charged amount=5\n\
         \x20   operation.order.paid\n\
         \x20 dispatch.order.complete amount=5\n\n\
         the same events with other fields or endings: `tree().without([..])` leaves out fields that differ from run to run\n"
    );
}

#[test]
fn spans_that_overlap_stand_in_the_order_in_which_they_began() {
    #[traced(operation.steps.done, fields(n))]
    async fn step(n: u32, turns: u32) {
        for _ in 0..turns {
            tokio::task::yield_now().await;
        }
    }
    let capture = capture();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async { tokio::join!(step(1, 3), step(2, 2), step(3, 1)) });
    assert_eq!(capture.events()[0].data.get("n").unwrap(), 3, "the last one ends first");
    assert_eq!(capture.tree(), "operation.steps.done n=1\noperation.steps.done n=2\noperation.steps.done n=3");
}

#[test]
fn a_panic_is_the_same_line_wherever_it_stands() {
    #[traced(operation.cards.burnt)]
    fn burn() {
        panic!("the card is on fire");
    }
    let capture = capture();
    catch_unwind(burn).unwrap_err();
    assert_eq!(capture.tree(), "operation.cards.burn_failed failed Panic panic: the card is on fire");
}

#[test]
fn an_event_is_found_by_its_type() {
    let capture = capture();
    order("j1", 5).unwrap();
    order("j1", 6).unwrap();
    assert_eq!(capture.of_type("operation.order.paid").len(), 2);
    let message = said(|| capture.one("operation.order.paid"));
    assert!(
        message.starts_with("2 events `operation.order.paid` were recorded, not one:\ndispatch.order.start"),
        "{message}"
    );
    let message = said(|| capture.one("operation.order.payed"));
    assert!(message.starts_with("no `operation.order.payed` was recorded:\ndispatch.order.start"), "{message}");
    let capture = capture_with(builder());
    charge(7).unwrap();
    assert_eq!(capture.one("operation.cards.charged").data.get("amount").unwrap(), 7);
}

#[test]
fn a_capture_reaches_threads_that_it_is_handed_to() {
    let capture = capture();
    thread::scope(|scope| {
        scope.spawn(|| capture.in_scope(|| charge(1)));
        scope.spawn(|| charge(2));
    });
    assert_eq!(capture.tree(), "operation.cards.charged amount=1");
}

#[test]
fn a_capture_reaches_the_tasks_and_the_threads_of_a_runtime() {
    #[traced(operation.steps.done, fields(n))]
    async fn step(n: u32) {
        tokio::task::yield_now().await;
    }
    let capture = capture();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    runtime.block_on(async {
        tokio::spawn(step(1).with_subscriber(capture.dispatch())).await.unwrap();
        tokio::spawn(step(2)).await.unwrap();
    });
    assert_eq!(capture.tree(), "operation.steps.done n=1");
    let dispatch = capture.dispatch();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .on_thread_start(move || std::mem::forget(tracing::dispatcher::set_default(&dispatch)))
        .build()
        .unwrap();
    runtime.block_on(async { tokio::spawn(step(3)).await.unwrap() });
    assert_eq!(capture.tree(), "operation.steps.done n=1\noperation.steps.done n=3");
}

#[test]
fn a_capture_may_have_a_filter() {
    let capture = capture_with(builder().filter("it=info,it::captured=off".parse::<Targets>().unwrap()));
    charge(1).unwrap();
    tracing::info_span!(target: "it", "seen").in_scope(|| {});
    assert_eq!(capture.tree(), "foreign.it name=\"seen\"");
}
