//! What a filter costs our calls, by where it stands, in one interleaved run:
//! `cargo run --release -p tense-benches --bin filters [-- ROUNDS]`.
//!
//! Each case is one way to put a program's subscriber together. The work is that of the other benches: a hundred
//! annotated calls with an integer and a text below a root. docs/filters.md has the table.

#![expect(clippy::print_stdout, reason = "a bench prints its table")]

use clap::Parser as _;
use serde_json::json;
use tense_benches::machine::Machine;
use tense_benches::report;
use tense_benches::spans::{Empty, Nowhere, PLAIN, REGISTRY, TENSE};
use tense_benches::turns::{self, Case, Cli};
use tracing_subscriber::filter::{LevelFilter, dynamic_filter_fn};
use tracing_subscriber::prelude::*;
use tracing_subscriber::{EnvFilter, Registry, registry, reload};

fn builder() -> tense_layer::Builder {
    // The rings hold a burst, so that what is measured is the recording and not the dropping.
    tense_layer::builder().sink(Nowhere).ring_bytes(4 << 20)
}

fn env(directives: &str) -> EnvFilter {
    EnvFilter::new(directives)
}

/// For good: the guard of a bench has nothing to flush.
fn kept<T>(guard: T) {
    std::mem::forget(guard);
}

const CASES: [Case; 18] = [
    ("plain function", PLAIN, || ()),
    ("no layer", TENSE, || ()),
    ("init()", TENSE, || kept(builder().init())),
    ("own filter: Targets", TENSE, || {
        kept(builder().filter("info".parse::<tense_layer::Targets>().unwrap_or_default()).init());
    }),
    ("own filter: EnvFilter", TENSE, || kept(builder().filter(env("info")).init())),
    ("own filter, refuses", TENSE, || kept(builder().filter(env("off")).init())),
    ("own filter, asked at each call", TENSE, || kept(builder().filter(dynamic_filter_fn(|_, _| true)).init())),
    ("real_spans(true)", TENSE, || kept(builder().real_spans(true).init())),
    ("LevelFilter in front", TENSE, || registry().with(LevelFilter::INFO).with(builder().layer()).init()),
    ("EnvFilter in front", TENSE, || registry().with(env("info")).with(builder().layer()).init()),
    ("EnvFilter in front, refuses", TENSE, || registry().with(env("off")).with(builder().layer()).init()),
    ("EnvFilter around our layer", TENSE, || registry().with(builder().layer().with_filter(env("info"))).init()),
    ("our layer in reload", TENSE, || registry().with(reload::Layer::<_, Registry>::new(builder().layer()).0).init()),
    ("beside fmt that refuses ours", TENSE, || {
        let log =
            tracing_subscriber::fmt::layer().with_writer(std::io::sink).with_filter(env("info,tense_benches=off"));
        registry().with(log).with(builder().layer()).init();
    }),
    ("beside fmt that wants ours", TENSE, || {
        let log = tracing_subscriber::fmt::layer().with_writer(std::io::sink).with_filter(env("info"));
        registry().with(log).with(builder().layer()).init();
    }),
    ("beside an empty layer", TENSE, || registry().with(Empty).with(builder().layer()).init()),
    ("while another thread has a scope", TENSE, || {
        kept(builder().init());
        std::thread::spawn(|| {
            let _capture = tense_layer::testing::capture();
            loop {
                std::thread::park();
            }
        });
    }),
    ("tracing: EnvFilter, empty layer", REGISTRY, || registry().with(env("info")).with(Empty).init()),
];

fn main() -> anyhow::Result<()> {
    let (cli, machine) = (Cli::parse(), Machine::here());
    let Some(rows) = turns::run(&cli, &CASES, |figures| println!("{figures}"))? else { return Ok(()) };
    println!(
        "{machine}; {} rounds\n\n{:<34} {:>10} {:>10} {:>12}",
        cli.rounds, "ns a span", "best", "median", "over plain"
    );
    let plain = rows[0].nanos.best;
    for row in &rows {
        let (best, median) = (row.nanos.best, row.nanos.median);
        println!("{:<34} {best:>10.1} {median:>10.1} {:>12.1}", row.case, best - plain);
    }
    report::write(cli.json.as_deref(), &machine, json!({ "rounds": cli.rounds, "filters": rows }))
}
