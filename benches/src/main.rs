//! What a span costs, beside its peers, in one interleaved run: `cargo run --release -p tense-benches [-- ROUNDS]`.
//!
//! Every case runs in a process of its own, because there is one global subscriber in each; the cases take turns for
//! several rounds. Compare within one run: ratios of the same statistic. Nanoseconds of a run mean little elsewhere, so
//! no time is ever a failure; README.md says what is.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a bench prints its table, and how far it is")]

use std::path::PathBuf;

use clap::{Parser, Subcommand};
use serde_json::json;
use tense_benches::behind::{self, Steps};
use tense_benches::burst::{Job, SPANS};
use tense_benches::comparison::{self, limits, table::Table};
use tense_benches::machine::Machine;
use tense_benches::report;

/// What a span costs, beside its peers, in one interleaved run.
#[derive(Parser)]
struct Cli {
    /// How often each case runs, in a new process each time.
    #[arg(default_value_t = 7)]
    rounds: usize,
    /// How many bursts a process measures.
    #[arg(long, default_value_t = 40)]
    bursts: usize,
    /// Writes everything to this file as well.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    #[command(subcommand)]
    one: Option<One>,
}

#[derive(Subcommand)]
enum One {
    /// One case, once, in this process, with its figures as JSON.
    #[command(hide = true)]
    One(Job),
    /// What is behind the caller, once, in this process, with its figures as JSON.
    #[command(hide = true)]
    Behind(behind::Job),
}

fn main() -> anyhow::Result<()> {
    let cli = Cli::parse();
    match cli.one {
        Some(One::One(job)) => {
            println!("{}", serde_json::to_string(&job.measure()?)?);
            return Ok(());
        }
        Some(One::Behind(job)) => {
            println!("{}", serde_json::to_string(&job.measure()?)?);
            return Ok(());
        }
        None => {}
    }
    let machine = Machine::here();
    println!("{machine}; {} rounds of {} bursts of {SPANS} spans", cli.rounds, cli.bursts);
    let mut behind = Steps::default();
    let rows = comparison::compare(cli.rounds, cli.bursts, |round| {
        eprintln!("round {round} of {}", cli.rounds);
        behind.add(behind::Job { turns: 200, only: None }.run()?);
        Ok(())
    })?;
    let mut limits = limits::limits(&rows);
    limits.extend(behind.limits());
    print!("{}", Table { rows: &rows, limits: &limits });
    let figures = json!({
        "rounds": cli.rounds, "bursts": cli.bursts, "spans_in_a_burst": SPANS, "spans": rows, "limits": limits,
    });
    report::write(cli.json.as_deref(), &machine, figures)
}
