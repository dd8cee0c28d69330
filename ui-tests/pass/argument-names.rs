//! Arguments may be called what the expansion calls its own things.

#![deny(warnings)]

use tense::traced;

#[traced(operation.names.kept, fields(call, out, take, late = _))]
fn names(call: u8, out: u8, take: u8, guard: u8, open: u8, value: u8, span: u8, e: u8, tense: u8) -> u8 {
    tense::record!(late = guard);
    call + out + take + guard + open + value + span + e + tense
}

#[traced(operation.names.kept, fields(call, out, late = _))]
async fn names_async(call: u8, out: u8, take: u8, guard: u8, open: u8, argument_0: u8, (a, b): (u8, u8)) -> u8 {
    tense::record!(late = guard);
    call + out + take + guard + open + argument_0 + a + b
}

#[traced(operation.r#type.r#match.moved, fields(r#type))]
fn r#match(r#type: u8) -> u8 {
    r#type
}

#[traced(operation.type.match._)]
fn r#move() {}

/// What a raw identifier is called in an event.
fn recorded(work: impl FnOnce()) -> String {
    let capture = tense_layer::testing::capture();
    work();
    let event = &capture.events()[0];
    format!("{} {:?}", event.event_type, event.data.iter().next())
}

fn main() {
    assert!(recorded(|| assert_eq!(r#match(7), 7)).starts_with("operation.type.match.moved Some((\"type\""));
    assert_eq!(recorded(r#move), "operation.type.match.moved None");
    assert_eq!(names(1, 1, 1, 1, 1, 1, 1, 1, 1), 9);
    assert_eq!(r#match(1), 1);
    r#move();
    let future = names_async(1, 1, 1, 1, 1, 1, (1, 1));
    assert_eq!(tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future), 8);
}
