//~ `branch` (integer), `node_id` (string) are missing, which `operation.tokens.created` declares: record them in `fields(..)`, or say in tense.toml that they may be absent, as in `"integer?"` [fields/missing]

use tense::traced;

#[traced(operation.tokens.created)]
fn create() {}

fn main() {
    create();
}
