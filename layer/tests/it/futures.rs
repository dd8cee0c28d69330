//! Functions that return futures: the span is that of the future, not of its construction.

use std::future::{Future, Ready, ready};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use crate::capture;
use tense::traced;

use crate::tree::tree;

type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;
type Answer<'a> = BoxFuture<'a, Result<usize, String>>;

async fn rest() {
    tokio::task::yield_now().await;
}

#[traced(operation.steps.taken)]
fn step() {}

fn answer(fail: bool, n: usize) -> Result<usize, String> {
    step();
    if fail { Err(format!("{n} is no answer")) } else { Ok(n) }
}

#[traced(operation.answers.hidden, fields(n = name.len(), fail))]
fn hidden(name: &str, fail: bool) -> impl Future<Output = Result<usize, String>> + Send {
    let n = name.len();
    async move {
        rest().await;
        answer(fail, n)
    }
}

#[traced(operation.answers.boxed, fields(name, fail))]
fn boxed(name: &str, fail: bool) -> Pin<Box<dyn Future<Output = Result<usize, String>> + Send + '_>> {
    let n = name.len();
    if n == 0 {
        return Box::pin(async move { answer(fail, 0) });
    }
    Box::pin(async move {
        rest().await;
        answer(fail, n)
    })
}

#[traced(operation.answers.aliased, fields(name, fail))]
fn aliased(name: &str, fail: bool) -> Answer<'_> {
    let future: Answer<'_> = Box::pin(async move {
        rest().await;
        answer(fail, name.len())
    });
    future
}

#[traced(operation.answers.kept, fields(n = *name))]
fn local(name: Rc<usize>, fail: bool) -> Pin<Box<dyn Future<Output = Result<usize, String>>>> {
    Box::pin(async move {
        rest().await;
        answer(fail, *name)
    })
}

#[traced(operation.answers.shared)]
fn shared(n: usize, fail: bool) -> Pin<Box<dyn Future<Output = Result<usize, String>> + Send + Sync>> {
    Box::pin(async move { answer(fail, n) })
}

#[traced(operation.answers.moved)]
fn movable(n: usize, fail: bool) -> Box<dyn Future<Output = Result<usize, String>> + Unpin + Send> {
    Box::new(Box::pin(async move { answer(fail, n) }))
}

#[traced(operation.answers.readied)]
fn readied(n: usize, fail: bool) -> impl Future<Output = Result<usize, String>> {
    ready(answer(fail, n))
}

#[traced(operation.answers.polled)]
fn combined(n: usize, fail: bool) -> impl Future<Output = Result<usize, String>> {
    let mut inner = Box::pin(rest());
    std::future::poll_fn(move |context| inner.as_mut().poll(context).map(|()| answer(fail, n)))
}

struct Book {
    pages: usize,
}

impl Book {
    #[traced(operation.pages.turned, fields(pages = self.pages, by))]
    fn turn<'s>(&'s mut self, by: usize) -> BoxFuture<'s, &'s usize> {
        Box::pin(async move {
            rest().await;
            self.pages += by;
            &self.pages
        })
    }
}

#[tokio::test]
async fn the_result_is_the_outcome_of_the_future() {
    macro_rules! check {
        ($($event:literal $failed:literal: $call:expr, $failing:expr;)*) => { $(
            let recorded = capture();
            let (good, bad) = ($call, $failing);
            // the same with or without somebody who records it, and where it is not polled nothing is
            assert!(tree(&recorded.events()).lines().all(|line| line == "operation.steps.taken"), $event);
            assert!(good.await.is_ok() && bad.await.is_err());
            let all = tree(&recorded.events());
            let lines: Vec<&str> = all.lines().filter(|line| !line.ends_with("operation.steps.taken")).collect();
            let [good, bad] = lines.as_slice() else { panic!("{all}") };
            assert!(good.starts_with($event) && !good.contains("failed"), "{all}");
            assert!(bad.starts_with($failed) && bad.ends_with("is no answer"), "{all}");
        )* };
    }
    check! {
        "operation.answers.hidden n=3 fail=false" "operation.answers.hide_failed": hidden("abc", false), hidden("", true);
        "operation.answers.boxed name=\"abc\"" "operation.answers.box_failed": boxed("abc", false), boxed("", true);
        "operation.answers.aliased" "operation.answers.alias_failed": aliased("abc", false), aliased("", true);
        "operation.answers.kept n=3" "operation.answers.keep_failed": local(Rc::new(3), false), local(Rc::new(3), true);
        "operation.answers.shared" "operation.answers.share_failed": shared(3, false), shared(3, true);
        "operation.answers.moved" "operation.answers.move_failed": movable(3, false), movable(3, true);
        "operation.answers.readied" "operation.answers.ready_failed": readied(3, false), readied(3, true);
        "operation.answers.polled" "operation.answers.poll_failed": combined(3, false), combined(3, true);
    }
}

