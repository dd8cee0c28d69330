//~ `Row` cannot be recorded as a field as it is

struct Row;

fn main() {
    let row = Row;
    tense::span!(operation.rows.loaded, fields(row), || ());
}
