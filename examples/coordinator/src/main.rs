//! Workflow definitions enter, as JSON; they are run, and what they gave back leaves on standard output, their state in
//! the coordinator's own database, and everything that happened on the way in the trace database.
//!
//! Walk: this file reads the arguments and puts the parts together. A [`definition`] is read, with its
//! [`mod@condition`]s and [`mapping`]s. [`run`] takes its [`token`]s through it: a [`plan`] returns [`decision`]s,
//! [`mod@dispatch`] logs and applies them, each becomes the operations of [`operate`] on the [`store`], and what a node
//! is there for is done by a [`task`]. [`catalog`] knows nested workflows, [`serve`] answers requests, [`together`]
//! runs many at once, [`legacy`] says what the old design would have told. [`scratch`] is where files lie that nobody
//! named a place for, [`terminal`] how lines are printed.

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
mod together;
mod legacy;
mod shipped;
mod scratch;
mod terminal;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, ensure};
use clap::{Args, Parser, Subcommand, value_parser};
use serde_json::Value;
use tense_layer::Guard;
use tense_store::SqliteStore;
use tokio::runtime::{Builder, Runtime};

use crate::catalog::{Library, Text};
use crate::definition::Definition;
use crate::legacy::{Legacy, Report};
use crate::run::Engine;
use crate::scratch::Scratch;
use crate::store::{Store, runs};
use crate::task::http::Http;
use crate::terminal::Output;
use crate::together::Rows;

/// How long the end of the program may wait for its last events to be stored.
const FLUSH: Duration = Duration::from_secs(30);

/// Memory for the records of a run on a thread, before they are delivered.
const RING_BYTES_A_RUN: usize = 512 << 10;
/// Of all runs together.
const MOST_RING_BYTES: usize = 64 << 20;
/// Events that may wait for the trace database.
const QUEUE_EVENTS: usize = 1 << 20;

