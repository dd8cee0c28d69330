//~ expected string literal

use tense::traced;

#[traced(operation.tokens.created, level = info)]
fn create_token() {}

fn main() {
    create_token();
}
