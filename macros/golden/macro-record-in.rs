//! Values for a span that was started by hand.

fn import(upload: &Upload) {
    record!(in upload.span, rows = 7, table = %upload.table);
}
