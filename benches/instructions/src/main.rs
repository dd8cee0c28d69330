//! Spans with two fields below one root, for valgrind to count: `tense-instructions on|off SPANS`.

use std::hint::black_box;
use std::time::Duration;

use anyhow::{Context as _, bail};
use tense_event::CleanEvent;
use tense_layer::{Sink, SinkError};

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

#[tense::traced(operation.orders.placed)]
#[inline(never)]
fn root(children: u64) -> u64 {
    (0..children).map(|id| child(black_box(id), black_box("a name")).unwrap_or(0)).sum()
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
    let mut args = std::env::args().skip(1);
    let (Some(layer), Some(spans)) = (args.next(), args.next()) else {
        bail!("usage: tense-instructions on|off SPANS")
    };
    let spans = spans.parse().context("the number of spans")?;
    // The ring holds all of it, so that what is counted is the recording and not the dropping.
    let _guard =
        (layer == "on").then(|| tense_layer::builder().sink(Nowhere).ring_bytes(4 << 20).init()).transpose()?;
    // Everything once, so that nothing is cold; the drainer takes what is there, and has looked at both clocks.
    black_box(root(10));
    std::thread::sleep(Duration::from_millis(300));
    black_box(root(10));
    black_box(root(spans));
    Ok(())
}
