//! A line of values alone.

fn import(table: &str) {
    log!(data, rows = 7, table);
}
