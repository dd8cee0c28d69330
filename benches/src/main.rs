//! What a span costs, beside its peers, in one interleaved run: `cargo run --release -p tense-benches [-- ROUNDS]`.
//!
//! Every case runs in a process of its own, because there is one global subscriber in each; the cases take turns for
//! several rounds. The work is always the same: a function with an integer and a text, both recorded, that returns a
//! `Result`. Compare within one run: medians, and ratios of the same statistic. Nanoseconds of a run mean little elsewhere.

#![expect(clippy::print_stdout, reason = "a bench prints its table")]

use std::hint::black_box;
use std::process::Command;
use std::time::Instant;

/// Spans under one root, and roots in a burst.
const CHILDREN: u64 = 100;
const ROOTS: u64 = 50;
const BURSTS: usize = 40;

#[derive(Debug)]
struct Odd;

impl std::fmt::Display for Odd {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("odd")
    }
}

impl std::error::Error for Odd {}

/// Functions of one peer: the child that is measured, and the root around a hundred of them.
macro_rules! peer {
    ($peer:ident, child($id:ident, $name:ident): $(#[$child:meta])*, root: $(#[$root:meta])*) => {
        mod $peer {
            use super::*;

            $(#[$child])*
            #[inline(never)]
            fn child($id: u64, $name: &str) -> Result<u64, Odd> {
                black_box($name);
                if $id == u64::MAX { Err(Odd) } else { Ok(black_box($id)) }
            }

            $(#[$root])*
            #[inline(never)]
            pub(super) fn root(children: u64) -> u64 {
                (0..children).map(|id| child(black_box(id), black_box("a name")).unwrap_or(0)).sum()
            }
        }
    };
}

peer!(plain, child(id, name): , root: );
peer!(with_tense, child(id, name): #[tense::traced(operation.cards.charged, fields(id, name))], root: #[tense::traced(operation.orders.placed)]);
peer!(with_tracing, child(id, name): #[tracing::instrument(skip_all, fields(id, name), err)], root: #[tracing::instrument]);
peer!(with_fastrace, child(id, name): #[fastrace::trace(properties = { "id": "{id}", "name": "{name}" })], root: #[fastrace::trace]);

/// A layer that does nothing, on a registry that does what every layer needs.
struct Nothing;

impl<S: tracing::Subscriber> tracing_subscriber::Layer<S> for Nothing {}

/// Takes every event and drops it: what is measured is the caller's side.
struct Void;

impl tense_layer::Sink for Void {
    fn deliver(&mut self, batch: &[tense_event::CleanEvent]) -> Result<(), tense_layer::SinkError> {
        black_box(batch);
        Ok(())
    }
}

struct Drop;

impl fastrace::collector::Reporter for Drop {
    fn report(&mut self, spans: Vec<fastrace::prelude::SpanRecord>) {
        black_box(spans);
    }
}

/// One case: its name, and the burst that is measured. Setting up happens before the burst is given back.
type Burst = Box<dyn FnMut() -> u64>;
type Case = (&'static str, fn() -> Burst);

const CASES: [Case; 7] = [
    ("plain function", || Box::new(|| plain::root(CHILDREN))),
    ("tense, no layer", || Box::new(|| with_tense::root(CHILDREN))),
    ("tracing, no subscriber", || Box::new(|| with_tracing::root(CHILDREN))),
    ("tense", || {
        // The rings hold a burst, so that what is measured is the recording and not the dropping.
        let guard = tense_layer::builder().sink(Void).ring_bytes(4 << 20).init();
        Box::new(move || {
            black_box(&guard);
            with_tense::root(CHILDREN)
        })
    }),
    ("tense beside another layer", || {
        use tracing_subscriber::prelude::*;
        let layer = tense_layer::builder().sink(Void).ring_bytes(4 << 20).layer();
        tracing_subscriber::registry().with(layer).with(Nothing).init();
        Box::new(|| with_tense::root(CHILDREN))
    }),
    ("tracing, registry, empty layer", || {
        use tracing_subscriber::prelude::*;
        tracing_subscriber::registry().with(Nothing).init();
        Box::new(|| with_tracing::root(CHILDREN))
    }),
    ("fastrace, reporter that drops", || {
        fastrace::set_reporter(Drop, fastrace::collector::Config::default());
        Box::new(|| {
            let root = fastrace::Span::root("root", fastrace::prelude::SpanContext::random());
            let _guard = root.set_local_parent();
            with_fastrace::root(CHILDREN)
        })
    }),
];

fn main() {
    let mut args = std::env::args().skip(1);
    match (args.next(), args.next()) {
        (Some(case), Some(_)) => measure(case.parse().unwrap_or(0)),
        (rounds, _) => compare(rounds.and_then(|rounds| rounds.parse().ok()).unwrap_or(7)),
    }
}

/// Runs one case, and prints nanoseconds a span, one burst a line.
fn measure(case: usize) {
    let mut burst = CASES[case].1();
    for turn in 0..BURSTS + 5 {
        let began = Instant::now();
        for _ in 0..ROOTS {
            black_box(burst());
        }
        let nanos = began.elapsed().as_nanos() as f64 / (ROOTS * CHILDREN) as f64;
        // The first ones find everything cold.
        if turn >= 5 {
            println!("{nanos}");
        }
        // Whoever drains behind the caller gets the time to do so.
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
}

fn compare(rounds: usize) {
    let mut all: Vec<Vec<f64>> = vec![Vec::new(); CASES.len()];
    for _ in 0..rounds {
        for (case, times) in all.iter_mut().enumerate() {
            let me = std::env::current_exe();
            let out = me.and_then(|me| Command::new(me).args([&case.to_string(), "one"]).output());
            if let Ok(out) = out {
                times.extend(String::from_utf8_lossy(&out.stdout).lines().filter_map(|line| line.parse::<f64>().ok()));
            }
        }
    }
    println!("{:<32} {:>10} {:>10} {:>12}", "ns a span", "best", "median", "over plain");
    let mut plain = 0.0;
    for ((name, _), times) in CASES.iter().zip(&mut all) {
        times.sort_by(f64::total_cmp);
        let (best, median) =
            (times.first().copied().unwrap_or(f64::NAN), times.get(times.len() / 2).copied().unwrap_or(f64::NAN));
        if *name == "plain function" {
            plain = best;
        }
        println!("{name:<32} {best:>10.1} {median:>10.1} {:>12.1}", best - plain);
    }
}
