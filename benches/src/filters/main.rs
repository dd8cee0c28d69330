//! What a filter costs our calls, by where it stands, in one interleaved run:
//! `cargo run --release -p tense-benches --bin filters [-- ROUNDS]`.
//!
//! Each case runs in a process of its own and is one way to put a program's subscriber together. The work is that of
//! the other benches: a hundred annotated calls with an integer and a text below a root. docs/filters.md has the table.

#![expect(clippy::print_stdout, reason = "a bench prints its table")]

use std::hint::black_box;
use std::process::Command;
use std::time::{Duration, Instant};

use tense_benches::spans::CHILDREN;
use tracing_subscriber::filter::{LevelFilter, dynamic_filter_fn};
use tracing_subscriber::prelude::*;
use tracing_subscriber::{EnvFilter, Registry, registry, reload};

/// Roots in a burst.
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

/// The same function, annotated by us, by `tracing`, and not at all.
macro_rules! work {
    ($work:ident, child($id:ident, $name:ident): $(#[$child:meta])*, root: $(#[$root:meta])*) => {
        fn $work() -> u64 {
            $(#[$child])*
            #[inline(never)]
            fn child($id: u64, $name: &str) -> Result<u64, Odd> {
                black_box($name);
                if $id == u64::MAX { Err(Odd) } else { Ok(black_box($id)) }
            }
            $(#[$root])*
            #[inline(never)]
            fn root() -> u64 {
                (0..CHILDREN).map(|id| child(black_box(id), black_box("a name")).unwrap_or(0)).sum()
            }
            root()
        }
    };
}

work!(plain, child(id, name): , root: );
work!(ours, child(id, name): #[tense::traced(operation.cards.charged, fields(id, name))], root: #[tense::traced(operation.orders.placed)]);
work!(theirs, child(id, name): #[tracing::instrument(skip_all, fields(id, name), err)], root: #[tracing::instrument]);

/// A layer that does nothing and wants everything.
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

fn builder() -> tense_layer::Builder {
    // The rings hold a burst, so that what is measured is the recording and not the dropping.
    tense_layer::builder().sink(Void).ring_bytes(4 << 20)
}

fn env(directives: &str) -> EnvFilter {
    EnvFilter::new(directives)
}

/// For good: the guard of a bench has nothing to flush.
fn kept<T>(guard: T) {
    std::mem::forget(guard);
}

/// Its name, what it calls, and what sets it up.
type Case = (&'static str, fn() -> u64, fn());

const CASES: [Case; 18] = [
    ("plain function", plain, || ()),
    ("no layer", ours, || ()),
    ("init()", ours, || kept(builder().init())),
    ("own filter: Targets", ours, || {
        kept(builder().filter("info".parse::<tense_layer::Targets>().unwrap_or_default()).init());
    }),
    ("own filter: EnvFilter", ours, || kept(builder().filter(env("info")).init())),
    ("own filter, refuses", ours, || kept(builder().filter(env("off")).init())),
    ("own filter, asked at each call", ours, || kept(builder().filter(dynamic_filter_fn(|_, _| true)).init())),
    ("real_spans(true)", ours, || kept(builder().real_spans(true).init())),
    ("LevelFilter in front", ours, || registry().with(LevelFilter::INFO).with(builder().layer()).init()),
    ("EnvFilter in front", ours, || registry().with(env("info")).with(builder().layer()).init()),
    ("EnvFilter in front, refuses", ours, || registry().with(env("off")).with(builder().layer()).init()),
    ("EnvFilter around our layer", ours, || registry().with(builder().layer().with_filter(env("info"))).init()),
    ("our layer in reload", ours, || registry().with(reload::Layer::<_, Registry>::new(builder().layer()).0).init()),
    ("beside fmt that refuses ours", ours, || {
        let log = tracing_subscriber::fmt::layer().with_writer(std::io::sink).with_filter(env("info,filters=off"));
        registry().with(log).with(builder().layer()).init();
    }),
    ("beside fmt that wants ours", ours, || {
        let log = tracing_subscriber::fmt::layer().with_writer(std::io::sink).with_filter(env("info"));
        registry().with(log).with(builder().layer()).init();
    }),
    ("beside an empty layer", ours, || registry().with(Nothing).with(builder().layer()).init()),
    ("while another thread has a scope", ours, || {
        kept(builder().init());
        std::thread::spawn(|| {
            let _capture = tense_layer::testing::capture();
            loop {
                std::thread::park();
            }
        });
    }),
    ("tracing: EnvFilter, empty layer", theirs, || registry().with(env("info")).with(Nothing).init()),
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
    let (_, work, set_up) = CASES[case];
    set_up();
    // The drainer looks for our layer in the global default at its next tick; a call notices what it found.
    std::thread::sleep(Duration::from_millis(200));
    work();
    for turn in 0..BURSTS + 5 {
        let began = Instant::now();
        for _ in 0..ROOTS {
            black_box(work());
        }
        let nanos = began.elapsed().as_nanos() as f64 / (ROOTS * CHILDREN) as f64;
        // The first ones find everything cold.
        if turn >= 5 {
            println!("{nanos}");
        }
        // Whoever drains behind the caller gets the time to do so.
        std::thread::sleep(Duration::from_millis(5));
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
    println!("{:<34} {:>10} {:>10} {:>12}", "ns a span", "best", "median", "over plain");
    let mut plain = 0.0;
    for ((name, ..), times) in CASES.iter().zip(&mut all) {
        times.sort_by(f64::total_cmp);
        let at = |place: usize| times.get(place).copied().unwrap_or(f64::NAN);
        let (best, median) = (at(0), at(times.len() / 2));
        if *name == "plain function" {
            plain = best;
        }
        println!("{name:<34} {best:>10.1} {median:>10.1} {:>12.1}", best - plain);
    }
}
