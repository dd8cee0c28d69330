//~ `"created"` cannot stand in a name: write `layer.domain.action`, then a comma [name/token]

use tense::traced;

#[traced("operation.tokens." "created")]
fn create() {}

fn main() {
    create();
}
