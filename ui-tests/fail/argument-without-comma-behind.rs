//~ a comma is missing before this [attribute/comma]

use tense::traced;

#[traced(operation.tokens.created, level = "info" target = "tokens")]
fn create_token() {}

fn main() {
    create_token();
}
