//~ line 2

use tense::traced;

#[traced(operation.tokens.created)]
fn work() {}

fn main() {
    work();
}
