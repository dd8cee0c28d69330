//~ this attribute goes on a function with a body [item/function]

use tense::traced;

#[traced(operation.tokens._)]
mod tokens {
    pub fn create() {}
}

fn main() {
    tokens::create();
}
