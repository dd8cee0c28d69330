//! Spans that several threads are in: only on the direct way, because a scoped default is one thread's.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::thread;

use tense::{event, fail, log, record, span, traced};

use crate::capture;
use crate::tree::tree;

#[traced(operation.row.stored, fields(n))]
fn store(n: u64) {
    log!(step, "row {n}");
}

#[test]
fn what_happens_elsewhere_in_a_started_span_is_below_it() {
    let capture = capture();
    let span = span!(dispatch.batch.*, fields(stored = _, job_id = "j1")).start();
    let elsewhere = thread::spawn(move || {
        event!(operation.thread.begun);
        span.in_scope(|| store(1));
        record!(in span, stored = 1);
        fail!(in span, "{} row is missing", 1);
        span
    });
    let span = elsewhere.join().unwrap();
    thread::scope(|scope| {
        scope.spawn(|| span.in_scope(|| store(2)));
    });
    thread::spawn(|| span.end()).join().unwrap();
    let events = capture.events();
    assert_eq!(
        tree(&events),
        "dispatch.batch.start pending\n\
         \x20 operation.row.stored n=1\n\
         \x20   log.step message=\"row 1\"\n\
         \x20 operation.row.stored n=2\n\
         \x20   log.step message=\"row 2\"\n\
         operation.thread.begun\n\
         dispatch.batch.fail stored=1 failed Error fail: 1 row is missing\n"
    );
    let below = events.iter().filter(|event| event.event_type == "operation.row.stored");
    assert!(below.clone().all(|event| event.job_id.as_deref() == Some("j1") && event.trace_id == events[0].trace_id));
    assert_eq!(below.count(), 2);
}

#[test]
fn a_future_is_below_where_it_was_made_whoever_polls_it() {
    let capture = capture();
    let made = span!(dispatch.batch.*, || {
        Some(span!(operation.row.stored).instrument(async {
            store(1);
            std::future::ready(()).await;
        }))
    });
    let polled = thread::spawn(|| {
        let mut future = pin!(made.unwrap());
        future.as_mut().poll(&mut Context::from_waker(Waker::noop()))
    });
    assert_eq!(polled.join().unwrap(), Poll::Ready(()));
    // This thread has never been in it.
    event!(operation.thread.begun);
    assert_eq!(
        tree(&capture.events()),
        "dispatch.batch.start pending\n\
         \x20 operation.row.stored\n\
         \x20   operation.row.stored n=1\n\
         \x20     log.step message=\"row 1\"\n\
         dispatch.batch.complete\n\
         operation.thread.begun\n"
    );
}
