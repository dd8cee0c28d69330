//~ `none = failed` is for a function that returns an `Option`, and this one returns `Result<u32, String>`

use tense::traced;

#[traced(operation.tokens.created, none = failed)]
fn create() -> Result<u32, String> {
    Ok(1)
}

fn main() {
    create().unwrap();
}
