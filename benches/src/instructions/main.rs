//! How many instructions a span costs its caller, beside the peers:
//! `cargo run --release -p tense-benches --bin instructions`.
//!
//! What is limited is a test of the package `tense-instructions`; here everybody is counted, in the way that it counts.
//! Where there is no valgrind the program says so.

#![expect(clippy::print_stdout, reason = "a bench prints its table")]

use std::hint::black_box;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use anyhow::Context as _;
use clap::{Parser, Subcommand};
use serde_json::{Map, Value, json};
use tense_benches::machine::Machine;
use tense_benches::report;
use tense_benches::spans::{self, RECORDERS, Root, Work};
use tense_instructions::{Part, instructions_of_one};

/// Spans in the shorter and in the longer run.
const RUNS: [u32; 2] = [1_000, 2_000];

/// How many instructions a span costs its caller, beside the peers.
#[derive(Parser)]
struct Cli {
    /// Writes everything to this file as well.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    #[command(subcommand)]
    one: Option<One>,
}

#[derive(Subcommand)]
enum One {
    /// One case, once, in this process, for valgrind.
    #[command(hide = true)]
    One { recorder: String, work: String, children: u64 },
}

fn main() -> anyhow::Result<()> {
    let cli = Cli::parse();
    if let Some(One::One { recorder, work, children }) = cli.one {
        return run(&recorder, &work, children);
    }
    if Command::new("valgrind").arg("--version").output().is_err() {
        println!("not counted: there is no valgrind on this machine");
        return Ok(());
    }
    println!("{:<32}{:>9}{:>9}{:>9}", "instructions a span", "sync", "async", "errors");
    let me = std::env::current_exe()?;
    let mut all = Map::new();
    for recorder in RECORDERS {
        print!("{:<32}", recorder.name);
        let mut counts = Map::new();
        for work in Work::ALL {
            let args = ["one", recorder.name, work.name()];
            let count = || instructions_of_one(&me, &args, RUNS, "instructions::counted", Part::All);
            let found = recorder.root(work).map(|_| count()).transpose()?;
            print!("{:>9}", found.map_or(String::new(), |found| found.to_string()));
            counts.extend(found.map(|found| (work.name().to_owned(), found.into())));
        }
        println!();
        all.insert(recorder.name.to_owned(), Value::Object(counts));
    }
    report::write(cli.json.as_deref(), &Machine::here(), json!({ "instructions_a_span": all }))
}

/// One case in this process: everything once, so that nothing is cold, and then what is counted.
fn run(recorder: &str, work: &str, children: u64) -> anyhow::Result<()> {
    let recorder = spans::recorder(recorder).context("there is nobody of that name")?;
    let root = recorder.roots.iter().find(|(does, _)| does.name() == work).context("there is no such work")?.1;
    let _flush = (recorder.set_up)()?;
    black_box(root(10));
    // The way to the ring is open once the drainer has found out that the layer is the global one.
    std::thread::sleep(Duration::from_millis(300));
    black_box(root(10));
    counted(root, children);
    Ok(())
}

/// What valgrind looks for; the one root is in all that it counts.
#[inline(never)]
fn counted(root: Root, children: u64) {
    black_box(root(black_box(children)));
}
