//! A file that was filled goes in; how long whole processes of the release `tense` take that answer from it comes out,
//! from their start until they have ended.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use tense_event::Timestamp;
use tense_store::{SqliteStore, Store as _, TraceFilter};

/// Asks what a person asks, in a process each.
///
/// # Errors
/// There is no `tense` beside this program, or it does not answer.
pub(crate) fn process(file: &Path, times: usize) -> anyhow::Result<()> {
    let tense = std::env::current_exe()?.with_file_name(format!("tense{}", std::env::consts::EXE_SUFFIX));
    ensure!(tense.exists(), "build it first: cargo build --release -p tense-cli -p tense-benches");
    let newest = SqliteStore::open_read_only(file)?.traces(&TraceFilter::newest(1))?;
    let newest = newest.first().context("there is no trace in the file")?;
    // The events are of one day, and that may have been long ago.
    let day_before = Timestamp::from_unix_nanos(newest.ended.unix_nanos() - 24 * 3_600_000_000_000).to_string();
    let questions: [&[&str]; 6] = [
        &["--version"],
        &["why", "last-failed"],
        &["tree", "last"],
        &["traces"],
        &["search", "--status", "failed"],
        &["stats", "--since", &day_before],
    ];
    for question in questions {
        let mut took = Vec::new();
        for _ in 0..times {
            let mut command = Command::new(&tense);
            command.args(question).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
            if question != ["--version"] {
                command.arg("--db").arg(file);
            }
            let began = Instant::now();
            let status = command.status()?;
            took.push(began.elapsed());
            ensure!(status.success(), "tense {} ended with {status}", question.join(" "));
        }
        took.sort_unstable();
        let at = |part: f64| -> Duration { took[((took.len() - 1) as f64 * part) as usize] };
        println!(
            "process tense {}: p50 {:.1?}, p99 {:.1?}, at best {:.1?}",
            question.join(" "),
            at(0.5),
            at(0.99),
            took[0]
        );
    }
    Ok(())
}
