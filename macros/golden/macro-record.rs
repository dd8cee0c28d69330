//! A field that the body fills in.
fn create() {
    tense::record!(token_id = token.id, name = %token.name);
}
