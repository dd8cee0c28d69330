//~ an `async fn` has begun nothing when it returns, so its call ends with its future: remove `returns = value` [attribute/returns]

use tense::traced;

#[traced(operation.tokens.created, returns = value)]
async fn create() -> u32 {
    1
}

fn main() {
    drop(create());
}
