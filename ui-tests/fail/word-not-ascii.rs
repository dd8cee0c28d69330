//~ `größe` cannot be part of a name, which is made of lower-case words joined by single underscores, each beginning with a letter; `ö` in it is U+00F6 [name/word]

use tense::traced;

#[traced(operation.größe.created)]
fn create_token() {}

fn main() {
    create_token();
}
