//! A function that has to know its caller.
#[traced(operation.places.found)]
#[track_caller]
fn place() -> u32 {
    Location::caller().line()
}
