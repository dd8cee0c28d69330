//! Names of the prelude, and of the expansion, mean something else here; traits offer methods that the runtime has too.

#![deny(warnings)]
#![allow(dead_code, non_camel_case_types, non_upper_case_globals, unused_macros, reason = "they only stand in the way")]

use ::tense::traced;

mod tracing {}
mod core {}
mod std {}

struct Ok;
struct Err;
struct Some;
struct None;
struct Option;
struct Result;
struct Box;
struct Vec;
struct String;
struct Default;
struct Future;
struct Send;
struct Probe;
struct Outcome;
struct Site;
struct Spec;
struct Raw;
struct Returned;
struct Open;
enum bool {}
enum u8 {}
const fields: () = ();
const SITE: () = ();
// A pattern that is a word takes a constant of that name for what it is.
const it: () = ();
const take: () = ();
const whole: () = ();
const input: () = ();
const run: () = ();
const value: () = ();
const out: () = ();

fn drop() {}
fn identity() {}

macro_rules! module_path {
    () => {
        compile_error!("not this one")
    };
}

macro_rules! unreachable {
    () => {
        compile_error!("not this one")
    };
}

trait Ways {
    fn outcome(&self) {}
    fn way(&self) {}
    fn begin(&self) {}
    fn is_on(&self) {}
    fn record(&self) {}
    fn raw(&self) {}
    fn text(&self) {}
    fn action(&self) {}
}

impl<T: ?Sized> Ways for T {}

#[traced(operation.names.shadowed, fields(n, late = _))]
fn plain(n: usize) -> ::core::result::Result<usize, usize> {
    ::tense::record!(late = n);
    ::core::result::Result::Ok(n)
}

#[traced(operation.names.shadowed, fields(n, late = _))]
async fn awaited(n: usize) -> ::core::option::Option<usize> {
    ::tense::record!(late = n);
    ::core::option::Option::Some(n)
}

#[traced(operation.names.shadowed, fields(%n, m = ?n))]
fn shown(n: usize) {
    ::tense::event!(operation.names.shown, %n);
    ::core::mem::drop(::tense::prepared!(operation.names.shown, %n));
}

async fn unshade(_: &usize) -> ::core::result::Result<(), ::std::string::String> {
    ::core::result::Result::Ok(())
}

#[::tense::pipeline_stage(dispatch.shade, compensate = unshade, fields(n), retry(when = |_| true, attempts = 2))]
async fn shade(n: usize) -> ::core::result::Result<usize, ::std::string::String> {
    ::core::result::Result::Ok(n)
}

#[traced(operation.names.shadowed, none = failed)]
fn boxed(n: usize) -> ::std::boxed::Box<dyn ::core::future::Future<Output = ::core::option::Option<usize>> + Unpin> {
    ::std::boxed::Box::new(::core::future::ready(::core::option::Option::Some(n)))
}

#[traced(operation.names.shadowed)]
fn hidden(n: usize) -> impl ::core::future::Future<Output = usize> {
    async move { n }
}

#[traced(operation.names.shadowed)]
fn of_own_types(n: usize) -> Result {
    let _ = n;
    Result
}

#[traced(operation.names.shadowed)]
fn never(n: usize) -> ! {
    ::core::panic!("{}", n)
}

struct Holder(usize);

#[traced(operation.names._)]
impl Holder {
    fn read(&self) -> usize {
        self.0
    }
}

fn main() {
    ::core::assert_eq!(plain(1), ::core::result::Result::Ok(1));
    let _ = (awaited(1), boxed(1), hidden(1), of_own_types(1), Holder(1).read());
    let _ = || never(1);
}
