//~ `fields` takes parentheses: `fields(..)` [attribute/parentheses]

use tense::traced;

#[traced(operation.tokens.created, fields = node)]
fn create_token(node: u32) -> u32 {
    node
}

fn main() {
    create_token(1);
}
