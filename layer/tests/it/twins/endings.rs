//! How a body ends: what it drops last, what it panics with and where, and what it gives back of what it borrowed.

use std::any::Any;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::future::Future;
use std::panic::{PanicHookInfo, panic_any, resume_unwind, set_hook, take_hook};
use std::pin::Pin;
use std::sync::{Mutex, Once};

use tense_layer::testing::capture;

use super::{Noisy, abandoned, fail, n, outcome, rest, run, said, say};

/// Panics when it is dropped.
#[derive(Debug)]
struct Bomb(&'static str);

impl Drop for Bomb {
    fn drop(&mut self) {
        say(self.0);
        resume_unwind(Box::new(self.0));
    }
}

/// Shows what it finds, and says when the way to it is dropped.
struct Door(RefCell<Option<u32>>, Noisy);

impl Door {
    fn open(&self) -> Opened<'_> {
        say("opened");
        Opened(self)
    }
}

struct Opened<'a>(&'a Door);

impl Opened<'_> {
    fn found(&self) -> Option<u32> {
        *self.0.0.borrow()
    }
}

impl Drop for Opened<'_> {
    fn drop(&mut self) {
        say("closed");
    }
}

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

twins! {
    {
        pub(super) fn tail_if_let(door: Door) -> u32 {
            let _l = Noisy("local");
            if let Some(n) = door.open().found() { say("some"); n } else { say("none"); u32::from(door.1.0 == "door") }
        }
    }
    {
        pub(super) fn tail_match(door: Door) -> u32 {
            let _l = Noisy("local");
            match door.open().found() { Some(n) => n, None => { say("none"); 0 } }
        }
    }
    {
        pub(super) fn tail_while_let(door: Door) {
            let _l = Noisy("local");
            while let Some(n) = door.open().found() {
                *door.0.borrow_mut() = n.checked_sub(1);
            }
        }
    }
    {
        pub(super) fn tail_in_blocks(door: Door) -> Option<u32> {
            let _l = Noisy("local");
            { let _inner = Noisy("inner"); { door.open().found() } }
        }
    }
    {
        pub(super) fn tail_question(door: Door) -> Option<u32> {
            let _l = Noisy("local");
            Some(door.open().found()? + 1)
        }
    }
    {
        pub(super) fn tail_returned(door: Door) -> Option<u32> {
            let _l = Noisy("local");
            return door.open().found();
        }
    }
    {
        pub(super) fn tail_let_else(door: Door) -> u32 {
            let Some(n) = door.open().found() else { say("none"); return 0 };
            let _l = Noisy("local");
            n
        }
    }
    {
        pub(super) fn tail_of_lock(all: Mutex<Vec<u32>>) -> usize {
            all.lock().unwrap().len()
        }
    }
    {
        pub(super) async fn tail_if_let_async(door: Door) -> u32 {
            let _l = Noisy("local");
            rest().await;
            if let Some(n) = door.open().found() { say("some"); n } else { rest().await; say("none"); 0 }
        }
    }
    {
        pub(super) async fn tail_match_async(door: Door) -> u32 {
            let _l = Noisy("local");
            match door.open().found() { Some(n) => { rest().await; n } None => { say("none"); 0 } }
        }
    }
    {
        pub(super) async fn tail_awaited(a: Noisy) -> &'static str {
            let _l = Noisy("local");
            a.with(async { rest().await; Noisy("awaited").with("end") }).await
        }
    }
    {
        pub(super) fn panics_with(_a: Noisy, how: u32) -> u32 {
            let _l = Noisy("local");
            match how {
                0 => panic!("a text"),
                1 => panic!("{how} formatted"),
                2 => panic_any(String::from("a string")),
                3 => panic_any(7_u32),
                4 => panic_any(Noisy("payload")),
                5 => resume_unwind(Box::new(Noisy("resumed"))),
                6 => Vec::<u32>::new().pop().unwrap(),
                7 => fail("no").map(|()| 1).unwrap(),
                8 => [1_u32].as_slice()[how as usize],
                9 => unreachable!("{how}"),
                _ => assert_eq_or(how),
            }
        }
    }
    {
        pub(super) async fn panics_with_async(_a: Noisy, how: u32) -> u32 {
            let _l = Noisy("local");
            rest().await;
            plain::panics_with(Noisy("inner"), how)
        }
    }
    {
        pub(super) fn panics_before_or_in(_a: Noisy, how: u32) -> impl Future<Output = u32> {
            let _l = Noisy("local");
            if how.is_multiple_of(2) {
                panic_any(Noisy("early"));
            }
            async move {
                let _l = Noisy("local");
                rest().await;
                panic_any(Noisy("late"))
            }
        }
    }
    {
        pub(super) fn panics_boxed(_a: Noisy, how: u32) -> Pin<Box<dyn Future<Output = u32> + Send>> {
            let _l = Noisy("local");
            if how.is_multiple_of(2) {
                panic_any(Noisy("early"));
            }
            Box::pin(async move {
                let _l = Noisy("local");
                rest().await;
                panic_any(Noisy("late"))
            })
        }
    }
    {
        pub(super) fn drops_a_bomb(_a: Noisy, _b: Bomb, _c: Noisy) -> Noisy {
            let _l = Noisy("local");
            Noisy("returned")
        }
    }
    {
        pub(super) async fn drops_a_bomb_async(_a: Noisy, b: Bomb, _c: Noisy) -> Noisy {
            let _l = Noisy("local");
            rest().await;
            let _b = &b;
            Noisy("returned")
        }
    }
    {
        #[track_caller]
        pub(super) fn panics_at_the_caller(a: Option<Noisy>) -> Noisy {
            let _l = Noisy("local");
            a.unwrap()
        }
    }
    {
        pub(super) fn lends<'a>(all: &'a mut Vec<u32>, more: &mut u32) -> &'a mut u32 {
            *more += 1;
            all.push(*more);
            all.last_mut().unwrap()
        }
    }
    {
        pub(super) fn lends_or_not(all: &mut [u32], at: usize) -> Result<&mut u32, String> {
            let len = all.len();
            all.get_mut(at).ok_or_else(|| format!("{at} of {len}"))
        }
    }
    {
        // Borrowed once in each arm, which the compiler accepts only of what is returned at once.
        pub(super) fn lends_entry<'a>(all: &'a mut BTreeMap<u32, Vec<u32>>, key: &u32) -> &'a mut Vec<u32> {
            if !all.contains_key(key) {
                return all.entry(*key).or_default();
            }
            match all.get_mut(key) {
                Some(found) => { found.push(*key); found }
                None => panic!("it is there"),
            }
        }
    }
    {
        pub(super) fn lends_each<'a>(all: &'a mut [u32], by: &'a u32) -> impl Iterator<Item = &'a mut u32> + 'a {
            all.iter_mut().filter(move |one| **one > *by)
        }
    }
    {
        pub(super) fn lends_a_closure<'a>(sum: &'a mut u32) -> impl FnMut(u32) -> u32 + 'a {
            move |by| { *sum += by; *sum }
        }
    }
    {
        pub(super) async fn lends_async<'a>(all: &'a mut Vec<u32>, more: &mut u32) -> Option<&'a mut u32> {
            *more += 1;
            all.push(*more);
            rest().await;
            all.first_mut()
        }
    }
    {
        pub(super) fn lends_boxed<'a>(all: &'a mut Vec<u32>) -> Pin<Box<dyn Future<Output = &'a mut [u32]> + Send + 'a>> {
            all.push(7);
            Box::pin(async move { rest().await; &mut all[1..] })
        }
    }
    {
        pub(super) fn lends_hidden<'a>(all: &'a mut Vec<u32>) -> impl Future<Output = &'a mut u32> + Send + 'a {
            all.push(7);
            async move { rest().await; &mut all[0] }
        }
    }
    {
        // Names that an expansion may have as well.
        #[allow(non_snake_case, clippy::too_many_arguments, reason = "whatever somebody may write")]
        pub(super) fn names(site: u32, SITE: u32, head: u32, open: u32, out: u32, body: u32, call: u32, fields: u32) -> u32 {
            let site = site + SITE;
            let run = |value: u32| value + site;
            let (values, tense, value, r#async) = (head, open, out, body);
            #[allow(unused_macros, reason = "a name as well")]
            macro_rules! record { () => { compile_error!("not ours") } }
            run(values) + tense * value - r#async + call * fields
        }
    }
    {
        pub(super) async fn names_async(first: Noisy, future: Noisy, context: u32, poll: u32) -> u32 {
            let first = { let _first = first; future };
            let (traced, call, outcome) = (context, poll, u32::from(first.0 == "b"));
            rest().await;
            let context = traced * call;
            context + outcome
        }
    }
    {
        #[allow(non_camel_case_types, unused_imports, reason = "whatever somebody may write")]
        pub(super) fn shadowed_types(n: u32) -> std::result::Result<u32, std::string::String> {
            use std::result::Result::{Err as Ok, Ok as Err};
            enum Result { Some(u32), None }
            struct String;
            type Option = Result;
            let found: Option = if n > 1 { Result::Some(n) } else { Result::None };
            let _s = String;
            match found { Result::Some(n) => Err(n), Result::None => Ok("nothing".into()) }
        }
    }
    {
        // Items of the body, and words that leave something.
        pub(super) fn items(n: u32) -> Option<u32> {
            const BY: u32 = 2;
            static ALL: [u32; 3] = [1, 2, 3];
            fn inner(n: u32) -> Option<u32> { Some(ALL.get(n as usize)? * BY) }
            let twice = |n: u32| -> Option<u32> { if n > 1 { return None; } Some(inner(n)? * 2) };
            let tried: Option<u32> = (|| { inner(n)?; twice(n) })();
            'outer: loop {
                for m in 0.. {
                    if m == n { break 'outer tried; }
                    if m > 5 { continue 'outer; }
                }
            }
        }
    }
}

fn assert_eq_or(how: u32) -> u32 {
    assert!(how > 10, "{how} is not enough");
    how
}

/// The same of both, while somebody records it.
macro_rules! same {
    ($function:ident($($argument:expr),* $(,)?) $(=> $then:expr)?) => {{
        let recorded = capture();
        let traced = outcome(|| { let out = traced::$function($($argument),*); $( let out = $then(out); )? out });
        assert_eq!(recorded.events().len(), 1, "{} is recorded", stringify!($function));
        drop(recorded);
        let plain = outcome(|| { let out = plain::$function($($argument),*); $( let out = $then(out); )? out });
        assert_eq!(traced, plain, "{}", stringify!($function));
    }};
}

fn door(found: impl Into<Option<u32>>) -> Door {
    Door(RefCell::new(found.into()), n("door"))
}

#[test]
fn temporaries_at_the_end_are_dropped_where_the_plain_function_drops_them() {
    for found in [Some(2), None] {
        same!(tail_if_let(door(found)));
        same!(tail_match(door(found)));
        same!(tail_while_let(door(found)));
        same!(tail_in_blocks(door(found)));
        same!(tail_question(door(found)));
        same!(tail_returned(door(found)));
        same!(tail_let_else(door(found)));
        same!(tail_if_let_async(door(found)) => run);
        same!(tail_match_async(door(found)) => run);
        same!(tail_if_let_async(door(found)) => abandoned);
        same!(tail_match_async(door(found)) => abandoned);
    }
    same!(tail_of_lock(Mutex::new(vec![1])));
    same!(tail_awaited(n("a")) => run);
    same!(tail_awaited(n("a")) => abandoned);
}

/// The editions differ here, so this says that the test above saw both.
#[test]
fn the_edition_is_the_one_of_the_crate() {
    plain::tail_if_let(door(None));
    let plain = said();
    let closed_first = plain.find("closed") < plain.find("none");
    assert_eq!(closed_first, env!("CARGO_PKG_NAME") != "tense-edition-2021", "{plain}");
}

#[test]
fn panics_carry_what_they_carried() {
    for how in 0..12 {
        same!(panics_with(n("a"), how));
        same!(panics_with_async(n("a"), how) => run);
        same!(panics_before_or_in(n("a"), how) => run);
        same!(panics_boxed(n("a"), how) => run);
    }
    // Dropped on its way it is cancelled, and does not panic.
    same!(panics_before_or_in(n("a"), 1) => abandoned);
    same!(drops_a_bomb(n("a"), Bomb("bomb"), n("c")));
    same!(drops_a_bomb_async(n("a"), Bomb("bomb"), n("c")) => run);
    same!(drops_a_bomb_async(n("a"), Bomb("bomb"), n("c")) => abandoned);
}

thread_local! {
    static PLACES: RefCell<Vec<(u32, u32)>> = const { RefCell::new(Vec::new()) };
}

/// Where a call panics, as a hook of the program hears it.
fn place<T>(call: impl FnOnce() -> T) -> Vec<(u32, u32)> {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = take_hook();
        set_hook(Box::new(move |info: &PanicHookInfo<'_>| {
            let at = info.location().map(|at| (at.line(), at.column()));
            PLACES.with_borrow_mut(|places| places.extend(at));
            before(info);
        }));
    });
    PLACES.take();
    outcome(|| drop(call()));
    PLACES.take()
}

