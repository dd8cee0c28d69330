//~ unused variable: `node`
//~ variable does not need to be mutable

#![deny(warnings)]

use tense::traced;

#[traced(operation.tokens.created)]
async fn create_token(node: u32, mut name: String) -> String {
    name
}

fn main() {
    drop(create_token(1, String::new()));
}
