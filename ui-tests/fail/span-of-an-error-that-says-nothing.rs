//~ `Mute` doesn't implement `std::fmt::Display`

struct Mute;

fn main() {
    let _ = tense::span!(operation.rows.loaded).in_scope(|| Err::<(), _>(Mute));
}
