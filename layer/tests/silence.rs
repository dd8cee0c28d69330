//! What our own threads do is not the host's work: a subscriber that counts everything hears nothing of them, while
//! events go all the way to the database. A process of its own, because there is one global subscriber.

#![expect(clippy::unwrap_used, reason = "in a test a panic is how a failure is told")]

use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use tense::traced;
use tense_event::CleanEvent;
use tense_layer::{Sink, SinkError, builder, flush};
use tracing::span::{Attributes, Id};
use tracing_subscriber::layer::{Context, Layer};
use tracing_subscriber::prelude::*;

/// The names of threads on which something was traced, and what.
#[derive(Clone, Default)]
struct Heard(Arc<Mutex<Vec<(String, &'static str)>>>);

impl Heard {
    fn note(&self, what: &'static str) {
        self.0.lock().unwrap().push((thread::current().name().unwrap_or_default().to_owned(), what));
    }
}

impl<S: tracing::Subscriber> Layer<S> for Heard {
    fn on_new_span(&self, attributes: &Attributes<'_>, _: &Id, _: Context<'_, S>) {
        self.note(attributes.metadata().name());
    }

    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        self.note(event.metadata().name());
    }
}

#[traced(operation.cards.charged, fields(id))]
fn charge(id: u64) -> Result<(), std::fmt::Error> {
    tracing::info!("a line");
    if id.is_multiple_of(2) { Ok(()) } else { Err(std::fmt::Error) }
}

#[traced(operation.batch.posted, fields(events))]
fn post(events: usize) {
    tense::event!(operation.batch.counted, n = events);
}

/// Somebody else's sink, which traces what it does, also with annotated functions.
struct Chatty(Arc<Mutex<Vec<CleanEvent>>>);

impl Sink for Chatty {
    fn deliver(&mut self, batch: &[CleanEvent]) -> Result<(), SinkError> {
        let _span = tracing::info_span!("delivered").entered();
        tracing::info!("a batch");
        post(batch.len());
        self.0.lock().unwrap().extend_from_slice(batch);
        Ok(())
    }
}

#[test]
fn our_threads_trace_nothing_and_nothing_on_them_is_recorded() {
    let folder = tempfile::tempdir().unwrap();
    let (heard, kept) = (Heard::default(), Arc::new(Mutex::new(Vec::new())));
    let to_file = builder().database(folder.path().join("trace.db")).layer();
    let to_chatty = builder().sink(Chatty(Arc::clone(&kept))).layer();
    tracing_subscriber::registry().with(to_file).with(to_chatty).with(heard.clone()).init();
    for round in 0..5 {
        (0..100).for_each(|id| charge(round * 100 + id).unwrap_or(()));
        assert!(flush(Duration::from_secs(20)).is_complete);
    }
    let heard = heard.0.lock().unwrap();
    let of = |thread: &str| heard.iter().filter(|(name, _)| name == thread).count();
    assert_eq!(of("tense-drainer"), 0, "{heard:?}");
    // All of it is the chatty sink's, whose author asked for it: a span and a line a batch.
    assert!(
        heard
            .iter()
            .filter(|(name, _)| name == "tense-sink")
            .all(|(_, what)| { *what == "delivered" || what.starts_with("event ") })
    );
    assert!(of("tense-sink") > 0 && of("our_threads_trace_nothing_and_nothing_on_them_is_recorded") == 1000);
    // And nobody is told of it but those who asked: it would be a trace of the tracing, without an end.
    let kept = kept.lock().unwrap();
    let lines = kept.iter().filter(|event| event.event_type == "log.info").count();
    let calls = kept.iter().filter(|event| event.span_name == "operation.cards.charged").count();
    assert_eq!((calls, lines, kept.len()), (500, 500, 1000));
    assert!(!tense_layer::health().has_loss(), "{:?}", tense_layer::health());
}
