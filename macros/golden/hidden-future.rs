//! A future behind `impl`.
#[traced(operation.tokens.read, fields(id))]
fn read(id: &str) -> impl Future<Output = Result<Token, Error>> + Send {
    let id = id.to_owned();
    async move { load(id).await }
}
