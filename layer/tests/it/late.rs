//! What comes late of a call that is a real span, the layers of others get as well: what `record!` fills in, and how it
//! ended. Our own events stay what they are.

#![allow(clippy::unwrap_used, reason = "in a test a panic is how a failure is told")]

use std::panic::catch_unwind;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex};

use tense::{fail, record, traced};
use tense_event::CleanEvent;
use tense_layer::{Sink, SinkError, builder};
use tracing::span::{Attributes, Id, Record};
use tracing_subscriber::fmt::format::FmtSpan;
use tracing_subscriber::prelude::*;
use tracing_subscriber::registry;

#[derive(Debug)]
struct Declined;

impl std::fmt::Display for Declined {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("no money, pin 1234")
    }
}

impl std::error::Error for Declined {}

#[traced(operation.cards.charged, fields(amount, receipt = _, json = _))]
fn charge(amount: u64) -> Result<(), Declined> {
    record!(json = tense::Json::of(&[amount, amount]));
    record!(receipt = format!("r{amount}"));
    if amount > 9 { Err(Declined) } else { Ok(()) }
}

/// What a log has written.
#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Written {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<CleanEvent>>>);

impl Sink for Kept {
    fn deliver(&mut self, batch: &[CleanEvent]) -> Result<(), SinkError> {
        self.0.lock().unwrap().extend_from_slice(batch);
        Ok(())
    }
}

impl Kept {
    fn tree(&self) -> String {
        crate::tree::tree(&self.0.lock().unwrap())
    }
}

/// Without their times, each span as it closes, and two trees of ours: of a layer in front of the log and of one behind
/// it.
fn log_and_trees(work: impl FnOnce()) -> (String, String, String) {
    let (written, before, behind) = (Written::default(), Kept::default(), Kept::default());
    let writer = written.clone();
    let log = tracing_subscriber::fmt::layer()
        .without_time()
        .with_ansi(false)
        .with_target(false)
        .with_span_events(FmtSpan::CLOSE)
        .with_writer(move || writer.clone());
    let (one, two) = (builder().sink(before.clone()).layer(), builder().sink(behind.clone()).layer());
    tracing::subscriber::with_default(registry().with(one).with(log).with(two), || {
        work();
        tense_layer::flush(std::time::Duration::MAX);
    });
    let written = String::from_utf8(std::mem::take(&mut *written.0.lock().unwrap())).unwrap();
    let lines = written.lines().map(|line| line.split(": close").next().unwrap_or_default().trim());
    (lines.map(|line| format!("{line}\n")).collect(), before.tree(), behind.tree())
}

/// The lines of the log; both trees are the same.
fn log_and_tree(work: impl FnOnce()) -> (String, String) {
    let (log, before, behind) = log_and_trees(work);
    assert_eq!(before, behind);
    (log, before)
}

#[test]
fn what_is_filled_in_later_is_shown_to_others_and_recorded_once() {
    let (log, tree) = log_and_tree(|| charge(5).unwrap());
    assert_eq!(log, "INFO operation.cards.charged{amount=5 json=\"[5,5]\" receipt=\"r5\"}\n");
    assert_eq!(tree, "operation.cards.charged amount=5 receipt=\"r5\" json=[5,5]\n");
}

#[test]
fn a_failure_shows_its_type_and_not_its_text() {
    let (log, tree) = log_and_tree(|| assert!(charge(10).is_err()));
    assert_eq!(
        log,
        "INFO operation.cards.charged{amount=10 json=\"[10,10]\" receipt=\"r10\" outcome=\"failed\" \
         error.type=\"it::late::Declined\" otel.status_code=\"ERROR\"}\n"
    );
    assert!(tree.contains("failed Error Declined: no money"), "{tree}");
}

#[test]
fn a_panic_and_a_cancelled_future_are_told_from_a_success() {
    #[traced(operation.cards.blocked)]
    fn block() {
        panic!("pin 1234")
    }
    #[traced(operation.cards.awaited)]
    async fn wait() {
        std::future::pending::<()>().await;
    }
    let (log, _) = log_and_tree(|| {
        catch_unwind(block).unwrap_err();
        let mut waiting = Box::pin(wait());
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        assert!(waiting.as_mut().poll(&mut context).is_pending());
    });
    assert_eq!(
        log,
        "INFO operation.cards.blocked{outcome=\"panicked\" error.type=\"panic\" otel.status_code=\"ERROR\"}\n\
         INFO operation.cards.awaited{outcome=\"cancelled\"}\n"
    );
}

#[test]
fn a_call_that_says_that_it_failed_is_shown_as_failed_once() {
    #[traced(operation.rows.stored)]
    fn store(rows: u32) -> Result<(), Declined> {
        fail!("{rows} rows are missing");
        fail!("and more");
        if rows > 9 { Err(Declined) } else { Ok(()) }
    }
    let (log, tree) = log_and_tree(|| {
        store(1).unwrap();
        store(10).unwrap_err();
    });
    assert_eq!(
        log,
        "INFO operation.rows.stored{outcome=\"failed\" error.type=\"fail\" otel.status_code=\"ERROR\"}\n\
         INFO operation.rows.stored{outcome=\"failed\" error.type=\"it::late::Declined\" otel.status_code=\"ERROR\"}\n"
    );
    assert_eq!(tree.lines().count(), 2, "{tree}");
}

