//! A program and the name of a function go in; how many instructions run below that function comes out, counted by
//! valgrind.
//!
//! It counts thread by thread, so what else the machine does is of no account, and neither is what happens behind the
//! caller.

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, ensure};

/// Spans in the shorter and in the longer run: what happens once, and not for each span, is in both.
const RUNS: [u64; 2] = [1_000, 2_000];

/// Instructions a span, on the thread that makes it, below the functions that this pattern names, e.g.
/// `program::*root`. The program is called with these arguments and the number of spans that it is to make.
///
/// # Errors
/// A valgrind that is not there or says no, and a function that was never called.
pub fn instructions_a_span(program: &Path, args: &[&str], function: &str) -> anyhow::Result<u64> {
    let [shorter, longer] = RUNS.map(|spans| counted(program, args, spans, function));
    Ok(longer?.saturating_sub(shorter?) / (RUNS[1] - RUNS[0]))
}

fn counted(program: &Path, args: &[&str], spans: u64, function: &str) -> anyhow::Result<u64> {
    let folder = tempfile::tempdir()?;
    let out = Command::new("valgrind")
        .args(["--tool=callgrind", "--separate-threads=yes", &format!("--toggle-collect={function}")])
        .arg(format!("--callgrind-out-file={}", folder.path().join("out").display()))
        .arg(program)
        .args(args)
        .arg(spans.to_string())
        .output()
        .context("failed to call valgrind")?;
    ensure!(out.status.success(), "valgrind: {}", String::from_utf8_lossy(&out.stderr));
    // One file a thread; a thread on which the function was not called has counted nothing.
    let mut most = 0;
    for file in std::fs::read_dir(folder.path())? {
        let text = std::fs::read_to_string(file?.path())?;
        let total = text.lines().find_map(|line| line.strip_prefix("totals: "));
        most = most.max(total.and_then(|total| total.trim().parse().ok()).unwrap_or(0));
    }
    ensure!(most > 0, "`{function}` was not called in {}", program.display());
    Ok(most)
}
