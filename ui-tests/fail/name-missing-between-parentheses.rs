//~ a name comes first: `layer.domain.action`, as in `operation.tokens.created` [name/missing]

use tense::traced;

#[traced()]
fn create_token() {}

fn main() {
    create_token();
}
