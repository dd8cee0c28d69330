//! While names are migrated an old one still compiles.

use tense::traced;

#[traced(operation.tokens.inserted)]
fn work() {}

fn main() {
    work();
}
