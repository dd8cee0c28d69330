//~ this attribute goes on a function with a body [item/function]

use tense::traced;

#[traced(operation.tokens.created)]
struct Token {
    id: u32,
}

fn main() {
    let _ = Token { id: 1 }.id;
}
