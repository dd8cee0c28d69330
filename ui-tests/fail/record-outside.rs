//~ cannot find value `no_traced_function_with_fields_left_open_around_this_record` in this scope

fn create_token() -> u32 {
    tense::record!(token_id = 7);
    7
}

fn main() {
    create_token();
}
