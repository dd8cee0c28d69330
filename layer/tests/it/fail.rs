//! `fail!`: a call that returns, and has failed all the same. Also run on the direct way (`direct`).

use std::fmt::{self, Display};
use std::future::{Future, pending};
use std::panic::catch_unwind;
use std::pin::pin;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::task::{Context, Poll, Waker};

use tense::{Pipeline, event, fail, name, pipeline_stage, record, traced};

use crate::capture;
use crate::tree::tree;

fn told(work: impl FnOnce()) -> String {
    let capture = capture();
    work();
    tree(&capture.events())
}

fn run<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(out) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return out;
        }
    }
}

#[traced(operation.rows.imported, fields(wanted, missing = _, table = _))]
fn import(wanted: u64) -> u64 {
    let found = 5;
    record!(table = "orders");
    if found < wanted {
        fail!("{missing} of {wanted} rows are missing", missing = wanted - found);
    }
    event!(operation.rows.counted);
    found
}

#[test]
fn a_call_that_returns_has_failed_all_the_same() {
    let events = told(|| assert_eq!((import(5), import(7)), (5, 5)));
    assert_eq!(
        events,
        "operation.rows.imported wanted=5 table=\"orders\"\n\
         \x20 operation.rows.counted\n\
         operation.rows.import_failed wanted=7 missing=2 table=\"orders\" failed Error fail: 2 of 7 rows are missing\n\
         \x20 operation.rows.counted\n"
    );
}

#[test]
fn an_async_call_fails_as_well_and_so_does_a_life() {
    #[traced(dispatch.rows.*)]
    async fn import(wanted: u64) {
        let text = "no rows".to_owned();
        std::future::ready(()).await;
        if wanted > 1 {
            fail!("{text}");
        }
    }
    assert_eq!(
        told(|| {
            run(import(1));
            run(import(2));
        }),
        "dispatch.rows.start pending\n\
         dispatch.rows.complete\n\
         dispatch.rows.start pending\n\
         dispatch.rows.fail failed Error fail: no rows\n"
    );
}

#[test]
fn the_first_reason_stands() {
    #[traced(operation.rows.imported, fields(n = _))]
    fn import() {
        for n in 1..4 {
            fail!("row {n} is missing", n = n);
        }
    }
    assert_eq!(told(import), "operation.rows.import_failed n=3 failed Error fail: row 1 is missing\n");
}

#[test]
fn an_err_and_a_panic_are_told_instead() {
    #[traced(operation.rows.imported)]
    fn err() -> Result<(), &'static str> {
        fail!("no rows");
        Err("no table")
    }
    #[traced(operation.rows.imported)]
    fn panics() {
        fail!("no rows");
        std::panic::resume_unwind(Box::new(()));
    }
    #[traced(operation.rows.imported)]
    fn ok() -> Result<(), &'static str> {
        fail!("no rows");
        Ok(())
    }
    let events = told(|| {
        err().unwrap_err();
        catch_unwind(panics).unwrap_err();
        ok().unwrap();
    });
    assert_eq!(
        events,
        "operation.rows.import_failed failed Error &str: no table\n\
         operation.rows.import_failed failed Panic panic: \n\
         operation.rows.import_failed failed Error fail: no rows\n"
    );
}

