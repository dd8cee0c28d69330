//~ can't capture dynamic environment in a fn item

use tense::traced;

#[traced(operation.tokens.created, fields(token_id = _))]
fn create_token() {
    fn insert() {
        tense::record!(token_id = 7);
    }
    insert();
}

fn main() {
    create_token();
}
