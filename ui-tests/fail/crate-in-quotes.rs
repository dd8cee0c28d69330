//~ `crate` takes a path, without quotes [attribute/value]

use tense::traced;

#[traced(operation.tokens.created, crate = "tense")]
fn create_token() {}

fn main() {
    create_token();
}
