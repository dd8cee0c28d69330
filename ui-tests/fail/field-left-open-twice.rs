//~ `id` stands here twice; keep one of them [attribute/twice]

use tense::traced;

#[traced(operation.tokens.created, fields(id = _, id = _))]
fn create() {
    tense::record!(id = 7);
}

fn main() {
    create();
}
