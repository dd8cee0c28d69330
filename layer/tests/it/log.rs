//! `log!`, and `info!` and its like: lines of the span that they are said in. Also run on the direct way (`direct`).

use std::fmt::{self, Display};

use tense::{log, span, traced};
use tense_event::Level;

use crate::capture;
use crate::tree::tree;

fn told(work: impl FnOnce()) -> String {
    let capture = capture();
    work();
    tree(&capture.events())
}

#[test]
fn every_kind_is_an_event_of_its_span() {
    #[traced(dispatch.table.*)]
    fn import(table: &str) {
        let rows = 7;
        log!(step, "reading {table}");
        log!(info, "{} of {rows:>3}", 3);
        log!(success, "all is well");
        log!(failure, "{rows} rows, and not {}", rows + 1, wanted = rows + 1);
        log!(error, "the disk is {what}", what = "full", %table);
        log!(data, rows, table, half = 0.5, none = None::<u8>);
    }
    assert_eq!(
        told(|| import("orders")),
        "dispatch.table.start pending\n\
         \x20 log.step message=\"reading orders\"\n\
         \x20 log.info message=\"3 of   7\"\n\
         \x20 log.success message=\"all is well\"\n\
         \x20 log.failure message=\"7 rows, and not 8\" wanted=8\n\
         \x20 log.error message=\"the disk is full\" what=\"full\" table=\"orders\"\n\
         \x20 log.data rows=7 table=\"orders\" half=0.5\n\
         dispatch.table.complete\n"
    );
}

#[test]
fn every_kind_has_its_level_and_changes_nothing_of_the_outcome() {
    let capture = capture();
    span!(operation.rows.counted, || {
        log!(info, "a");
        log!(step, "a");
        log!(success, "a");
        log!(failure, "a");
        log!(error, "a");
        log!(data, a = 1);
    });
    let events = capture.events();
    let levels: Vec<_> = events.iter().map(|event| (&*event.event_type, event.level)).collect();
    assert_eq!(
        levels,
        [
            ("log.info", Level::Info),
            ("log.step", Level::Info),
            ("log.success", Level::Info),
            ("log.failure", Level::Warn),
            ("log.error", Level::Error),
            ("log.data", Level::Info),
            ("operation.rows.counted", Level::Info),
        ]
    );
    assert!(events.iter().all(|event| event.error.is_none() && event.span_name == event.event_type));
    assert!(events.iter().all(|event| event.source.contains("/log.rs:")));
}

#[test]
fn messages_of_tracing_are_lines_as_well() {
    #[traced(dispatch.table.*)]
    fn import(table: &str) {
        tracing::info!("reading {table}");
        tracing::warn!(rows = 7, secret = "s", "few rows");
        tracing::error!("the disk is full");
    }
    assert_eq!(
        told(|| import("orders")),
        "dispatch.table.start pending\n\
         \x20 log.info message=\"reading orders\"\n\
         \x20 log.warn message=\"few rows\"\n\
         \x20 log.error message=\"the disk is full\"\n\
         dispatch.table.complete\n"
    );
}

#[test]
fn outside_of_a_span_nothing_is_recorded() {
    let events = told(|| {
        log!(info, "alone");
        log!(data, a = 1);
        tracing::info!("alone");
    });
    assert_eq!(events, "");
}

/// Panics where it is shown.
struct Broken;

impl Display for Broken {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        panic!("no")
    }
}

#[test]
fn a_text_that_panics_or_has_no_end_is_survived() {
    let capture = capture();
    span!(operation.rows.counted, || {
        log!(info, "{} rows", Broken);
        log!(info, "{}", "x".repeat(100_000));
        tracing::info!("{} rows", Broken);
        log!(info, "the next one");
    });
    let events = capture.events();
    let said: Vec<_> = events.iter().filter_map(|event| event.data.get("message")?.as_str()).collect();
    assert_eq!(said.len(), 4);
    assert_eq!(said[0], "<panicked while it was formatted>");
    assert!(said[1].len() <= 4096, "{}", said[1].len());
    assert!(events[1].cut.iter().any(|cut| cut == "message"), "{:?}", events[1].cut);
    assert!(said[2].contains("<panicked while it was formatted>"), "{}", said[2]);
    assert_eq!(said[3], "the next one");
}

#[test]
fn a_line_in_an_async_call_belongs_to_that_call() {
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};
    #[traced(dispatch.table.*)]
    async fn import(table: &str) {
        let mut is_polled = false;
        let later = |_: &mut Context<'_>| {
            if std::mem::replace(&mut is_polled, true) { Poll::Ready(()) } else { Poll::Pending }
        };
        std::future::poll_fn(later).await;
        log!(step, "reading {table}");
    }
    let capture = capture();
    let (mut a, mut b) = (pin!(import("a")), pin!(import("b")));
    let mut context = Context::from_waker(Waker::noop());
    for is_last in [false, true] {
        let polled = [a.as_mut().poll(&mut context), b.as_mut().poll(&mut context)];
        assert_eq!(polled.iter().filter(|polled| polled.is_ready()).count(), if is_last { 2 } else { 0 });
    }
    assert_eq!(
        tree(&capture.events()),
        "dispatch.table.start pending\n\
         \x20 log.step message=\"reading a\"\n\
         dispatch.table.start pending\n\
         \x20 log.step message=\"reading b\"\n\
         dispatch.table.complete\n\
         dispatch.table.complete\n"
    );
}
