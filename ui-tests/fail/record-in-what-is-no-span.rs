//~ mismatched types

fn main() {
    let rows = 7_u32;
    tense::record!(in rows, stored = 7);
}