#[test]
fn a_future_that_is_dropped_behind_it_has_failed() {
    #[traced(operation.rows.imported)]
    async fn import() {
        fail!("no rows");
        pending::<()>().await;
    }
    let events = told(|| {
        let mut future = Box::pin(import());
        assert!(future.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    });
    assert_eq!(events, "operation.rows.import_failed failed Error fail: no rows\n");
}

#[test]
fn a_function_that_makes_a_future_fails_before_and_within() {
    #[traced(operation.rows.imported, fields(n))]
    fn import(n: u64) -> impl Future<Output = ()> {
        if n == 1 {
            fail!("early");
            fail!("earlier is what stands");
        }
        async move {
            if n == 2 {
                fail!("late");
            }
        }
    }
    #[traced(operation.rows.imported)]
    fn boxed() -> std::pin::Pin<Box<dyn Future<Output = ()>>> {
        fail!("early");
        Box::pin(async {})
    }
    let events = told(|| {
        (1..4).for_each(|n| run(import(n)));
        run(boxed());
    });
    assert_eq!(
        events,
        "operation.rows.import_failed n=1 failed Error fail: early\n\
         operation.rows.import_failed n=2 failed Error fail: late\n\
         operation.rows.imported n=3\n\
         operation.rows.import_failed failed Error fail: early\n"
    );
}

#[test]
fn it_is_found_in_a_closure_a_method_and_where_the_caller_is_seen() {
    struct Table;
    #[traced(operation.tables._)]
    impl Table {
        fn drop_rows(&self) {
            [1, 2].iter().for_each(|n| fail!("row {n} is kept"));
        }
    }
    #[traced(operation.rows.imported)]
    #[track_caller]
    fn seen() {
        fail!("no rows");
    }
    let events = told(|| {
        Table.drop_rows();
        seen();
    });
    assert_eq!(
        events,
        "operation.tables.rows_drop_failed failed Error fail: row 1 is kept\n\
         operation.rows.import_failed failed Error fail: no rows\n"
    );
}

#[test]
fn it_says_so_of_the_function_around_and_of_no_other() {
    #[traced(dispatch.table.*)]
    fn outer() {
        inner();
        event!(operation.rows.counted);
    }
    #[traced(operation.rows.imported)]
    fn inner() {
        fail!("no rows");
    }
    assert_eq!(
        told(outer),
        "dispatch.table.start pending\n\
         \x20 operation.rows.import_failed failed Error fail: no rows\n\
         \x20 operation.rows.counted\n\
         dispatch.table.complete\n"
    );
}

#[pipeline_stage(dispatch.count, fields(left = _))]
async fn count(rows: u64) -> Result<u64, String> {
    if rows < 7 {
        fail!("{left} rows are left", left = rows);
    }
    Ok(rows)
}

#[pipeline_stage(dispatch.sort, retry(when = |_| true, attempts = 3))]
async fn sort(rows: u64) -> Result<u64, String> {
    static CALLS: AtomicU32 = AtomicU32::new(0);
    if rows == 1 {
        fail!("there is one row");
    } else if CALLS.fetch_add(1, SeqCst) == 0 {
        fail!("of an attempt that is not the last one");
        return Err("busy".to_owned());
    }
    Ok(rows)
}

#[test]
fn a_stage_has_failed_and_its_pipeline_goes_on() {
    let through = |rows| {
        let pipeline = Pipeline::named(name!(dispatch.table)).stage(CountStage).stage(SortStage);
        assert_eq!(run(pipeline.run(rows)).unwrap(), rows);
    };
    assert_eq!(
        told(|| through(1)),
        "dispatch.table.start stages=[\"dispatch.count\",\"dispatch.sort\"] pending\n\
         \x20 dispatch.count.start pending\n\
         \x20 dispatch.count.fail left=1 failed Error fail: 1 rows are left\n\
         \x20 dispatch.sort.start pending\n\
         \x20   dispatch.sort.attempt_fail attempt=1 backoff_ms=0 failed Error fail: there is one row\n\
         \x20 dispatch.sort.fail failed Error fail: there is one row\n\
         dispatch.table.complete stages=[\"dispatch.count\",\"dispatch.sort\"]\n"
    );
    assert_eq!(
        told(|| through(7)),
        "dispatch.table.start stages=[\"dispatch.count\",\"dispatch.sort\"] pending\n\
         \x20 dispatch.count.start pending\n\
         \x20 dispatch.count.complete\n\
         \x20 dispatch.sort.start pending\n\
         \x20   dispatch.sort.attempt_fail attempt=1 backoff_ms=0 failed Error String: busy\n\
         \x20   dispatch.sort.attempt attempt=2 backoff_ms=0\n\
         \x20 dispatch.sort.complete\n\
         dispatch.table.complete stages=[\"dispatch.count\",\"dispatch.sort\"]\n"
    );
}

/// Panics where it is shown.
struct Broken;

impl Display for Broken {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        panic!("no")
    }
}

#[test]
fn a_reason_that_panics_or_has_no_end_is_survived() {
    #[traced(operation.rows.imported)]
    fn import(reason: &dyn Display) {
        fail!("{reason}");
    }
    let capture = capture();
    import(&Broken);
    import(&"x".repeat(100_000));
    let events = capture.events();
    let errors: Vec<_> = events.iter().map(|event| event.error.as_ref().unwrap()).collect();
    assert_eq!(errors[0].error_message, "<panicked while it was formatted>");
    assert!(errors[1].error_message.len() <= 500, "{}", errors[1].error_message.len());
    assert!(events[1].cut.iter().any(|cut| cut == "error_message"), "{:?}", events[1].cut);
}
