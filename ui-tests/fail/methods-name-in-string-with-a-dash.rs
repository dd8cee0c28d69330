//~ a name is made of lower-case words joined by single underscores, each beginning with a letter: write `to_kens` [name/word]

use tense::traced;

struct Store;

#[traced("operation.to-kens._")]
impl Store {
    #[cfg(all())]
    fn find(&self) {}
}

fn main() {
    Store.find();
}
