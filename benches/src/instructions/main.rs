//! How many instructions a span costs its caller: `cargo run --release -p tense-benches --bin instructions`.
//!
//! Valgrind counts them, thread by thread, so what else the machine does is of no account. What is counted is the difference
//! between two thousand spans and one thousand, so that what happens once does not count. Where there is no valgrind the
//! program says so, and has found nothing wrong.

#![expect(clippy::print_stdout, reason = "a bench prints its table")]

use std::hint::black_box;
use std::process::{Command, ExitCode};

use anyhow::{Context as _, ensure};
use tense_benches::spans::CASES;

/// What a span may cost, where there is a limit.
const LIMITS: [(&str, u64); 2] = [("tense, no layer", 45), ("tense", 200)];

fn main() -> anyhow::Result<ExitCode> {
    let mut args = std::env::args().skip(1);
    if let (Some(case), Some(children)) = (args.next(), args.next()) {
        return run(case.parse()?, children.parse()?);
    }
    if Command::new("valgrind").arg("--version").output().is_err() {
        println!("not counted: there is no valgrind on this machine");
        return Ok(ExitCode::SUCCESS);
    }
    println!("{:<32} {:>14}", "", "instructions a span");
    let mut all_kept = true;
    for (number, (name, _)) in CASES.iter().enumerate() {
        let instructions = counted(number, 2_000)?.saturating_sub(counted(number, 1_000)?) / 1_000;
        let verdict = match LIMITS.iter().find(|(limited, _)| limited == name) {
            Some((_, limit)) if instructions > *limit => {
                all_kept = false;
                format!("limit {limit} NOT KEPT")
            }
            Some((_, limit)) => format!("limit {limit} kept"),
            None => String::new(),
        };
        println!("{name:<32} {instructions:>14} {verdict}");
    }
    Ok(if all_kept { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// One case in this process: everything once, so that nothing is cold, and then what is counted.
fn run(case: usize, children: u64) -> anyhow::Result<ExitCode> {
    let (_, set_up) = CASES.get(case).context("there is no such case")?;
    let mut burst = set_up();
    black_box(burst(10));
    // The way to the ring is open once the drainer has found out that the layer is the global one.
    std::thread::sleep(std::time::Duration::from_millis(300));
    black_box(burst(10));
    black_box(burst(children));
    Ok(ExitCode::SUCCESS)
}

/// Instructions below the root, on the thread that called it.
fn counted(case: usize, children: u64) -> anyhow::Result<u64> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("callgrind.out");
    let out = Command::new("valgrind")
        .args(["--tool=callgrind", "--separate-threads=yes", "--toggle-collect=tense_benches::spans::*root"])
        .arg(format!("--callgrind-out-file={}", file.display()))
        .arg(std::env::current_exe()?)
        .args([case.to_string(), children.to_string()])
        .output()?;
    ensure!(out.status.success(), "valgrind: {}", String::from_utf8_lossy(&out.stderr));
    // One file a thread; the first one is the caller's.
    let caller = folder.path().join("callgrind.out-01");
    let text = std::fs::read_to_string(&caller).with_context(|| format!("failed to read {}", caller.display()))?;
    let total = text.lines().find_map(|line| line.strip_prefix("totals: ").or_else(|| line.strip_prefix("summary: ")));
    total.and_then(|total| total.trim().parse().ok()).context("callgrind has counted nothing")
}
