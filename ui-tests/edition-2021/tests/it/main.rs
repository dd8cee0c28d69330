//! The shapes of this edition, and the twins of `layer/tests/it`, compiled by its rules.

#[path = "../../../../layer/tests/it/twins.rs"]
mod twins;

use std::cell::RefCell;

use tense_edition_2021::{Shelf, borrow, boxed, count, measure, measure_now, read, write};
use tense_layer::testing::capture;

#[tokio::test]
async fn functions_of_the_edition_2021_are_recorded() {
    let capture = capture();
    let mut all = Vec::new();
    assert_eq!(write("a", &mut all, 7).await, 1);
    assert_eq!(read(&all, "a").await.map(String::as_str), Some("a 7"));
    assert_eq!((measure("abc").await, count("abc")(1), measure_now("ab").await, boxed("a", &all).await), (3, 4, 2, 2));
    assert_eq!((borrow(RefCell::new("abc".to_owned())), Shelf::full().empty()), (3, 1));
    assert_eq!(Shelf::full().read(0).await.as_deref(), Some("a"));
    let names: Vec<_> = capture.events().iter().map(|event| event.event_type.to_string()).collect();
    let expected = [
        "editions.written",
        "editions.read",
        "editions.measured",
        "editions.counted",
        "editions.measured",
        "editions.boxed",
        "editions.borrowed",
        "shelves.emptied",
        "shelves.read",
    ];
    assert_eq!(names, expected.map(|name| format!("operation.{name}")));
}
