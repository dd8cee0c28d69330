//! `span!`: blocks, futures and stretches of time, each with its outcome. Also run on the direct way (`direct`).

use std::fmt::Display;
use std::future::{Future, pending};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use tense::{MayFail, StartedSpan, event, fail, record, span, traced};

use crate::capture;
use crate::tree::tree;

fn told(work: impl FnOnce()) -> String {
    let capture = capture();
    work();
    tree(&capture.events())
}

fn poll<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

/// Not ready at the first poll.
async fn later() {
    let mut is_polled = false;
    std::future::poll_fn(|_| if std::mem::replace(&mut is_polled, true) { Poll::Ready(()) } else { Poll::Pending })
        .await;
}

fn run<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(out) = poll(future.as_mut()) {
            return out;
        }
    }
}

/// An error with a cause, which says what it is itself alone.
#[derive(Debug)]
struct Torn(std::num::ParseIntError);

impl Display for Torn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the page is torn")
    }
}

impl std::error::Error for Torn {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0)
    }
}

fn tear() -> Result<u32, Torn> {
    "x".parse().map_err(Torn)
}

#[test]
fn a_body_is_to_its_span_what_that_of_a_function_is() {
    let (pages, name) = (3, "book".to_owned());
    let events = told(|| {
        let read = span!(operation.pages.read, fields(pages, name, last = _), || {
            event!(operation.page.turned);
            record!(last = 7);
            name.len()
        });
        assert_eq!(read, 4);
    });
    assert_eq!(
        events,
        "operation.pages.read pages=3 name=\"book\" last=7\n\
         \x20 operation.page.turned\n"
    );
    // What is moved into a body is looked at before it is moved on.
    let events = told(|| drop(span!(operation.pages.read, fields(name), move || name)));
    assert_eq!(events, "operation.pages.read name=\"book\"\n");
}

#[test]
fn the_error_of_a_body_is_told_with_its_sources_whatever_its_type() {
    struct Mute;
    let events = told(|| {
        let torn = span!(operation.pages.read, || {
            tear()?;
            Ok::<_, Torn>(())
        });
        torn.unwrap_err();
        assert!(span!(operation.pages.read, || Err::<(), _>(Mute)).is_err());
        assert!(span!(dispatch.book.*, || -> Result<(), Box<dyn std::error::Error>> { Err("lost".into()) }).is_err());
    });
    assert_eq!(
        events,
        "operation.pages.read_failed failed Error Torn: the page is torn: invalid digit found in string\n\
         operation.pages.read_failed failed Error Mute: \n\
         dispatch.book.start pending\n\
         dispatch.book.fail failed Error Box<dyn Error>: lost\n"
    );
}

#[test]
fn an_error_may_have_the_type_that_is_expected() {
    fn read(n: u8) -> Result<u8, ()> {
        span!(operation.pages.read, || if n > 1 { Err(()) } else { Ok(n) })
    }
    let events = told(|| assert_eq!((read(1), read(2)), (Ok(1), Err(()))));
    assert_eq!(events, "operation.pages.read\noperation.pages.read_failed failed Error (): ()\n");
}

#[test]
fn a_body_says_itself_that_it_failed() {
    #[traced(dispatch.shelf.*)]
    fn shelve() {
        span!(operation.pages.read, fields(missing = _), || fail!("{missing} pages are missing", missing = 2));
    }
    assert_eq!(
        told(shelve),
        "dispatch.shelf.start pending\n\
         \x20 operation.pages.read_failed missing=2 failed Error fail: 2 pages are missing\n\
         dispatch.shelf.complete\n"
    );
}

#[test]
fn an_async_body_is_a_future_that_begins_with_its_first_poll() {
    let events = told(|| {
        let never_polled = span!(operation.pages.read, async { later().await });
        drop(never_polled);
        let name = "book".to_owned();
        let read = span!(operation.pages.read, fields(name, last = _), async move {
            later().await;
            event!(operation.page.turned);
            record!(last = name.len());
            tear()
        });
        event!(operation.book.opened);
        run(read).unwrap_err();
        let mut dropped = Box::pin(span!(dispatch.book.*, async { pending::<()>().await }));
        assert!(poll(dropped.as_mut()).is_pending());
    });
    assert_eq!(
        events,
        "operation.book.opened\n\
         operation.pages.read_failed name=\"book\" last=4 failed Error Torn: the page is torn: invalid digit found in string\n\
         \x20 operation.page.turned\n\
         dispatch.book.start pending\n\
         dispatch.book.fail failed Cancelled : \n"
    );
}

#[test]
fn a_closure_runs_in_the_span_and_ends_it_with_what_it_returns() {
    let mut rows = vec![1, 2];
    let events = told(|| {
        // The fields are looked at before the closure has anything.
        let all = span!(operation.rows.loaded, fields(known = rows.len())).in_scope(|| {
            event!(operation.row.found);
            rows.push(3);
            rows.len()
        });
        assert_eq!(all, 3);
        span!(operation.rows.loaded).in_scope(tear).unwrap_err();
        span!(operation.rows.loaded).in_scope(|| None::<()>);
    });
    assert_eq!(
        events,
        "operation.rows.loaded known=2\n\
         \x20 operation.row.found\n\
         operation.rows.load_failed failed Error Torn: the page is torn\n\
         operation.rows.loaded\n"
    );
}

