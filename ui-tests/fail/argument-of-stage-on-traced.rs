//~ unknown argument `compensate`; known are `fields`, `level`, `target`, `tags`, `parent`, `none`, `returns`, `exempt`, `crate` [attribute/unknown]

use tense::traced;

#[traced(operation.tokens.created, compensate = delete_token)]
fn create_token() {}

fn main() {
    create_token();
}
