//~ an action is missing

fn main() {
    tense::span!(operation.rows._, || ());
}
