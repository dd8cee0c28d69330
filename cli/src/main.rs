//! The command `tense`: a question enters as arguments, the answer leaves on standard output, and how it went as exit
//! code.
//!
//! Walk: this file reads the arguments; [`database`] finds the file that questions about runs need, and [`project`] the
//! one that questions about names do, whose input comes through [`lines`], or from [`sources`] of Rust; [`successors`]
//! knows what has become of old names; [`commands`] has one file a question; [`filter`] knows which events are meant,
//! [`moments`] when something was; [`layout`] knows how wide a text is and what it may look like,
//! [`format`](mod@format) which form an answer has, [`rows`] what an event looks like in a list, [`markdown`] what a
//! text does there, [`progress`] shows how far long work has come, [`json`] how a line for programs is written,
//! [`redaction`] what of a field nobody will see, [`destination`] where a whole file goes, and [`blind_spots`] says
//! under every answer about a run what it could not see.

mod database;
mod project;
mod lines;
mod sources;
mod successors;
mod commands;
mod layout;
mod markdown;
mod moments;
mod format;
mod filter;
mod rows;
mod progress;
mod json;
mod redaction;
mod destination;
mod blind_spots;

use std::io::{self, BufWriter, StdoutLock, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use anstream::AutoStream;
use clap::error::ErrorKind;
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use tense_store::{Store, text};

use crate::commands::NoSense;
use crate::commands::one_trace::NoTrace;
use crate::commands::{
    Answer, anomalies, bottlenecks, check, compare, compensations, completions, concurrency, conjugate, correlate,
    critical_path, diff, docs, doctor, errors, export, health, import, init, job, lint, man, path, purge, redact,
    schema, search, stats, tail, timeline, traces, tree, waterfall, why,
};
use crate::format::Form;
use crate::layout::screen::{self, Screen};

const EXAMPLES: &str = "\
Examples:
  tense traces --failed       the latest runs that failed
  tense why last-failed       why the latest of them failed
  tense why b0c1d2e3          why that run failed, by the last digits of its id
  tense tree last             the latest run, call by call
  tense path last-failed      the calls from the root down to the first cause
  tense critical-path last    what the latest run waited for
  tense search --status failed --last 1h 'amount:>100'  the events that are meant, of all runs
  tense tail -f --service shop  what arrives from now on
  tense stats --since today   how often each operation ended, failed, and how long it took
  tense job j1                what was done for a job, over all its runs
  tense purge --older-than 90d --dry-run  what would be removed
  tense timeline last         what happened in the latest run, moment by moment, and when nothing did
  tense waterfall last        the latest run to scale, with what it waited for
  tense concurrency last      how much of the latest run was at work at the same time
  tense correlate last        how the latest run went from one service to the next
  tense bottlenecks last      what it cost, and which calls are made again and again
  tense compensations last    what was undone, and what was not
  tense errors --since 24h    what failed, in groups of a kind
  tense compare b0c1d2e3 last how the latest run differs from that one
  tense anomalies last        what is unusual about it, beside earlier runs
  tense health                what the programs have counted: delivered, dropped, slow
  tense doctor                whether all is well with the database, its disk, the programs, and the settings
  tense check                 the mistakes in tense.toml, or how much it declares
  tense check a.b.created -   whether these names, and those on standard input, are good ones
  tense conjugate write       all forms of a verb
  tense lint                  what is wrong with the names in the sources of a workspace
  tense init                  a first tense.toml, from the names in the sources
  tense docs                  the style guide that tense.toml is, as Markdown
  tense schema                a JSON Schema of every event, or with --typescript their types
  tense diff old.toml tense.toml  what a new registry breaks
  tense redact < app.log      a log without its secrets
  tense import old.jsonl      puts kept events into the database, under their present names
  tense completions bash      completions of commands and options for a shell
  tense man why               the manual page of a command
  tense export last --format md  a run as other programs read it, or as a report for a ticket

TRACE is the last 8 digits of a trace id (any 4 to 32 of the last ones do, if only one trace has them), \
a whole id with or without dashes, `last`, `last-failed`, the id of a job (`job:ID` where it looks like another of these), \
or a W3C `traceparent`.

The database is the file that --db names, else the one that the variable TENSE_DB names, else `tense.db` \
in this folder or the nearest one above it. Questions about names ask no database.

Exit codes: 0 answered, 1 could not answer, 2 the question was not understood, 3 nothing was found. \
Of questions about names (`check` to `redact` in the list above, `completions` and `man`): 0 all is fine, 1 something is wrong, 2 the question \
was not understood, or there was nothing to read.";

/// Why did it fail, where did the time go, what never ran? And is this a good name?
#[derive(Debug, Parser)]
#[command(name = "tense", version, after_help = EXAMPLES, arg_required_else_help = true)]
struct Arguments {
    /// The database to ask [default: the variable TENSE_DB, else `tense.db` here or in a folder above]
    #[arg(long, global = true, value_name = "PATH")]
    db: Option<PathBuf>,

    #[command(subcommand)]
    question: Question,
}

#[derive(Debug, Subcommand)]
enum Question {
    /// Lists the latest traces, newest first
    Traces(traces::Arguments),
    /// Shows a trace, call by call
    Tree(tree::Arguments),
    /// Says why a trace failed, what was undone, and what never ran
    Why(why::Arguments),
    /// Shows the calls from the root down to a span, or to the first cause
    Path(path::Arguments),
    /// Shows what a trace waited for
    CriticalPath(critical_path::Arguments),
    /// Finds events in all traces, by type, status, fields and time
    Search(search::Arguments),
    /// Shows what arrived last, and what arrives
    Tail(tail::Arguments),
    /// Says how often operations ended, failed, and how long they took
    Stats(stats::Arguments),
    /// Shows what was done for a job, over all its traces, and when nothing was
    Job(job::Arguments),
    /// Removes old traces
    Purge(purge::Arguments),
    /// Shows what happened in a trace, in the order of time
    Timeline(timeline::Arguments),
    /// Shows a trace to scale, with what it waited for
    Waterfall(waterfall::Arguments),
    /// Shows how many spans of a trace were at work at the same time
    Concurrency(concurrency::Arguments),
    /// Shows the hand-offs of a trace from one service to another
    Correlate(correlate::Arguments),
    /// Says what a trace cost: by operation, by service, and what took too long
    Bottlenecks(bottlenecks::Arguments),
    /// Lists what a trace undid, what it did not, and what never ran
    Compensations(compensations::Arguments),
    /// Counts failures in groups of a kind, of one trace or of the latest that failed
    Errors(errors::Arguments),
    /// Says how two traces differ
    Compare(compare::Arguments),
    /// Says what is unusual about a trace, beside earlier ones of its kind
    Anomalies(anomalies::Arguments),
    /// Says what the programs that write to the database have counted
    Health(health::Arguments),
    /// Looks for what is wrong with the database, its disk, the programs that write to it, and the settings
    Doctor(doctor::Arguments),
    /// Checks names as the compiler would, or without names the project's tense.toml
    Check(check::Arguments),
    /// Lists all forms of a verb, as they are proposed and accepted in names
    Conjugate(conjugate::Arguments),
    /// Finds what is wrong with the names in a workspace's sources, and events that nobody emits
    Lint(lint::Arguments),
    /// Writes a first tense.toml for a workspace, from the names in its sources
    Init(init::Arguments),
    /// Writes the style guide of a registry as Markdown
    Docs(docs::Arguments),
    /// Writes a JSON Schema of every event, or their types in TypeScript
    Schema(schema::Arguments),
    /// Compares two registries and names what the new one breaks
    Diff(diff::Arguments),
    /// Filters any log: standard input to standard output, without secrets
    Redact(redact::Arguments),
    /// Puts events from a file into the database, under their present names
    Import(import::Arguments),
    /// Writes the completions of commands and options for a shell
    Completions(completions::Arguments),
    /// Writes the manual page of a command, or those of all
    Man(man::Arguments),
    /// Writes traces in the forms of other programs: OTLP, Jaeger, Zipkin, Perfetto, speedscope, Markdown
    Export(export::Arguments),
}

impl Question {
    /// About names, so that no database is asked; else about runs.
    fn is_about_names(&self) -> bool {
        match self {
            Question::Traces(_)
            | Question::Tree(_)
            | Question::Why(_)
            | Question::Path(_)
            | Question::CriticalPath(_)
            | Question::Search(_)
            | Question::Tail(_)
            | Question::Stats(_)
            | Question::Job(_)
            | Question::Purge(_)
            | Question::Timeline(_)
            | Question::Waterfall(_)
            | Question::Concurrency(_)
            | Question::Correlate(_)
            | Question::Bottlenecks(_)
            | Question::Compensations(_)
            | Question::Errors(_)
            | Question::Compare(_)
            | Question::Anomalies(_)
            | Question::Health(_)
            | Question::Doctor(_)
            | Question::Import(_)
            | Question::Export(_) => false,
            Question::Check(_)
            | Question::Conjugate(_)
            | Question::Docs(_)
            | Question::Schema(_)
            | Question::Diff(_)
            | Question::Lint(_)
            | Question::Redact(_)
            | Question::Init(_)
            | Question::Completions(_)
            | Question::Man(_) => true,
        }
    }
}

/// What the arguments may be. Its help is as wide as answers are where `COLUMNS` says something odd.
pub(crate) fn command() -> clap::Command {
    let command = Arguments::command().color(layout::of_help());
    match layout::named_columns() {
        Some(columns) => command.term_width(columns),
        None => command,
    }
}

fn main() -> ExitCode {
    layout::choose_colours();
    let understood = command()
        .try_get_matches_from(filter::negated_terms(std::env::args_os()))
        .and_then(|matches| Arguments::from_arg_matches(&matches));
    let arguments = understood.unwrap_or_else(|error| refuse(&error));
    let is_about_names = arguments.question.is_about_names();
    if is_about_names && arguments.db.is_some() {
        let message = "this question asks no database, so `--db` has nothing to name";
        refuse(&command().error(ErrorKind::ArgumentConflict, message));
    }
    // That there is no such trace is an answer, too.
    let answer = answer(arguments).or_else(|error| error.downcast().map(|NoTrace(message)| Answer::Nothing(message)));
    match answer {
        Ok(Answer::Found) => ExitCode::SUCCESS,
        Ok(Answer::Wrong) => ExitCode::from(1),
        Ok(Answer::Nothing(message)) => {
            say(&message);
            ExitCode::from(3)
        }
        // Whoever read the answer has seen enough: `tense tree last | head -1`.
        Err(error) if is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            let advice = database::advice(&error).map(|advice| format!("; {advice}")).unwrap_or_default();
            say(&format!("error: {error:#}{advice}"));
            // A name that is wrong is told apart from a list that could not be read.
            ExitCode::from(if is_about_names || error.is::<NoSense>() { 2 } else { 1 })
        }
    }
}

