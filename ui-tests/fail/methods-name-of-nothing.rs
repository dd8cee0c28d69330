//~ a name is made of lower-case words joined by single underscores, each beginning with a letter: write `api_tokens` [name/word]

use tense::traced;

#[traced(operation.apiTokens._)]
trait Tokens {
    fn find(&self);
}

struct Store;

impl Tokens for Store {
    fn find(&self) {}
}

fn main() {
    Store.find();
}
