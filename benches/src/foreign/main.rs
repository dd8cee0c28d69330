//! What our layer adds to a span of `tracing` that is not ours:
//! `cargo run --release -p tense-benches --bin foreign [-- ROUNDS]`.
//!
//! The same function of `tracing` below a registry with a layer that does nothing, and below a registry with ours. What
//! counts is the ratio.

#![expect(clippy::print_stdout, reason = "a bench prints its table")]

use clap::Parser as _;
use serde_json::json;
use tense_benches::machine::Machine;
use tense_benches::report;
use tense_benches::spans::{Empty, Nowhere, REGISTRY};
use tense_benches::turns::{self, Case, Cli};
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::prelude::*;
use tracing_subscriber::registry;

const CASES: [Case; 4] = [
    (REGISTRY, REGISTRY, || registry().with(Empty).init()),
    ("registry, empty layer, filtered", REGISTRY, || registry().with(Empty.with_filter(LevelFilter::INFO)).init()),
    ("ours, by init", REGISTRY, || {
        std::mem::forget(tense_layer::builder().sink(Nowhere).ring_bytes(4 << 20).init());
    }),
    ("registry, our layer", REGISTRY, || {
        registry().with(tense_layer::builder().sink(Nowhere).ring_bytes(4 << 20).layer()).init();
    }),
];

fn main() -> anyhow::Result<()> {
    let (cli, machine) = (Cli::parse(), Machine::here());
    let Some(rows) = turns::run(&cli, &CASES, |figures| println!("{figures}"))? else { return Ok(()) };
    println!("{machine}; {} rounds\n", cli.rounds);
    println!("{:<34} {:>10} {:>10} {:>10} {:>10}", "ns a span", "best", "ratio", "median", "ratio");
    let empty = rows[0].nanos;
    for row in &rows {
        let (nanos, ratio) = (row.nanos, row.nanos.zip(empty, |nanos, empty| nanos / empty));
        let (best, median) = (nanos.best, nanos.median);
        println!("{:<34} {best:>10.1} {:>10.2} {median:>10.1} {:>10.2}", row.case, ratio.best, ratio.median);
    }
    report::write(cli.json.as_deref(), &machine, json!({ "rounds": cli.rounds, "foreign": rows }))
}