#[test]
fn what_a_type_says_of_itself_is_believed() {
    enum Verdict {
        Approved,
        Declined(&'static str),
    }
    impl MayFail for Verdict {
        fn failure(&self) -> Option<impl Display> {
            match self {
                Self::Approved => None,
                Self::Declined(reason) => Some(reason),
            }
        }
    }
    struct Broken;
    impl MayFail for Broken {
        fn failure(&self) -> Option<impl Display> {
            if capture_is_there() { panic!("no") } else { None::<&str> }
        }
    }
    let events = told(|| {
        span!(operation.loan.judged).in_scope(|| Verdict::Approved);
        span!(operation.loan.judged).in_scope(|| Verdict::Declined("no income"));
        span!(operation.loan.judged).start().end_with(&Broken);
    });
    assert_eq!(
        events,
        "operation.loan.judged\n\
         operation.loan.judge_failed failed Error Verdict: no income\n\
         operation.loan.judge_failed failed Error Broken: <panicked while it was asked whether it failed>\n"
    );
}

#[test]
fn a_panic_goes_on_and_is_told() {
    let capture = capture();
    catch_unwind(|| {
        span!(operation.rows.loaded, || if capture_is_there() {
            panic!("no more rows")
        });
    })
    .unwrap_err();
    catch_unwind(|| {
        span!(operation.rows.loaded).in_scope(|| {
            if capture_is_there() {
                panic!("no more rows")
            }
        });
    })
    .unwrap_err();
    catch_unwind(|| {
        let _span = span!(operation.rows.loaded).start();
        panic!("no more rows");
    })
    .unwrap_err();
    let future = span!(operation.rows.loaded).instrument(async {
        if capture_is_there() {
            panic!("no more rows")
        }
    });
    catch_unwind(AssertUnwindSafe(|| run(future))).unwrap_err();
    let events = capture.events();
    assert_eq!(events.len(), 4, "{events:#?}");
    for event in &events {
        assert_eq!((&*event.event_type, event.parent_span_id), ("operation.rows.load_failed", None));
        assert_eq!(event.error.as_ref().unwrap().kind, tense_event::ErrorKind::Panic);
    }
    // Nothing is left on the stack.
    event!(operation.row.found);
    assert_eq!(capture.events().last().unwrap().parent_span_id, None);
}

fn capture_is_there() -> bool {
    true
}

#[test]
fn a_future_is_below_the_span_that_it_was_made_in() {
    let events = told(|| {
        let batch = "b1".to_owned();
        let made = span!(dispatch.shelf.*, || {
            // Owned by whoever polls it, wherever that is.
            let loaded = span!(operation.rows.loaded, fields(batch)).instrument(async move {
                later().await;
                event!(operation.row.found, batch);
                tear()
            });
            drop(span!(operation.rows.loaded).instrument(pending::<()>()));
            Some(loaded)
        });
        event!(operation.shelf.left);
        run(made.unwrap()).unwrap_err();
    });
    assert_eq!(
        events,
        "dispatch.shelf.start pending\n\
         \x20 operation.rows.load_failed failed Cancelled : \n\
         \x20 operation.rows.load_failed batch=\"b1\" failed Error Torn: the page is torn\n\
         \x20   operation.row.found batch=\"b1\"\n\
         dispatch.shelf.complete\n\
         operation.shelf.left\n"
    );
}

#[test]
fn a_started_span_is_on_no_stack_until_it_is_entered() {
    let events = told(|| {
        let span = span!(dispatch.batch.*, fields(size = 3, stored = _)).start();
        event!(operation.row.found, n = 1);
        span.in_scope(|| event!(operation.row.found, n = 2));
        {
            let _entered = span.enter();
            let below = span!(operation.rows.loaded).start();
            event!(operation.row.found, n = 3);
            below.end();
        }
        let stored = 2;
        record!(in span, stored);
        event!(operation.row.found, n = 4);
        span.end();
    });
    assert_eq!(
        events,
        "dispatch.batch.start size=3 pending\n\
         \x20 operation.row.found n=2\n\
         \x20 operation.row.found n=3\n\
         \x20 operation.rows.loaded\n\
         operation.row.found n=1\n\
         operation.row.found n=4\n\
         dispatch.batch.complete size=3 stored=2\n"
    );
}

#[test]
fn a_started_span_ends_as_it_is_told_to() {
    let events = told(|| {
        span!(operation.rows.loaded).start().end();
        span!(operation.rows.loaded).start().end_with(&tear());
        span!(operation.rows.loaded).start().end_with(&Ok::<_, Torn>(1));
        drop(span!(operation.rows.loaded).start());
        let span = span!(operation.rows.loaded, fields(n = _)).start();
        fail!(in span, "{} of {n} rows are missing", 1 + 1, n = 3);
        span.fail("later");
        span.end();
        let span = span!(operation.rows.loaded).start();
        span.fail(format_args!("{} rows", 0));
        // Dropped.
    });
    assert_eq!(
        events,
        "operation.rows.loaded\n\
         operation.rows.load_failed failed Error Torn: the page is torn\n\
         operation.rows.loaded\n\
         operation.rows.load_failed failed Cancelled : \n\
         operation.rows.load_failed n=3 failed Error fail: 2 of 3 rows are missing\n\
         operation.rows.load_failed failed Error fail: 0 rows\n"
    );
}

#[test]
fn a_span_ends_on_another_thread_than_it_began_on() {
    struct Upload {
        span: StartedSpan,
    }
    let capture = capture();
    let span = span!(dispatch.upload.*, fields(bytes = _)).start();
    event!(operation.upload.queued);
    let done = std::thread::spawn(move || {
        record!(in span, bytes = 100);
        let upload = Upload { span: span.erase() };
        upload.span.end_with(&Err::<(), _>("the line is dead"));
    });
    done.join().unwrap();
    let dropped = span!(dispatch.upload.*).start();
    std::thread::spawn(move || drop(dropped)).join().unwrap();
    let panicked = span!(dispatch.upload.*).start();
    let thread = std::thread::Builder::new().spawn(move || {
        let _panicked = panicked;
        panic!("the cable is cut");
    });
    thread.unwrap().join().unwrap_err();
    // This thread's stack is as if they had never been.
    event!(operation.upload.queued);
    let events = capture.events();
    let failed = events.iter().filter(|event| event.event_type == "dispatch.upload.fail");
    let said: Vec<_> = failed.map(|event| format!("{:?}", event.error.as_ref().unwrap().kind)).collect();
    assert_eq!(said, ["Error", "Cancelled", "Panic"]);
    let first = events.iter().find(|event| event.event_type == "dispatch.upload.fail").unwrap();
    assert_eq!(first.error.as_ref().unwrap().error_message, "the line is dead");
    assert_eq!(first.data.get("bytes").unwrap(), 100);
    assert!(events.iter().all(|event| event.parent_span_id.is_none()), "{events:#?}");
}

#[test]
fn several_threads_may_be_in_a_span_at_a_time() {
    let events = told(|| {
        let span = span!(dispatch.batch.*).start();
        let entered = span.enter();
        std::thread::scope(|scope| {
            scope.spawn(|| span.in_scope(|| ()));
        });
        event!(operation.row.found);
        drop(entered);
        event!(operation.row.found, outside = true);
        span.end();
    });
    assert_eq!(
        events,
        "dispatch.batch.start pending\n\
         \x20 operation.row.found\n\
         operation.row.found outside=true\n\
         dispatch.batch.complete\n"
    );
}

#[test]
fn spans_of_other_crates_stand_in_the_same_tree_in_either_nesting() {
    let events = told(|| {
        let span = span!(dispatch.batch.*).start();
        let inner = || tracing::info_span!(target: "shop", "inner").in_scope(|| event!(operation.row.found));
        span.in_scope(inner);
        let outer = tracing::info_span!(target: "shop", "outer").entered();
        span!(operation.rows.loaded, || tracing::info!("hello"));
        span!(operation.rows.loaded).in_scope(inner);
        drop(outer);
        span.end();
    });
    assert_eq!(
        events,
        "dispatch.batch.start pending\n\
         \x20 foreign.shop name=\"inner\"\n\
         \x20   operation.row.found\n\
         foreign.shop name=\"outer\"\n\
         \x20 operation.rows.loaded\n\
         \x20   log.info message=\"hello\"\n\
         \x20 operation.rows.loaded\n\
         \x20   foreign.shop name=\"inner\"\n\
         \x20     operation.row.found\n\
         dispatch.batch.complete\n"
    );
}

#[test]
fn what_is_handed_down_comes_from_a_span_as_well() {
    let capture = capture();
    span!(dispatch.batch.*, fields(job_id = "j1", worker_id = _), || {
        record!(worker_id = "w1");
        event!(operation.row.found);
    });
    let events = capture.events();
    let found = events.iter().find(|event| event.event_type == "operation.row.found").unwrap();
    assert_eq!((found.job_id.as_deref(), found.worker_id.as_deref()), (Some("j1"), Some("w1")));
}

#[test]
fn tags_levels_and_the_place_are_those_of_the_call() {
    let capture = capture();
    span!(operation.rows.loaded, level = "warn", tags("saga"), target = "db").start().end();
    let line = line!() - 1;
    let events = capture.events();
    assert_eq!(events[0].tags, ["saga"]);
    assert_eq!(events[0].level, tense_event::Level::Warn);
    assert!(events[0].source.ends_with(&format!("/span.rs:{line}")), "{}", events[0].source);
}
