//~ `operation` events say what has happened, so their action is in the past tense: write `created` [tense/past]
//~ `operation.tokens.created` declares no field `nod_id`: write `node_id`, or declare it in tense.toml [fields/unknown]
//~ `node_id` (string) is missing, which `operation.tokens.created` declares: record it in `fields(..)`, or say in tense.toml that it may be absent, as in `"string?"` [fields/missing]

use tense::traced;

#[traced(operation.tokens.create, fields(nod_id))]
fn create(nod_id: &str) {}

fn main() {
    create("n1");
}
