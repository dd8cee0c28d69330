//! Modules called `tense`, `core` and `std` stand in nobody's way; another path to the crate can be named.

#![deny(warnings)]
#![no_implicit_prelude]

mod tense {}

mod core {}

mod tracing {}

mod std {}

mod renamed {
    #[allow(unused_imports, reason = "when the annotations are compiled out, nobody asks for the crate")]
    pub use ::tense::*;
}

#[::tense::traced(operation.preludes.missed, fields(n, late = _))]
fn without_prelude(n: u8) -> ::std::result::Result<u8, ::std::string::String> {
    ::tense::record!(late = n);
    ::std::result::Result::Ok(n)
}

#[::tense::traced(operation.preludes.missed, fields(n))]
async fn without_prelude_async(n: u8) -> ::std::option::Option<u8> {
    ::std::option::Option::Some(n)
}

#[::tense::traced(operation.crates.renamed, fields(n), crate = crate::renamed)]
fn through_another_path(n: u8) -> u8 {
    n
}

#[::tense::traced(operation.preludes.missed, fields(n), none = failed)]
fn without_prelude_boxed(
    n: u8,
) -> ::std::pin::Pin<::std::boxed::Box<dyn ::std::future::Future<Output = ::std::option::Option<u8>>>> {
    ::std::boxed::Box::pin(async move { ::std::option::Option::Some(n) })
}

#[::tense::traced(operation.preludes.missed)]
fn without_prelude_hidden(n: u8) -> impl ::std::future::Future<Output = u8> {
    async move { n }
}

struct Counter(u8);

#[::tense::traced(operation.preludes._, crate = crate::renamed)]
impl Counter {
    fn read(&self) -> u8 {
        self.0
    }

    #[traced(skip)]
    fn new() -> Self {
        Self(1)
    }
}

#[::tense::pipeline_stage(dispatch.credit)]
async fn credit(n: u8) -> ::std::result::Result<u8, ::std::string::String> {
    ::std::result::Result::Ok(n)
}

fn main() {
    ::std::assert!(without_prelude(1).is_ok());
    ::std::assert_eq!(through_another_path(1), 1);
    ::std::mem::drop(without_prelude_async(1));
    ::std::mem::drop(credit(1));
    ::std::mem::drop((without_prelude_boxed(1), without_prelude_hidden(1)));
    ::std::assert_eq!(Counter::new().read(), 1);
    let _stage = CreditStage;
}
