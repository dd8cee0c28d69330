//! Every function stands here twice, plain and annotated, and while it is recorded nobody can tell them apart.
//!
//! The file is compiled by a crate of the edition 2021 as well (`ui-tests/edition-2021`), where other rules hold for
//! the temporaries at the end of a block.

#![allow(
    clippy::toplevel_ref_arg,
    clippy::needless_return,
    clippy::manual_async_fn,
    reason = "shapes that somebody may write"
)]
#![allow(clippy::unwrap_used, reason = "in a test a panic is how a failure is told")]

/// Functions, plain and annotated.
macro_rules! twins {
    ($({ $($function:tt)* })*) => {
        #[allow(unused_braces, unused_qualifications, reason = "shapes that somebody may write")]
        mod plain {
            use super::*;
            $( $($function)* )*
        }
        #[allow(unused_braces, unused_qualifications, reason = "shapes that somebody may write")]
        mod traced {
            use super::*;
            $( #[tense::traced(operation.twins.compared)] $($function)* )*
        }
    };
}

/// The same of both, while somebody records it.
macro_rules! same {
    ($function:ident($($argument:expr),* $(,)?) $(=> $then:expr)?) => {{
        let recorded = capture();
        let traced = outcome(|| { let out = traced::$function($($argument),*); $( let out = $then(out); )? out });
        assert!(!recorded.events().is_empty(), "{} is recorded", stringify!($function));
        drop(recorded);
        let plain = outcome(|| { let out = plain::$function($($argument),*); $( let out = $then(out); )? out });
        assert_eq!(traced, plain, "{}", stringify!($function));
    }};
}

#[path = "twins/auto.rs"]
mod auto;
#[path = "twins/borrowed.rs"]
mod borrowed;
#[path = "twins/endings.rs"]
mod endings;
#[path = "twins/loans.rs"]
mod loans;
#[path = "twins/methods.rs"]
mod methods;
#[path = "twins/payloads.rs"]
mod payloads;

use std::any::Any;
use std::cell::RefCell;
use std::future::Future;
use std::panic::{AssertUnwindSafe, Location, catch_unwind, panic_any};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use crate::capture;

thread_local! {
    static LOG: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

fn say(what: impl Into<String>) {
    LOG.with_borrow_mut(|log| log.push(what.into()));
}

fn said() -> String {
    LOG.take().join(" ")
}

/// Says when it is dropped.
#[derive(Debug, PartialEq)]
struct Noisy(&'static str);

impl Drop for Noisy {
    fn drop(&mut self) {
        say(self.0);
    }
}

impl Noisy {
    fn with<T>(&self, other: T) -> T {
        other
    }
}

fn fail(why: &str) -> Result<(), String> {
    Err(why.to_owned())
}

async fn rest() {
    tokio::task::yield_now().await;
}

struct Pair {
    left: Noisy,
    right: Noisy,
}

struct Point {
    x: Noisy,
    _y: Noisy,
}

twins! {
    {
        pub(super) fn patterns(a: Noisy, (b, _): (Noisy, Noisy), _: Noisy, _u: Noisy, moved: Noisy) -> Result<(), String> {
            let _l = Noisy("local");
            drop(moved);
            fail("no")?;
            let _a = &a;
            let _b = &b;
            Ok(())
        }
    }
    {
        pub(super) fn destructured(Point { x, .. }: Point, [first, _, last]: [Noisy; 3], ref by_ref: Noisy, mut n: u32) -> u32 {
            let _l = Noisy("local");
            n += 1;
            let _both = (&x, by_ref);
            drop(last);
            let _first = first;
            n
        }
    }
    {
        pub(super) fn changed_in_place(Point { ref mut x, .. }: Point, ref mut n: u32, [a, ref mut b]: [Noisy; 2]) -> u32 {
            *x = Noisy("new");
            *n += 1;
            *b = a;
            *n
        }
    }
    {
        pub(super) fn shadowed(a: Noisy, b: Noisy) -> &'static str {
            let a = a.with(Noisy("shadow"));
            {
                let b = Noisy("inner");
                say(b.0);
            }
            let _b = b;
            a.with("shadowed")
        }
    }
    {
        pub(super) fn temporary_at_the_end(a: Noisy) -> &'static str {
            let _l = Noisy("local");
            Noisy("temporary").with(a.with("end"))
        }
    }
    {
        // In plain functions of every edition this borrow ends before the argument does.
        pub(super) fn borrowed_at_the_end(a: RefCell<u32>) -> u32 {
            *a.borrow()
        }
    }
    {
        pub(super) fn temporary_in_match(a: Noisy, n: u32) -> u32 {
            match Noisy("scrutinee").with(n) {
                0 => return 7,
                n => n + u32::from(a.0 == "a"),
            }
        }
    }
    {
        pub(super) fn left_early(a: Noisy, how: u32) -> u32 {
            let _l = Noisy("local");
            let found = 'found: {
                if how == 0 {
                    break 'found 1;
                }
                for n in 0..how {
                    let _in_loop = Noisy("loop");
                    if n == 1 {
                        return a.with(2);
                    }
                }
                3
            };
            found * 10
        }
    }
    {
        pub(super) fn unused(a: Noisy, _b: Noisy, _: Noisy) {
            let _ = a;
        }
    }
    {
        pub(super) fn panics(_a: Noisy, how: u32) -> u32 {
            let _l = Noisy("local");
            match how {
                0 => panic!("a text"),
                1 => panic!("a {}", "format"),
                2 => panic_any(7_u32),
                _ => how,
            }
        }
    }
    {
        pub(super) fn captured(_a: Noisy, b: Noisy) -> impl FnOnce() -> &'static str {
            let _l = Noisy("local");
            move || b.with("called")
        }
    }
    {
        pub(super) fn generic<T: PartialOrd + Copy, const N: usize>(all: &[T; N], more: impl Iterator<Item = T>) -> Option<T> {
            let mut best = *all.first()?;
            for one in all.iter().copied().chain(more) {
                if one > best {
                    best = one;
                }
            }
            Some(best)
        }
    }
    {
        pub(super) fn recursive(n: u32) -> u32 {
            if n == 0 { 0 } else { n + recursive(n - 1) }
        }
    }
    {
        #[track_caller]
        pub(super) fn located(a: Noisy, (b, _): (Noisy, Noisy)) -> &'static Location<'static> {
            let _l = Noisy("local");
            a.with(b.with(Location::caller()))
        }
    }
    {
        #[track_caller]
        pub(super) fn located_or_not(a: Noisy) -> Result<&'static Location<'static>, String> {
            let _l = Noisy("local");
            fail(a.0)?;
            Ok(Location::caller())
        }
    }
    {
        pub(super) async fn patterns_async(a: Noisy, (b, _): (Noisy, Noisy), _: Noisy, _u: Noisy, moved: Noisy) -> Result<(), String> {
            let _l = Noisy("local");
            rest().await;
            drop(moved);
            fail("no")?;
            let _a = &a;
            let _b = &b;
            Ok(())
        }
    }
    {
        pub(super) async fn temporary_at_the_end_async(a: Noisy) -> &'static str {
            let _l = Noisy("local");
            rest().await;
            Noisy("temporary").with(a.with("end"))
        }
    }
    {
        pub(super) async fn borrowed_at_the_end_async(a: RefCell<u32>) -> u32 {
            *a.borrow()
        }
    }
    {
        pub(super) async fn panics_async(_a: Noisy, how: u32) -> u32 {
            let _l = Noisy("local");
            rest().await;
            match how {
                0 => panic!("a text"),
                2 => panic_any(7_u32),
                _ => how,
            }
        }
    }
    {
        pub(super) async fn recursive_async(n: u32) -> u32 {
            if n == 0 { 0 } else { n + Box::pin(recursive_async(n - 1)).await }
        }
    }
    {
        pub(super) async fn borrows<'a>(a: &'a str, b: &mut Vec<&'a str>, more: impl Into<String>) -> &'a str {
            b.push(a);
            rest().await;
            b.push(if more.into().is_empty() { "empty" } else { "full" });
            a
        }
    }
    {
        pub(super) fn hidden(a: Noisy, n: u32) -> impl Future<Output = u32> {
            let l = Noisy("local");
            let _made = Noisy("made");
            async move {
                rest().await;
                a.with(l.with(n))
            }
        }
    }
    {
        pub(super) fn boxed(a: Noisy, n: u32) -> Pin<Box<dyn Future<Output = u32> + Send>> {
            let l = Noisy("local");
            if n == 0 {
                return Box::pin(async { 0 });
            }
            Box::pin(async move {
                rest().await;
                a.with(l.with(n))
            })
        }
    }
}

