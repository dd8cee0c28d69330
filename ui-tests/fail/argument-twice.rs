//~ `level` stands here twice; keep one of them [attribute/twice]

use tense::traced;

#[traced(operation.tokens.created, level = "info", level = "debug")]
fn create_token() {}

fn main() {
    create_token();
}
