//~ `Vec<Params>` cannot be recorded as a field as it is

use tense::traced;

struct Params {
    node: u32,
}

#[traced(operation.tokens.created, fields(params))]
fn create_token(params: Vec<Params>) -> u32 {
    params[0].node
}

fn main() {
    create_token(vec![Params { node: 1 }]);
}
