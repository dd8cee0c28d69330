//~ expected string literal
//+ unexpected token, expected `)`

use tense::traced;

#[traced(operation.tokens.created, tags(saga))]
fn create_token() {}

fn main() {
    create_token();
}
