//! Runs of a coordinator are recorded; how many events a second of processor time reach the disk comes out, redacted,
//! by way of rings, drainer, queue and sink; then how much room they take, and how long one of their traces takes to
//! read.
//!
//! One core does it all when the system is asked to: `taskset -c 1 store whole FILE`.

use std::path::Path;
use std::time::{Duration, Instant};

use tense::{span, traced};
use tense_benches::cpu::of_this_process;
use tense_benches::random::Random;
use tense_layer::{builder, sink};
use tense_store::{SqliteStore, Store as _, TraceFilter};

/// Calls until the drainer is waited for: fewer events than the queue has room for.
const RUNS: usize = 1000;

/// Records so many thousand events.
///
/// # Errors
/// A file that cannot be written, or a layer that is there already.
pub(crate) fn whole(file: &Path, events: u64) -> anyhow::Result<()> {
    let guard = builder().sink(sink::Sqlite::new(file)).ring_bytes(8 << 20).service("coordinator").init()?;
    let mut random = Random::new(3);
    let (began, cpu) = (Instant::now(), of_this_process());
    let mut health = tense_layer::health();
    while health.delivered < events {
        for _ in 0..RUNS {
            let (job, token) = (id(&mut random), id(&mut random));
            run(&job, &token, random.below(900) as u64).ok();
        }
        health = guard.flush(Duration::MAX).health;
    }
    drop(guard);
    // What stands in the log still is not where it is to be.
    rusqlite::Connection::open(file)?.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    let (took, worked) = (began.elapsed().as_secs_f64(), (of_this_process() - cpu).as_secs_f64());
    let delivered = health.delivered as f64;
    println!(
        "{} events, {:.0}/s by the clock, {:.0}/s by the processor, {} lost",
        health.delivered,
        delivered / took,
        delivered / worked,
        health.dropped() + health.ring_full
    );
    println!("{:.1} bytes an event", file.metadata()?.len() as f64 / delivered);
    let store = SqliteStore::open_read_only(file)?;
    let traces: Vec<_> = store.traces(&TraceFilter::newest(usize::MAX))?.into_iter().map(|found| found.id).collect();
    look_up(&traces, |id| Ok(store.trace(*id)?.map_or(0, |trace| trace.spans().len())))
}

/// Reads some traces, and tells how much work half of them were at most.
///
/// # Errors
/// What reading fails of.
pub(crate) fn look_up<T>(traces: &[T], mut read: impl FnMut(&T) -> anyhow::Result<usize>) -> anyhow::Result<()> {
    let mut random = Random::new(7);
    let (mut took, mut spans) = (Vec::new(), 0);
    for _ in 0..2000 {
        let trace = &traces[random.below(traces.len())];
        let cpu = of_this_process();
        spans += read(trace)?;
        took.push(of_this_process() - cpu);
    }
    took.sort_unstable();
    println!("one trace of {} spans: p50 {:.1?}, p99 {:.1?}", spans / took.len(), took[1000], took[1980]);
    Ok(())
}

pub(crate) fn id(random: &mut Random) -> String {
    let (high, low) = (random.number(), random.number());
    let (a, b, c) = (high >> 32, high >> 16 & 0xffff, high & 0xfff);
    format!("{a:08x}-{b:04x}-4{c:03x}-{:04x}-{:012x}", 0x8000 | low >> 50, low & 0xffff_ffff_ffff)
}

/// Why one run in thirty fails.
#[derive(Debug)]
struct Locked;

impl std::fmt::Display for Locked {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the database is locked: another run writes")
    }
}

impl std::error::Error for Locked {}

/// Twenty events: the root, a batch with its begin, eight pairs below, and how it ended.
#[traced(operation.workflows.completed, fields(job_id = job, user_id = "user-7"))]
fn run(job: &str, token: &str, score: u64) -> Result<(), Locked> {
    dispatch(token, score)
}

#[traced(dispatch.batch.*, fields(token_id = token, node_id = "review", decision_count = 2))]
fn dispatch(token: &str, score: u64) -> Result<(), Locked> {
    for nth in 0..8 {
        create(token, nth);
        span!(operation.context.written, fields(token_id = token, path = "state.review.score", value = score))
            .in_scope(|| ());
    }
    update(token, score)
}

#[traced(operation.tokens.created, fields(token_id = token, node_id = "review", branch_index = nth))]
fn create(token: &str, nth: u64) {}

#[traced(operation.tokens.updated, fields(token_id = token, from = "pending", to = "dispatched"))]
fn update(token: &str, score: u64) -> Result<(), Locked> {
    if score.is_multiple_of(30) { Err(Locked) } else { Ok(()) }
}
