//~ every method has an action of its own: write `_` here, and it is taken from the method's name [name/methods]

use tense::traced;

struct Token;

#[traced(operation.tokens.created)]
impl Token {
    fn create() {}

    fn delete() {}
}

fn main() {
    Token::create();
    Token::delete();
}
