//! What names cost whoever compiles: `cargo run --release -p tense-benches --bin naming [-- ROUNDS]`.
//!
//! Three things are measured in turns, for several rounds, and the median of each is held against its limit: how long
//! the compiler is busy with the grammar itself, how long one check takes, and what a large registry adds to a large
//! crate. All of it happens in the dev profile, where macros run without optimization, so the measured parts are
//! programs and crates of a workspace of their own (`workspace.rs`); this one only asks and compares.
//!
//! The seconds are CPU seconds of rustc, out of `/proc`, so the first and the third part need Linux.

#![expect(clippy::print_stdout, reason = "a bench prints its table")]

mod workspace;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use serde_json::{Value, json};
use tense_benches::machine::Machine;
use tense_benches::report;
use tense_benches::workspace::{Workspace, best_and_median, stand_in_for_rustc};

/// What names cost whoever compiles.
#[derive(Parser)]
struct Cli {
    /// How often each thing is measured.
    #[arg(default_value_t = 5)]
    rounds: usize,
    /// Writes everything to this file as well.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

/// One line of the table: what the children and the compiler call it, what it is, and the most it may be.
struct Line {
    key: &'static str,
    what: &'static str,
    unit: &'static str,
    limit: Option<f64>,
}

const fn line(key: &'static str, what: &'static str, unit: &'static str, limit: Option<f64>) -> Line {
    Line { key, what, unit, limit }
}

/// Microseconds of one check.
const CHECK: Option<f64> = Some(10.0);
/// Seconds of all the naming in the large crate.
const NAMING: Option<f64> = Some(0.2);

const LINES: &[Line] = &[
    line("cold build", "the grammar, over an empty crate", "CPU s", Some(0.3)),
    line("accepted", "a check: names that pass", "us", CHECK),
    line("from function", "a check: `_`, taken from the function", "us", CHECK),
    line("refused", "a check: names in the wrong tense", "us", CHECK),
    line("declared", "a check: names of a closed registry", "us", CHECK),
    line("renamed", "a check: old names of a closed registry", "us", CHECK),
    line("unknown", "a check: misspelt names of a closed registry", "us", CHECK),
    line("unknown of 500", "the same, among 500 events", "us", None),
    line("read", "2,000 calls: reading 500 events, once", "s", None),
    line("calls", "2,000 calls: names and fields", "s", None),
    line("naming", "2,000 calls: both", "s", NAMING),
    line("check closed", "cargo check of 2,000 calls, closed registry", "CPU s", None),
    line("check open", "cargo check of the same, no registry", "CPU s", None),
    // besides the naming, in whole ticks of a hundredth: larger call sites, and a trait bound for each field
    line("check over open", "the registry, with its checks of types", "CPU s", None),
];

fn main() -> anyhow::Result<ExitCode> {
    // cargo calls this program instead of rustc, to have it timed
    if let Some(code) = stand_in_for_rustc()? {
        return Ok(code);
    }
    let (cli, machine) = (Cli::parse(), Machine::here());
    let workspace = workspace::make()?;
    let mut figures: Vec<Vec<f64>> = LINES.iter().map(|_| Vec::new()).collect();
    for _ in 0..cli.rounds {
        let measured = one_round(&workspace)?;
        for (line, figures) in LINES.iter().zip(&mut figures) {
            figures.extend(measured.iter().filter(|(key, _)| key == line.key).map(|(_, figure)| *figure));
        }
    }
    println!("{:<48} {:>9} {:>9} {:>9} {:>6}", "medians", "best", "median", "limit", "unit");
    let (mut all_kept, mut told) = (true, Vec::<Value>::new());
    for (line, figures) in LINES.iter().zip(figures) {
        let (best, median) = best_and_median(figures);
        let limit = line.limit.map(|limit| format!("{limit:.1}")).unwrap_or_default();
        let verdict = match line.limit {
            None => "",
            Some(limit) if median <= limit => "kept",
            Some(_) => "NOT KEPT",
        };
        all_kept &= verdict != "NOT KEPT";
        println!("{:<48} {best:>9.3} {median:>9.3} {limit:>9} {:>6} {verdict}", line.what, line.unit);
        told.push(json!({
            "what": line.what, "unit": line.unit, "best": best, "median": median, "at_most": line.limit,
        }));
    }
    report::write(cli.json.as_deref(), &machine, json!({ "rounds": cli.rounds, "naming": told }))?;
    Ok(if all_kept { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Every figure once, by its key.
fn one_round(workspace: &Workspace) -> anyhow::Result<Vec<(String, f64)>> {
    let grammar = workspace.rebuilt("build", "tense-grammar", "")?;
    let empty = workspace.rebuilt("build", "empty", "")?;
    let closed = workspace.rebuilt("check", "closed", "")?;
    let open = workspace.rebuilt("check", "open", "")?;
    let mut figures = workspace::checks(workspace)?;
    let of = |figures: &[(String, f64)], wanted: &str| {
        figures.iter().find(|(key, _)| key == wanted).map_or(f64::NAN, |(_, figure)| *figure)
    };
    let naming = of(&figures, "read") + of(&figures, "calls");
    let more = [
        ("cold build", grammar - empty),
        ("naming", naming),
        ("check closed", closed),
        ("check open", open),
        ("check over open", closed - open),
    ];
    figures.extend(more.map(|(key, figure)| (key.to_owned(), figure)));
    Ok(figures)
}
