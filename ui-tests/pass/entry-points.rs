//! `#[tokio::main]` before and behind our attribute.

#![deny(warnings)]

use tense::traced;
use tense_layer::testing::capture;

#[traced(dispatch.program._)]
#[tokio::main(flavor = "current_thread")]
async fn run_outside() -> Result<u8, String> {
    tokio::task::yield_now().await;
    Ok(1)
}

#[tokio::main(flavor = "current_thread")]
#[traced(dispatch.program._, fields(n))]
async fn run_inside(n: u8) -> Result<u8, String> {
    tokio::task::yield_now().await;
    if n == 0 { Err("nothing".to_owned()) } else { Ok(n) }
}

#[traced(dispatch.program._)]
fn main() {
    let capture = capture();
    assert_eq!((run_outside(), run_inside(2)), (Ok(1), Ok(2)));
    run_inside(0).unwrap_err();
    let names: Vec<_> = capture.events().iter().map(|event| event.event_type.to_string()).collect();
    let inside = "dispatch.program.run_inside";
    assert_eq!(names[..2], ["dispatch.program.run_outside", inside]);
    assert!(names[2].starts_with(inside) && names[2] != inside, "{names:?}");
}
