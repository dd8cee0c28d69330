//! What the layer costs a real service at full load: `cargo run --release -p tense-benches --bin service`.
//!
//! Three processes of this program serve the same pages, with the layer off, with its SQLite file, and with a sink that
//! drops; this one is the load. Only one of them is asked at a time, for less than half a second, and before the next
//! one is, everything that was recorded has been delivered. Each turn with the layer has one without it right beside
//! it, now before it and now behind it, and is compared with that one alone: what else the machine does changes more
//! slowly than the turns.
//!
//! With `--ill` it is latency that is compared, on top of stores that hang, cannot be opened, or are full.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a bench prints its table, and how far it is")]

mod server;
mod load;
mod interval;
mod ill;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Parser, Subcommand};
use serde::Serialize;
use serde_json::{Value, json};
use tense_benches::comparison::Both;
use tense_benches::cpu::Busy;
use tense_benches::machine::Machine;
use tense_benches::report;
use tense_shop::pages;

use crate::interval::Median;
use crate::load::{Connection, Load};
use crate::server::{Layer, Serve, Server, serve};

/// Throughput with the layer, in parts of that without it.
const AT_LEAST: f64 = 0.99;

/// What the layer costs a real service at full load.
#[derive(Parser)]
struct Cli {
    /// How many pairs of turns there are with each kind of layer, one of the two without it.
    #[arg(default_value_t = 40)]
    rounds: usize,
    /// How long a turn is.
    #[arg(long, default_value_t = 0.4)]
    seconds: f64,
    /// Threads of a server that answer requests; as many as there are processors unless set.
    #[arg(long)]
    workers: Option<usize>,
    /// Connections over which requests are sent at once.
    #[arg(long, default_value_t = 32)]
    connections: u32,
    /// Compares latencies instead, on top of stores that are dead or full.
    #[arg(long)]
    ill: bool,
    /// Requests a second in that comparison.
    #[arg(long, default_value_t = 1_000.0)]
    rate: f64,
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
    runtime.block_on(async { if cli.ill { ill::compare(&cli).await } else { compare(&cli).await } })
}

async fn compare(cli: &Cli) -> anyhow::Result<()> {
    let machine = Machine::here();
    let workers = cli.workers.unwrap_or(machine.cores);
    let folder = tempfile::tempdir()?;
    pages::fill(&folder.path().join("shop.db"))?;
    println!("{machine}; {workers} workers, {} connections, {} spans a request", cli.connections, pages::SPANS);
    let start = async |layer| Asked::start(Server::start(layer, workers, folder.path())?, cli.connections).await;
    let mut off = start(Layer::Off).await?;
    let mut pairs = [Pairs::of(start(Layer::Sqlite).await?), Pairs::of(start(Layer::Drop).await?)];
    let time = Duration::from_secs_f64(cli.seconds);
    // The first round finds everything cold.
    for round in 0..=cli.rounds {
        for pairs in &mut pairs {
            let (without, with) = if round % 2 == 0 {
                let without = off.turn(time).await?;
                (without, pairs.server.turn(time).await?)
            } else {
                let with = pairs.server.turn(time).await?;
                (off.turn(time).await?, with)
            };
            if round > 0 {
                pairs.turns.push((without, with));
            }
        }
        eprintln!("round {round} of {}", cli.rounds);
    }
    let figures: Vec<Figures> = pairs.iter().map(Pairs::figures).collect();
    figures.iter().for_each(Figures::print);
    let servers: Vec<Value> = figures.iter().map(Figures::json).collect();
    let all = json!({
        "rounds": cli.rounds, "seconds": cli.seconds, "workers": workers, "connections": cli.connections,
        "spans_a_request": pages::SPANS, "at_least": AT_LEAST, "servers": servers,
    });
    report::write(cli.json.as_deref(), &machine, all)
}

/// One server, and the connections to it.
struct Asked {
    server: Server,
    load: Load,
    /// What it counted until its last turn.
    counts: Value,
}

/// What one turn was like.
struct Turn {
    /// Answers a second.
    answers: f64,
    /// Microseconds of processor time a request, by thread, until all that was recorded had been delivered.
    cpu: BTreeMap<String, f64>,
}

impl Turn {
    fn cpu(&self) -> f64 {
        self.cpu.values().sum()
    }

    fn workers(&self) -> f64 {
        self.cpu.get(server::WORKER).copied().unwrap_or(f64::NAN)
    }
}

impl Asked {
    async fn start(server: Server, connections: u32) -> anyhow::Result<Self> {
        let load = Load::open(server.port, connections).await?;
        Ok(Self { server, load, counts: Value::Null })
    }

