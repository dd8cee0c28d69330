//~ a level is one of "trace", "debug", "info", "warn", "error" [attribute/level]

use tense::traced;

#[traced(operation.tokens.created, level = info)]
fn create_token() {}

fn main() {
    create_token();
}
