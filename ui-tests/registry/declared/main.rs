//! A declared name of a closed registry compiles.

use tense::traced;

#[traced(operation.tokens.created)]
fn work() {}

fn main() {
    work();
}
