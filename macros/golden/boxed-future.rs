//! A type that may be the alias of a boxed future.
#[traced(operation.tokens.read)]
fn read(&self, id: u64) -> BoxFuture<'_, Token> {
    Box::pin(async move { self.load(id).await })
}
