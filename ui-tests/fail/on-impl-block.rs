//~ this attribute goes on a function with a body [item/function]

use tense::traced;

struct Token;

#[traced(operation.tokens._)]
impl Token {
    fn create() {}
}

fn main() {
    Token::create();
}