#[tokio::test]
async fn what_runs_in_the_future_hangs_under_it() {
    #[traced(operation.answers.asked)]
    async fn ask() -> Result<usize, String> {
        let later = aliased("abc", false);
        step();
        later.await
    }
    let capture = capture();
    assert_eq!(ask().await, Ok(3));
    assert_eq!(
        tree(&capture.events()),
        "operation.answers.asked\n\
         \x20 operation.steps.taken\n\
         \x20 operation.answers.aliased name=\"abc\" fail=false\n\
         \x20   operation.steps.taken\n"
    );
}

#[tokio::test]
async fn a_method_gives_back_what_it_borrowed() {
    let capture = capture();
    let mut book = Book { pages: 1 };
    assert_eq!(*book.turn(2).await, 3);
    assert_eq!(tree(&capture.events()), "operation.pages.turned pages=1 by=2\n");
}

#[test]
fn a_future_that_is_never_polled_is_not_recorded() {
    let capture = capture();
    drop((hidden("abc", false), boxed("abc", false), aliased("abc", false), shared(1, false), movable(1, false)));
    assert_eq!(tree(&capture.events()), "");
}

fn poll_once<T>(future: Pin<&mut (impl Future<Output = T> + ?Sized)>) -> Poll<T> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

#[test]
fn a_future_that_is_dropped_on_its_way_is_cancelled() {
    let capture = capture();
    {
        let mut hidden = pin!(hidden("abc", false));
        assert!(poll_once(hidden.as_mut()).is_pending());
    }
    let mut boxed = boxed("abc", false);
    assert!(poll_once(boxed.as_mut()).is_pending());
    drop(boxed);
    let all = tree(&capture.events());
    assert_eq!(all.matches("Cancelled").count(), 2, "{all}");
}

/// Makes a step when it is dropped, as a guard does that gives something back.
struct Steps;

impl Drop for Steps {
    fn drop(&mut self) {
        step();
    }
}

#[test]
fn what_a_cancelled_future_drops_happens_within_its_span() {
    #[traced(operation.guards.held)]
    async fn hold(_given: Steps) {
        let _local = Steps;
        std::future::pending::<()>().await;
    }
    #[traced(operation.guards.hidden)]
    fn hidden() -> impl Future<Output = ()> {
        async { hold(Steps).await }
    }
    #[traced(operation.guards.boxed)]
    fn boxed() -> BoxFuture<'static, ()> {
        Box::pin(async { hold(Steps).await })
    }
    let capture = capture();
    assert!(poll_once(pin!(hidden())).is_pending());
    let mut boxed = boxed();
    assert!(poll_once(boxed.as_mut()).is_pending());
    drop(boxed);
    // What was never polled has no span, and what it drops stands where it is dropped.
    drop(hold(Steps));
    step();
    let held =
        "  operation.guards.hold_failed failed Cancelled : \n    operation.steps.taken\n    operation.steps.taken\n";
    assert_eq!(
        tree(&capture.events()),
        format!(
            "operation.guards.hide_failed failed Cancelled : \n{held}\
             operation.guards.box_failed failed Cancelled : \n{held}\
             operation.steps.taken\noperation.steps.taken\n"
        )
    );
}

