//~ a name is made of lower-case words joined by single underscores, each beginning with a letter: write `api_tokens` [name/word]

use tense::traced;

trait Tokens {
    fn find(&self);

    fn delete(&self) {}

    fn create(&self) {}
}

struct Store;

#[traced(operation.apiTokens._)]
impl Tokens for Store {
    fn find(&self) {}

    fn create(&self) {}
}

fn main() {
    Store.find();
    Store.delete();
    Store.create();
}
