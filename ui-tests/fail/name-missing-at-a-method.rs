//~ a name comes first: `layer.domain.action`, as in `operation.tokens.created` [name/missing]

use tense::traced;

struct Tokens;

#[traced(operation.tokens._)]
impl Tokens {
    fn create(&self) {}

    #[traced]
    fn update(&self) {}
}

fn main() {
    Tokens.create();
    Tokens.update();
}
