//! `tense export`: which traces and in which form enters; what other programs read leaves, on standard output or as a
//! whole file.
//!
//! Walk: [`crate::moments`] understands since when, the store says which traces there are, and [`tense_store::export`]
//! writes one after the other, so that a million spans take no more memory than the largest of their traces.

use std::collections::HashSet;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::{ArgGroup, ValueEnum};
use tense_event::TraceId;
use tense_store::export::{Export, Format, lines};
use tense_store::{Selector, Store, TraceEvents, TraceFilter};

use crate::commands::one_trace::{self, Meant, NoTrace};
use crate::commands::{ASKED, Answer};
use crate::format::Zone;
use crate::layout::counted;
use crate::lines::CHUNK;
use crate::moments::Period;
use crate::progress::Progress;
use crate::{destination, say};

const EXAMPLES: &str = "\
Examples:
  tense export last-failed --format md                 a report for a ticket
  tense export last --format chrome --output run.json  for https://ui.perfetto.dev
  tense export --last 30m --failed --format jaeger     every run of the last half hour that failed
  tense export --since 2026-11-21 > events.jsonl       for `tense import`, without loss

A trace counts by when it began; the oldest come first. A file is written as a whole or not at all, and replaces one of that name. On standard output, what was written before something \
went wrong stays. docs/export.md says of each form what reads it, and what it has no place for.

Exit codes: 0 exported, 1 the database could not be read or the file not be written, 2 the question was not understood, 3 no such \
trace.";

/// Writes traces in the forms of other programs
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
#[command(group = ArgGroup::new("which").required(true).multiple(true).args(["traces", "since", "until", "last", "failed", "all"]))]
pub(crate) struct Arguments {
    /// Which traces: the last digits of an id, `last`, `last-failed`, or a job's id, for all of its traces; several, if
    /// you like
    #[arg(value_name = "TRACE", conflicts_with_all = ["since", "until", "last", "failed", "all"])]
    traces: Vec<Selector>,

    #[command(flatten)]
    period: Period,

    /// Of these, or of all, those that failed
    #[arg(long)]
    failed: bool,

    /// All that the database holds
    #[arg(long, conflicts_with_all = ["since", "until", "last"])]
    all: bool,

    #[command(flatten)]
    zone: Zone,

    /// What is to read it
    #[arg(long, value_enum, default_value_t = Form::Jsonl)]
    format: Form,

    /// The file to write, instead of standard output, which `-` stands for
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    /// `tense import`: the events as they are stored, one a line
    Jsonl,
    /// Collectors of OpenTelemetry: requests of OTLP/JSON, one a line
    OtlpJson,
    /// The page of Jaeger: "JSON File"
    Jaeger,
    /// Zipkin: a list of spans, version 2
    Zipkin,
    /// Perfetto, chrome://tracing: asynchronous trace events
    Chrome,
    /// speedscope: evented profiles
    Speedscope,
    /// People: a report in Markdown
    Md,
}

/// What was written.
#[derive(Default)]
struct Written {
    traces: usize,
    unreadable: usize,
}

pub(crate) fn answer(store: &dyn Store, arguments: &Arguments, out: &mut impl Write) -> anyhow::Result<Answer> {
    let ids = which(store, arguments)?;
    let file = arguments.output.as_ref().filter(|path| path.as_os_str() != "-");
    let written = match file {
        None => {
            let progress = Progress::of(ids.len() as u64).unless(io::stdout().is_terminal());
            write(store, &ids, arguments.format, &progress, out)?
        }
        Some(path) => {
            let progress = Progress::of(ids.len() as u64);
            destination::whole(path, |file| write(store, &ids, arguments.format, &progress, file))?
        }
    };
    if written.unreadable > 0 {
        say(&format!("left out: {} that cannot be read", counted(written.unreadable, "row")));
    }
    if let Some(path) = file {
        say(&format!("{} in {}", counted(written.traces, "trace"), path.display()));
    }
    Ok(Answer::Found)
}

/// The traces that are meant; an error is [`NoTrace`] where there is none.
fn which(store: &dyn Store, arguments: &Arguments) -> anyhow::Result<Vec<TraceId>> {
    let zone = arguments.zone.zone();
    if !arguments.traces.is_empty() {
        let (mut ids, mut known) = (Vec::with_capacity(arguments.traces.len()), HashSet::new());
        for selector in &arguments.traces {
            let meant = match one_trace::meant(store, selector, &zone)? {
                Meant::Trace(id) => vec![id],
                Meant::Job { id, latest } => of_job(store, &id, latest)?,
            };
            ids.extend(meant.into_iter().filter(|id| known.insert(*id)));
        }
        return Ok(ids);
    }
    let (since, until) = arguments.period.resolve(&zone)?;
    let all = TraceFilter::newest(usize::MAX);
    let mut filter = if arguments.failed { all.failed() } else { all };
    (filter.since, filter.until) = (since, until);
    let mut ids = store.trace_ids(&filter).context(ASKED)?;
    if ids.is_empty() {
        let failed = if arguments.failed { " that failed" } else { "" };
        let then = if since.is_some() || until.is_some() { " that began then" } else { "" };
        bail!(NoTrace(format!("the database holds no trace{failed}{then}")));
    }
    // In a file that somebody reads from the top, what came first comes first.
    ids.reverse();
    Ok(ids)
}

/// All traces of a job, in the order in which they began.
fn of_job(store: &dyn Store, id: &str, latest: TraceId) -> anyhow::Result<Vec<TraceId>> {
    let mut ids = store.trace_ids(&TraceFilter::newest(usize::MAX).of_job(id)).context(ASKED)?;
    // Between the two they may have been deleted.
    if ids.is_empty() {
        ids.push(latest);
    }
    ids.reverse();
    Ok(ids)
}

fn write(
    store: &dyn Store,
    ids: &[TraceId],
    form: Form,
    progress: &Progress,
    out: &mut dyn Write,
) -> anyhow::Result<Written> {
    let mut out = BufWriter::with_capacity(CHUNK, out);
    let format = match form {
        Form::Jsonl => return write_events(store, ids, progress, out),
        Form::OtlpJson => Format::Otlp,
        Form::Jaeger => Format::Jaeger,
        Form::Zipkin => Format::Zipkin,
        Form::Chrome => Format::Chrome,
        Form::Speedscope => Format::Speedscope,
        Form::Md => Format::Markdown,
    };
    let mut written = Written::default();
    let mut export = Export::new(format, &mut out);
    for (done, id) in (0..).zip(ids) {
        progress.at(done, || "traces".to_owned());
        // It may have been deleted since it was listed.
        let Some(trace) = store.trace(*id).context(ASKED)? else { continue };
        written.unreadable += trace.gaps().unreadable;
        written.traces += 1;
        export.trace(&trace)?;
    }
    export.finish()?;
    out.flush()?;
    Ok(written)
}

/// The events as they are.
fn write_events(
    store: &dyn Store,
    ids: &[TraceId],
    progress: &Progress,
    mut out: impl Write,
) -> anyhow::Result<Written> {
    let mut written = Written::default();
    for (done, id) in (0..).zip(ids) {
        progress.at(done, || "traces".to_owned());
        let TraceEvents { mut events, unreadable } = store.events(*id).context(ASKED)?;
        written.unreadable += unreadable;
        written.traces += usize::from(!events.is_empty());
        lines::sort(&mut events);
        for event in &events {
            lines::write(&mut out, event)?;
        }
    }
    out.flush()?;
    Ok(written)
}
