//~ each beginning with a letter: write `access_tokens` [name/word]
//~ each beginning with a letter: write `token_created` [name/word]

use tense::traced;

#[traced(operation.accessTokens.tokenCreated)]
fn create_token() {}

fn main() {
    create_token();
}
