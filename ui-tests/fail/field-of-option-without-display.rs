//~ `Option<Params>` doesn't implement `std::fmt::Display`

use tense::traced;

struct Params {
    node: u32,
}

#[traced(operation.tokens.created, fields(%params))]
fn create_token(params: Option<Params>) -> Option<u32> {
    params.map(|params| params.node)
}

fn main() {
    create_token(Some(Params { node: 1 }));
}
