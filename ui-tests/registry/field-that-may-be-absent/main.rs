//~ tense.toml declares this field as `integer`, and `Option<u32>` is none [fields/type]

use tense::traced;

// Others may be absent, and one that is handed down may.
#[traced(operation.tokens.created, fields(node_id, branch, token_id, weight, is_root))]
fn create(node_id: &str, branch: Option<u32>, token_id: Option<&str>, weight: &Option<f64>, is_root: bool) {}

fn main() {
    create("n1", None, None, &None, true);
}
