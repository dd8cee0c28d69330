//! Workflow definitions enter, as JSON; they are run, and what they gave back leaves on standard output, their state in the
//! coordinator's own database, and everything that happened on the way in the trace database.
//!
//! Walk: this file reads the arguments and puts the parts together. A [`definition`] is read, with its [`mod@condition`]s and
//! [`mapping`]s. [`run`] takes its [`token`]s through it: a [`plan`] returns [`decision`]s, [`mod@dispatch`] logs and applies
//! them, each becomes the operations of [`operate`] on the [`store`], and what a node is there for is done by a [`task`].
//! [`catalog`] knows nested workflows, [`serve`] answers requests, [`legacy`] says what the old design would have told.

mod mapping;
mod condition;
mod merge;
mod definition;
mod token;
mod decision;
mod plan;
mod store;
mod operate;
mod dispatch;
mod catalog;
mod task;
mod run;
mod serve;
mod legacy;
mod shipped;

use std::fs::File;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use clap::{Args, Parser, Subcommand};
use serde_json::Value;
use tense_layer::Guard;
use tense_store::SqliteStore;
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinSet;

use crate::catalog::{Library, Text};
use crate::definition::Definition;
use crate::legacy::{Legacy, Report};
use crate::run::{Engine, RunError, Workflow};
use crate::store::runs::RunRow;
use crate::store::{Store, StoreError, runs};
use crate::task::http::Http;

/// How long the end of the program may wait for its last events to be stored.
const FLUSH: Duration = Duration::from_secs(30);

/// Memory for the records of a run on a thread, before they are delivered.
const RING_BYTES_A_RUN: usize = 512 << 10;
/// Of all runs together.
const MOST_RING_BYTES: usize = 64 << 20;
/// Events that may wait for the trace database.
const QUEUE_EVENTS: usize = 1 << 20;

const MORE: &str = "\
The trace database is the file that the variable TENSE_DB names, else `tense.db` in this folder. Ask it:
  tense traces --failed       which workflows failed
  tense why last-failed       why

Exit codes: 0 all workflows were run to their end (that one fails is a result), 1 the program could not do its work, \
for instance because a definition is wrong, 2 the arguments were not understood.";

/// Runs workflows; without arguments those that it brings along
#[derive(Debug, Parser)]
#[command(version, after_help = MORE, args_conflicts_with_subcommands = true)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,

    /// `run` is what is done unless something else is asked for, and there is nothing else.
    #[command(flatten)]
    options: Options,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Runs workflows to their end
    Run(Options),
}

#[derive(Debug, Args)]
#[command(after_help = MORE)]
struct Options {
    /// Definitions, as JSON [default: those that this program brings along]
    #[arg(value_name = "WORKFLOW.json")]
    workflows: Vec<PathBuf>,

    /// What the workflows are given: a JSON object [default: what the workflows of this program need]
    #[arg(long, value_name = "JSON")]
    input: Option<String>,

    /// The coordinator's own database [default: a temporary one]
    #[arg(long, value_name = "FILE")]
    db: Option<PathBuf>,

    /// Goes on with what is unfinished in the database; nothing else is run unless it is named
    #[arg(long, requires = "db")]
    resume: bool,

    /// Also writes what the old design would have emitted, as lines of JSON into a new file, and prints how much that is
    #[arg(long, value_name = "FILE")]
    legacy_events: Option<PathBuf>,

    /// How often each workflow is run, all at once
    #[arg(long, value_name = "N", default_value = "1")]
    copies: Option<NonZeroUsize>,

