//~ cannot find value `no_traced_function_with_fields_left_open_around_this_record` in this scope

use tense::traced;

#[traced(operation.tokens.created)]
fn create_token() {
    tense::record!(token_id = 7);
}

fn main() {
    create_token();
}
