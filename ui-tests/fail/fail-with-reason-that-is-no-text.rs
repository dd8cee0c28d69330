//~ a reason comes first, as a text in quotes: `fail!("{n} rows are missing", rows = n)` [body/reason]

use tense::traced;

#[traced(operation.rows.imported)]
fn import(reason: &str) {
    tense::fail!(reason);
}

fn main() {
    import("no rows");
}
