//! What a body panics with, and where: the payload arrives as itself, and the hook hears of the same place.

use std::any::Any;
use std::cell::RefCell;
use std::future::Future;
use std::panic::{PanicHookInfo, catch_unwind, panic_any, resume_unwind, set_hook, take_hook};
use std::pin::Pin;
use std::sync::Once;

use crate::capture;

use super::{Noisy, abandoned, fail, n, outcome, rest, run, said, say};

#[derive(Debug)]
struct Bomb(&'static str);

impl Drop for Bomb {
    fn drop(&mut self) {
        say(self.0);
        resume_unwind(Box::new(self.0));
    }
}

twins! {
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
}

fn assert_eq_or(how: u32) -> u32 {
    assert!(how > 10, "{how} is not enough");
    how
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

/// What a panic carries, which `outcome` of the twins does not know of.
#[test]
fn a_payload_of_any_type_arrives_as_itself() {
    let _recorded = capture();
    let payload = |call: fn() -> u32| -> Box<dyn Any + Send> { catch_unwind(call).unwrap_err() };
    let noisy = payload(|| traced::panics_with(n("a"), 4)).downcast::<Noisy>().unwrap();
    assert_eq!(noisy.0, "payload");
    assert_eq!(said(), "local a", "the payload lives on");
    let text = payload(|| traced::panics_with(n("a"), 2)).downcast::<String>().unwrap();
    assert_eq!(*text, "a string");
    said();
    drop(noisy);
    assert_eq!(said(), "payload");
}
