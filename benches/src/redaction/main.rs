//! What the sanitizer finds, what it takes for a secret and is none, and what it costs:
//! `cargo run --release -p tense-benches --bin redaction [-- --seed N] [--json FILE] [--misses] [--search ROUNDS]`.
//!
//! Secrets are made up by [`secrets`] and travel in [`carriers`]; ordinary lines come from [`ordinary`]. Rules were
//! written against other seeds than the one that is measured unless told otherwise.

#![expect(clippy::print_stdout, reason = "a bench prints its table")]

mod secrets;
mod carriers;
mod ordinary;
mod recall;
mod nasty;
mod cost;

use std::path::PathBuf;

use clap::Parser;
use serde_json::json;
use tense_benches::machine::Machine;
use tense_benches::report;
use tense_event::Sanitizer;

use tense_benches::random::Random;

#[derive(Parser)]
#[command(about = "Recall, false alarms and cost of the sanitizer")]
struct Arguments {
    /// Of the made-up data; while rules are written, any other
    #[arg(long, default_value_t = 7_202_611)]
    seed: u64,
    /// Secrets of each kind in each carrier
    #[arg(long, default_value_t = 20)]
    each: usize,
    /// Ordinary lines
    #[arg(long, default_value_t = 50_000)]
    lines: usize,
    /// Rounds of the search for slow texts
    #[arg(long, default_value_t = 2_000)]
    search: usize,
    /// Prints what got through, and what was redacted for nothing
    #[arg(long)]
    misses: bool,
    /// Writes the figures into a file
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let kilobytes = cost::memory_of_rules();
    let sanitizer = Sanitizer::default();
    let mut random = Random::new(arguments.seed);
    let recall = recall::measure(&sanitizer, arguments.each, arguments.misses, &mut random);
    println!("{:<28}{:>9}{:>9}", "family", "secrets", "recall");
    for (name, score) in &recall.families {
        println!("{name:<28}{:>9}{:>9.4}", score.tries, score.recall());
    }
    println!("\n{:<28}{:>9}{:>9}", "carrier", "secrets", "recall");
    for (name, score) in &recall.carriers {
        println!("{name:<28}{:>9}{:>9.4}", score.tries, score.recall());
    }
    println!("\nkinds of credentials: {}", recall.kinds);
    for (name, through) in recall::beyond(&sanitizer, &mut random) {
        println!("not meant to be found: {name}{}", if through { "" } else { " (found)" });
    }
    let alarms = recall::false_alarms(&sanitizer, arguments.lines, arguments.misses, &mut random);
    let per_thousand = alarms as f64 * 1000.0 / arguments.lines as f64;
    println!("false alarms in {} ordinary lines: {alarms}, {per_thousand:.2} in a thousand", arguments.lines);
    let (bytes, nanos) = cost::clean_event(&sanitizer);
    println!("a clean event of {bytes} bytes: {nanos} ns");
    let (worst, text) = nasty::worst(&sanitizer, arguments.search, &mut random);
    println!("the nastiest 10 KB found: {} us, of {text:?}", worst.as_micros());
    println!("memory of all rules: {kilobytes} KB");
    if let Some(file) = arguments.json.as_deref() {
        let scores = |all: &[(String, recall::Score)]| -> serde_json::Value {
            all.iter()
                .map(|(name, score)| (name.clone(), json!({"tries": score.tries, "recall": score.recall()})))
                .collect::<serde_json::Map<_, _>>()
                .into()
        };
        let figures = json!({
            "seed": arguments.seed, "kinds": recall.kinds, "families": scores(&recall.families), "carriers": scores(&recall.carriers),
            "ordinary_lines": arguments.lines, "false_alarms": alarms, "clean_event_bytes": bytes, "clean_event_ns": nanos,
            "worst_10_kb_us": worst.as_micros() as u64, "worst_10_kb_of": text, "memory_kb": kilobytes,
        });
        report::write(Some(file), &Machine::here(), figures)?;
    }
    Ok(())
}
