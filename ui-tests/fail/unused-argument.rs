//~ unused variable: `node`

#![deny(warnings)]

use tense::traced;

#[traced(operation.tokens.created)]
fn create_token(node: u32) {}

fn main() {
    create_token(1);
}
