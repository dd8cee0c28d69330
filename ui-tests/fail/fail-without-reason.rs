//~ a reason comes first, as a text in quotes: `fail!("{n} rows are missing", rows = n)` [body/reason]

use tense::traced;

#[traced(operation.rows.imported, fields(rows = _))]
fn import() {
    tense::fail!(rows = 7);
}

fn main() {
    import();
}
