//~ `= _` stands for a value that the body of a function fills in; here it has to be given now [attribute/later]

use tense::traced;

#[traced(operation.tokens.created, fields(token_id = _))]
fn create_token() {
    tense::record!(token_id = _);
}

fn main() {
    create_token();
}
