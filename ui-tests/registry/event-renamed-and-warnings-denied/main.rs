//~ `operation.tokens.inserted` has a new name: write `operation.tokens.created` [registry/renamed]

#![deny(deprecated)]

use tense::traced;

#[traced(operation.tokens.inserted)]
fn work() {}

fn main() {
    work();
}
