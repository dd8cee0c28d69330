//! An async block as a span.

fn import(batch: u64) {
    span!(operation.rows.stored, fields(batch), async move { store(batch).await });
}