/// Says what was not understood, or the help or version that was asked for.
fn refuse(error: &clap::Error) -> ! {
    let plain = error.render().to_string();
    // An argument may come from anywhere, and is shown as it was written.
    if error.use_stderr() && plain.chars().any(|c| text::is_hostile(c) && c != '\n') {
        say(plain.trim_end());
        std::process::exit(error.exit_code());
    }
    error.exit()
}

fn answer(arguments: Arguments) -> anyhow::Result<Answer> {
    let db = arguments.db;
    match arguments.question {
        Question::Traces(arguments) => of_runs(db, &arguments.form, &arguments, traces::answer),
        Question::Tree(arguments) => of_runs(db, &arguments.asked.form, &arguments, tree::answer),
        Question::Why(arguments) => of_runs(db, &arguments.asked.form, &arguments, why::answer),
        Question::Path(arguments) => of_runs(db, &arguments.asked.form, &arguments, path::answer),
        Question::CriticalPath(arguments) => of_runs(db, &arguments.asked.form, &arguments, critical_path::answer),
        Question::Search(arguments) => of_runs(db, &arguments.form, &arguments, search::answer),
        Question::Tail(arguments) => {
            let is_for_terminal = arguments.form.is_for_terminal();
            written(anstream::stdout().lock(), is_for_terminal, |out| tail::answer(db, &arguments, out))
        }
        Question::Stats(arguments) => of_runs(db, &arguments.form, &arguments, stats::answer),
        Question::Job(arguments) => of_runs(db, &arguments.form, &arguments, job::answer),
        Question::Purge(arguments) => {
            let is_for_terminal = arguments.form.is_for_terminal();
            written(anstream::stdout().lock(), is_for_terminal, |out| purge::answer(db, &arguments, out))
        }
        Question::Timeline(arguments) => of_runs(db, &arguments.asked.form, &arguments, timeline::answer),
        Question::Waterfall(arguments) => of_runs(db, &arguments.asked.form, &arguments, waterfall::answer),
        Question::Concurrency(arguments) => of_runs(db, &arguments.asked.form, &arguments, concurrency::answer),
        Question::Correlate(arguments) => of_runs(db, &arguments.asked.form, &arguments, correlate::answer),
        Question::Bottlenecks(arguments) => of_runs(db, &arguments.asked.form, &arguments, bottlenecks::answer),
        Question::Compensations(arguments) => of_runs(db, &arguments.asked.form, &arguments, compensations::answer),
        Question::Errors(arguments) => of_runs(db, &arguments.form, &arguments, errors::answer),
        Question::Compare(arguments) => of_runs(db, &arguments.form, &arguments, compare::answer),
        Question::Anomalies(arguments) => of_runs(db, &arguments.form, &arguments, anomalies::answer),
        Question::Health(arguments) => {
            let store = database::open(db)?;
            let is_for_terminal = arguments.form.is_for_terminal();
            written(anstream::stdout().lock(), is_for_terminal, |out| health::answer(&store, &arguments, out))
        }
        Question::Doctor(arguments) => {
            let is_for_terminal = arguments.form.is_for_terminal();
            written(anstream::stdout().lock(), is_for_terminal, |out| doctor::answer(db, &arguments, out))
        }
        Question::Import(arguments) => {
            written(anstream::stdout().lock(), true, |out| import::answer(db, &arguments, out))
        }
        // A million lines that have no colours need nobody who looks for some.
        Question::Export(arguments) => {
            let store = database::open(db)?;
            written(io::stdout().lock(), false, |out| export::answer(&store, &arguments, out))
        }
        Question::Check(arguments) => {
            written(io::stdout().lock(), arguments.form.is_for_terminal(), |out| check::answer(&arguments, out))
        }
        Question::Conjugate(arguments) => {
            written(io::stdout().lock(), arguments.form.is_for_terminal(), |out| conjugate::answer(&arguments, out))
        }
        Question::Init(arguments) => written(io::stdout().lock(), true, |out| init::answer(&arguments, out)),
        Question::Lint(arguments) => {
            written(io::stdout().lock(), arguments.form.is_for_terminal(), |out| lint::answer(&arguments, out))
        }
        Question::Docs(arguments) => written(io::stdout().lock(), false, |out| docs::answer(&arguments, out)),
        Question::Redact(arguments) => written(io::stdout().lock(), false, |out| redact::answer(&arguments, out)),
        Question::Schema(arguments) => written(io::stdout().lock(), false, |out| schema::answer(&arguments, out)),
        Question::Diff(arguments) => {
            written(io::stdout().lock(), arguments.form.is_for_terminal(), |out| diff::answer(&arguments, out))
        }
        Question::Completions(arguments) => {
            written(io::stdout().lock(), false, |out| completions::answer(&arguments, out))
        }
        Question::Man(arguments) => written(io::stdout().lock(), false, |out| man::answer(&arguments, out)),
    }
}

