//! What a crate records that does not depend on `tense` itself.

use tense_handed_on::made::{Desk, ask, pass};
use tense_handed_on::{Till, charge, find, find_boxed, run};
use tense_layer::testing::capture;

#[tokio::test]
async fn everything_is_recorded() {
    let capture = capture();
    assert_eq!((charge(1, "ab"), charge(10, "ab")), (Ok(2), Err("ab".to_owned())));
    assert_eq!((find(7).await, find(1).await, find_boxed("ab").await), (Some(0), None, 2));
    assert_eq!((Till(1).update(2), run(2).await, run(0).await), (3, Some(4), None));
    let mut names: Vec<_> = capture.events().iter().map(|event| event.event_type.to_string()).collect();
    names.sort();
    names.dedup();
    let expected = [
        "decision.cards.charge",
        "dispatch.credit.complete",
        "dispatch.credit.fail",
        "dispatch.credit.start",
        "dispatch.loan.complete",
        "dispatch.loan.fail",
        "dispatch.loan.start",
        "operation.cards.charge_failed",
        "operation.cards.charged",
        "operation.cards.checked",
        "operation.cards.find_failed",
        "operation.cards.found",
        "operation.tills.updated",
    ];
    assert_eq!(names, expected);
}

#[tokio::test]
async fn what_a_macro_of_another_crate_makes_is_recorded() {
    let capture = capture();
    assert_eq!((ask(2).await, Desk.update(2), pass(2).await), (Ok(4), 3, Ok(2)));
    let events = capture.events();
    let names: Vec<_> = events.iter().map(|event| &*event.event_type).collect();
    let expected = [
        "operation.services.called",
        "operation.services.updated",
        "dispatch.service.start",
        "operation.services.seen",
        "dispatch.service.complete",
    ];
    assert_eq!(names, expected);
    assert_eq!(events[0].data.get("result").unwrap(), 4);
}