    async fn turn(&mut self, time: Duration) -> anyhow::Result<Turn> {
        let busy = Busy::of(self.server.process());
        let (answers, seconds) = self.load.ask(time).await?;
        // What was recorded is this server's to deliver, not the next one's to suffer.
        let settled = Connection::open(self.server.port).await?.get("/settled").await?.to_owned();
        self.counts = serde_json::from_str(&settled)?;
        let busy = Busy::of(self.server.process()).since(&busy);
        let answers = answers as f64;
        let cpu = busy.into_iter().map(|(thread, nanos)| (thread, nanos / 1_000.0 / answers)).collect();
        Ok(Turn { answers: answers / seconds, cpu })
    }
}

/// A server with the layer, and its turns beside those of the one without.
struct Pairs {
    server: Asked,
    turns: Vec<(Turn, Turn)>,
}

impl Pairs {
    fn of(server: Asked) -> Self {
        Self { server, turns: Vec::new() }
    }

    fn figures(&self) -> Figures {
        let ratio = |of: fn(&Turn) -> f64| {
            Median::of(self.turns.iter().map(|(without, with)| of(with) / of(without)).collect())
        };
        Figures {
            layer: self.server.server.layer,
            without: Side::of(self.turns.iter().map(|(without, _)| without)),
            with: Side::of(self.turns.iter().map(|(_, with)| with)),
            answers: ratio(|turn| turn.answers),
            workers: ratio(Turn::workers),
            cpu: ratio(Turn::cpu),
            counts: self.server.counts.clone(),
        }
    }
}

/// The medians of one side of the pairs.
#[derive(Serialize)]
struct Side {
    requests_a_second: f64,
    cpu_us_a_request: BTreeMap<String, f64>,
}

impl Side {
    fn of<'a>(turns: impl Iterator<Item = &'a Turn>) -> Self {
        let (mut answers, mut by_thread) = (Vec::new(), BTreeMap::<String, Vec<f64>>::new());
        for turn in turns {
            answers.push(turn.answers);
            turn.cpu.iter().for_each(|(thread, micros)| by_thread.entry(thread.clone()).or_default().push(*micros));
        }
        let median = |(thread, micros)| (thread, Both::of(micros).median);
        Self {
            requests_a_second: Both::of(answers).median,
            cpu_us_a_request: by_thread.into_iter().map(median).collect(),
        }
    }

    fn print(&self, name: &str) {
        let Self { requests_a_second, cpu_us_a_request } = self;
        let all: f64 = cpu_us_a_request.values().sum();
        println!("  {name:<20}{requests_a_second:>8.0} requests a second; us of processor time a request: {all:.1}");
        for (thread, micros) in cpu_us_a_request.iter().filter(|(_, micros)| **micros >= 0.05) {
            println!("    {thread:<18}{micros:>8.1}");
        }
    }
}

/// What came out for one kind of layer; ratios of pairs, the turn with it over the one without.
struct Figures {
    layer: Layer,
    without: Side,
    with: Side,
    answers: Median,
    /// What would be left of the difference where other cores have time for drainer and sink.
    workers: Median,
    /// All threads of the server: what is left where none has.
    cpu: Median,
    counts: Value,
}

impl Figures {
    fn print(&self) {
        println!("\n{}, and right beside it off:", self.layer.name());
        self.without.print("off");
        self.with.print("on");
        let low = self.answers.between.map_or(0.0, |(low, _)| low);
        let has_loss = self.counts.get("lost").is_none_or(|lost| lost != 0);
        // What loses is not as dear as what delivers; and what may as well be less is not kept.
        let verdict = match (has_loss, low >= AT_LEAST, self.answers.median >= AT_LEAST) {
            (true, ..) => "NOT VALID, events were lost",
            (false, true, _) => "kept",
            (false, false, true) => "kept by the median, not by the whole interval",
            (false, false, false) => "NOT KEPT",
        };
        println!("  requests a second, on over off         {}, at least {AT_LEAST}: {verdict}", self.answers);
        println!("  processor time of the workers          {}", self.workers);
        println!("  processor time of all threads          {}", self.cpu);
        println!("  events {}", self.counts);
    }

    fn json(&self) -> Value {
        json!({
            "layer": self.layer.name(), "off": self.without, "on": self.with, "requests_on_over_off": self.answers,
            "workers_cpu_on_over_off": self.workers, "cpu_on_over_off": self.cpu, "events": self.counts,
        })
    }
}