    /// How many threads work [default: one for each core]
    #[arg(long, value_name = "N")]
    workers: Option<NonZeroUsize>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let options = match arguments.command {
        Some(Command::Run(options)) => options,
        None => arguments.options,
    };
    match work(&options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            anstream::eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn work(options: &Options) -> anyhow::Result<()> {
    let texts = texts(options)?;
    let mut library = Library::default();
    let mut definitions = Vec::new();
    let nested = shipped::NESTED.map(|shipped| Text { file: shipped.file.to_owned(), text: shipped.text.to_owned() });
    for (text, is_run) in nested.into_iter().map(|text| (text, false)).chain(texts.into_iter().map(|text| (text, true)))
    {
        match Definition::parse(&text.file, &text.text) {
            Ok(definition) => {
                library.add(definition.name.clone(), text.clone());
                if is_run {
                    definitions.push((definition.name, text));
                }
            }
            Err(error) => anstream::eprintln!("{error}"),
        }
    }
    let wanted = if options.workflows.is_empty() { definitions.len() } else { options.workflows.len() };
    ensure!(
        definitions.len() == wanted,
        "{} of {wanted} definitions are wrong, so nothing was run",
        wanted - definitions.len()
    );

    let folder = tempfile::tempdir().context("make a temporary folder")?;
    shipped::lay_out(folder.path()).context("lay out the documents")?;
    let input = input(options, folder.path())?;
    let path = options.db.clone().unwrap_or_else(|| folder.path().join("coordinator.db"));
    let store = Store::open(&path)
        .with_context(|| format!("open {}: --db takes a database of this program", path.display()))?;
    // Both databases are there by now, so neither can be taken for a new file.
    let (legacy, report) = options.legacy_events.as_deref().map(open_legacy).transpose()?.unzip();
    // Before the trace begins: it belongs to no workflow, and would be a trace of its own.
    let rows = rows(&store, &definitions, &input, options).with_context(|| format!("use {}", path.display()))?;
    // Outlives the runtime: when it is dropped, also after an error, what has happened goes to the database.
    let guard = trace(rows.len(), legacy)?;
    let runtime = runtime(options.workers).context("start threads: try fewer with --workers")?;
    let ran = runtime.block_on(all(store, library, rows));
    drop(runtime);

    let traced = guard.flush(FLUSH);
    if !traced.is_complete || traced.health.has_loss() {
        anstream::eprintln!("the trace database does not have everything: {:?}", traced.health);
    }
    if let (Some(report), Some(path)) = (report, &options.legacy_events) {
        let mut report = report.lock().unwrap_or_else(PoisonError::into_inner);
        anstream::println!("{}", report.counts);
        if let Some(error) = report.failure.take() {
            let what = || format!("write {}: it has no more lines than are counted", path.display());
            return ran.and(Err(error).with_context(what));
        }
    }
    ran
}

/// The definitions that are to be run: those that were named, or else our own, unless there is something to go on with.
fn texts(options: &Options) -> anyhow::Result<Vec<Text>> {
    if options.workflows.is_empty() && !options.resume {
        let own = shipped::WORKFLOWS.iter();
        return Ok(own.map(|own| Text { file: own.file.to_owned(), text: own.text.to_owned() }).collect());
    }
    let read = |path: &PathBuf| {
        let text = std::fs::read_to_string(path).with_context(|| format!("read {}", path.display()))?;
        Ok(Text { file: path.display().to_string(), text })
    };
    options.workflows.iter().map(read).collect()
}

fn input(options: &Options, folder: &Path) -> anyhow::Result<Value> {
    let Some(text) = &options.input else { return Ok(shipped::input(folder)) };
    let input: Value = serde_json::from_str(text).context("--input takes a JSON object")?;
    ensure!(input.is_object(), "--input takes a JSON object, and this is {input}");
    Ok(input)
}

/// What stands between the layer and its database to say what the old design would have said, and its report.
fn open_legacy(path: &Path) -> anyhow::Result<(Legacy<File>, Arc<Mutex<Report>>)> {
    let database = std::env::var_os("TENSE_DB").filter(|path| !path.is_empty());
    let database = database.map_or_else(|| PathBuf::from("tense.db"), PathBuf::from);
    let store = SqliteStore::open(database).context("start to trace")?;
    let lines = legacy::create(path).with_context(|| format!("write {}", path.display()))?;
    Ok(Legacy::new(store, lines))
}

/// Begins to trace: as every program does, or with what the old design would have said beside it.
///
/// A workflow waits for little but its database, and tells some eight hundred events of some hundred bytes in as many
/// milliseconds. So there is room for as much as all of them may tell at once.
fn trace(runs: usize, legacy: Option<Legacy<File>>) -> anyhow::Result<Guard> {
    let ring_bytes = (runs * RING_BYTES_A_RUN).clamp(RING_BYTES_A_RUN, MOST_RING_BYTES);
    let mut builder = tense_layer::builder().ring_bytes(ring_bytes).queue_events(QUEUE_EVENTS);
    if let Some(legacy) = legacy {
        builder = builder.sink(legacy);
    }
    builder.init().context("start to trace")
}

/// What is to be run: what is unfinished, if that is asked for, and new runs of every definition.
fn rows(
    store: &Store,
    definitions: &[(String, Text)],
    input: &Value,
    options: &Options,
) -> Result<Vec<RunRow>, StoreError> {
    catalog::forget(store)?;
    let mut rows = if options.resume { store.with(|db| runs::unfinished(db, None))? } else { Vec::new() };
    for _ in 0..options.copies.map_or(1, NonZeroUsize::get) {
        for (name, Text { file, text }) in definitions {
            rows.push(store.with(|db| runs::insert(db, (name, file, text), input, None))?);
        }
    }
    Ok(rows)
}

/// Runs everything at once, and prints each end as it comes.
async fn all(store: Store, library: Library, rows: Vec<RunRow>) -> anyhow::Result<()> {
    let endpoint = serve::serve().await.context("listen on a port of this machine")?;
    let http = Http::new(endpoint).context("make an HTTP client")?;
    let engine = Arc::new(Engine { store, http, library });
    let mut running = JoinSet::new();
    let count = rows.len();
    for row in rows {
        running.spawn(one(Arc::clone(&engine), row));
    }
    let (mut completed, mut failed) = (0, 0);
    while let Some(joined) = running.join_next().await {
        let (id, ending) = joined.context("a workflow panicked")?;
        match ending {
            Ok(output) => {
                completed += 1;
                anstream::println!("{id}  completed  {output}");
            }
            Err(RunError::Failed(error)) => {
                failed += 1;
                anstream::println!("{id}  failed  {error}");
            }
            Err(error @ RunError::Store(_)) => bail!("{id}: {}; --resume goes on with it", catalog::chain(&error)),
        }
    }
    anstream::println!("{count} workflows: {completed} completed, {failed} failed");
    Ok(())
}

/// One workflow, the root of a trace.
async fn one(engine: Arc<Engine>, row: RunRow) -> (String, Result<Value, RunError>) {
    let id = format!("{}-{}", row.name, row.number);
    match Workflow::new(&engine, row, 0) {
        Ok(workflow) => (id, run::run(workflow, None).await),
        Err(error) => (id, Err(error)),
    }
}

fn runtime(workers: Option<NonZeroUsize>) -> std::io::Result<Runtime> {
    let mut builder = match workers.map(NonZeroUsize::get) {
        Some(1) => Builder::new_current_thread(),
        Some(workers) => {
            let mut builder = Builder::new_multi_thread();
            builder.worker_threads(workers);
            builder
        }
        None => Builder::new_multi_thread(),
    };
    builder.enable_all().build()
}