#[test]
fn a_panic_in_a_poll_or_before_it_is_recorded_and_passes() {
    #[traced(operation.bombs.hidden, fields(early))]
    fn hidden(early: bool) -> impl Future<Output = ()> {
        assert!(!early, "too early");
        async { panic!("boom") }
    }
    #[traced(operation.bombs.boxed, fields(early))]
    fn boxed(early: bool) -> BoxFuture<'static, ()> {
        assert!(!early, "too early");
        Box::pin(async { panic!("boom") })
    }
    let capture = capture();
    catch_unwind(AssertUnwindSafe(|| poll_once(pin!(hidden(false))))).unwrap_err();
    catch_unwind(AssertUnwindSafe(|| poll_once(boxed(false).as_mut()))).unwrap_err();
    let payload = catch_unwind(|| drop(hidden(true))).unwrap_err();
    assert_eq!(payload.downcast_ref::<&str>(), Some(&"too early"));
    catch_unwind(|| drop(boxed(true))).unwrap_err();
    let all = tree(&capture.events());
    assert_eq!(all.matches("Panic panic: boom at ").count(), 2, "{all}");
    assert_eq!(all.matches("early=true failed Panic panic: too early at ").count(), 2, "{all}");
}

#[tokio::test]
async fn fields_are_filled_in_before_the_future_is_made_and_in_it() {
    #[traced(operation.answers.given, fields(name, early = _, late = _, none = _))]
    fn give(name: &str) -> BoxFuture<'static, usize> {
        let n = name.len();
        tense::record!(early = n);
        Box::pin(async move {
            rest().await;
            tense::record!(late = n * 2);
            n
        })
    }
    #[traced(operation.answers.given, fields(early = _, late = _))]
    fn give_hidden(name: &'static str) -> impl Future<Output = usize> {
        tense::record!(early = name);
        async move {
            tense::record!(late = 7);
            name.len()
        }
    }
    let capture = capture();
    assert_eq!(give("abc").await + give_hidden("ab").await, 5);
    assert_eq!(
        tree(&capture.events()),
        "operation.answers.given name=\"abc\" early=3 late=6\n\
         operation.answers.given early=\"ab\" late=7\n"
    );
}

#[async_trait::async_trait]
trait Store {
    async fn save(&mut self, name: &str) -> Result<usize, String>;
    async fn load(&self, _name: &str) -> Result<usize, String> {
        Ok(0)
    }
}

struct Disk {
    used: usize,
}

/// Our attribute sees what `async_trait` has made of the methods.
#[async_trait::async_trait]
impl Store for Disk {
    #[traced(operation.files.saved, fields(name, used = self.used, left = _))]
    async fn save(&mut self, name: &str) -> Result<usize, String> {
        rest().await;
        self.used += name.len();
        tense::record!(left = 10_usize.saturating_sub(self.used));
        if self.used > 9 { Err("the disk is full".to_owned()) } else { Ok(self.used) }
    }
}

struct Shelf;

/// Our attribute comes first, and is handed on to the methods.
#[traced(operation.files._)]
#[async_trait::async_trait]
impl Store for Shelf {
    async fn save(&mut self, name: &str) -> Result<usize, String> {
        rest().await;
        Err(format!("no room for {name}"))
    }
}

#[async_trait::async_trait]
#[traced(operation.files._)]
impl Store for usize {
    async fn save(&mut self, _name: &str) -> Result<usize, String> {
        rest().await;
        Ok(*self)
    }

    async fn load(&self, name: &str) -> Result<usize, String> {
        Ok(name.len())
    }
}

#[tokio::test]
async fn methods_of_async_trait_are_recorded_in_either_order() {
    let capture = capture();
    let mut disk: Box<dyn Store> = Box::new(Disk { used: 1 });
    assert_eq!(disk.save("abc").await, Ok(4));
    disk.save("abcdef").await.unwrap_err();
    Shelf.save("abc").await.unwrap_err();
    assert_eq!(7_usize.save("abc").await, Ok(7));
    assert_eq!(7_usize.load("abc").await, Ok(3));
    drop(disk.save("never"));
    assert_eq!(
        tree(&capture.events()),
        "operation.files.saved name=\"abc\" used=1 left=6\n\
         operation.files.save_failed name=\"abcdef\" used=4 left=0 failed Error String: the disk is full\n\
         operation.files.save_failed failed Error String: no room for abc\n\
         operation.files.saved\n\
         operation.files.loaded\n"
    );
}

