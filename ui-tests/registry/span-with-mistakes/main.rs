//~ [registry/unknown-event]
//~ [fields/unknown]
//~ tense.toml declares this field as `integer?`, and `&str` is none [fields/type]
//~ tense.toml declares this field as `integer`, and `bool` is none [fields/type]

fn main() {
    tense::span!(operation.rows.exported, fields(table = "orders"), || ());
    tense::span!(operation.rows.imported, fields(table = "orders", tabel = "orders"), || ());
    tense::span!(operation.rows.imported, fields(table = "orders", count = "seven")).start().end();
    let span = tense::span!(dispatch.batch.*, fields(size = 3, stored = _)).start();
    tense::record!(in span, stored = true);
    span.end();
}
