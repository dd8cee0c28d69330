//! What a span costs behind its caller, step by step: `cargo run --release -p tense-benches --bin drainer [-- ROUNDS]`.
//!
//! `-- loss` shows what a busy thread loses instead. Instructions of a step:
//! `valgrind --tool=callgrind --toggle-collect='*Measured*' drainer behind --turns 20 --only STEP`.

#![expect(clippy::print_stdout, reason = "a bench prints its table")]

mod loss;

use std::path::PathBuf;

use clap::{Parser, Subcommand};
use serde_json::json;
use tense_benches::behind::{self, Steps};
use tense_benches::comparison::Both;
use tense_benches::comparison::table::Limits;
use tense_benches::machine::Machine;
use tense_benches::report;

/// What a span costs behind its caller, step by step.
#[derive(Parser)]
struct Cli {
    /// How many processes measure it.
    #[arg(default_value_t = 5)]
    rounds: usize,
    /// Writes everything to this file as well.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    #[command(subcommand)]
    other: Option<Other>,
}

#[derive(Subcommand)]
enum Other {
    /// What a busy thread loses at several paces.
    Loss,
    /// Once, in this process, with its figures as JSON.
    #[command(hide = true)]
    Behind(behind::Job),
}

fn main() -> anyhow::Result<()> {
    let cli = Cli::parse();
    let machine = Machine::here();
    match cli.other {
        Some(Other::Behind(job)) => {
            println!("{}", serde_json::to_string(&job.measure()?)?);
            return Ok(());
        }
        Some(Other::Loss) => {
            let paces = loss::compare()?;
            return report::write(cli.json.as_deref(), &machine, json!({ "paces": paces }));
        }
        None => {}
    }
    let mut steps = Steps::default();
    for _ in 0..cli.rounds {
        steps.add(behind::Job { turns: 500, only: None }.run()?);
    }
    println!("{machine}; {} rounds\n\n{:<60}{:>10}{:>10}", cli.rounds, "ns a span", "best", "median");
    let found = behind::names().map(|name| (name, steps.of(name)));
    for (name, found) in &found {
        if let Some(Both { best, median }) = found {
            println!("{name:<60}{best:>10.1}{median:>10.1}");
        }
    }
    let limits = steps.limits();
    print!("{}", Limits(&limits));
    let found = found.map(|(name, nanos)| json!({ "step": name, "nanos": nanos }));
    report::write(cli.json.as_deref(), &machine, json!({ "rounds": cli.rounds, "steps": found, "limits": limits }))
}
