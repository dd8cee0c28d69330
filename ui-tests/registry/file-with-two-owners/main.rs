//~ tense.toml:5:9: `dispatch.token.created` reports what `operation.tokens.created` reports already, and an operation has one event: take it out, or give it a name for what only this layer does [registry/owned]

use tense::traced;

#[traced(operation.tokens.created)]
fn create() {}

fn main() {
    create();
}
