//! Functions of every common shape compile and return what they would without the attribute.

use std::cell::RefCell;
use std::fmt::Display;
use std::rc::Rc;

use tense::traced;

#[derive(Debug, PartialEq)]
struct Declined(u8);

impl Display for Declined {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "declined {}", self.0)
    }
}

impl std::error::Error for Declined {}

type Answer<T> = Result<T, Declined>;

#[traced(operation.cards.charged, fields(amount, who = name.len(), %name, late = _))]
fn charge(amount: u8, name: &str) -> Answer<usize> {
    tense::record!(late = amount * 2);
    if amount > 9 {
        return Err(Declined(amount));
    }
    Ok(name.len() + usize::from(amount))
}

#[traced(operation.cards.borrowed)]
fn borrow(x: &mut u8) -> Result<&mut u8, Declined> {
    *x += 1;
    if *x > 200 { Err(Declined(*x)) } else { Ok(x) }
}

#[traced(operation.cards.folded)]
fn patterns((a, mut b): (u8, u8), _: u8, [c, ..]: [u8; 3]) -> u8 {
    b += 1;
    a + b + c
}

#[traced(operation.cards.listed)]
fn iterate<'a, T: Clone + 'a, const N: usize>(all: &'a [T; N]) -> impl Iterator<Item = T> + 'a {
    all.iter().cloned()
}

#[traced(operation.cards.given_up)]
fn never(why: &str) -> ! {
    panic!("{why}")
}

struct Till {
    sum: u64,
}

impl Till {
    #[traced(operation.tills._, fields(self_sum = self.sum))]
    fn update_sum(&mut self, by: u64) -> &mut u64 {
        self.sum += by;
        &mut self.sum
    }

    #[traced(operation.tills.emptied)]
    async fn empty(mut self, more: &str) -> Result<u64, Box<dyn std::error::Error + Send + Sync>> {
        tokio::task::yield_now().await;
        if more.is_empty() {
            return Err(Box::new(Declined(0)));
        }
        self.sum += more.len() as u64;
        Ok(self.sum)
    }
}

trait Shop {
    async fn sell(&mut self, what: &str) -> usize;
}

impl Shop for Till {
    #[traced(operation.shops.sold, fields(what))]
    async fn sell(&mut self, what: &str) -> usize {
        tokio::task::yield_now().await;
        self.sum += 1;
        what.len()
    }
}

#[traced(dispatch.tree.*, fields(depth))]
async fn recurse(depth: u8) -> u8 {
    if depth == 0 { 0 } else { 1 + Box::pin(recurse(depth - 1)).await }
}

#[track_caller]
#[traced(operation.places.found)]
fn line() -> u32 {
    std::panic::Location::caller().line()
}

#[tokio::test]
#[traced(operation.tests.run)]
async fn an_attribute_macro_may_follow() {
    tokio::task::yield_now().await;
}

#[traced(operation.tests.run)]
#[tokio::test]
async fn an_attribute_macro_may_have_been_before() {
    tokio::task::yield_now().await;
}

#[traced(operation.tests.run)]
#[test]
fn a_test_may_be_annotated() -> Result<(), Declined> {
    Ok(())
}

#[test]
#[traced(operation.tests.run)]
#[should_panic(expected = "as it should")]
fn a_test_that_should_panic_may_be_annotated() {
    panic!("as it should");
}

#[test]
fn results_are_what_they_were() {
    assert_eq!(charge(1, "abc"), Ok(4));
    assert_eq!(charge(10, "abc"), Err(Declined(10)));
    assert_eq!(borrow(&mut 1), Ok(&mut 2));
    assert_eq!(patterns((1, 2), 3, [4, 5, 6]), 8);
    assert_eq!(iterate(&[1, 2, 3]).sum::<i32>(), 6);
    assert_eq!(*Till { sum: 1 }.update_sum(2), 3);
    assert!(std::panic::catch_unwind(|| never("so")).is_err());
    assert_eq!(line(), line!());
}

#[tokio::test]
async fn results_of_futures_are_what_they_were() {
    fn send<T: Send>(future: T) -> T {
        future
    }
    assert_eq!(send(Till { sum: 1 }.empty("ab")).await.unwrap(), 3);
    assert_eq!(Till { sum: 1 }.empty("").await.unwrap_err().to_string(), "declined 0");
    assert_eq!(Till { sum: 1 }.sell("ab").await, 2);
    assert_eq!(send(recurse(5)).await, 5);
}

thread_local! {
    static DROPS: RefCell<Vec<&'static str>> = const { RefCell::new(Vec::new()) };
}

struct Noisy(&'static str);

impl Drop for Noisy {
    fn drop(&mut self) {
        DROPS.with_borrow_mut(|drops| drops.push(self.0));
    }
}

macro_rules! twins {
    ($($(#[$attr:meta])* $name:ident $($asyncness:ident)?;)*) => { $(
        $(#[$attr])*
        $($asyncness)? fn $name(a: Noisy, (b, _): (Noisy, Noisy), _: Noisy, _u: Noisy, c: Noisy) -> Result<(), ()> {
            let _l = Noisy("local");
            drop(c);
            let _a = &a;
            let _b = &b;
            Err(())?
        }
    )* };
}

twins! {
    plain;
    #[traced(operation.drops.made)]
    annotated;
    plain_async async;
    #[traced(operation.drops.made)]
    annotated_async async;
}

#[tokio::test]
async fn arguments_and_locals_are_dropped_in_the_plain_order() {
    let n = Noisy;
    macro_rules! order {
        ($name:ident $($wait:tt)*) => {{
            let out = $name(n("a"), (n("b0"), n("b1")), n("_"), n("_u"), n("c"))$($wait)*;
            assert_eq!(out, Err(()));
            DROPS.take().join(" ")
        }};
    }
    assert_eq!(order!(annotated), order!(plain));
    assert_eq!(order!(annotated_async.await), order!(plain_async.await));
}

struct Pair {
    a: Noisy,
    _b: Noisy,
}

macro_rules! holders {
    ($($(#[$attr:meta])* $whole:ident $part:ident $sync:ident;)*) => { impl Pair { $(
        $(#[$attr])*
        async fn $whole(self) {
            let _l = Noisy("body");
        }

        $(#[$attr])*
        async fn $part(self) {
            let _a = self.a;
            let _l = Noisy("body");
        }

        $(#[$attr])*
        fn $sync(self) {
            let _a = self.a;
            let _l = Noisy("body");
        }
    )* } };
}

holders! {
    whole part sync;
    #[traced(operation.drops.held)]
    traced_whole traced_part traced_sync;
}

#[tokio::test]
async fn self_is_dropped_where_the_plain_function_drops_it() {
    let pair = || Pair { a: Noisy("a"), _b: Noisy("b") };
    macro_rules! order {
        ($call:expr) => {{
            let call = $call;
            DROPS.with_borrow_mut(|drops| drops.push("called"));
            call.await;
            DROPS.take().join(" ")
        }};
    }
    assert_eq!(order!(pair().traced_whole()), order!(pair().whole()));
    assert_eq!(order!(pair().traced_part()), order!(pair().part()));
    pair().sync();
    let plain = DROPS.take().join(" ");
    pair().traced_sync();
    assert_eq!(DROPS.take().join(" "), plain);
}

#[test]
fn a_future_keeps_its_size() {
    async fn plain(a: [u8; 4096]) -> u8 {
        tokio::task::yield_now().await;
        a[0]
    }
    #[traced(operation.sizes.kept, fields(first = a[0]))]
    async fn annotated(a: [u8; 4096]) -> u8 {
        tokio::task::yield_now().await;
        a[0]
    }
    let (plain, annotated) = (size_of_val(&plain([0; 4096])), size_of_val(&annotated([0; 4096])));
    assert!(annotated * 100 <= plain * 105, "{annotated} bytes against {plain}");
}

/// A future holds those that it awaits, so whatever each of them has more adds up.
#[test]
fn futures_within_futures_keep_their_size() {
    macro_rules! nested {
        ($outer:ident $middle:ident $inner:ident $block:ident $n:ident $($attribute:meta)?) => {
            $(#[$attribute])?
            async fn $inner($block: [u8; 4096], $n: usize) -> u8 {
                tokio::task::yield_now().await;
                $block[$n]
            }
            $(#[$attribute])?
            async fn $middle($block: [u8; 4096], $n: usize) -> u8 {
                $inner($block, $n).await + 1
            }
            $(#[$attribute])?
            async fn $outer($block: [u8; 4096], $n: usize) -> u8 {
                $middle($block, $n).await + 1
            }
        };
    }
    nested! { plain plain_middle plain_inner block n }
    nested! { annotated annotated_middle annotated_inner block n traced(operation.sizes.nested, fields(n)) }
    let (plain, annotated) = (size_of_val(&plain([0; 4096], 7)), size_of_val(&annotated([0; 4096], 7)));
    assert!(annotated * 100 <= plain * 110, "{annotated} bytes against {plain}");

    // What the fields borrow keeps no room behind them.
    nested! { borrowed borrowed_middle borrowed_inner block n traced(operation.sizes.nested, fields(first = block[0])) }
    let borrowed = size_of_val(&borrowed([0; 4096], 7));
    assert!(borrowed * 100 <= plain * 110, "{borrowed} bytes against {plain}");
    nested! { filled filled_middle filled_inner block n traced(operation.sizes.nested, fields(first = block[0], last = _)) }
    let filled = size_of_val(&filled([0; 4096], 7));
    assert!(filled * 100 <= plain * 110, "{filled} bytes against {plain}");
}

/// An attribute is about the function, or about what it gives: only for the latter it has to stay an `async fn`.
#[test]
fn attributes_cost_a_future_nothing_except_must_use() {
    macro_rules! size {
        ($(#[$attr:meta])*) => {{
            $(#[$attr])*
            async fn wait(a: [u8; 4096]) -> u8 {
                tokio::task::yield_now().await;
                a[0]
            }
            #[allow(deprecated)]
            let future = wait([0; 4096]);
            size_of_val(&future)
        }};
    }
    let plain = size!();
    for (attribute, size) in [
        ("doc", size!(#[traced(operation.sizes.kept)] #[doc(hidden)])),
        ("deprecated", size!(#[traced(operation.sizes.kept)] #[deprecated])),
        ("inline", size!(#[traced(operation.sizes.kept)] #[inline(always)])),
        ("cold", size!(#[traced(operation.sizes.kept)] #[cold])),
        ("allow", size!(#[traced(operation.sizes.kept)] #[allow(clippy::all)])),
        ("cfg", size!(#[traced(operation.sizes.kept)] #[cfg(all())])),
        ("cfg_attr", size!(#[traced(operation.sizes.kept)] #[cfg_attr(all(), inline, doc(hidden))])),
    ] {
        assert!(size * 100 <= plain * 105, "{attribute}: {size} bytes against {plain}");
    }
    // It is about the awaited value, which the compiler sees of an `async fn` alone. So the arguments are there once
    // more.
    let must_use = size!(#[traced(operation.sizes.kept)] #[must_use]);
    assert!(must_use * 100 <= plain * 155, "must_use: {must_use} bytes against {plain}");
}

#[test]
fn a_future_that_is_not_send_is_only_that() {
    #[traced(operation.locals.waited)]
    async fn local(rc: Rc<u8>) -> u8 {
        tokio::task::yield_now().await;
        *rc
    }
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    assert_eq!(runtime.block_on(local(Rc::new(1))), 1);
}

#[tokio::test]
async fn nobody_who_records_means_no_box_more() {
    type BoxFuture = std::pin::Pin<Box<dyn Future<Output = u8>>>;
    let plain: BoxFuture = Box::pin(async { 1 });
    let address = std::ptr::from_ref(&*plain).cast::<()>();
    #[traced(operation.futures.passed)]
    fn pass(future: BoxFuture) -> BoxFuture {
        future
    }
    let passed = pass(plain);
    assert_eq!(std::ptr::from_ref(&*passed).cast::<()>(), address);
    assert_eq!(passed.await, 1);
}
