//~ `level` needs a value: `level = ..` [attribute/value]

use tense::traced;

#[traced(operation.tokens.created, level)]
fn create_token() {}

fn main() {
    create_token();
}