/// Copies of a workflow: each has a row and a future from the start.
const MOST_COPIES: u64 = 10_000;
/// Threads: a start must not fail half-way because the machine has no more.
const MOST_WORKERS: i64 = 256;
/// Tokens of one run, unless more are allowed. A fan-out over as many items as there may be, with ten nodes behind
/// each, fits; a cycle that is never left is stopped after half a minute, and a hundred megabytes of events.
const MOST_TOKENS: u64 = 10_000;

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

    /// The coordinator's own database; documents and reports lie beside it [default: a temporary one]
    #[arg(long, value_name = "FILE")]
    db: Option<PathBuf>,

    /// Goes on with what is unfinished in the database; nothing else is run unless it is named
    #[arg(long, requires = "db")]
    resume: bool,

    /// Also writes what the old design would have emitted, as lines of JSON into a new file, and prints how much that
    /// is
    #[arg(long, value_name = "FILE")]
    legacy_events: Option<PathBuf>,

    /// How often each workflow is run, all at once
    #[arg(long, value_name = "N", default_value = "1", value_parser = value_parser!(u64).range(1..=MOST_COPIES))]
    copies: u64,

    /// How many threads work [default: one for each core]
    #[arg(long, value_name = "N", value_parser = value_parser!(u16).range(1..=MOST_WORKERS))]
    workers: Option<u16>,

    /// How many tokens one run may have: with so many it fails, because a cycle whose exit is never taken has no end
    #[arg(long, value_name = "N", default_value_t = MOST_TOKENS, value_parser = value_parser!(u64).range(1..))]
    most_tokens: u64,
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
            terminal::complain(&format!("error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn work(options: &Options) -> anyhow::Result<()> {
    if let Some(db) = options.db.as_ref().filter(|_| options.resume) {
        may_be_resumed(db)?;
    }
    let (library, definitions) = definitions(options)?;
    let scratch = options.db.is_none().then(Scratch::new).transpose().context("make a temporary folder")?;
    let (path, folder) = places(options.db.as_deref(), scratch.as_ref())?;
    let store = Store::open(&path)
        .with_context(|| format!("open {}: --db takes a database of this program", path.display()))?;
    let input = input(options, &folder, !definitions.is_empty())?;

    // What may fail comes before the rows: a row that is there is resumed by whoever asks for it.
    let runtime = runtime(options.workers).context("start threads: try fewer with --workers")?;
    let endpoint = runtime.block_on(serve::serve()).context("listen on a port of this machine")?;
    let http = Http::new(endpoint).context("make an HTTP client")?;
    // Both databases are there by now, so neither can be taken for a new file.
    let (legacy, report) = options.legacy_events.as_deref().map(open_legacy).transpose()?.unzip();
    // Before the trace begins: it belongs to no workflow, and would be a trace of its own.
    let rows = Rows::insert(&store, options.resume, &definitions, options.copies, &input)
        .with_context(|| format!("use {}", path.display()))?;
    let guard = match trace(rows.len(), legacy) {
        Ok(started) => started,
        Err(error) => {
            store.transaction(|db| runs::forget(db, &rows.new)).with_context(|| format!("use {}", path.display()))?;
            return Err(error);
        }
    };
    let mut output = Output::default();
    let engine = Engine { store, http, library, most_tokens: options.most_tokens };
    let ran = runtime.block_on(together::run_all(engine, rows, &mut output));
    // Before the trace ends: when that is dropped, also after an error, what has happened goes to the database.
    drop(runtime);

    let traced = guard.flush(FLUSH);
    traced.loss().iter().for_each(|sentence| terminal::complain(sentence));
    let mut told = Ok(());
    if let (Some(report), Some(path)) = (report, &options.legacy_events) {
        let mut report = report.lock().unwrap_or_else(PoisonError::into_inner);
        report.counts.to_string().lines().for_each(|line| output.line(line));
        let what = || format!("write {}: it has no more lines than are counted", path.display());
        told = report.failure.take().map_or(Ok(()), Err).with_context(what);
    }
    ran.and(told)?;
    output.finish().context("write to standard output")
}

/// An empty database in place of the one that is meant would hide the slip of a key.
fn may_be_resumed(db: &Path) -> anyhow::Result<()> {
    let what = "--resume takes the database that a run was begun with, after --db";
    ensure!(db.try_exists().unwrap_or(true), "there is no {}: {what}", db.display());
    let has_runs = Store::has_runs(db).with_context(|| format!("open {}: {what}", db.display()))?;
    ensure!(has_runs, "{} holds no runs: {what}", db.display());
    Ok(())
}

/// Reads all definitions, those that are only nested in others included; one that is wrong is told, and then nothing is
/// run.
fn definitions(options: &Options) -> anyhow::Result<(Library, Vec<(String, Text)>)> {
    let texts = texts(options)?;
    let wanted = texts.len();
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
            Err(error) => terminal::complain(&error.to_string()),
        }
    }
    ensure!(
        definitions.len() == wanted,
        "{} of {wanted} definitions are wrong, so nothing was run",
        wanted - definitions.len()
    );
    Ok((library, definitions))
}

/// The database, and the folder for documents and reports: a run that is resumed needs both, so they lie side by side.
fn places(db: Option<&Path>, scratch: Option<&Scratch>) -> anyhow::Result<(PathBuf, PathBuf)> {
    if let (None, Some(scratch)) = (db, scratch) {
        return Ok((scratch.path().join("coordinator.db"), scratch.path().to_owned()));
    }
    let db = db.unwrap_or(Path::new("coordinator.db"));
    // Whoever resumes may stand elsewhere.
    let mut folder = std::path::absolute(db).with_context(|| format!("find {}", db.display()))?.into_os_string();
    folder.push("-files");
    Ok((db.to_owned(), folder.into()))
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

/// What new runs are given. For what our own workflows need, documents are laid out.
fn input(options: &Options, folder: &Path, is_needed: bool) -> anyhow::Result<Value> {
    match &options.input {
        Some(text) => {
            let input: Value = serde_json::from_str(text).context("--input takes a JSON object")?;
            ensure!(input.is_object(), "--input takes a JSON object, and this is {input}");
            Ok(input)
        }
        None if is_needed => {
            shipped::lay_out(folder).with_context(|| format!("lay out the documents in {}", folder.display()))?;
            Ok(shipped::input(folder))
        }
        None => Ok(Value::Null),
    }
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

fn runtime(workers: Option<u16>) -> std::io::Result<Runtime> {
    let mut builder = match workers {
        Some(1) => Builder::new_current_thread(),
        Some(workers) => {
            let mut builder = Builder::new_multi_thread();
            builder.worker_threads(workers.into());
            builder
        }
        None => Builder::new_multi_thread(),
    };
    builder.enable_all().build()
}