/// Answers from the database that is meant.
fn of_runs<A>(
    db: Option<PathBuf>,
    form: &Form,
    arguments: &A,
    answer: fn(&dyn Store, &A, &mut Terminal) -> anyhow::Result<Answer>,
) -> anyhow::Result<Answer> {
    let store = database::open(db)?;
    written(anstream::stdout().lock(), form.is_for_terminal(), |out| answer(&store, arguments, out))
}

/// Where every answer goes, so that none can pass by what the terminal understands.
type Out<W> = Screen<BufWriter<W>>;

/// Where an answer about runs goes.
type Terminal = Out<AutoStream<StdoutLock<'static>>>;

/// Answers in full, to the last line.
fn written<W: Write>(
    out: W,
    is_for_terminal: bool,
    answer: impl FnOnce(&mut Out<W>) -> anyhow::Result<Answer>,
) -> anyhow::Result<Answer> {
    let mut out = Screen::new(BufWriter::with_capacity(lines::CHUNK, out), is_for_terminal);
    let answer = answer(&mut out)?;
    out.flush()?;
    Ok(answer)
}

/// A message for the person, beside the answer. When nobody can read it, there is nobody to tell.
pub(crate) fn say(message: &str) {
    let mut err = anstream::stderr().lock();
    for line in message.lines() {
        writeln!(err, "{}", screen::readable(text::escape(line))).ok();
    }
}

fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error.chain().filter_map(|cause| cause.downcast_ref::<io::Error>()).any(|e| e.kind() == io::ErrorKind::BrokenPipe)
}
