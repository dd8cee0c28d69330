//~ whether `Row` is a failure cannot be seen from here

struct Row;

fn main() {
    tense::span!(operation.rows.loaded).in_scope(|| Row);
}
