//~ a field that does not end in its own name is given one: `name = node.0` [attribute/unnamed]

use tense::traced;

#[traced(operation.tokens.created, fields(node.0))]
fn create_token(node: &(u32,)) -> u32 {
    node.0
}

fn main() {
    create_token(&(1,));
}
