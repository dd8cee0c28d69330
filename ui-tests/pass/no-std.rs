//! A crate without the prelude of `std`; the expansion itself needs nothing but `core` and `tense`.

#![deny(warnings)]
#![no_std]

extern crate std;

use tense::traced;

#[traced(operation.preludes.missed, fields(n, late = _))]
fn plain(n: u8) -> Result<u8, &'static str> {
    tense::record!(late = n);
    n.checked_sub(1).ok_or("none left")
}

#[traced(operation.preludes.missed, fields(n))]
async fn awaited(n: u8) -> Option<u8> {
    Some(n)
}

#[traced(operation.preludes.missed)]
fn hidden(n: u8) -> impl Future<Output = u8> {
    async move { n }
}

fn main() {
    assert_eq!((plain(1), plain(0)), (Ok(0), Err("none left")));
    drop((awaited(1), hidden(1)));
}
