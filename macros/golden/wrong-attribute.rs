//! A name that is refused, an argument that nobody knows, and a field that is no argument: the function survives.
#[traced(operation.tokens.create, fields(node), levle = "info")]
pub fn create_token(request: &NewToken) -> Result<Token, CreateError> {
    let token = request.token();
    Ok(token)
}
