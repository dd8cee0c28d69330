//~ no action can be made of the method's name `banana`: leave it out with `#[traced(skip)]`, or give it a `#[traced(..)]` of its own [name/function]

use tense::traced;

struct Token;

#[traced(operation.tokens._)]
impl Token {
    fn create() {}

    fn banana() {}
}

fn main() {
    Token::create();
    Token::banana();
}
