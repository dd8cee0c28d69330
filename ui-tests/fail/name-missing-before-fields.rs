//~ `(node)` cannot stand in a name: write `layer.domain.action`, then a comma [name/token]

use tense::traced;

#[traced(fields(node))]
fn create_token(node: u32) -> u32 {
    node
}

fn main() {
    create_token(1);
}
