//~ no method named `sotred` found for struct `FieldsFilledLater` in the current scope

fn main() {
    let span = tense::span!(operation.rows.loaded, fields(stored = _)).start();
    tense::record!(in span, sotred = 7);
    span.end();
}
