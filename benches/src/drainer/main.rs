//! What a span costs behind its caller, step by step:
//! `cargo run --release -p tense-benches --bin drainer [-- STEP ROUNDS]`.
//!
//! One thread records two thousand spans with two fields, and then takes them out of its own ring, with no drainer
//! beside it: as far as the records, as far as spans that are joined, as far as events. Each step holds those before
//! it, so their differences are what a step alone costs. `-- loss` shows what a busy thread loses instead.
//! Instructions: `valgrind --tool=callgrind --toggle-collect='*Measured*'`.

#![expect(clippy::print_stdout, reason = "a bench prints its table")]

mod loss;

use std::hint::black_box;
use std::time::Instant;

use tense_layer::measured::Measured;

const ROOTS: u64 = 20;
const CHILDREN: u64 = 100;
const SPANS: u64 = ROOTS * (CHILDREN + 1);

#[tense::traced(operation.cards.charged, fields(id, name))]
#[inline(never)]
fn child(id: u64, name: &str) -> Result<u64, std::fmt::Error> {
    black_box(name);
    Ok(black_box(id))
}

#[tense::traced(operation.orders.placed)]
#[inline(never)]
fn root() -> u64 {
    (0..CHILDREN).map(|id| child(black_box(id), black_box("a name")).unwrap_or(0)).sum()
}

/// Lets every level pass, and wants nothing: so the calls go directly into the ring.
struct Quiet;

impl tracing::Subscriber for Quiet {
    fn register_callsite(&self, _: &'static tracing::Metadata<'static>) -> tracing::subscriber::Interest {
        tracing::subscriber::Interest::never()
    }

    fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
        false
    }

    fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        tracing::span::Id::from_u64(1)
    }

    fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}
    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}
    fn event(&self, _: &tracing::Event<'_>) {}
    fn enter(&self, _: &tracing::span::Id) {}
    fn exit(&self, _: &tracing::span::Id) {}
}

/// A step takes everything out, and says how many things came of it.
type Step = (&'static str, fn(&mut Measured) -> u64);

const STEPS: [Step; 4] = [
    ("decode", Measured::decode),
    ("decode, join", Measured::join),
    ("decode, join, event", Measured::make_events),
    ("decode, join, event, redaction", Measured::clean_events),
];

fn main() {
    if std::env::args().nth(1).is_some_and(|arg| arg == "loss") {
        return loss::compare();
    }
    let mut args = std::env::args().skip(1).filter_map(|arg| arg.parse().ok());
    let (only, rounds) = (args.next(), args.next().unwrap_or(2000));
    tense::__private::layer::set_ring_bytes(64 << 20);
    tense::__private::layer::set_global(1, Box::new(|_| true));
    tracing::subscriber::set_global_default(Quiet).ok();
    let mut measured = Measured::new();
    let (mut recorded, mut times) = (Vec::new(), [const { Vec::new() }; STEPS.len()]);
    for _ in 0..rounds {
        for (number, ((_, step), times)) in STEPS.iter().zip(&mut times).enumerate() {
            if only.is_some_and(|only| only != number) {
                continue;
            }
            let began = Instant::now();
            for _ in 0..ROOTS {
                black_box(root());
            }
            recorded.push(began.elapsed().as_nanos() as f64 / SPANS as f64);
            let began = Instant::now();
            black_box(step(&mut measured));
            times.push(began.elapsed().as_nanos() as f64 / SPANS as f64);
        }
    }
    println!("{:<32} {:>10} {:>10}", "ns a span", "best", "median");
    row("recorded, by the caller", &mut recorded);
    for ((name, _), times) in STEPS.iter().zip(&mut times) {
        row(name, times);
    }
}

fn row(name: &str, times: &mut [f64]) {
    times.sort_by(f64::total_cmp);
    let of = |at: usize| times.get(at).copied().unwrap_or(f64::NAN);
    println!("{name:<32} {:>10.1} {:>10.1}", of(0), of(times.len() / 2));
}
