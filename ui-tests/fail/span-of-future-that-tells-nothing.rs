//~ whether `Row` is a failure cannot be seen from here

struct Row;

async fn load() -> Row {
    Row
}

fn main() {
    drop(tense::span!(operation.rows.loaded).instrument(load()));
}
