//! Modules called `tense`, `core` and `std` stand in nobody's way; another path to the crate can be named.

#![deny(warnings)]
#![no_implicit_prelude]

mod tense {}

mod core {}

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

#[::tense::pipeline_stage(dispatch.credit)]
async fn credit(n: u8) -> ::std::result::Result<u8, ::std::string::String> {
    ::std::result::Result::Ok(n)
}

fn main() {
    ::std::assert!(without_prelude(1).is_ok());
    ::std::assert_eq!(through_another_path(1), 1);
    ::std::mem::drop(without_prelude_async(1));
    ::std::mem::drop(credit(1));
    let _stage = CreditStage;
}
