//~ no field `idd` on type `&Token`

use tense::traced;

struct Token {
    id: u32,
}

impl Token {
    #[traced(operation.tokens.moved, fields(self.idd))]
    fn shift(&self) -> u32 {
        self.id
    }
}

fn main() {
    Token { id: 1 }.shift();
}
