//! What a span may cost its caller, in instructions. The program that is counted is built with optimization, by itself.

#![expect(clippy::unwrap_used, reason = "in a test a panic is how a failure is told")]

use std::path::{Path, PathBuf};
use std::process::Command;

use tense_instructions::instructions_a_span;

/// Two fields, ids, a parent and an outcome, recorded.
const ON: u64 = 200;
/// An annotated function, and nobody who records.
const OFF: u64 = 45;

#[test]
#[cfg_attr(not(valgrind), ignore = "needs valgrind in PATH")]
fn a_span_costs_its_caller_no_more_instructions_than_that() {
    let program = built_with_optimization();
    for (layer, limit) in [("on", ON), ("off", OFF)] {
        let counted = instructions_a_span(&program, &[layer], "tense_instructions::root").unwrap();
        assert!(
            counted <= limit,
            "with the layer {layer}, a span is {counted} instructions instead of {limit} at most"
        );
        println!("with the layer {layer}: {counted} instructions, {limit} at most");
    }
}

/// What runs on the caller's way is optimized as in any release build: our own crates, and the one that reads the
/// clock. The rest is not, since only the drainer comes there; so it is built in half the time.
///
/// With thin LTO and one codegen unit, as whoever counts instructions builds, and as the limits were set. Without,
/// reading the clock is two calls, which are 13 instructions more.
const PROFILE: [&str; 5] = [
    "profile.release.debug=false",
    "profile.release.lto=\"thin\"",
    "profile.release.codegen-units=1",
    "profile.release.package.\"*\".opt-level=0",
    "profile.release.package.quanta.opt-level=3",
];

/// Its executable, in a target folder of its own, which other builds neither wait for nor throw out.
fn built_with_optimization() -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("optimized");
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--release", "--quiet", "--package", "tense-instructions", "--bin", "tense-instructions"]);
    cargo.args(PROFILE.iter().flat_map(|line| ["--config", line]));
    // Flags of the build that runs this test would be others than those of a release.
    let status = cargo.env("CARGO_TARGET_DIR", &target).env_remove("RUSTFLAGS").status().unwrap();
    assert!(status.success(), "failed to build the program that is counted");
    target.join("release").join("tense-instructions").with_extension(std::env::consts::EXE_EXTENSION)
}
