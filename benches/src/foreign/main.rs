//! What our layer adds to a span of `tracing` that is not ours:
//! `cargo run --release -p tense-benches --bin foreign [-- ROUNDS]`.
//!
//! The same function of `tracing` below a registry with a layer that does nothing, and below a registry with ours; each
//! in a process of its own, and the two take turns. What counts is the ratio.

#![expect(clippy::print_stdout, reason = "a bench prints its table")]

use std::hint::black_box;
use std::process::Command;
use std::time::Instant;

use tracing_subscriber::prelude::*;

const BURST: u64 = 2000;

#[tracing::instrument(skip_all, fields(id, name), err)]
#[inline(never)]
fn child(id: u64, name: &str) -> Result<u64, std::fmt::Error> {
    black_box(name);
    Ok(black_box(id))
}

#[tracing::instrument(skip_all)]
#[inline(never)]
fn burst(children: u64) -> u64 {
    (0..children).map(|id| child(black_box(id), black_box("a name")).unwrap_or(0)).sum()
}

/// A layer that does nothing.
struct Nothing;

impl<S: tracing::Subscriber> tracing_subscriber::Layer<S> for Nothing {}

/// Takes every event and drops it.
struct Void;

impl tense_layer::Sink for Void {
    fn deliver(&mut self, batch: &[tense_event::CleanEvent]) -> Result<(), tense_layer::SinkError> {
        black_box(batch);
        Ok(())
    }
}

const CASES: [(&str, fn()); 4] = [
    ("registry, empty layer", || tracing_subscriber::registry().with(Nothing).init()),
    ("registry, empty layer, filtered", || {
        tracing_subscriber::registry().with(Nothing.with_filter(tracing_subscriber::filter::LevelFilter::INFO)).init();
    }),
    ("ours, by init", || {
        std::mem::forget(tense_layer::builder().sink(Void).ring_bytes(4 << 20).init());
    }),
    ("registry, our layer", || {
        let layer = tense_layer::builder().sink(Void).ring_bytes(4 << 20).layer();
        tracing_subscriber::registry().with(layer).init();
    }),
];

fn main() {
    let args: Vec<u64> = std::env::args().skip(1).filter_map(|arg| arg.parse().ok()).collect();
    match args.as_slice() {
        [case, bursts, children] => measure(*case as usize, *bursts, *children),
        args => compare(args.first().copied().unwrap_or(7)),
    }
}

fn measure(case: usize, bursts: u64, children: u64) {
    CASES[case].1();
    black_box(burst(10));
    for _ in 0..bursts {
        let began = Instant::now();
        black_box(burst(children));
        println!("{}", began.elapsed().as_nanos() as f64 / children as f64);
        // Whoever drains behind the caller gets the time to do so.
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
}

fn compare(rounds: u64) {
    let mut all = [const { Vec::new() }; CASES.len()];
    for _ in 0..rounds {
        for (case, times) in all.iter_mut().enumerate() {
            let out = std::env::current_exe()
                .and_then(|me| Command::new(me).args([case as u64, 100, BURST].map(|arg| arg.to_string())).output());
            if let Ok(out) = out {
                times.extend(String::from_utf8_lossy(&out.stdout).lines().filter_map(|line| line.parse::<f64>().ok()));
            }
        }
    }
    println!("{:<32} {:>10} {:>10} {:>10} {:>10}", "ns a span", "best", "ratio", "median", "ratio");
    let mut first = None;
    for ((name, _), times) in CASES.iter().zip(&mut all) {
        times.sort_by(f64::total_cmp);
        let of = |at: usize| times.get(at).copied().unwrap_or(f64::NAN);
        let (best, median) = (of(0), of(times.len() / 2));
        let (best_of_empty, median_of_empty) = *first.get_or_insert((best, median));
        println!(
            "{name:<32} {best:>10.1} {:>10.2} {median:>10.1} {:>10.2}",
            best / best_of_empty,
            median / median_of_empty
        );
    }
}
