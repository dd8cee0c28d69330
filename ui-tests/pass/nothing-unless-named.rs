//! Without `fields` nothing of the arguments is recorded, whatever they are; and a bare function gives no warning.

#![deny(warnings)]

use tense::traced;
use tense_layer::testing::capture;

/// Neither `Debug` nor anything else.
struct Secret(#[expect(dead_code, reason = "nobody is to look at it")] u64);

#[traced(operation.functions.called)]
fn bare() {}

#[traced(operation.functions.called)]
fn two(_a: u32, _b: &str) {}

#[traced(operation.functions.called)]
fn passed_on<T>(t: T) -> T {
    t
}

#[traced(operation.functions._, fields(n))]
fn update_one(n: u32, _secret: &Secret) -> u32 {
    n
}

fn main() {
    let capture = capture();
    bare();
    two(1, "a");
    passed_on(Secret(1));
    update_one(7, &Secret(2));
    let events = capture.events();
    let names: Vec<_> = events.iter().map(|event| &*event.event_type).collect();
    let called = "operation.functions.called";
    assert_eq!(names, [called, called, called, "operation.functions.one_updated"]);
    let data: Vec<_> = events.iter().map(|event| event.data.iter().count()).collect();
    assert_eq!(data, [0, 0, 0, 1]);
}
