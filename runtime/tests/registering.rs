//! A subscriber that panics where `tracing` asks it about a call site: no call notices, the first one as little as
//! those behind it.

#![cfg(not(tense_off))]

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::thread;

use tense::traced;
use tracing_core::dispatcher::with_default;
use tracing_core::span::{Attributes, Id, Record};
use tracing_core::{Dispatch, Event, Interest, Metadata, Subscriber};

#[traced(operation.sites.asked)]
fn ask() -> u8 {
    7
}

#[traced(operation.sites.read)]
fn read() -> u8 {
    8
}

/// Counts spans; may panic when it is asked about one call site.
struct Counting {
    spans: Arc<AtomicU32>,
    is_broken: bool,
}

impl Counting {
    fn dispatch(is_broken: bool) -> (Dispatch, Arc<AtomicU32>) {
        let spans = Arc::new(AtomicU32::new(0));
        (Dispatch::new(Self { spans: spans.clone(), is_broken }), spans)
    }
}

impl Subscriber for Counting {
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        assert!(!self.is_broken || metadata.name() != "operation.sites.asked", "broken");
        Interest::always()
    }
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }
    fn new_span(&self, _: &Attributes<'_>) -> Id {
        self.spans.fetch_add(1, Relaxed);
        Id::from_u64(1)
    }
    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn event(&self, _: &Event<'_>) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

#[test]
fn a_panic_where_a_call_site_is_asked_about_is_no_panic_of_a_call() {
    let (early, seen_early) = Counting::dispatch(false);
    let (broken, _) = Counting::dispatch(true);
    assert_eq!(with_default(&broken, ask), 7);
    // On the same thread, and on one that has not seen it.
    assert_eq!(ask(), 7);
    assert_eq!(thread::spawn(ask).join().unwrap(), 7);
    // It is seen by those who were there before, and nobody could ask, and so is what this thread calls for the first
    // time.
    with_default(&early, || (ask(), read()));
    assert_eq!(seen_early.load(Relaxed), 2);
    // And by those who come later, as long as nobody panics.
    drop(broken);
    let (late, seen_late) = Counting::dispatch(false);
    with_default(&late, ask);
    assert_eq!(seen_late.load(Relaxed), 1);
}
