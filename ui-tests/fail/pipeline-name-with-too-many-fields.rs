//~ a span has at most 64 fields; put the others into one value [attribute/fields]

use tense::name;

// One of the 64 is for the stages.
fn main() {
    let name = name!(dispatch.loan, |loan: &u32| fields(
        a0 = loan, a1 = 1, a2 = 1, a3 = 1, a4 = 1, a5 = 1, a6 = 1, a7 = 1, a8 = 1, a9 = 1, b0 = 1, b1 = 1, b2 = 1, b3 = 1, b4 = 1,
        b5 = 1, b6 = 1, b7 = 1, b8 = 1, b9 = 1, c0 = 1, c1 = 1, c2 = 1, c3 = 1, c4 = 1, c5 = 1, c6 = 1, c7 = 1, c8 = 1, c9 = 1,
        d0 = 1, d1 = 1, d2 = 1, d3 = 1, d4 = 1, d5 = 1, d6 = 1, d7 = 1, d8 = 1, d9 = 1, e0 = 1, e1 = 1, e2 = 1, e3 = 1, e4 = 1,
        e5 = 1, e6 = 1, e7 = 1, e8 = 1, e9 = 1, f0 = 1, f1 = 1, f2 = 1, f3 = 1, f4 = 1, f5 = 1, f6 = 1, f7 = 1, f8 = 1, f9 = 1,
        g0 = 1, g1 = 1, g2 = 1, g3 = 1
    ));
    drop(name);
}
