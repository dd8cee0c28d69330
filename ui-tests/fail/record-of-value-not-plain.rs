//~ `Token` cannot be recorded as a field as it is

use tense::traced;

struct Token;

#[traced(operation.tokens.created, fields(token = _))]
fn create_token() {
    tense::record!(token = Token);
}

fn main() {
    create_token();
}
