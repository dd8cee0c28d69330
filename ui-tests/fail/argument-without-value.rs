//~ expected `=`

use tense::traced;

#[traced(operation.tokens.created, level)]
fn create_token() {}

fn main() {
    create_token();
}
