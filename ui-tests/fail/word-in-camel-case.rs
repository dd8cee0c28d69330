//~ a name is made of lower-case words joined by single underscores, each beginning with a letter: write `access_tokens` [name/word]

use tense::traced;

#[traced(operation.accessTokens.created)]
fn create_token() {}

fn main() {
    create_token();
}
