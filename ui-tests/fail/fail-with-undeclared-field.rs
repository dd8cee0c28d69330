//~ no method named `rows` found for struct `FieldsFilledLater` in the current scope

use tense::traced;

#[traced(operation.rows.imported, fields(table = _))]
fn import() {
    tense::fail!("no rows", rows = 0);
}

fn main() {
    import();
}
