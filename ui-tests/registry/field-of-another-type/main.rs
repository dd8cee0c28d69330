//~ tense.toml declares this field as `string`, and `u32` is none [fields/type]
//~ tense.toml declares this field as `integer`, and `&str` is none [fields/type]
//~ tense.toml declares this field as `float?`, and `Option<u64>` is none [fields/type]
//~ tense.toml declares this field as `bool?`, and `f64` is none [fields/type]
//~ tense.toml declares this field as `json?`, and `Opaque` cannot be recorded as such [fields/type]

use tense::traced;

struct Opaque;

#[traced(operation.tokens.created, fields(node_id, branch, weight = weight, is_root, tables))]
fn create(node_id: u32, branch: &str, weight: Option<u64>, is_root: f64, tables: Opaque) {}

fn main() {
    create(1, "b", None, 1.0, Opaque);
}
