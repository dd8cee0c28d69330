//~ unused variable: `node`
//~ unused variable: `other`
//~ variable does not need to be mutable
//~ variable does not need to be mutable

#![deny(warnings)]

use tense::traced;

#[traced(operation.tokens.created)]
async fn create_token(node: u32, mut name: String) -> String {
    name
}

struct Token {
    id: u32,
}

#[traced(operation.tokens.merged, fields(token.id))]
async fn merge_token(token: Token, other: Token, mut names: Vec<u32>) -> Vec<u32> {
    names
}

fn main() {
    drop(create_token(1, String::new()));
    drop(merge_token(Token { id: 1 }, Token { id: 2 }, Vec::new()));
}
