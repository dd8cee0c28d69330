//~ a field that does not end in its own name is given one: `id = ..` [attribute/unnamed]

use tense::traced;

#[traced(operation.tokens.created, fields(node.id = node))]
fn create_token(node: u32) -> u32 {
    node
}

fn main() {
    create_token(1);
}
