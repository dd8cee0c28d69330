//~ `id` stands here twice; keep one of them [attribute/twice]

use tense::traced;

struct Token {
    id: u32,
}

impl Token {
    #[traced(operation.tokens.moved, fields(self.id, to.id))]
    fn move_to(&self, to: &Token) -> u32 {
        self.id + to.id
    }
}

fn main() {
    Token { id: 1 }.move_to(&Token { id: 2 });
}
