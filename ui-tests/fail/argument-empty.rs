//~ an argument is `key = value` or `key(..)`, between commas [attribute/argument]

use tense::traced;

#[traced(operation.tokens.created,, level = "info")]
fn create() {}

fn main() {
    create();
}
