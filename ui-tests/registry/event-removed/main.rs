//~ `operation.tokens.cached` was removed: the cache is gone, read operation.tokens.created [registry/removed]

use tense::traced;

#[traced(operation.tokens.cached)]
fn work() {}

fn main() {
    work();
}
