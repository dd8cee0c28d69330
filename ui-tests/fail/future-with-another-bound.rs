//~ a future that is recorded is wrapped, and the wrapper is a `Future` and nothing more: leave this bound out, or annotate the function that does the work [item/future]

use std::future::{Future, ready};

use tense::traced;

#[traced(operation.tokens.created)]
fn create() -> impl Future<Output = u32> + Send + Clone {
    ready(1)
}

fn main() {
    drop(create());
}
