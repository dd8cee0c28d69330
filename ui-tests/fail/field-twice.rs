//~ `node` stands here twice; keep one of them [attribute/twice]

use tense::traced;

#[traced(operation.tokens.created, fields(node, node = node + 1))]
fn create_token(node: u32) -> u32 {
    node
}

fn main() {
    create_token(1);
}