/// What cannot be known is not measured, but never broken: the documentation lists it.
#[tokio::test]
async fn elsewhere_the_construction_is_what_is_recorded() {
    #[traced(operation.futures.passed)]
    fn generic<F: Future>(future: F) -> F {
        future
    }
    #[traced(operation.futures.promised)]
    fn inside(fail: bool) -> Result<BoxFuture<'static, u8>, String> {
        if fail { Err("no".to_owned()) } else { Ok(Box::pin(async { 1 })) }
    }
    #[traced(operation.futures.spawned)]
    fn spawn() -> tokio::task::JoinHandle<u8> {
        tokio::spawn(async { 1 })
    }
    let capture = capture();
    let passed: Ready<u8> = generic(ready(1));
    let promised = inside(false).unwrap();
    let spawned = spawn();
    assert_eq!(
        tree(&capture.events()),
        "operation.futures.passed\noperation.futures.promised\noperation.futures.spawned\n"
    );
    assert_eq!(passed.await + promised.await + spawned.await.unwrap(), 3);
    assert_eq!(capture.events().len(), 3);
}

/// A type that the function cannot change is told from a boxed future by what it is, and anything else is a value.
#[tokio::test]
async fn the_futures_of_a_trait_are_recorded_where_they_are_boxed() {
    trait Service {
        type Future: Future<Output = u8>;

        fn call(&self, fail: bool) -> Self::Future;

        #[traced(operation.futures.chained)]
        fn call_twice(&self) -> Self::Future {
            drop(self.call(false));
            self.call(false)
        }
    }

    struct Boxed;
    impl Service for Boxed {
        type Future = BoxFuture<'static, u8>;

        #[traced(operation.futures.boxed, fields(fail))]
        fn call(&self, fail: bool) -> Self::Future {
            Box::pin(async move { u8::from(fail) })
        }
    }

    struct OfItsOwn;
    impl Service for OfItsOwn {
        type Future = Ready<u8>;

        #[traced(operation.futures.readied, fields(fail))]
        fn call(&self, fail: bool) -> Self::Future {
            ready(u8::from(fail))
        }
    }

    #[traced(operation.futures.passed)]
    fn pass<S: Service>(service: &S) -> <S as Service>::Future {
        service.call(true)
    }

    let capture = capture();
    // Made and never polled: there is no call.
    drop(Boxed.call(true));
    assert_eq!(Boxed.call(true).await, 1);
    assert_eq!(OfItsOwn.call_twice().await, 0);
    assert_eq!(pass(&OfItsOwn).await, 1);
    assert_eq!(
        tree(&capture.events()),
        "operation.futures.boxed fail=true\n\
         operation.futures.chained\n\
         \u{20} operation.futures.readied fail=false\n\
         \u{20} operation.futures.readied fail=false\n\
         operation.futures.passed\n\
         \u{20} operation.futures.readied fail=true\n"
    );
}

/// In a block the compiler knows of `F` only that it is a future; the attribute of the block knows that it is a
/// parameter.
#[tokio::test]
async fn a_future_that_is_a_parameter_of_the_block_is_a_value() {
    struct Slot<F>(F);

    #[traced(operation.futures._)]
    impl<'a, const N: usize, F: Future<Output = [&'a u8; N]>> Slot<F> {
        fn take(self) -> F {
            self.0
        }

        fn lend<G: Fn() -> bool>(self, allowed: G) -> F
        where
            Self: Sized,
        {
            assert!(allowed());
            self.0
        }

        #[expect(clippy::async_yields_async, reason = "that is what is tried")]
        async fn poll(self) -> F {
            self.0
        }
    }

    impl<F: Future> Slot<F> {
        #[traced(operation.futures.released, returns = value)]
        fn release(self) -> F {
            self.0
        }
    }

    #[traced(operation.futures.readied, returns = value)]
    fn of_its_own() -> Ready<u8> {
        ready(1)
    }

    #[traced(operation.futures.cloned, returns = value)]
    fn hidden() -> impl Future<Output = u8> + Clone {
        ready(1)
    }

    let capture = capture();
    let one = 1;
    drop((Slot(ready([&one])).take(), Slot(ready([&one])).lend(|| true), Slot(ready([&one])).release()));
    Slot(ready([&one])).poll().await.await;
    drop((of_its_own(), hidden().clone()));
    assert_eq!(
        tree(&capture.events()),
        "operation.futures.taken\n\
         operation.futures.lent\n\
         operation.futures.released\n\
         operation.futures.polled\n\
         operation.futures.readied\n\
         operation.futures.cloned\n"
    );
}
