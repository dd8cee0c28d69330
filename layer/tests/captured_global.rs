//! Captures of the whole program: every test of this binary uses one, so that none sees another one's work.

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
