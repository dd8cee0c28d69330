//! A call whose values do not fit as they are begins twice: the usual way gives it up after it was entered. It is there
//! once, and nothing else is disturbed by that.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use tense::traced;

use crate::capture;
use crate::tree::tree;

#[traced(operation.step.taken)]
fn step() {}

/// Each text takes half of the room that is left, so the last value finds none, until all texts share the room.
#[traced(operation.pages.filled, fields(a = text, b = text, c = text, d = text, e = text, f = text, g = text, h = text, i = text, j = text, k = text, l = text, n = 1))]
fn fill(text: &str) {
    step();
}

#[traced(operation.pages.filled, fields(a = text, b = text, c = text, d = text, e = text, f = text, g = text, h = text, i = text, j = text, k = text, l = text, n = 1))]
async fn fill_later(text: &str) {
    step();
}

#[traced(operation.book.written)]
fn write(text: &str) {
    fill(text);
    step();
    let filled = pin!(fill_later(text)).poll(&mut Context::from_waker(Waker::noop()));
    assert_eq!(filled, Poll::Ready(()));
    step();
}

#[test]
fn a_call_whose_values_do_not_fit_at_first_is_there_once_and_leaves_nothing_behind() {
    let capture = capture();
    let before = tense_layer::health().ring_full;
    write(&"long".repeat(10_000));
    step();
    let filled = "  operation.pages.filled\n    operation.step.taken\n  operation.step.taken\n".repeat(2);
    let tree = tree(&capture.events());
    let names: String = tree.lines().map(|line| format!("{}\n", line.split(" a=").next().unwrap())).collect();
    assert_eq!(names, format!("operation.book.written\n{filled}operation.step.taken\n"));
    assert_eq!(tense_layer::health().ring_full, before);
}
