//! A time goes in; a program that has recorded for that long, while sinks, disks and files failed by chance, says
//! whether everything is accounted for: `cargo run --release -p tense-benches --bin faults -- --minutes 5`.
//!
//! It goes in phases. Each begins and ends with everything delivered. In between chance makes sinks hang, fail, refuse,
//! panic and sleep, damages, locks, tears and removes files, takes descriptors and room on the disk; threads call
//! annotated functions, and hold each of their results against what it has to be. Then everything is well again, and
//! of every event it has to be known what became of it, to the last one: by the counters, and by what the sinks and
//! the files have.
//!
//! The same seed takes the same turns, though not at the same moments.

#![cfg_attr(not(unix), allow(dead_code, unused_imports, reason = "limits of a process are those of Unix"))]
#![expect(clippy::print_stdout, reason = "it speaks to the person who called it")]

mod work;
mod sinks;
#[cfg(unix)]
mod files;
#[cfg(unix)]
mod phase;
mod accounts;

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Command, ExitCode, Stdio};
use std::time::Duration;

use anyhow::Context as _;
use clap::Parser;

#[derive(Debug, Parser)]
struct Job {
    /// For how long.
    #[arg(long, default_value_t = 5.0)]
    minutes: f64,
    /// Of all that is left to chance; another one each time unless given, and printed.
    #[arg(long)]
    seed: Option<u64>,
    /// Writes the figures to this file as well.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Forgets one event, which has to be noticed.
    #[arg(long, hide = true)]
    cheat: bool,
    /// In the process that does the work.
    #[arg(long, hide = true)]
    inner: bool,
}

/// So much longer than it was told to it may take; then it hangs.
const LATE: Duration = Duration::from_secs(120);

fn main() -> anyhow::Result<ExitCode> {
    let job = Job::parse();
    #[cfg(unix)]
    if job.inner {
        return phase::run(&job);
    }
    watch(&job)
}

/// Starts the process that does the work, where a file that reaches its limit is an error and no signal, and sees that
/// it ends.
fn watch(job: &Job) -> anyhow::Result<ExitCode> {
    let mut command = Command::new("sh");
    command.args(["-c", "trap '' XFSZ; exec \"$0\" \"$@\" --inner"]).arg(std::env::current_exe()?);
    command.args(std::env::args_os().skip(1));
    let mut inner = command.stdout(Stdio::piped()).spawn().context("failed to start it: a Unix system is needed")?;
    let said = inner.stdout.take().context("its output is a pipe")?;
    let telling = std::thread::spawn(move || {
        BufReader::new(said).lines().map_while(Result::ok).for_each(|line| println!("{line}"));
    });
    let until = std::time::Instant::now() + Duration::from_secs_f64(job.minutes * 60.0) + LATE;
    let status = loop {
        if let Some(status) = inner.try_wait()? {
            break status;
        }
        if std::time::Instant::now() > until {
            inner.kill()?;
            println!("WRONG: it hangs");
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    telling.join().ok();
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
