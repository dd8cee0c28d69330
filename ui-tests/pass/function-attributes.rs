//! Attributes on the function, and at the head of its body, do what they did.

#![deny(warnings)]

use tense::traced;

#[inline(always)]
#[traced(operation.attributes.kept)]
#[doc(hidden)]
pub fn inlined() {}

#[traced(operation.attributes.kept)]
fn inner_attribute() {
    #![allow(unused_variables)]
    let nobody_reads_this = 1;
}

#[track_caller]
#[traced(operation.attributes.kept)]
fn line() -> u32 {
    std::panic::Location::caller().line()
}

#[cfg_attr(all(), traced(operation.attributes.kept))]
fn conditional() -> u8 {
    #[cfg(any())]
    return 1;
    2
}

#[deprecated(note = "for the test")]
#[traced(operation.attributes.kept)]
fn old() {}

#[traced(operation.attributes.kept)]
pub extern "C" fn foreign(a: i32) -> i32 {
    a
}

#[traced(sql.query, target = "database", level = "trace", tags("slow", "read"), exempt(tense, reason = "x"))]
#[cfg(any())]
fn removed() {}

mod inner {
    #[tense::traced(operation.attributes.kept)]
    pub(super) fn visible() {}
}

fn main() {
    inlined();
    inner_attribute();
    assert_eq!(line(), line!());
    assert_eq!(conditional(), 2);
    #[expect(deprecated)]
    old();
    assert_eq!(foreign(1), 1);
    inner::visible();
}
