//~ unused `StartedSpan` that must be used

#![deny(unused_must_use)]

fn main() {
    tense::span!(operation.rows.loaded).start();
}
