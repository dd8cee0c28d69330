//! What the layer costs a real service at full load: `cargo run --release -p tense-benches --bin service`.
//!
//! Three processes of this program serve the same pages, with the layer off, with its SQLite file, and with a sink that
//! drops; this one is the load, and goes from one to the next, round after round. Only one of them is asked at a time,
//! and before the next one is, everything that was recorded has been delivered. Throughputs are compared within a
//! round.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a bench prints its table, and how far it is")]

mod shop;
mod server;
mod load;
mod interval;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context as _;
use clap::{Parser, Subcommand};
use serde_json::{Value, json};
use tense_benches::cpu::Busy;
use tense_benches::machine::Machine;
use tense_benches::workspace::best_and_median;

use crate::interval::Median;
use crate::load::{Connection, answers_a_second};
use crate::server::{Layer, Serve, Server, serve};

/// Throughput with the layer, in parts of that without it.
const AT_LEAST: f64 = 0.99;

/// What the layer costs a real service at full load.
#[derive(Parser)]
struct Cli {
    /// How often each server has its turn.
    #[arg(default_value_t = 15)]
    rounds: usize,
    /// How long a turn is.
    #[arg(long, default_value_t = 1.5)]
    seconds: f64,
    /// Threads of a server that answer requests; as many as there are processors unless set.
    #[arg(long)]
    workers: Option<usize>,
    /// Connections over which requests are sent at once.
    #[arg(long, default_value_t = 32)]
    connections: u32,
    /// Writes everything to this file as well.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    #[command(subcommand)]
    serve: Option<Process>,
}

#[derive(Subcommand)]
enum Process {
    /// One of the servers.
    #[command(hide = true)]
    Serve(Serve),
}

fn main() -> anyhow::Result<()> {
    let cli = Cli::parse();
    if let Some(Process::Serve(process)) = &cli.serve {
        return serve(process);
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(compare(&cli))
}

async fn compare(cli: &Cli) -> anyhow::Result<()> {
    let machine = Machine::here();
    let workers = cli.workers.unwrap_or(machine.cores);
    let folder = tempfile::tempdir()?;
    shop::fill(&folder.path().join("shop.db"))?;
    let mut turns = [Layer::Off, Layer::Sqlite, Layer::Drop]
        .map(|layer| anyhow::Ok(Turns::of(Server::start(layer, workers, folder.path())?)))
        .into_iter()
        .collect::<Result<Vec<_>, _>>()?;
    println!("{machine}; {workers} workers, {} connections, {} spans a request", cli.connections, shop::SPANS);
    // The first one finds everything cold.
    for round in 0..=cli.rounds {
        for turn in 0..turns.len() {
            let turn = (turn + round) % turns.len();
            turns[turn].take(cli, round > 0).await?;
        }
        eprintln!("round {round} of {}", cli.rounds);
    }
    let figures: Vec<Figures> = turns.iter().map(|these| these.figures(&turns[0])).collect();
    figures.iter().for_each(Figures::print);
    if let Some(file) = &cli.json {
        let servers: Vec<Value> = figures.iter().map(Figures::json).collect();
        let all = json!({
            "machine": machine, "rounds": cli.rounds, "seconds": cli.seconds, "workers": workers,
            "connections": cli.connections, "spans_a_request": shop::SPANS, "servers": servers,
        });
        std::fs::write(file, format!("{all:#}\n")).with_context(|| format!("failed to write {}", file.display()))?;
    }
    Ok(())
}

/// One server, and what its turns were like.
struct Turns {
    server: Server,
    answers: Vec<f64>,
    /// Microseconds of processor time a request, by thread, of each turn.
    cpu: Vec<BTreeMap<String, f64>>,
    counts: Value,
}

impl Turns {
    fn of(server: Server) -> Self {
        Self { server, answers: Vec::new(), cpu: Vec::new(), counts: Value::Null }
    }

    async fn take(&mut self, cli: &Cli, counts: bool) -> anyhow::Result<()> {
        let busy = Busy::of(self.server.process());
        let time = Duration::from_secs_f64(cli.seconds);
        let a_second = answers_a_second(self.server.port, cli.connections, time).await?;
        // What was recorded is this server's to deliver, not the next one's to suffer.
        let settled = Connection::open(self.server.port).await?.get("/settled").await?.to_owned();
        self.counts = serde_json::from_str(&settled)?;
        let busy = Busy::of(self.server.process()).since(&busy);
        if counts {
            self.answers.push(a_second);
            let answers = a_second * cli.seconds;
            self.cpu.push(busy.into_iter().map(|(thread, nanos)| (thread, nanos / 1_000.0 / answers)).collect());
        }
        Ok(())
    }

    /// Microseconds of processor time a request on the threads that answer, of each turn.
    fn workers(&self) -> impl Iterator<Item = f64> {
        self.cpu.iter().map(|by_thread| by_thread.get(server::WORKER).copied().unwrap_or(f64::NAN))
    }

    fn figures(&self, off: &Self) -> Figures {
        let mut by_thread: BTreeMap<String, Vec<f64>> = BTreeMap::new();
        for (thread, micros) in self.cpu.iter().flatten() {
            by_thread.entry(thread.clone()).or_default().push(*micros);
        }
        Figures {
            layer: self.server.layer,
            answers: best_and_median(self.answers.clone()).1,
            of_off: Median::of(self.answers.iter().zip(&off.answers).map(|(on, off)| on / off).collect()),
            workers_of_off: Median::of(self.workers().zip(off.workers()).map(|(on, off)| on / off).collect()),
            cpu: by_thread.into_iter().map(|(thread, micros)| (thread, best_and_median(micros).1)).collect(),
            counts: self.counts.clone(),
        }
    }
}

/// What came out for one server.
struct Figures {
    layer: Layer,
    /// A second, in the median turn.
    answers: f64,
    of_off: Median,
    /// What would be left of the difference where other cores have time for drainer and sink.
    workers_of_off: Median,
    cpu: BTreeMap<String, f64>,
    counts: Value,
}

impl Figures {
    fn print(&self) {
        println!("\n{}: {:.0} requests a second", self.layer.name(), self.answers);
        if self.layer != Layer::Off {
            let verdict = if self.of_off.median >= AT_LEAST { "kept" } else { "NOT KEPT" };
            println!("  of those without a layer {}, at least {AT_LEAST}: {verdict}", self.of_off);
            println!("  processor time of the workers, of that without a layer {}", self.workers_of_off);
            println!("  events {}", self.counts);
        }
        let all: f64 = self.cpu.values().sum();
        println!("  us of processor time a request: {all:.1}");
        for (thread, micros) in self.cpu.iter().filter(|(_, micros)| **micros >= 0.05) {
            println!("    {thread:<16}{micros:>8.1}");
        }
    }

    fn json(&self) -> Value {
        json!({
            "layer": self.layer.name(), "requests_a_second": self.answers, "of_off": self.of_off,
            "at_least": AT_LEAST, "workers_cpu_of_off": self.workers_of_off, "cpu_us_a_request": self.cpu, "events": self.counts,
        })
    }
}
