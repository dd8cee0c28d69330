//~ a field is `name`, `name = value`, or one of them with `%` or `?` before the value, between commas [attribute/field]

use tense::traced;

#[traced(operation.tokens.created, fields(_))]
fn create_token(_: u32) {}

fn main() {
    create_token(1);
}