/// As many as ever are said of calls that are over, by work that they have left behind.
#[test]
fn a_failure_that_is_said_too_late_keeps_none_from_being_shown() {
    #[traced(operation.rows.checked)]
    fn check() -> impl FnOnce() {
        move || fail!("found out later")
    }
    #[traced(operation.rows.stored)]
    fn store() {
        fail!("a row is missing");
    }
    let (log, ..) = log_and_trees(|| {
        (0..2_000).for_each(|_| check()());
        store();
    });
    assert_eq!(log.lines().count(), 2_001);
    assert_eq!(log.matches("outcome=").count(), 1);
    assert!(log.ends_with("stored{outcome=\"failed\" error.type=\"fail\" otel.status_code=\"ERROR\"}\n"), "{log}");
}

/// The span is handed to another thread, which is not in it when it fills it in.
#[test]
fn a_span_that_is_filled_in_by_another_thread() {
    let (log, tree) = log_and_tree(|| {
        let span = tense::span!(dispatch.batch.*, fields(size = 3, stored = _)).start();
        std::thread::spawn(move || {
            record!(in span, stored = 2);
            fail!(in span, "one is missing");
            span.end();
        })
        .join()
        .unwrap();
    });
    assert_eq!(
        log,
        "INFO dispatch.batch{size=3 stored=2 outcome=\"failed\" error.type=\"fail\" otel.status_code=\"ERROR\"}\n"
    );
    assert!(tree.contains("stored=2") && tree.contains("one is missing"), "{tree}");
}

/// No layer of ours wants it, and that of somebody else does.
#[test]
fn others_alone_get_what_comes_late_as_well() {
    let written = Written::default();
    let writer = written.clone();
    let log = tracing_subscriber::fmt::layer()
        .without_time()
        .with_ansi(false)
        .with_span_events(FmtSpan::CLOSE)
        .with_writer(move || writer.clone());
    tracing::subscriber::with_default(registry().with(log), || charge(7).unwrap());
    let written = String::from_utf8(std::mem::take(&mut *written.0.lock().unwrap())).unwrap();
    assert!(written.contains("amount=7 json=\"[7,7]\" receipt=\"r7\"}"), "{written}");
}

/// A second handle is taken of a span that is filled in later, and of no other.
#[test]
fn a_field_without_a_value_is_not_one_that_is_left_open() {
    #[derive(Clone, Default)]
    struct Handles(Arc<AtomicU64>);
    impl tracing::Subscriber for Handles {
        fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
            true
        }
        fn new_span(&self, _: &Attributes<'_>) -> Id {
            Id::from_u64(1)
        }
        fn clone_span(&self, id: &Id) -> Id {
            self.0.fetch_add(1, Relaxed);
            id.clone()
        }
        fn record(&self, _: &Id, _: &Record<'_>) {}
        fn record_follows_from(&self, _: &Id, _: &Id) {}
        fn event(&self, _: &tracing::Event<'_>) {}
        fn enter(&self, _: &Id) {}
        fn exit(&self, _: &Id) {}
    }
    #[traced(operation.cards.found, fields(holder))]
    fn find(holder: Option<u64>) {}
    let handles = Handles::default();
    tracing::subscriber::with_default(handles.clone(), || {
        find(None);
        assert_eq!(handles.0.load(Relaxed), 0);
        charge(5).unwrap();
        assert_eq!(handles.0.load(Relaxed), 1);
    });
}

/// The author's own field is not what ours is called.
#[test]
fn a_field_of_the_authors_keeps_its_name_and_value() {
    #[traced(operation.games.played, fields(outcome = "draw"))]
    fn play() -> Result<(), Declined> {
        Err(Declined)
    }
    let (log, tree) = log_and_tree(|| assert!(play().is_err()));
    assert!(log.contains("{outcome=\"draw\" error.type=\"it::late::Declined\" otel"), "{log}");
    assert!(tree.contains("outcome=\"draw\""), "{tree}");
}

/// The host would not have asked them without us.
#[test]
fn a_layer_that_panics_when_a_value_comes_late_changes_no_result() {
    struct Broken;
    impl<S: tracing::Subscriber> tracing_subscriber::Layer<S> for Broken {
        fn on_record(&self, _: &Id, _: &Record<'_>, _: tracing_subscriber::layer::Context<'_, S>) {
            panic!("a bug of another layer")
        }
    }
    let kept = Kept::default();
    let subscriber = registry().with(Broken).with(builder().sink(kept.clone()).layer());
    tracing::subscriber::with_default(subscriber, || {
        charge(5).unwrap();
        charge(10).unwrap_err();
        tense_layer::flush(std::time::Duration::MAX);
    });
    assert_eq!(kept.tree().lines().count(), 2, "{}", kept.tree());
}
