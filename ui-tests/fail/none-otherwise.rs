//~ `none` takes nothing but `failed` [attribute/value]

use tense::traced;

#[traced(operation.tokens.created, none = error)]
fn create() -> Option<u32> {
    Some(1)
}

fn main() {
    create();
}
