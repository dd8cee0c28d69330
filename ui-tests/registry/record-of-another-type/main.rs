//~ tense.toml declares this field as `integer`, and `&str` is none [fields/type]

use tense::traced;

#[traced(operation.tokens.created, fields(node_id = "n1", branch = _))]
fn create() {
    tense::record!(branch = "seven");
}

fn main() {
    create();
}
