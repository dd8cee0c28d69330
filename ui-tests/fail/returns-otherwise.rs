//~ `returns` takes nothing but `value` [attribute/value]

use tense::traced;

#[traced(operation.tokens.created, returns = future)]
fn create() -> Option<u32> {
    Some(1)
}

fn main() {
    create();
}
