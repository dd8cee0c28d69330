//! A number of spans goes in; a program that has recorded them for that long says whether its memory stayed bounded,
//! and whether everything that it recorded was drained or is counted as dropped.
//!
//! `cargo run --release -p tense-benches --bin soak -- 10000000`; `tests/soak.rs` runs short ones.

#![expect(clippy::print_stdout, reason = "it speaks to the person who called it")]

mod work;
mod memory;
mod accounts;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::time::{Duration, Instant};

use clap::Parser;
use serde_json::json;
use tense_benches::machine::Machine;
use tense_benches::report;
use tense_event::CleanEvent;
use tense_layer::{Sink, SinkError};

use accounts::Made;

/// How long a sink that is in the way holds up a batch.
const SLOW: Duration = Duration::from_millis(20);

#[derive(Debug, Parser)]
struct Job {
    /// How many spans are made, about.
    #[arg(default_value_t = 10_000_000)]
    spans: u64,
    /// By how many threads.
    #[arg(long, default_value_t = 4)]
    threads: usize,
    /// Nobody waits, rings and queue are as small as can be, and the sink is slow: most of it is dropped, and has to be
    /// counted.
    #[arg(long)]
    overload: bool,
    /// Writes everything to this file as well.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

/// Counts what it is given.
struct Counting {
    delivered: &'static AtomicU64,
    is_slow: bool,
}

impl Sink for Counting {
    fn deliver(&mut self, batch: &[CleanEvent]) -> Result<(), SinkError> {
        if self.is_slow {
            std::thread::sleep(SLOW);
        }
        self.delivered.fetch_add(batch.len() as u64, SeqCst);
        Ok(())
    }
}

fn main() -> anyhow::Result<ExitCode> {
    let (job, machine) = (Job::parse(), Machine::here());
    work::silence_planned_panics();
    static DELIVERED: AtomicU64 = AtomicU64::new(0);
    let settings = tense_layer::builder().sink(Counting { delivered: &DELIVERED, is_slow: job.overload });
    let settings = if job.overload { settings.ring_bytes(0).queue_events(1000) } else { settings };
    let guard = settings.init()?;
    let began = Instant::now();
    let (made, memory) = run(&job);
    let report = guard.flush(Duration::MAX);
    let mut wrong = accounts::wrong(&made, &report.health, DELIVERED.load(SeqCst));
    if !job.overload && report.health.has_loss() {
        wrong.push("something was dropped, though everybody waits for the drainer".to_owned());
    }
    if job.overload && (report.health.ring_full == 0 || report.health.spans_given_up == 0) {
        wrong.push("nothing was dropped or given up: this was no overload".to_owned());
    }
    wrong.extend(memory.wrong());
    let seconds = began.elapsed().as_secs_f64();
    println!("{made:?} in {seconds:.1} s\n{memory}\n{:#?}", report.health);
    wrong.iter().for_each(|wrong| println!("WRONG: {wrong}"));
    println!("{}", if wrong.is_empty() { "everything adds up" } else { "it does not add up" });
    let health = report.health;
    let figures = json!({
        "spans": made.spans, "moments": made.moments, "seconds": seconds, "overload": job.overload, "memory_mib": memory,
        "emitted": health.emitted, "delivered": health.delivered, "ring_full": health.ring_full,
        "queue_full": health.queue_full, "spans_given_up": health.spans_given_up, "wrong": wrong,
    });
    report::write(job.json.as_deref(), &machine, figures)?;
    Ok(if wrong.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Each thread does its part, and ends spans that its neighbour has started.
fn run(job: &Job) -> (Made, memory::Watch) {
    let (progress, is_over) = (AtomicU64::new(0), AtomicBool::new(false));
    let share = job.spans / job.threads.max(1) as u64;
    std::thread::scope(|scope| {
        let watch = scope.spawn(|| memory::watch(&progress, job.spans, &is_over));
        let row = work::row(job.threads.max(1), share, !job.overload);
        let threads: Vec<_> = row.into_iter().map(|worker| scope.spawn(|| worker.run(&progress))).collect();
        let made =
            threads.into_iter().filter_map(|thread| thread.join().ok()).fold(Made::default(), |all, made| all + made);
        let made = if job.overload { made + work::hoard() } else { made };
        is_over.store(true, SeqCst);
        (made, watch.join().unwrap_or_default())
    })
}
