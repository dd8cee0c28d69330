//~ cannot find value `nod` in this scope

use tense::traced;

#[traced(operation.tokens.created, fields(nod))]
fn create_token(node: u32) -> u32 {
    node
}

fn main() {
    create_token(1);
}
