//! How fast events go into the store and come out again, and how much room they take:
//! `cargo run --release -p tense-benches --bin store -- append`.

#![expect(clippy::print_stdout, reason = "a bench prints its table")]

mod append;
mod large;
mod otel;
mod peer;
mod process;
mod read;
mod whole;

use std::path::PathBuf;

use clap::{Parser, Subcommand};

/// How fast events go into the store and come out again, and how much room they take.
#[derive(Parser)]
struct Cli {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Fills a file with so many events.
    Fill {
        /// How many, in thousands.
        thousands: usize,
        /// Which file.
        file: PathBuf,
        /// Over so many hours.
        #[arg(long, default_value_t = 24.0)]
        hours: f64,
        /// Events of a batch.
        #[arg(long, default_value_t = 10_000)]
        batch: usize,
    },
    /// The same with a table as others keep it.
    Peer {
        /// How many, in thousands.
        thousands: usize,
        /// Which file.
        file: PathBuf,
    },
    /// Writes traces of very many spans, and asks all that can be asked of one.
    Large {
        /// How many, in thousands.
        thousands: usize,
        /// What the names of the files begin with.
        file: PathBuf,
    },
    /// Asks the one trace of a file.
    #[command(hide = true)]
    Ask {
        /// Which file.
        file: PathBuf,
    },
    /// Records events, and has them written by the layer.
    Whole {
        /// How many, in thousands.
        thousands: u64,
        /// Into which file.
        file: PathBuf,
    },
    /// Records the same with the SDK of OpenTelemetry, which exports it into SQLite.
    Otel {
        /// How many spans, in thousands.
        thousands: usize,
        /// Into which file.
        file: PathBuf,
        /// How they lie there.
        #[arg(long, value_enum, default_value_t = otel::Kept::Columns)]
        kept: otel::Kept,
    },
    /// Asks a file that was filled.
    Read {
        /// Which file.
        file: PathBuf,
    },
    /// Asks it by whole processes of the command, which lies beside this program.
    Process {
        /// Which file.
        file: PathBuf,
        /// How often each.
        #[arg(long, default_value_t = 200)]
        times: usize,
    },
}

fn main() -> anyhow::Result<()> {
    match Cli::parse().what {
        What::Fill { thousands, file, hours, batch } => append::fill(&file, thousands * 1000, hours, batch),
        What::Peer { thousands, file } => peer::fill(&file, thousands * 1000, 24.0, 10_000),
        What::Large { thousands, file } => large::large(&file, thousands * 1000),
        What::Ask { file } => large::ask(&file),
        What::Whole { thousands, file } => whole::whole(&file, thousands * 1000),
        What::Otel { thousands, file, kept } => otel::otel(&file, thousands * 1000, kept),
        What::Read { file } => read::read(&file),
        What::Process { file, times } => process::process(&file, times),
    }
}
