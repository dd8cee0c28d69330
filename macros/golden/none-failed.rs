//! A `None` that is a failure.
#[traced(operation.tokens.found, none = failed)]
fn find(&self, id: u64) -> Option<&Token> {
    self.tokens.get(id)
}
