//~ whether `Result<(), Mute>` is a failure cannot be seen from here

struct Mute;

fn main() {
    let _ = tense::span!(operation.rows.loaded).in_scope(|| Err::<(), _>(Mute));
}
