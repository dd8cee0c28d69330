//! Blocks as spans by a closed registry; lines are built in, and need no declaration there.

use tense::traced;

#[traced(operation.rows.imported, fields(table, count = _))]
fn import(table: &str) {
    tense::log!(step, "reading {table}");
    tense::log!(data, rows = 7);
    tense::fail!("no rows", count = 0);
}

fn main() {
    import("orders");
    tense::span!(operation.rows.imported, fields(table = "orders", count = 7), || ());
    let span = tense::span!(dispatch.batch.*, fields(size = 3, stored = _)).start();
    tense::record!(in span, stored = 2);
    span.end();
    tense::event!(log.info, message = "also by hand");
}
