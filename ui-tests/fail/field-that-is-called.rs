//~ a field that does not end in its own name is given one: `len = node.len..` [attribute/unnamed]

use tense::traced;

#[traced(operation.tokens.created, fields(node.len()))]
fn create_token(node: &str) -> u32 {
    7
}

fn main() {
    create_token("n4");
}
