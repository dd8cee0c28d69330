//! Spans with two fields below one root, for valgrind to count:
//! `tense-instructions on|off|switched-off sync|async|errors SPANS`; and events that have no secret, to be cleaned:
//! `tense-instructions off clean EVENTS`.

use std::future::poll_fn;
use std::hint::black_box;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use tense_event::{CleanEvent, Event, Sanitizer, SpanId, Status, Timestamp, TraceId};
use tense_layer::{Sink, SinkError};
use tracing_subscriber::prelude::*;

#[derive(Debug)]
struct Odd;

impl std::fmt::Display for Odd {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("odd")
    }
}

impl std::error::Error for Odd {}

#[tense::traced(operation.cards.charged, fields(id, name))]
#[inline(never)]
fn child(id: u64, name: &str) -> Result<u64, Odd> {
    black_box(name);
    if id == u64::MAX { Err(Odd) } else { Ok(black_box(id)) }
}

/// Gives way once.
#[tense::traced(operation.cards.charged, fields(id, name))]
async fn child_later(id: u64, name: &str) -> Result<u64, Odd> {
    black_box(name);
    let mut has_given_way = false;
    poll_fn(|_| if std::mem::replace(&mut has_given_way, true) { Poll::Ready(()) } else { Poll::Pending }).await;
    if id == u64::MAX { Err(Odd) } else { Ok(black_box(id)) }
}

#[tense::traced(operation.orders.placed)]
#[inline(never)]
fn root(children: u64) -> u64 {
    (0..children).map(|id| child(black_box(id), black_box("a name")).unwrap_or(0)).sum()
}

#[tense::traced(operation.orders.placed)]
#[inline(never)]
fn root_of_errors(children: u64) -> u64 {
    (0..children).map(|_| child(black_box(u64::MAX), black_box("a name")).unwrap_or(0)).sum()
}

#[tense::traced(operation.orders.placed)]
async fn later(children: u64) -> u64 {
    let mut sum = 0;
    for id in 0..children {
        sum += child_later(black_box(id), black_box("a name")).await.unwrap_or(0);
    }
    sum
}

#[inline(never)]
fn root_of_futures(children: u64) -> u64 {
    let (mut future, mut context) = (pin!(later(children)), Context::from_waker(Waker::noop()));
    loop {
        if let Poll::Ready(sum) = future.as_mut().poll(&mut context) {
            return sum;
        }
    }
}

/// What the usual span is: three fields, a parent, a duration, a place; some 300 bytes as JSON. Its neighbours have
/// other values, because those that have just been looked at are not looked at again.
fn event(nth: usize) -> Event {
    let letters = [b'a' + (nth % 26) as u8, b'a' + (nth / 26 % 26) as u8].map(char::from);
    let at = Timestamp::from_unix_nanos(1_795_255_200_000_123_000);
    let span = SpanId::new(0x96b6_f0a7_b0c1_d2e3).unwrap_or_else(|| unreachable!("it is not zero"));
    let mut event = Event::new(TraceId::from_bytes([7; 16]), span, "operation.tokens.created", Status::Success, at);
    event.parent_span_id = SpanId::new(0x96b6_f0a7_b0c1_d2e2);
    event.duration = Some(Duration::from_micros(1204));
    event.service = "shop".into();
    event.source = "src/tokens.rs:12".into();
    event.data.insert("token_id", String::from_iter(letters));
    event.data.insert("branch", 3);
    event.data.insert("state", format!("wait{}{}g", letters[0], letters[1]));
    event
}

#[inline(never)]
fn root_of_cleaning(sanitizer: &Sanitizer, events: Vec<Event>, clean: &mut Vec<CleanEvent>) {
    clean.extend(events.into_iter().map(|event| sanitizer.clean(black_box(event))));
}

/// Cleans that many events, and sees that nothing was to be cleaned.
fn clean(events: usize) {
    let sanitizer = Sanitizer::default();
    // Tables are made by the first.
    root_of_cleaning(&sanitizer, (0..10).map(event).collect(), &mut Vec::new());
    let mut clean = Vec::with_capacity(events);
    root_of_cleaning(&sanitizer, (0..events).map(event).collect(), &mut clean);
    assert!(clean.iter().enumerate().all(|(nth, clean)| **clean == event(nth)), "a clean event stays as it is");
}

/// Takes every event and drops it.
struct Nowhere;

impl Sink for Nowhere {
    fn deliver(&mut self, batch: &[CleanEvent]) -> Result<(), SinkError> {
        black_box(batch);
        Ok(())
    }
}

fn main() -> anyhow::Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [layer, work, spans] = args.as_slice() else {
        bail!("usage: tense-instructions on|off|switched-off sync|async|errors|clean COUNT")
    };
    if work == "clean" {
        clean(spans.parse().context("the number of events")?);
        return Ok(());
    }
    let root = match work.as_str() {
        "sync" => root,
        "async" => root_of_futures,
        "errors" => root_of_errors,
        _ => bail!("there is no work `{work}`"),
    };
    let spans = spans.parse().context("the number of spans")?;
    // The ring holds all of it, so that what is counted is the recording and not the dropping.
    let _guard =
        (layer == "on").then(|| tense_layer::builder().sink(Nowhere).ring_bytes(4 << 20).init()).transpose()?;
    if layer == "switched-off" {
        let off = tense_layer::builder().enabled(false).real_spans(true).layer();
        tracing_subscriber::registry().with(off).try_init()?;
    }
    // Everything once, so that nothing is cold; the drainer takes what is there, and has looked at both clocks.
    black_box(root(10));
    std::thread::sleep(Duration::from_millis(300));
    black_box(root(10));
    black_box(root(spans));
    if layer == "on" {
        let health = tense_layer::flush(Duration::from_secs(60)).health;
        // Each time the root, and as many children as it was told.
        let made = spans + 10 + 10 + 3;
        ensure!(health.emitted >= made && !health.has_loss(), "of {made} spans not all were recorded: {health:?}");
    }
    Ok(())
}
