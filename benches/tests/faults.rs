//! A short soak in which sinks, disks and files fail by chance, and every event is accounted for. The long one is a
//! command, `cargo run --release -p tense-benches --bin faults -- --minutes 5`.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "in a test a panic is how a failure is told")]

use std::process::{Command, Output};

fn soak(arguments: &[&str]) -> (Output, String) {
    let out = Command::new(env!("CARGO_BIN_EXE_faults")).args(arguments).output().unwrap();
    let said = format!("{}\n{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
    (out, said)
}

/// Another seed each time, which is told when something is wrong.
#[test]
fn whatever_fails_every_event_is_accounted_for() {
    let (out, said) = soak(&["--minutes", "0.15"]);
    assert!(out.status.success() && said.contains("everything adds up"), "{said}");
}

#[test]
fn one_event_too_few_is_noticed() {
    let (out, said) = soak(&["--minutes", "0.05", "--cheat"]);
    assert!(!out.status.success() && said.contains("WRONG: in phase 2: recorded, drained or dropped"), "{said}");
}
