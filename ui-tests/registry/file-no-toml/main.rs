//~ tense.toml:2:18: unclosed table, expected `]` [file/syntax]

use tense::traced;

#[traced(operation.tokens.created)]
fn work() {}

fn main() {
    work();
}
