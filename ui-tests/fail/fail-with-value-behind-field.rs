//~ a value of the text stands before the fields, as with `format!` [body/order]

use tense::traced;

#[traced(operation.rows.imported, fields(rows = _))]
fn import(rows: u32) {
    tense::fail!("{} rows", rows = rows, rows);
}

fn main() {
    import(7);
}
