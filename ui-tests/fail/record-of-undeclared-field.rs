//~ no method named `tokn_id` found for struct `FieldsFilledLater` in the current scope

use tense::traced;

#[traced(operation.tokens.created, fields(token_id = _))]
fn create_token() {
    tense::record!(tokn_id = 7);
}

fn main() {
    create_token();
}
