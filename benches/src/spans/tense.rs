//! Ours: off, on, beside another layer that wants to see every span, and as the layer that the spans of `tracing` come
//! through.

use std::hint::black_box;
use std::time::Duration;

use tense_event::CleanEvent;
use tense_layer::{Builder, Sink, SinkError};
use tracing_subscriber::prelude::*;

use super::{Flush, Recorder, Work, arrived_with, nothing_to_wait_for, told_by_attribute};

work!(
    child(id, name): #[tense::traced(operation.cards.charged, fields(id, name))];
    root: #[tense::traced(operation.orders.placed)];
    told: told_by_attribute,
);

const ROOTS: &[(Work, super::Root)] = roots!();

pub(super) const OFF: Recorder =
    Recorder { name: super::TENSE_OFF, set_up: || Ok(nothing_to_wait_for()), roots: ROOTS, delivers: false };

pub(super) const FILTERED: Recorder = Recorder {
    name: "tense, filtered out",
    set_up: || installed(builder().max_level(tracing::Level::ERROR)),
    roots: &[(Work::Sync, root), (Work::Async, |children| super::later::block_on(root_later(children)))],
    delivers: false,
};

pub(super) const ON: Recorder =
    Recorder { name: super::TENSE, set_up: || installed(builder()), roots: ROOTS, delivers: true };

pub(super) const BESIDE: Recorder = Recorder {
    name: "tense beside an empty layer",
    set_up: || {
        tracing_subscriber::registry().with(builder().layer()).with(super::tracing::Empty).init();
        Ok(flush())
    },
    roots: ROOTS,
    delivers: true,
};

pub(super) const FOREIGN: Recorder =
    Recorder { name: super::FOREIGN, set_up: || installed(builder()), roots: super::tracing::ROOTS, delivers: true };

/// Takes every event and drops it.
#[derive(Debug)]
pub struct Nowhere;

impl Sink for Nowhere {
    fn deliver(&mut self, batch: &[CleanEvent]) -> Result<(), SinkError> {
        arrived_with(black_box(batch).len());
        Ok(())
    }
}

/// The ring holds a burst, so that what is measured is the recording and not the dropping.
fn builder() -> Builder {
    tense_layer::builder().sink(Nowhere).ring_bytes(4 << 20)
}

fn installed(builder: Builder) -> anyhow::Result<Flush> {
    // What its guard would do at the end of `main` is done by the flush.
    std::mem::forget(builder.init()?);
    Ok(flush())
}

fn flush() -> Flush {
    Box::new(|| {
        tense_layer::flush(Duration::from_secs(10));
    })
}
