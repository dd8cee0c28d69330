//~ a name comes first: `layer.domain.action`, as in `operation.tokens.created` [name/missing]

use tense::traced;

#[traced(fields(node))]
fn create_token(node: u32) -> u32 {
    node
}

fn main() {
    create_token(1);
}
