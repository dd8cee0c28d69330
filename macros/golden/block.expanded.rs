//! What the macros make of `block.rs`.

impl TokenStore {
    const MOST: usize = 7;
    fn new() -> Self {
        Self::default()
    }
    #[crate::reexported::tense::traced(
        operation.tokens._,
        tags("store"),
        crate = crate::reexported::tense
    )]
    fn create(&mut self, id: u64) -> Option<Token> {
        self.tokens.insert(id)
    }
    #[traced(operation.tokens.found, none = failed)]
    fn find(&self, id: u64) -> Option<&Token> {
        self.tokens.get(id)
    }
}
