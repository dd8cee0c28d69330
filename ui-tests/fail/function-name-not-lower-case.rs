//~ the function's name `createToken` is not made of lower-case words, so it cannot stand for `_`: write the action [name/function]

#![allow(non_snake_case)]

use tense::traced;

#[traced(operation.tokens._)]
fn createToken() {}

fn main() {
    createToken();
}
