//! One attribute for all methods of a block.
#[traced(operation.tokens._, tags("store"), crate = crate::reexported::tense)]
impl TokenStore {
    const MOST: usize = 7;

    #[traced(skip)]
    fn new() -> Self {
        Self::default()
    }

    fn create(&mut self, id: u64) -> Option<Token> {
        self.tokens.insert(id)
    }

    #[traced(operation.tokens.found, none = failed)]
    fn find(&self, id: u64) -> Option<&Token> {
        self.tokens.get(id)
    }
}
