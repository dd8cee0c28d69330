//! Captures of the whole program: every test of this binary uses one, so that none sees another one's work.

use std::cell::RefCell;
use std::pin::Pin;
use std::task::{Context, Waker};
use std::thread;

use tense::traced;
use tense_layer::testing::{capture, capture_global};

#[traced(operation.steps.done, fields(n))]
fn step(n: u32) {}

#[test]
fn every_thread_is_seen() {
    let capture = capture_global();
    step(1);
    thread::spawn(|| step(2)).join().unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    runtime.block_on(async { tokio::spawn(async { step(3) }).await.unwrap() });
    assert_eq!(capture.tree(), "operation.steps.done n=1\noperation.steps.done n=2\noperation.steps.done n=3");
}

#[test]
fn what_came_before_belongs_to_another_one() {
    for n in 0..3 {
        let capture = capture_global();
        assert_eq!(capture.tree(), "");
        step(n);
        assert_eq!(capture.tree(), &*format!("operation.steps.done n={n}"));
    }
}

#[test]
fn a_capture_of_one_thread_takes_its_own_work_out() {
    let global = capture_global();
    {
        let own = capture();
        step(1);
        thread::spawn(|| step(2)).join().unwrap();
        assert_eq!(own.tree(), "operation.steps.done n=1");
    }
    assert_eq!(global.tree(), "operation.steps.done n=2");
    let health = tense_layer::health();
    assert_eq!(health.emitted, health.delivered);
}

#[test]
fn a_test_that_fails_does_not_keep_the_others_out() {
    thread::spawn(|| {
        let _capture = capture_global();
        panic!("as a test would");
    })
    .join()
    .unwrap_err();
    let capture = capture_global();
    step(1);
    assert_eq!(capture.tree(), "operation.steps.done n=1");
}

/// Whatever is first used on a thread is torn down last: here the span's place, behind what its thread records with.
#[test]
fn a_span_that_a_thread_local_holds_ends_with_the_thread() {
    thread_local! {
        static HELD: RefCell<Option<tense::StartedSpan>> = const { RefCell::new(None) };
        static AWAITED: RefCell<Option<Pin<Box<dyn Future<Output = ()>>>>> = const { RefCell::new(None) };
    }

    #[traced(operation.answer.awaited)]
    async fn wait() {
        std::future::pending::<()>().await;
    }

    let capture = capture_global();
    let hold = || HELD.with(|held| drop(held.replace(Some(tense::span!(operation.session.held).start()))));
    thread::spawn(hold).join().unwrap();
    let poll_once = || {
        AWAITED.with(|awaited| {
            let mut future = Box::pin(wait());
            assert!(future.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
            *awaited.borrow_mut() = Some(future);
        });
    };
    thread::spawn(poll_once).join().unwrap();
    assert_eq!(
        capture.tree(),
        "
        operation.session.hold_failed failed Cancelled :
        operation.answer.await_failed failed Cancelled :
        "
    );
    assert_eq!(tense_layer::health().open_spans, 0);
}
