//! A method without a name yet, between two that are whole.
#[traced(operation.tokens._)]
impl TokenStore {
    fn create(&mut self, id: u64) -> Option<Token> {
        self.
    }

    fn

    fn find(&self, id: u64) -> Option<&Token> {
        self.tokens.get(id)
    }
}
