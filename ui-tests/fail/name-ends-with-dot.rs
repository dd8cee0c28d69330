//~ a word is missing beside this dot: names are `layer.domain.action` [name/empty-segment]

use tense::traced;

#[traced(operation.tokens.)]
fn create_token() {}

fn main() {
    create_token();
}
