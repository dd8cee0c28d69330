//! What an editor sees while somebody types: the body is passed on, whatever it is.
#[traced(operation.tokens.created, fields(id))]
fn create_token(id: u64) -> Token {
    let foo = find(id);
    let x = foo.
}