#[test]
fn a_panic_happens_where_it_happens() {
    let _recorded = capture();
    for how in 0..11 {
        let plain = place(|| plain::panics_with(n("a"), how));
        assert_eq!(place(|| traced::panics_with(n("a"), how)), plain, "{how}");
        assert_eq!(plain.is_empty(), how == 5, "resumed without a word");
    }
    for how in [0, 1] {
        assert_eq!(place(|| run(traced::panics_boxed(n("a"), how))), place(|| run(plain::panics_boxed(n("a"), how))));
        assert_eq!(
            place(|| run(traced::panics_before_or_in(n("a"), how))),
            place(|| run(plain::panics_before_or_in(n("a"), how)))
        );
    }
    let line = line!() + 1;
    let at = place(|| traced::panics_at_the_caller(None));
    assert_eq!(at.iter().map(|at| at.0).collect::<Vec<_>>(), [line]);
    same!(panics_at_the_caller(Some(n("a"))));
}

#[test]
fn what_was_borrowed_comes_back() {
    macro_rules! both {
        (|$module:ident| $call:expr) => {{
            let traced = {
                use traced as $module;
                let recorded = capture();
                let out = $call;
                assert_eq!(recorded.events().len(), 1);
                out
            };
            use plain as $module;
            assert_eq!(traced, $call);
        }};
    }
    let all = || vec![1, 2];
    both!(|them| {
        let (mut all, mut more) = (all(), 5);
        *them::lends(&mut all, &mut more) += more;
        (all, more)
    });
    both!(|them| {
        let mut all = all();
        *them::lends_or_not(&mut all, 1).unwrap() += 1;
        all
    });
    both!(|them| them::lends_or_not(&mut all(), 2).map(|one| *one));
    both!(|them| {
        let mut all = BTreeMap::from([(1, vec![])]);
        them::lends_entry(&mut all, &1).push(7);
        all
    });
    both!(|them| {
        let mut all = BTreeMap::new();
        them::lends_entry(&mut all, &1).push(7);
        all
    });
    both!(|them| {
        let mut all = all();
        them::lends_each(&mut all, &1).for_each(|one| *one += 1);
        all
    });
    both!(|them| {
        let mut sum = 1;
        let sums = {
            let mut add = them::lends_a_closure(&mut sum);
            (add(1), add(2))
        };
        (sums, sum)
    });
    both!(|them| {
        let (mut all, mut more) = (all(), 5);
        *run(them::lends_async(&mut all, &mut more)).unwrap() += more;
        (all, more)
    });
    both!(|them| {
        let mut all = all();
        run(them::lends_boxed(&mut all))[0] += 1;
        all
    });
    both!(|them| {
        let mut all = all();
        *run(them::lends_hidden(&mut all)) += 1;
        all
    });
}

#[test]
fn names_mean_what_they_meant() {
    same!(names(1, 2, 3, 4, 5, 6, 7, 8));
    same!(names_async(n("a"), n("b"), 3, 4) => run);
    for how in 0..4 {
        same!(shadowed_types(how));
        same!(items(how));
    }
}

/// What a panic carries, which `outcome` of the twins does not know of.
#[test]
fn a_payload_of_any_type_arrives_as_itself() {
    let _recorded = capture();
    let payload = |call: fn() -> u32| -> Box<dyn Any + Send> { std::panic::catch_unwind(call).unwrap_err() };
    let noisy = payload(|| traced::panics_with(n("a"), 4)).downcast::<Noisy>().unwrap();
    assert_eq!(noisy.0, "payload");
    assert_eq!(said(), "local a", "the payload lives on");
    let text = payload(|| traced::panics_with(n("a"), 2)).downcast::<String>().unwrap();
    assert_eq!(*text, "a string");
    said();
    drop(noisy);
    assert_eq!(said(), "payload");
}
