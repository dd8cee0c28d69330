//~ unknown argument `field` (did you mean `fields`?); known are `fields`, `level`, `target`, `tags`, `exempt`, `crate` [attribute/unknown]

fn main() {
    tense::span!(operation.rows.loaded, field(n = 7), || ());
}
