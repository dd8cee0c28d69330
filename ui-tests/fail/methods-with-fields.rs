//~ `fields` is about one method: write it there, in a `#[traced(..)]` of its own [attribute/methods]

use tense::traced;

struct Token {
    id: u32,
}

#[traced(operation.tokens._, fields(id = self.id))]
impl Token {
    fn create(&self) -> u32 {
        self.id
    }
}

fn main() {
    Token { id: 1 }.create();
}
