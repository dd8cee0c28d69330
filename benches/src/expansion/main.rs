//! What annotations cost whoever compiles: `cargo run --release -p tense-benches --bin expansion [-- ROUNDS]`.
//!
//! A thousand functions of four lines are checked by the compiler, plain and annotated in the ways of `tense`,
//! `fastrace` and `tracing`, in turns for several rounds; the sizes of futures and of the expanded source are counted
//! once. The seconds are CPU seconds of rustc, out of `/proc`, over those that the plain functions take in the same
//! run.

#![expect(clippy::print_stdout, reason = "a bench prints its table")]

mod crates;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Parser;
use crates::{KEPT, PEERS, of};
use serde_json::{Map, Value, json};
use tense_benches::machine::Machine;
use tense_benches::report;
use tense_benches::workspace::{Workspace, best_and_median, figures, stand_in_for_rustc};

const OFF: &str = "--cfg tense_off";

/// What annotations cost whoever compiles.
#[derive(Parser)]
struct Cli {
    /// How often each crate is checked.
    #[arg(default_value_t = 5)]
    rounds: usize,
    /// Writes everything to this file as well.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

fn main() -> anyhow::Result<ExitCode> {
    // cargo calls this program instead of rustc, to have it timed
    if let Some(code) = stand_in_for_rustc()? {
        return Ok(code);
    }
    let (cli, machine) = (Cli::parse(), Machine::here());
    let workspace = crates::make()?;
    let mut verdicts = Verdicts { all_kept: true, figures: Map::new() };
    check_times(&workspace, cli.rounds, &mut verdicts)?;
    future_sizes(&workspace, &mut verdicts)?;
    expanded_bytes(&workspace, &mut verdicts)?;
    report::write(cli.json.as_deref(), &machine, json!({ "rounds": cli.rounds, "expansion": verdicts.figures }))?;
    Ok(if verdicts.all_kept { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Holds figures against their limits, and keeps all of them for whoever reads JSON.
struct Verdicts {
    all_kept: bool,
    figures: Map<String, Value>,
}

impl Verdicts {
    fn figure(&mut self, what: String, figure: f64) {
        self.figures.insert(what, json!({ "figure": figure }));
    }

    fn of(&mut self, what: String, figure: f64, limit: f64) -> String {
        let is_kept = figure <= limit;
        self.all_kept &= is_kept;
        self.figures.insert(what, json!({ "figure": figure, "at_most": limit }));
        format!("limit {limit:.2} {}", if is_kept { "kept" } else { "NOT KEPT" })
    }
}

fn check_times(workspace: &Workspace, rounds: usize, verdicts: &mut Verdicts) -> anyhow::Result<()> {
    let jobs: Vec<(String, &str)> = ["sync", "async"]
        .into_iter()
        .flat_map(|how| {
            let peers = PEERS.iter().map(move |peer| (of(peer.name, how), ""));
            peers.chain([(of("plain", how), OFF), (of("tense", how), OFF)])
        })
        .collect();
    for flags in ["", OFF] {
        workspace.cargo(&["check", "--workspace"], flags)?;
    }
    let mut took: BTreeMap<(String, &str), Vec<f64>> = BTreeMap::new();
    for _ in 0..rounds {
        for (krate, flags) in &jobs {
            let seconds = workspace.rebuilt("check", krate, flags)?;
            took.entry((krate.clone(), *flags)).or_default().push(seconds);
        }
    }
    let of_job = |krate: String, flags| best_and_median(took.get(&(krate, flags)).cloned().unwrap_or_default()).1;
    println!("{:<34} {:>8} {:>11} {:>8}", "cargo check, 1,000 functions", "CPU s", "over plain", "ratio");
    for how in ["sync", "async"] {
        let plain = of_job(of("plain", how), "");
        let over = |peer: &str| of_job(of(peer, how), "") - plain;
        for peer in &PEERS {
            let seconds = of_job(of(peer.name, how), "");
            verdicts.figure(format!("{}, CPU s", of(peer.name, how)), seconds);
            println!("{:<34} {seconds:>8.2} {:>11.2} {:>8.2}", of(peer.name, how), seconds - plain, seconds / plain);
        }
        let share = if how == "sync" { 1.0 } else { 0.8 };
        for peer in ["fastrace", "fastrace_bare"] {
            let ratio = over("tense") / over(peer);
            let what = format!("{how}: what tense adds, in what {peer} adds");
            let verdict = if peer == "fastrace" { verdicts.of(what, ratio, share) } else { String::new() };
            println!("  what tense adds, in what {peer} adds: {ratio:.2} {verdict}");
        }
        let off = of_job(of("tense", how), OFF) / of_job(of("plain", how), OFF);
        println!(
            "  compiled out, in plain: {off:.2} {}",
            verdicts.of(format!("{how}: compiled out, in plain"), off, 1.05)
        );
    }
    Ok(())
}

fn future_sizes(workspace: &Workspace, verdicts: &mut Verdicts) -> anyhow::Result<()> {
    let printed = workspace.cargo(&["run", "-p", "sizes"], "")?;
    let sizes: BTreeMap<&str, f64> = figures(&printed).collect();
    println!("\n{:<34} {:>8} {:>8}", "future with 4 KiB, bytes", "one", "three");
    let size = |peer: &str, depth: &str| sizes.get(format!("{peer} {depth}").as_str()).copied().unwrap_or(f64::NAN);
    // The last one is told, and held against nothing.
    for name in PEERS.iter().map(|peer| peer.name).chain([KEPT]) {
        println!("{name:<34} {:>8} {:>8}", size(name, "one"), size(name, "three"));
        for depth in ["one", "three"] {
            verdicts.figure(format!("future of {name}, {depth}, bytes"), size(name, depth));
        }
    }
    for (depth, limit) in [("one", 1.05), ("three", 1.1)] {
        let ratio = size("tense", depth) / size("plain", depth);
        println!(
            "  tense, in plain, {depth}: {ratio:.3} {}",
            verdicts.of(format!("future of tense, in plain, {depth}"), ratio, limit)
        );
    }
    Ok(())
}

fn expanded_bytes(workspace: &Workspace, verdicts: &mut Verdicts) -> anyhow::Result<()> {
    println!("\n{:<34} {:>8}", "expansion of one function, bytes", "beyond");
    let bytes = |peer: &str| -> anyhow::Result<f64> {
        let krate = of(peer, "single");
        let expanded = workspace.expanded(&krate)?;
        let (_, function) = expanded.split_once("pub fn create_0").context("the function is in its expansion")?;
        // indentation is the printer's
        Ok(function.lines().map(|line| line.trim_start().len() + 1).sum::<usize>() as f64)
    };
    let plain = bytes("plain")?;
    for peer in &PEERS {
        let beyond = bytes(peer.name)? - plain;
        let what = format!("expansion of {}, bytes beyond", peer.name);
        let verdict = if peer.name == "tense" {
            verdicts.of(what, beyond, 900.0)
        } else {
            verdicts.figure(what, beyond);
            String::new()
        };
        println!("{:<34} {beyond:>8} {verdict}", peer.name);
    }
    Ok(())
}
