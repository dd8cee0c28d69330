//! Events go into a file; how long that took comes out.

use std::path::Path;
use std::time::{Duration, Instant};

use tense_benches::cpu::of_this_process as busy;
use tense_benches::runs::Runs;
use tense_event::{CleanEvent, Sanitizer};
use tense_store::{SqliteStore, Store as _};

/// So many events apart in time that they fill so many hours.
fn runs(events: usize, hours: f64) -> Runs {
    Runs::new(1, Duration::from_secs_f64(hours * 3600.0 / events as f64))
}

/// Fills the file with so many events over so many hours, and tells how long the store was busy, by the clock and by
/// the processor.
///
/// # Errors
/// A file that cannot be written.
pub(crate) fn fill(file: &Path, events: usize, hours: f64, batch: usize) -> anyhow::Result<()> {
    let (mut runs, sanitizer) = (runs(events, hours), Sanitizer::default());
    let mut store = SqliteStore::open(file)?;
    let (mut took, mut worked, mut done, mut told) = (Duration::ZERO, Duration::ZERO, 0, 0);
    let mut slowest = Duration::ZERO;
    while done < events {
        let clean: Vec<CleanEvent> =
            runs.by_ref().take(batch.min(events - done)).map(|event| sanitizer.clean(event)).collect();
        let (began, cpu) = (Instant::now(), busy());
        done += store.append(&clean)?.stored;
        let here = began.elapsed();
        slowest = slowest.max(here);
        took += here;
        worked += busy() - cpu;
        if done / 1_000_000 > told || done == events {
            told = done / 1_000_000;
            println!(
                "{done:>12} events, {:>7.0}/s by the clock, {:>7.0}/s by the processor, {:>6.1} bytes each, slowest {slowest:?}",
                done as f64 / took.as_secs_f64(),
                done as f64 / worked.as_secs_f64(),
                file.metadata()?.len() as f64 / done as f64
            );
        }
    }
    drop(store);
    println!("closed: {:.1} bytes an event", file.metadata()?.len() as f64 / events as f64);
    Ok(())
}
