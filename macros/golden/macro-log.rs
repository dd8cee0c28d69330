//! A line with a text, values in it, and fields.

fn import(table: &str) {
    log!(failure, "{rows} rows in {}", table.trim(), rows = 7, ?table);
}
