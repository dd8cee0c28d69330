//~ a field only looks: this could end or suspend the function where it would not without the annotation [attribute/leaves]

use tense::traced;

#[traced(operation.tokens.created, fields(node.first?))]
fn create_token(node: &str) -> Option<u32> {
    Some(7)
}

fn main() {
    create_token("n4");
}
