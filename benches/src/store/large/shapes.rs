//! A shape and a number of spans enter, a file with one trace of that shape leaves.

use std::fmt;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use tense_benches::runs::{BEGIN, Runs};
use tense_event::{CleanEvent, ErrorInfo, ErrorKind, Event, Sanitizer, SpanId, Status, Timestamp, TraceId};
use tense_store::{SqliteStore, Store as _};

/// The one trace of a file.
pub(super) const TRACE: TraceId = TraceId::from_bytes([9; 16]);
/// What a span takes itself, in nanoseconds.
const OWN: i64 = 1_000_000;
const BATCH: usize = 10_000;
/// So far down the root's failure comes from.
const FAILED: usize = 1_000;
/// Every so many-th span is a life, with an event of its begin.
const LIVES: usize = 10;
/// Ids count up from here.
const FIRST: u64 = 1 << 32;

/// Who is below whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// Sixteen below each, until there are enough.
    Wide,
    /// Each below the one before.
    Chain,
}

impl Shape {
    pub(super) const ALL: [Self; 2] = [Self::Wide, Self::Chain];

    const fn above(self, span: usize) -> Option<usize> {
        match self {
            _ if span == 0 => None,
            Self::Wide => Some((span - 1) / 16),
            Self::Chain => Some(span - 1),
        }
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Wide => "wide",
            Self::Chain => "chain",
        })
    }
}

/// When each span begins and ends: those below one after the other, with a little of its own time before each and
/// behind the last.
fn extents(shape: Shape, spans: usize) -> Vec<(i64, i64)> {
    // What a span takes with all that is below it.
    let mut takes = vec![OWN; spans];
    for span in (1..spans).rev() {
        if let Some(above) = shape.above(span) {
            takes[above] += takes[span] + OWN;
        }
    }
    let mut extents: Vec<(i64, i64)> = Vec::with_capacity(spans);
    // When the next one below each may begin.
    let mut next = vec![BEGIN; spans];
    for span in 0..spans {
        let begins = shape.above(span).map_or(BEGIN, |above| next[above]);
        next[span] = begins + OWN;
        extents.push((begins, begins + takes[span]));
        if let Some(above) = shape.above(span) {
            next[above] += takes[span] + OWN;
        }
    }
    extents
}

/// Makes the file anew.
pub(super) fn write(file: &Path, shape: Shape, spans: usize) -> anyhow::Result<()> {
    std::fs::remove_file(file).or_else(|error| match error.kind() {
        std::io::ErrorKind::NotFound => Ok(()),
        _ => Err(error),
    })?;
    let (sanitizer, mut store) = (Sanitizer::default(), SqliteStore::open(file)?);
    // The way to the cause: from the last span that may be one up to the root.
    let mut failed = vec![false; spans];
    let mut at = Some(spans.min(FAILED) - 1);
    while let Some(span) = at {
        failed[span] = true;
        at = shape.above(span);
    }
    let ends = Runs::new(1, Duration::ZERO).filter(|event| event.status != Status::Pending);
    let (mut batch, mut stored): (Vec<CleanEvent>, usize) = (Vec::with_capacity(BATCH + 1), 0);
    for ((span, mut end), (begins, ended)) in (0..spans).zip(ends).zip(extents(shape, spans)) {
        end.trace_id = TRACE;
        end.span_id = id(span)?;
        end.parent_span_id = shape.above(span).map(id).transpose()?;
        end.timestamp = Timestamp::from_unix_nanos(ended);
        end.duration = Some(Duration::from_nanos((ended - begins).unsigned_abs()));
        if failed[span] {
            end.status = Status::Failed;
            let mut error = ErrorInfo::new(ErrorKind::Error);
            error.error_message = format!("step {span} of the way");
            end.error = Some(error);
        }
        if span % LIVES == 0 {
            let mut start = Event::new(
                TRACE,
                end.span_id,
                format!("{}.start", end.span_name),
                Status::Pending,
                Timestamp::from_unix_nanos(begins),
            );
            start.span_name = end.span_name.clone();
            start.parent_span_id = end.parent_span_id;
            batch.push(sanitizer.clean(start));
        }
        batch.push(sanitizer.clean(end));
        if batch.len() >= BATCH {
            stored += store.append(&batch)?.stored;
            batch.clear();
        }
    }
    stored += store.append(&batch)?.stored;
    ensure!(stored == spans + spans.div_ceil(LIVES), "{stored} events were stored");
    Ok(())
}

fn id(span: usize) -> anyhow::Result<SpanId> {
    SpanId::new(FIRST + span as u64).context("no id is zero")
}
