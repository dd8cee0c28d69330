//~ `T` cannot be recorded as a field as it is

use tense::traced;

#[traced(operation.tokens.created, fields(node))]
fn create_token<T>(node: T) -> T {
    node
}

fn main() {
    create_token(1);
}
