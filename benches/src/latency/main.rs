//! What a call takes behind sinks that hang, fail, panic or are slow, and with a full queue or a full ring:
//! `cargo run --release -p tense-benches --bin latency`.
//!
//! Each of them is a process of its own, and the processes take turns. It waits until the sink is as ill as it will
//! be. Then a function is called a hundred times below a root, once annotated and once not, in turns, and each call is
//! timed for itself; so the two find the same machine, and what reading the clock takes is in both.

#![expect(clippy::print_stdout, reason = "a bench prints its table")]

mod sinks;

use std::hint::black_box;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use clap::{Parser, Subcommand};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tense::traced;
use tense_benches::comparison::Both;
use tense_benches::machine::Machine;
use tense_benches::report;

/// The slowest call in a hundred may take so many nanoseconds more than it takes without us. 1 ms is what was asked
/// for.
const AT_MOST: f64 = 1_000.0;

/// Calls below a root.
const CALLS: usize = 100;

/// What a call takes behind sinks that do not do what they should.
#[derive(Debug, Parser)]
struct Cli {
    /// How often each case runs, in a new process each time.
    #[arg(default_value_t = 5)]
    rounds: usize,
    /// Roots that are timed in each, with the annotation and without.
    #[arg(long, default_value_t = 3_000)]
    roots: usize,
    /// Writes everything to this file as well.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    #[command(subcommand)]
    one: Option<One>,
}

#[derive(Debug, Subcommand)]
enum One {
    /// One case, once, in this process.
    #[command(hide = true)]
    One {
        #[arg(long)]
        case: String,
    },
}

/// Nanoseconds of one call: half of them, all but one in a hundred and all but one in a thousand take no longer.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Calls {
    p50: u64,
    p99: u64,
    p999: u64,
}

#[derive(Debug, Serialize, Deserialize)]
struct Figures {
    plain: Calls,
    traced: Calls,
    /// What shows that the sink was as it should be.
    counts: serde_json::Value,
}

fn main() -> anyhow::Result<()> {
    let cli = Cli::parse();
    match &cli.one {
        Some(One::One { case }) => one(case, cli.roots),
        None => compare(&cli),
    }
}

#[inline(never)]
fn plain(id: u64, name: &str) -> Result<u64, String> {
    black_box(name);
    if id == u64::MAX { Err("odd".to_owned()) } else { Ok(black_box(id)) }
}

#[traced(operation.cards.charged, fields(id, name))]
#[inline(never)]
fn charged(id: u64, name: &str) -> Result<u64, String> {
    black_box(name);
    if id == u64::MAX { Err("odd".to_owned()) } else { Ok(black_box(id)) }
}

fn plain_root(took: &mut Vec<u64>) {
    timed(plain, took);
}

#[traced(operation.orders.placed)]
fn root(took: &mut Vec<u64>) {
    timed(charged, took);
}

#[inline(always)]
fn timed(call: fn(u64, &str) -> Result<u64, String>, took: &mut Vec<u64>) {
    for id in 0..CALLS as u64 {
        let began = Instant::now();
        let answer = call(black_box(id), black_box("a name"));
        took.push(began.elapsed().as_nanos() as u64);
        assert_eq!(answer, Ok(id), "a call gives back what it gives back");
    }
}

/// Sets up what is asked for, measures it, and prints the figures as JSON.
fn one(case: &str, roots: usize) -> anyhow::Result<()> {
    std::panic::set_hook(Box::new(|_| {}));
    let case = sinks::CASES.iter().find(|known| known.name == case).context("there is no such case")?;
    // Nobody waits for a sink that hangs.
    std::mem::forget(case.init()?);
    let mut cold = Vec::new();
    let until = Instant::now() + Duration::from_secs(60);
    while !case.is_ill(&tense_layer::health()) {
        ensure!(Instant::now() < until, "`{}` does not come about: {:#?}", case.name, tense_layer::health());
        root(&mut cold);
        plain_root(&mut cold);
        cold.clear();
    }
    let (mut without, mut with) = (Vec::with_capacity(roots * CALLS), Vec::with_capacity(roots * CALLS));
    for _ in 0..roots {
        plain_root(&mut without);
        root(&mut with);
        if let Some(pause) = case.pause {
            std::thread::sleep(pause);
        }
    }
    let health = tense_layer::health();
    let figures = Figures {
        plain: Calls::of(without),
        traced: Calls::of(with),
        counts: json!({
            "delivered": health.delivered, "queue_full": health.queue_full, "sink_failed": health.sink_failed,
            "breaker_open": health.breaker_open, "worker_dead": health.worker_dead, "ring_full": health.ring_full,
        }),
    };
    println!("{}", serde_json::to_string(&figures)?);
    Ok(())
}

impl Calls {
    fn of(mut took: Vec<u64>) -> Self {
        took.sort_unstable();
        let at = |thousandths: usize| took.get(took.len() * thousandths / 1000).copied().unwrap_or(0);
        Self { p50: at(500), p99: at(990), p999: at(999) }
    }
}

fn compare(cli: &Cli) -> anyhow::Result<()> {
    let machine = Machine::here();
    let mut found: Vec<Vec<Figures>> = sinks::CASES.iter().map(|_| Vec::new()).collect();
    for _ in 0..cli.rounds {
        for (case, found) in sinks::CASES.iter().zip(&mut found) {
            let out = Command::new(std::env::current_exe()?)
                .args(["--roots", &cli.roots.to_string(), "one", "--case", case.name])
                .output()?;
            let said = String::from_utf8_lossy(&out.stdout);
            ensure!(out.status.success(), "{}: {said}{}", case.name, String::from_utf8_lossy(&out.stderr));
            found.push(serde_json::from_str(&said)?);
        }
    }
    println!("{machine}; {} rounds of {} calls each", cli.rounds, cli.roots * CALLS);
    println!("\nns a call more than the same call {:>26}", "without us");
    println!("{:<44}{:>8}{:>8}{:>8}{:>12}{:>12}", "", "p50", "p99", "p99.9", "plain p50", "plain p99");
    let mut cases = Vec::new();
    for (case, found) in sinks::CASES.iter().zip(&found) {
        let median = |of: fn(&Figures) -> f64| Both::of(found.iter().map(of).collect()).median;
        let p50 = median(|figures| figures.traced.p50 as f64 - figures.plain.p50 as f64);
        let p99 = median(|figures| figures.traced.p99 as f64 - figures.plain.p99 as f64);
        let p999 = median(|figures| figures.traced.p999 as f64 - figures.plain.p999 as f64);
        let (plain50, plain99) =
            (median(|figures| figures.plain.p50 as f64), median(|figures| figures.plain.p99 as f64));
        let verdict = if p99 <= AT_MOST { "kept" } else { "NOT KEPT" };
        println!("{:<44}{p50:>8.0}{p99:>8.0}{p999:>8.0}{plain50:>12.0}{plain99:>12.0}  {verdict}", case.what);
        cases.push(json!({
            "case": case.name, "p50_added_ns": p50, "p99_added_ns": p99, "p999_added_ns": p999, "rounds": found,
        }));
    }
    println!("\nat most, for the p99: {AT_MOST:.0} ns");
    let all = json!({ "rounds": cli.rounds, "roots": cli.roots, "at_most_ns": AT_MOST, "cases": cases });
    report::write(cli.json.as_deref(), &machine, all)
}
