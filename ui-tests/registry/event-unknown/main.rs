//~ `operation.ledgers.balanced` is not declared in tense.toml, which is closed: declare it as [events."operation.ledgers.balanced"], or write a name that is [registry/unknown-event]

use tense::traced;

#[traced(operation.ledgers.balanced)]
fn work() {}

fn main() {
    work();
}
