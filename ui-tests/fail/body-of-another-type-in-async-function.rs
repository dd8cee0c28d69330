//~ mismatched types

use tense::traced;

#[traced(operation.tokens.created)]
async fn create_token(node: u32) -> Result<u32, String> {
    node
}

fn main() {
    drop(create_token(1));
}
