//! A short soak: memory stays bounded, and what was recorded is what was drained and what was dropped. The long one is
//! a command, `cargo run --release -p tense-benches --bin soak -- 10000000`.

#![expect(clippy::unwrap_used, reason = "in a test a panic is how a failure is told")]

use std::process::Command;

fn soak(arguments: &[&str]) {
    let out = Command::new(env!("CARGO_BIN_EXE_soak")).args(arguments).output().unwrap();
    let (said, complained) = (String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
    assert!(out.status.success() && said.contains("everything adds up"), "{said}\n{complained}");
}

#[test]
fn where_the_drainer_is_waited_for_nothing_is_dropped() {
    soak(&["200000"]);
}

#[test]
fn where_most_is_dropped_every_span_is_counted() {
    soak(&["400000", "--overload"]);
}
