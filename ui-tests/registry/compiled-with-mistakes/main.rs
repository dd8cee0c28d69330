//~ line 4, column 9:
//~ line 7, column 23:

use tense::traced;

mod events {
    tense::registry!();
}

// Told once in a crate, here or there.
#[traced(operation.tokens.created)]
fn create() {}

fn main() {
    create();
    assert!(events::REGISTRY.events.is_empty());
}
