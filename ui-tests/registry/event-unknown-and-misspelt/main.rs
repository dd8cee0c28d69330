//~ `operation.token.created` is not declared in tense.toml, which is closed: write `operation.tokens.created`, or declare it [registry/unknown-event]

use tense::traced;

#[traced(operation.token.created)]
fn work() {}

fn main() {
    work();
}
