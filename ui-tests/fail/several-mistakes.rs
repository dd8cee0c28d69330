//~ unknown argument `levle` (did you mean `level`?); known are `fields`, `level`, `target`, `tags`, `parent`, `none`, `returns`, `exempt`, `crate` [attribute/unknown]
//~ `node` stands here twice; keep one of them [attribute/twice]
//~ `operation` events say what has happened, so their action is in the past tense: write `created` [tense/past]

use tense::traced;

#[traced(operation.tokens.create, levle = "info", fields(node, node = node + 1))]
fn create_token(node: u32) -> u32 {
    node
}

fn main() {
    create_token(1);
}
