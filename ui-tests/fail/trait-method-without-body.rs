//~ a function without a body does nothing that could be recorded: annotate it where it is implemented [item/body]

use tense::traced;

trait Tokens {
    #[traced(operation.tokens.created)]
    fn create(&self);
}

impl Tokens for u32 {
    fn create(&self) {}
}

fn main() {
    1.create();
}
