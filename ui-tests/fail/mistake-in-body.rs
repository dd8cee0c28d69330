//~ cannot find value `nod` in this scope

use tense::traced;

#[traced(operation.tokens.created)]
fn create_token(node: u32) -> Result<u32, String> {
    Ok(nod)
}

fn main() {
    drop(create_token(1));
}
