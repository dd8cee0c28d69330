//~ `operation.tokens.created` declares no field `brnch`: write `branch`, or declare it in tense.toml [fields/unknown]

use tense::traced;

#[traced(operation.tokens.created, fields(node_id, branch, brnch = branch + 1))]
fn create(node_id: &str, branch: u32) {}

fn main() {
    create("n1", 0);
}
