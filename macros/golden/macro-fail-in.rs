//! A span that was started by hand fails.

fn import(upload: &Upload) {
    fail!(in upload.span, "no rows", rows = 0);
}
