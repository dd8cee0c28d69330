//~ a field only looks: this could end or suspend the function where it would not without the annotation [attribute/leaves]

use tense::traced;

#[traced(operation.rows.imported)]
fn import(rows: Option<u32>) -> Option<u32> {
    tense::fail!("{} rows", rows?);
    rows
}

fn main() {
    import(None);
}
