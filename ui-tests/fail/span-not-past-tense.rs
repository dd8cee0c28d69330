//~ `operation` events say what has happened, so their action is in the past tense: write `loaded` [tense/past]

fn main() {
    let rows: u32 = tense::span!(operation.rows.load, || 7);
    println!("{rows}");
}
