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

#[cfg_attr(any(), traced(operation.attributes.kept, fields(nobody, knows)))]
#[cfg_attr(all(), must_use, traced(operation.attributes.kept, fields(a)))]
async fn conditional_async(a: u8, #[cfg(any())] b: Missing, #[cfg(all())] c: u8) -> u8 {
    #![allow(unused_assignments)]
    #![cfg_attr(all(), allow(unused_variables))]
    let mut sum = a;
    #[cfg(any())]
    {
        sum += b.value().await;
    }
    #[cfg(all())]
    core::future::ready(()).await;
    sum = a + c;
    sum
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
    assert_eq!(tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(conditional_async(1, 2)), 3);
    inner::visible();
}
