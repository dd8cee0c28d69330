//~ `branch` (integer) is missing, which `operation.tokens.created` declares: record it in `fields(..)`, or say in tense.toml that it may be absent, as in `"integer?"` [fields/missing]

use tense::traced;

// `token_id` comes from the span above, or is counted as absent.
#[traced(operation.tokens.created, fields(node_id))]
fn create(node_id: &str) {}

fn main() {
    create("n1");
}
