//~ this attribute goes on a function with a body [item/function]
//~ this attribute goes on a function with a body [item/function]

use tense::traced;

#[traced(operation.tokens.created)]
const LIMIT: u32 = 1;

#[traced(operation.tokens.created)]
extern crate core as renamed;

fn main() {
    assert_eq!(LIMIT, 1);
}
