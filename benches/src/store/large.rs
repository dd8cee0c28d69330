//! One trace of very many spans goes into a file; how long it takes to read it as a tree comes out, and how much
//! memory.

use std::path::Path;
use std::time::{Duration, Instant};

use tense_benches::cpu::of_this_process;
use tense_benches::machine::resident_kib;
use tense_benches::runs::Runs;
use tense_event::{CleanEvent, Sanitizer, SpanId, TraceId};
use tense_store::{SqliteStore, Store as _};

/// Writes and reads a trace of so many events.
///
/// # Errors
/// A file that cannot be written.
pub(crate) fn large(file: &Path, events: usize) -> anyhow::Result<()> {
    let (id, sanitizer) = (TraceId::from_bytes([9; 16]), Sanitizer::default());
    let mut store = SqliteStore::open(file)?;
    let (mut runs, mut done) = (Runs::new(1, Duration::from_millis(1)), 0_usize);
    let first = 1 << 32;
    while done < events {
        let nth = |at: usize| first + (done + at) as u64;
        let clean: Vec<CleanEvent> = runs
            .by_ref()
            .take(10_000.min(events - done))
            .enumerate()
            .filter_map(|(at, mut event)| {
                event.trace_id = id;
                event.span_id = SpanId::new(nth(at))?;
                // Sixteen below each.
                event.parent_span_id =
                    Some((nth(at) - first) / 16).filter(|_| nth(at) > first).and_then(|up| SpanId::new(first + up));
                Some(sanitizer.clean(event))
            })
            .collect();
        done += store.append(&clean)?.stored;
    }
    let before = resident_kib().unwrap_or(0);
    let (began, cpu) = (Instant::now(), of_this_process());
    let trace = store.trace(id)?;
    let (took, worked) = (began.elapsed(), of_this_process() - cpu);
    let spans = trace.as_ref().map_or(0, |trace| trace.spans().len());
    let memory = resident_kib().unwrap_or(0).saturating_sub(before) / 1024;
    println!("a trace of {spans} spans: {worked:.2?} (clock {took:.2?}), {memory} MiB");
    Ok(())
}
