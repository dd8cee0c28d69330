//~ `operation` events say what has happened, so their action is in the past tense: write `loaded` [tense/past]

fn main() {
    let span = tense::span!(operation.rows.load).start();
    span.end();
}