fn payload(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().map(|text| format!("&str {text}"));
    let text = text.or_else(|| payload.downcast_ref::<String>().map(|text| format!("String {text}")));
    text.or_else(|| payload.downcast_ref::<u32>().map(|n| format!("u32 {n}"))).unwrap_or_default()
}

/// What a call gives or panics with, and what was said meanwhile.
fn outcome<T: std::fmt::Debug>(call: impl FnOnce() -> T) -> (String, String) {
    let out = catch_unwind(AssertUnwindSafe(|| {
        let out = call();
        say("returned");
        format!("{out:?}")
    }));
    let out = out.unwrap_or_else(|panic| payload(&*panic));
    (out, said())
}

fn n(name: &'static str) -> Noisy {
    Noisy(name)
}

fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

#[test]
fn results_and_drops_are_the_same() {
    same!(patterns(n("a"), (n("b0"), n("b1")), n("_"), n("_u"), n("moved")));
    same!(destructured(Point { x: n("x"), _y: n("y") }, [n("0"), n("1"), n("2")], n("ref"), 1));
    same!(changed_in_place(Point { x: n("x"), _y: n("y") }, 1, [n("0"), n("1")]));
    same!(shadowed(n("a"), n("b")));
    same!(temporary_at_the_end(n("a")));
    same!(borrowed_at_the_end(RefCell::new(7)));
    same!(temporary_in_match(n("a"), 0));
    same!(temporary_in_match(n("a"), 1));
    for how in 0..3 {
        same!(left_early(n("a"), how));
    }
    same!(unused(n("a"), n("b"), n("_")));
    same!(captured(n("a"), n("b")) => called);
    same!(generic(&[1, 3, 2], [5, 4].into_iter()));
    same!(recursive(4));
}

