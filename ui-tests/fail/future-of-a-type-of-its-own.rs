//~ `std::future::Ready<u32>` is a future of a type that nothing can be wrapped in, so its span would end before it does

use std::future::{Ready, ready};

use tense::traced;

#[traced(operation.tokens.created)]
fn create() -> Ready<u32> {
    ready(1)
}

fn main() {
    drop(create());
}
