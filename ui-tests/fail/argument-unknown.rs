//~ unknown argument `levle` (did you mean `level`?); known are `fields`, `level`, `target`, `tags`, `parent`, `none`, `returns`, `exempt`, `crate` [attribute/unknown]

use tense::traced;

#[traced(operation.tokens.created, levle = "info")]
fn create_token() {}

fn main() {
    create_token();
}
