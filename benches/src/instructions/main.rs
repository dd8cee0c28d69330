//! How many instructions a span costs its caller, beside the peers:
//! `cargo run --release -p tense-benches --bin instructions`.
//!
//! What is limited is a test of the package `tense-instructions`; here everybody is counted, in the way that it counts.
//! Where there is no valgrind the program says so.

#![expect(clippy::print_stdout, reason = "a bench prints its table")]

use std::hint::black_box;
use std::process::Command;
use std::time::Duration;

use anyhow::Context as _;
use tense_benches::spans::{self, RECORDERS, Root, Work};
use tense_instructions::instructions_a_span;

fn main() -> anyhow::Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    if let [recorder, work, children] = args.as_slice() {
        return run(recorder, work, children.parse()?);
    }
    if Command::new("valgrind").arg("--version").output().is_err() {
        println!("not counted: there is no valgrind on this machine");
        return Ok(());
    }
    println!("{:<32}{:>9}{:>9}{:>9}", "instructions a span", "sync", "async", "errors");
    let me = std::env::current_exe()?;
    for recorder in RECORDERS {
        print!("{:<32}", recorder.name);
        for work in Work::ALL {
            let count = || instructions_a_span(&me, &[recorder.name, work.name()], "instructions::counted");
            let found = recorder.root(work).map(|_| count()).transpose()?;
            print!("{:>9}", found.map_or(String::new(), |found| found.to_string()));
        }
        println!();
    }
    Ok(())
}

/// One case in this process: everything once, so that nothing is cold, and then what is counted.
fn run(recorder: &str, work: &str, children: u64) -> anyhow::Result<()> {
    let recorder = spans::recorder(recorder).context("there is nobody of that name")?;
    let root = recorder.roots.iter().find(|(does, _)| does.name() == work).context("there is no such work")?.1;
    let _flush = (recorder.set_up)()?;
    black_box(root(10));
    // The way to the ring is open once the drainer has found out that the layer is the global one.
    std::thread::sleep(Duration::from_millis(300));
    black_box(root(10));
    counted(root, children);
    Ok(())
}

/// What valgrind looks for; the one root is in all that it counts.
#[inline(never)]
fn counted(root: Root, children: u64) {
    black_box(root(black_box(children)));
}
