//~ tense.toml:4:9: 
//~ tense.toml:7:23: 

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