#[test]
fn panics_are_the_same() {
    for how in 0..4 {
        same!(panics(n("a"), how));
        same!(panics_async(n("a"), how) => run);
    }
}

#[test]
fn futures_are_the_same() {
    let _recorded = capture();
    same!(patterns_async(n("a"), (n("b0"), n("b1")), n("_"), n("_u"), n("moved")) => run);
    same!(temporary_at_the_end_async(n("a")) => run);
    same!(borrowed_at_the_end_async(RefCell::new(7)) => run);
    same!(recursive_async(4) => run);
    same!(hidden(n("a"), 7) => run);
    same!(boxed(n("a"), 0) => run);
    same!(boxed(n("a"), 7) => run);
    let both = |borrows: fn(&'static str, &mut Vec<&'static str>) -> &'static str| {
        let mut all = Vec::new();
        (borrows("a", &mut all), all.clone())
    };
    let plain = both(|a, all| run(plain::borrows(a, all, "")));
    assert_eq!(both(|a, all| run(traced::borrows(a, all, ""))), plain);
}

fn called<T>(function: impl FnOnce() -> T) -> T {
    function()
}

/// Polls once, and drops.
fn abandoned<T>(future: impl Future<Output = T>) -> bool {
    let mut future = pin!(future);
    say("made");
    let is_pending = future.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending();
    say("polled");
    is_pending
}

#[test]
fn futures_that_are_dropped_early_are_the_same() {
    let _recorded = capture();
    same!(patterns_async(n("a"), (n("b0"), n("b1")), n("_"), n("_u"), n("moved")) => abandoned);
    same!(temporary_at_the_end_async(n("a")) => abandoned);
    same!(hidden(n("a"), 7) => abandoned);
    same!(boxed(n("a"), 7) => abandoned);
    // never polled, and so not recorded
    let _recorded = capture();
    let never = |future: Pin<Box<dyn Future<Output = ()>>>| {
        say("made");
        drop(future);
        said()
    };
    let args = || (n("a"), (n("b0"), n("b1")), n("_"), n("_u"), n("moved"));
    let (a, b, c, d, e) = args();
    let plain = never(Box::pin(async move { drop(plain::patterns_async(a, b, c, d, e)) }));
    let (a, b, c, d, e) = args();
    assert_eq!(never(Box::pin(async move { drop(traced::patterns_async(a, b, c, d, e)) })), plain);
    let (a, b, c, d, e) = args();
    drop(plain::patterns_async(a, b, c, d, e));
    let plain = said();
    let (a, b, c, d, e) = args();
    drop(traced::patterns_async(a, b, c, d, e));
    assert_eq!(said(), plain);
}

#[test]
fn the_caller_is_the_same() {
    let _recorded = capture();
    let _recorded = capture();
    // through a pointer it is the place of the function
    let both = [plain::located, traced::located].map(|located| located(n("a"), (n("b"), n("c"))).line());
    assert_eq!(both[0], both[1]);
    let both = (plain::located(n("a"), (n("b"), n("c"))), traced::located(n("a"), (n("b"), n("c"))));
    assert_eq!((both.0.line(), both.0.file()), (both.1.line(), both.1.file()));
    assert_eq!((both.1.line(), both.1.file()), (line!() - 2, file!()));
    LOG.take();
    same!(located_or_not(n("a")));
}

#[test]
fn a_poll_that_is_left_leaves_no_span_behind() {
    let recorded = capture();
    let mut future = Box::pin(traced::boxed(n("a"), 7));
    assert_eq!(future.as_mut().poll(&mut Context::from_waker(Waker::noop())), Poll::Pending);
    run(traced::recursive_async(0));
    drop(future);
    let events = recorded.events();
    assert_eq!(events.len(), 2);
    assert!(events.iter().all(|event| event.parent_span_id.is_none()), "{events:#?}");
}
