//! Stores that are dead or full go in; what that costs whoever asks the service comes out, and whether each answer is
//! the one that a service without us gives.
//!
//! Requests come at a rate that leaves the machine time, as they do in a service that is well: at full load it would be
//! measured how drainer and service share the processors, which is what the other comparison is about.

use std::time::Duration;

use anyhow::{Context as _, ensure};
use serde::Serialize;
use serde_json::{Value, json};
use tense_benches::comparison::Both;
use tense_benches::machine::Machine;
use tense_benches::report;
use tense_shop::pages::CUSTOMERS;

use crate::load::{Connection, Pages};
use crate::server::{Layer, Server};
use crate::{Asked, Cli, pages};

/// With one that is well beside them.
const LAYERS: [Layer; 4] = [Layer::Sqlite, Layer::Hangs, Layer::Unopenable, Layer::Full];

/// Microseconds from a request to its answer, of one turn.
#[derive(Debug, Clone, Copy, Serialize)]
struct Latency {
    p50: f64,
    p99: f64,
}

impl Latency {
    fn of(mut took: Vec<u64>) -> Self {
        took.sort_unstable();
        let at =
            |hundredths: usize| took.get(took.len() * hundredths / 100).map_or(f64::NAN, |took| *took as f64 / 1e3);
        Self { p50: at(50), p99: at(99) }
    }
}

pub(crate) async fn compare(cli: &Cli) -> anyhow::Result<()> {
    let machine = Machine::here();
    let workers = cli.workers.unwrap_or(machine.cores);
    let folder = tempfile::tempdir()?;
    pages::fill(&folder.path().join("shop.db"))?;
    println!("{machine}; {workers} workers, {} connections, {} requests a second", cli.connections, cli.rate);
    let start = async |layer| Asked::start(Server::start(layer, workers, folder.path())?, cli.connections).await;
    let mut off = start(Layer::Off).await?;
    let expected = expected(&off).await?;
    let mut ill = Vec::new();
    for layer in LAYERS {
        ill.push((start(layer).await?, Vec::new()));
    }
    let time = Duration::from_secs_f64(cli.seconds);
    for round in 0..=cli.rounds {
        for (server, turns) in &mut ill {
            let turn = async |asked: &mut Asked| -> anyhow::Result<Latency> {
                Ok(Latency::of(asked.load.ask_at(cli.rate, time, &expected).await?))
            };
            let pair = if round % 2 == 0 {
                let without = turn(&mut off).await?;
                (without, turn(server).await?)
            } else {
                let with = turn(server).await?;
                (turn(&mut off).await?, with)
            };
            server.counts = serde_json::from_str(Connection::open(server.server.port).await?.get("/settled").await?)?;
            // The first round finds everything cold.
            if round > 0 {
                turns.push(pair);
            }
        }
    }
    println!("\nevery answer is the page that the service without a layer answers");
    println!("\n{:<44}{:>10}{:>10}{:>10}{:>10}", "us from request to answer", "off p50", "on p50", "off p99", "on p99");
    let figures: Vec<Value> = ill.iter().map(|(server, turns)| told(server, turns)).collect::<anyhow::Result<_>>()?;
    let all = json!({
        "rounds": cli.rounds, "seconds": cli.seconds, "workers": workers, "connections": cli.connections,
        "rate": cli.rate, "servers": figures,
    });
    report::write(cli.json.as_deref(), &machine, all)
}

/// What the service answers where nobody records.
async fn expected(off: &Asked) -> anyhow::Result<Pages> {
    let mut connection = Connection::open(off.server.port).await?;
    let mut pages = Vec::new();
    for customer in 0..CUSTOMERS {
        pages.push(connection.get(&format!("/customers/{customer}")).await?.to_owned());
    }
    Ok(pages.into())
}

/// Prints what came out for one server, once it is sure that its store was as it should be.
fn told(server: &Asked, turns: &[(Latency, Latency)]) -> anyhow::Result<Value> {
    let (layer, counts) = (server.server.layer, &server.counts);
    let count = |key: &str| counts.get(key).and_then(Value::as_u64).context("a server counts what it records");
    let (emitted, delivered, lost) = (count("emitted")?, count("delivered")?, count("lost")?);
    let is_as_it_should_be = match layer {
        Layer::Hangs | Layer::Unopenable => emitted > 0 && delivered == 0,
        Layer::Full => delivered > 0 && lost > 0,
        _ => delivered > 0 && lost == 0,
    };
    ensure!(is_as_it_should_be, "{}: {counts}", layer.name());
    let median = |of: fn(&(Latency, Latency)) -> f64| Both::of(turns.iter().map(of).collect()).median;
    let off = Latency { p50: median(|(off, _)| off.p50), p99: median(|(off, _)| off.p99) };
    let on = Latency { p50: median(|(_, on)| on.p50), p99: median(|(_, on)| on.p99) };
    println!("{:<44}{:>10.0}{:>10.0}{:>10.0}{:>10.0}", layer.name(), off.p50, on.p50, off.p99, on.p99);
    println!("    events {counts}");
    Ok(json!({ "layer": layer.name(), "off_us": off, "on_us": on, "events": counts, "turns": turns }))
}
