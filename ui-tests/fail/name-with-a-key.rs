//~ the name comes first and has no key: write `operation.tokens.created` itself, without `name =` [name/missing]

use tense::traced;

#[traced(name = "operation.tokens.created", level = "debug")]
fn create_token(node: u32) -> u32 {
    node
}

fn main() {
    create_token(1);
}
