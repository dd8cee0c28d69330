//! Loan applications enter, one JSON object a line; decisions leave on standard output, the ledger on disk, and
//! everything that happened on the way in the trace database.
//!
//! Walk: this file reads the arguments and puts the parts together; [`applications`] reads the file; [`run`] sends many
//! applications at once through the pipeline of [`stages`], which reserve and book in the [`mod@ledger`] and tell the
//! applicant by [`notices`] to an [`endpoint`] that the program serves itself; [`progress`] says what happens
//! meanwhile, and [`summary`] counts and checks the books.

mod applications;
mod endpoint;
mod ledger;
mod notices;
mod progress;
mod run;
mod stages;
mod summary;

use std::num::{NonZeroU32, NonZeroUsize};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, ensure};
use clap::Parser;
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};

use crate::applications::{Application, Applications};
use crate::ledger::Ledger;
use crate::notices::Notices;
use crate::progress::Progress;
use crate::stages::Bank;
use crate::summary::Summary;

/// How long the end of the program may wait for its last events to be stored.
const FLUSH: Duration = Duration::from_secs(2);

const MORE: &str = "\
The trace database is the file that the variable TENSE_DB names, else `tense.db` in this folder. Ask it:
  tense traces --failed       which applications were not approved
  tense why last-failed       why, what was undone, and what never ran

Exit codes: 0 all lines were worked on (a refused application is a result), 1 the program could not do its work, \
2 the arguments were not understood.";

/// Decides on loan applications: validate, credit, funding, notify
#[derive(Debug, Parser)]
#[command(version, after_help = MORE)]
struct Arguments {
    /// A file with one application a line, as JSON [default: the hundred lines that this program brings along]
    #[arg(long, value_name = "FILE")]
    applications: Option<PathBuf>,

    /// Where to keep the ledger: a file that does not exist yet [default: a temporary one]
    #[arg(long, value_name = "FILE")]
    ledger: Option<PathBuf>,

    /// How many applications are worked on at once
    #[arg(long, value_name = "N", default_value = "4")]
    at_once: NonZeroUsize,

    /// How many milliseconds an applicant's inbox has to answer, each time it is tried
    #[arg(long, value_name = "MS", default_value = "400")]
    patience: NonZeroU32,

    /// How many threads work [default: one for each core]
    #[arg(long, value_name = "N")]
    threads: Option<NonZeroUsize>,

    /// Works on this application only; may be given several times
    #[arg(long, value_name = "ID")]
    only: Vec<String>,

    /// Never comes back from the funding of this application: to see what a program that was killed leaves behind
    #[arg(long, value_name = "ID")]
    hold: Option<String>,
}

fn main() -> ExitCode {
    match work(Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            progress::say(&format!("error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn work(arguments: Arguments) -> anyhow::Result<()> {
    let mut read = applications::read(arguments.applications.as_deref())?;
    for bad in &read.bad {
        progress::say(&bad.to_string());
    }
    select(&mut read.good, &arguments.only, arguments.hold.as_deref())?;

    // Outlives the runtime: when it is dropped, also after an error, what has happened goes to the database.
    let guard = tense_layer::init().context("start to trace")?;
    let (ledger, _folder) = new_ledger(arguments.ledger.as_deref())?;
    let runtime = runtime(arguments.threads).context("start threads: try fewer with --threads")?;
    let agreed = runtime.block_on(decide(read, ledger, &arguments));
    drop(runtime);

    let traced = guard.flush(FLUSH);
    if let Some(sentence) = traced.loss() {
        progress::say(&sentence);
    }
    agreed
}

/// Puts the bank together, sends the applications through it, and compares what was decided with the books.
async fn decide(read: Applications, ledger: Ledger, arguments: &Arguments) -> anyhow::Result<()> {
    let endpoint = endpoint::serve().await.context("listen on a port of this machine for notices")?;
    let patience = Duration::from_millis(arguments.patience.get().into());
    let notices = Notices::new(endpoint, patience).context("make an HTTP client")?;
    let held = arguments.hold.clone();
    if let Some(held) = &held {
        progress::say(&format!("holding {held} in dispatch.funding until process {} is killed", std::process::id()));
    }
    let bank = Arc::new(Bank { ledger, notices, held });

    let mut summary = Summary::new(read.bad.len());
    let progress = Progress::new(read.good.len());
    run::run(read.good, &bank, arguments.at_once.get(), |id, ending| {
        progress.ended(&id, &ending);
        summary.count(id, &ending);
    })
    .await;
    progress.finish();
    summary.tell(&bank.ledger.account().context("add up the ledger")?)
}

/// Leaves only what was asked for; what was asked for has to be there.
fn select(applications: &mut Vec<Application>, only: &[String], hold: Option<&str>) -> anyhow::Result<()> {
    let is_there = |id: &str| applications.iter().any(|application| application.id == id);
    for id in only {
        ensure!(is_there(id), "no application {id} in the file, so --only {id} would do nothing");
    }
    if !only.is_empty() {
        applications.retain(|application| only.contains(&application.id));
    }
    if let Some(id) = hold {
        let is_there = applications.iter().any(|application| application.id == id);
        ensure!(is_there, "no application {id} among those to work on, so --hold {id} would do nothing");
    }
    Ok(())
}

/// A new ledger, and the folder that it is in when nobody asked to keep it: dropped, the folder is removed.
fn new_ledger(named: Option<&Path>) -> anyhow::Result<(Ledger, Option<TempDir>)> {
    if let Some(path) = named {
        return Ok((Ledger::open(path)?, None));
    }
    let folder = tempfile::tempdir().context("make a temporary ledger: name a file with --ledger")?;
    Ok((Ledger::open(&folder.path().join("loan-ledger.db"))?, Some(folder)))
}

fn runtime(threads: Option<NonZeroUsize>) -> std::io::Result<Runtime> {
    let mut builder = match threads.map(NonZeroUsize::get) {
        Some(1) => Builder::new_current_thread(),
        Some(threads) => {
            let mut builder = Builder::new_multi_thread();
            builder.worker_threads(threads);
            builder
        }
        None => Builder::new_multi_thread(),
    };
    builder.enable_all().build()
}
