//~ unused `Result` that must be used

#![deny(warnings)]

use tense::traced;

#[traced(operation.tokens.created)]
fn create_token() -> Result<(), String> {
    Ok(())
}

fn main() {
    create_token();
}
