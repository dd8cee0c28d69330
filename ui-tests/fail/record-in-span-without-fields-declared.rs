//~ no method named `stored` found for struct `NoFieldsLeftOpen` in the current scope

fn main() {
    let span = tense::span!(operation.rows.loaded).start();
    tense::record!(in span, stored = 7);
    span.end();
}
