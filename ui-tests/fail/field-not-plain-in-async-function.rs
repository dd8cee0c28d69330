//~ `Params` cannot be recorded as a field as it is

use tense::traced;

struct Params {
    node: u32,
}

#[traced(operation.tokens.created, fields(params))]
async fn create_token(params: Params) -> u32 {
    params.node
}

fn main() {
    drop(create_token(Params { node: 1 }));
}
