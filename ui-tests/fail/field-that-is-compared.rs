//~ a field is `name`, `name = value`, or one of them with `%` or `?` before the value, between commas [attribute/field]

use tense::traced;

#[traced(operation.tokens.created, fields(node == 1))]
fn create_token(node: u32) -> u32 {
    node
}

fn main() {
    create_token(1);
}
