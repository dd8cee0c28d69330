//! A block as a span: `record!` and `fail!` in it are about this one.

fn import(rows: Vec<u64>) {
    span!(operation.rows.stored, fields(count = rows.len(), stored = _), move || -> Result<(), String> {
        tense::record!(stored = 2);
        if rows.len() > 2 {
            tense::fail!("some rows are left");
        }
        Ok(())
    });
}
