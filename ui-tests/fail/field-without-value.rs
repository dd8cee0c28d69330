//~ a value is missing behind this `=`; `= _` if the body fills it in [attribute/field]

use tense::traced;

#[traced(operation.tokens.created, fields(node =))]
fn create_token(node: u32) -> u32 {
    node
}

fn main() {
    create_token(1);
}
