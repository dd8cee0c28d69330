//! Ways to set a program up go in, each with whose functions it calls then; each runs in a process of its own, and the
//! processes take turns. What a span costs the caller comes out for each.

use std::hint::black_box;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use clap::{Parser, Subcommand};
use serde::Serialize;

use crate::comparison::Both;
use crate::spans::{self, CHILDREN, Work};

/// Roots in a burst.
const ROOTS: u64 = 50;
const BURSTS: usize = 40;
/// The first ones find everything cold.
const COLD: usize = 5;

/// Its name, whose functions are called, and what sets it up.
pub type Case = (&'static str, &'static str, fn());

/// The command line of such a bench.
#[derive(Debug, Parser)]
pub struct Cli {
    /// How often each case runs, in a new process each time.
    #[arg(default_value_t = 7)]
    pub rounds: usize,
    /// Writes everything to this file as well.
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
    #[command(subcommand)]
    one: Option<One>,
}

#[derive(Debug, Subcommand)]
enum One {
    /// One case, once, in this process, with its figures as JSON.
    #[command(hide = true)]
    One { case: usize },
}

/// What came out for one case: nanoseconds a span.
#[derive(Debug, Serialize)]
pub struct Row {
    /// Its name.
    pub case: &'static str,
    /// What a span costs the caller.
    pub nanos: Both,
}

/// All cases in turns, or nothing where this process was to be one of them, which has printed its figures.
///
/// # Errors
/// A case that fails.
pub fn run(cli: &Cli, cases: &[Case], print: fn(String)) -> anyhow::Result<Option<Vec<Row>>> {
    if let Some(One::One { case }) = cli.one {
        let case = cases.get(case).context("there are not that many cases")?;
        print(serde_json::to_string(&measure(case)?)?);
        return Ok(None);
    }
    let mut all: Vec<Vec<f64>> = vec![Vec::new(); cases.len()];
    for _ in 0..cli.rounds {
        for (number, nanos) in all.iter_mut().enumerate() {
            let out = Command::new(std::env::current_exe()?).args(["one", &number.to_string()]).output()?;
            ensure!(out.status.success(), "{}: {}", cases[number].0, String::from_utf8_lossy(&out.stderr));
            nanos.extend(serde_json::from_slice::<Vec<f64>>(&out.stdout)?);
        }
    }
    let rows = cases.iter().zip(all).map(|((case, ..), nanos)| Row { case, nanos: Both::of(nanos) });
    Ok(Some(rows.collect()))
}

/// Nanoseconds a span, of each burst.
fn measure((_, whose, set_up): &Case) -> anyhow::Result<Vec<f64>> {
    let root = spans::recorder(whose).and_then(|recorder| recorder.root(Work::Sync)).context("nobody of that name")?;
    set_up();
    // The drainer looks for our layer in the global default at its next tick; a call notices what it found.
    std::thread::sleep(Duration::from_millis(200));
    black_box(root(black_box(CHILDREN)));
    let mut nanos = Vec::new();
    for _ in 0..COLD + BURSTS {
        let began = Instant::now();
        for _ in 0..ROOTS {
            black_box(root(black_box(CHILDREN)));
        }
        nanos.push(began.elapsed().as_nanos() as f64 / (ROOTS * (CHILDREN + 1)) as f64);
        // Whoever drains behind the caller gets the time to do so.
        std::thread::sleep(Duration::from_millis(5));
    }
    Ok(nanos.split_off(COLD))
}
