//! What a span costs, beside its peers, in one interleaved run: `cargo run --release -p tense-benches [-- ROUNDS]`.
//!
//! Every case runs in a process of its own, because there is one global subscriber in each; the cases take turns for
//! several rounds. The work is always the same: a function with an integer and a text, both recorded, that returns a
//! `Result`. Compare within one run: medians, and ratios of the same statistic. Nanoseconds of a run mean little elsewhere.

#![expect(clippy::print_stdout, reason = "a bench prints its table")]

use std::hint::black_box;
use std::process::Command;
use std::time::Instant;

use tense_benches::spans::{CASES, CHILDREN};

/// Roots in a burst.
const ROOTS: u64 = 50;
const BURSTS: usize = 40;

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
            black_box(burst(CHILDREN));
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
