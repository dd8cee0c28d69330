//! `tense import`: what was kept enters, as JSON lines or as OTLP/JSON, and is in the database afterwards, under its
//! present names.
//!
//! Walk: [`input`] opens the file and tells by its beginning what it is; [`line`](mod@line) reads an event of ours or
//! of another system, and [`otlp`] requests of spans, which [`walk`] takes apart; [`crate::successors`] knows present
//! names, and [`batches`] writes what is new. What comes from outside is cleaned as everything is. What cannot be read
//! is told with its place, and the others go on.

mod digits;
mod input;
mod line;
mod otlp;
mod walk;
mod batches;

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::io::{self, Write};
use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::ValueEnum;
use serde_json::Value;
use tense_event::{Event, Sanitizer, Status};
use tense_grammar::{Registry, filled_in};
use tense_store::{DEFAULT_RETENTION, Purged, text};

use crate::commands::Answer;
use crate::layout::counted;
use crate::project::WhichRegistry;
use crate::redaction;
use crate::say;
use crate::successors::Successors;
use batches::{Batches, Kind, Stored};
use input::Input;

const EXAMPLES: &str = "\
Examples:
  tense import old-events.jsonl --db traces.db
  tense import collector.json
  zcat 2025-*.jsonl.gz | tense import -

What the file is, its beginning says, or --format does.

jsonl: a line is an event of schema 1, as `tense schema` describes it, in UTF-8; without `span_name` it has the name of its event. A \
line without `schema_version` is one of another system: docs/export.md says under which keys its name, its time and its ids are \
found; all others become fields. A name with colons (`job:started`) gets dots, and an id that is no 16 bytes stays as \
`correlation_key`, and makes an id that is always the same.

otlp-json: requests of OpenTelemetry, one a line or one in all; each span becomes an event, and each of its events a point below it.

Programs remove traces that ended more than 90 days ago from the database that they write to, imported ones as well; older ones stay in \
a file of their own, which --db names.

A name that stands under `was` in tense.toml becomes the present one, and with it what follows from it: the name of its failure, \
of its span, and in what a pipeline declared. Events that are in the database already are not written again, so a file can be \
imported twice: those of the same trace, span, type and status, whatever else they say. Those that were imported before `was` was \
written stay as they are, so import into a new database then. A database is made with the first event.

Exit codes: 0 all was imported, 1 some was not, or the database could not be written, 2 the question was not understood.";

/// What could not be imported and is told one by one.
const TOLD: usize = 20;

/// Puts events from a file into the database, under their present names
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// A file of JSON lines or of OTLP/JSON; `-` stands for standard input
    #[arg(value_name = "FILE")]
    file: OsString,

    /// What the file is [default: what it begins as]
    #[arg(long, value_enum)]
    format: Option<Form>,

    #[command(flatten)]
    which: WhichRegistry,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    /// Events, one a line: of schema 1, or of another system
    Jsonl,
    /// Requests of OTLP/JSON
    OtlpJson,
}

pub(crate) fn answer(db: Option<PathBuf>, arguments: &Arguments, out: &mut impl Write) -> anyhow::Result<Answer> {
    let registry = arguments.which.registry()?;
    let sanitizer = redaction::sanitizer(&registry).context("failed to read the patterns under [redact]")?;
    let input = Input::open(&arguments.file)?;
    if !input.is_empty() && arguments.which.path()?.is_none() {
        say(UNNAMED);
    }
    if arguments.format.is_none() && !input.begins_as_otlp() && input.goes_over_lines() {
        let name = arguments.file.to_string_lossy();
        bail!(
            "{} goes over many lines, and one object a line is read: `jq -c . {name} | tense import -` makes lines of it",
            if name == "-" { "standard input" } else { &name }
        );
    }
    let form = arguments.format.unwrap_or(if input.begins_as_otlp() { Form::OtlpJson } else { Form::Jsonl });
    let named = input.name().to_owned();
    let names = Successors::of(&registry);
    let indexed = indexed(&registry);
    let mut import = Import {
        names,
        indexed,
        sanitizer,
        batches: Batches::new(db),
        named,
        wrong: 0,
        changed: Changed::default(),
        out,
    };
    match form {
        Form::Jsonl => lines(input, &mut import)?,
        Form::OtlpJson => otlp::read(input, &mut import)?,
    }
    let Import { batches, wrong, changed, .. } = import;
    let stored = batches.finish()?;
    tell(&stored, wrong, &changed, form, out)?;
    if let Some(too_old) = stored.too_old {
        out.flush()?;
        say(&of_old(too_old));
    }
    Ok(if wrong == 0 { Answer::Found } else { Answer::Wrong })
}

/// Why nothing is renamed, and nothing new found at once.
const UNNAMED: &str = "no name was changed, and no field is `indexed`: there is no tense.toml here, nor above up to the root of the \
                       workspace, that says what became of old names and by which fields people search; name one with --registry PATH";

/// The fields that are handed down or marked `indexed`, of whatever event. A store goes by the name alone: one value
/// that it does not know as such, in an event of another system, and it would have to read everything for that field
/// from then on.
fn indexed(registry: &Registry) -> &'static [&'static str] {
    let of_events = registry.events().flat_map(|event| event.indexed.iter().map(String::as_str));
    let all: BTreeSet<&str> = registry.inherit().chain(of_events).collect();
    // An event borrows them for as long as the program runs, which is for this one import.
    all.into_iter().map(|name| &*name.to_owned().leak()).collect::<Vec<_>>().leak()
}

/// What becomes of old events, and what to do about it.
fn of_old(Purged { traces, events, .. }: Purged) -> String {
    let (traces, events) = (counted(traces as usize, "trace"), counted(events as usize, "event"));
    let days = DEFAULT_RETENTION.as_secs() / (24 * 60 * 60);
    format!(
        "{events} in {traces} of this database ended more than {days} days ago, and the next program that writes to it removes them, \
         unless it has set `sink::Sqlite::keep_for`; import them with `--db kept.db`, say, and they stay in a file of their own"
    )
}

/// Where events go, and what cannot become one.
struct Import<'o, W> {
    names: Successors,
    /// By which fields people search.
    indexed: &'static [&'static str],
    sanitizer: Sanitizer,
    batches: Batches,
    /// What the file is called.
    named: String,
    wrong: usize,
    changed: Changed,
    out: &'o mut W,
}

/// What of imported events is not as it was written.
#[derive(Default)]
struct Changed {
    /// Integers that have no room in 64 bits.
    long_numbers: usize,
    /// Durations that no clock has measured.
    lost_durations: usize,
}

impl<W: Write> Import<'_, W> {
    fn take(&mut self, mut event: Event) -> anyhow::Result<()> {
        let kind = rename(&mut event, &self.names);
        event.indexed = self.indexed;
        self.batches.add(kind, self.sanitizer.clean(event))
    }

    /// Tells what could not be read, and where: a line and a column, from 1.
    fn refuse(&mut self, line: usize, column: usize, message: &str) -> io::Result<()> {
        self.wrong += 1;
        if self.wrong > TOLD {
            return Ok(());
        }
        self.batches.progress.beside(|| {
            writeln!(self.out, "{}:{line}:{column}: {}", text::escape(&self.named), text::excerpt(message, 500))?;
            self.out.flush()
        })
    }
}

/// Reads events, one a line.
fn lines(mut input: Input, import: &mut Import<'_, impl Write>) -> anyhow::Result<()> {
    let mut bytes = Vec::new();
    for number in 1_usize.. {
        if !input.line(&mut bytes, line::LONGEST)? {
            break;
        }
        match line::event(&bytes) {
            Ok(None) => {}
            Ok(Some(line)) => {
                import.changed.long_numbers += line.long_numbers;
                import.changed.lost_durations += usize::from(line.has_lost_duration);
                import.take(line.event)?;
            }
            Err(line::Error { column, message }) => import.refuse(number, column, &message)?,
        }
    }
    Ok(())
}

/// Gives an event its present names.
fn rename(event: &mut Event, names: &Successors) -> Kind {
    // a span that was still open was told under its own name
    let is_report = event.status == Status::Pending && event.event_type == event.span_name;
    let of_report = || names.of_span(&event.event_type).filter(|_| is_report);
    let new_type = names.of_type(&event.event_type).or_else(of_report).map(str::to_owned);
    let new_span = names.of_span(&event.span_name).map(str::to_owned);
    let kind = match (&new_type, &new_span) {
        (None, None) if names.is_removed(&event.event_type) => Kind::Removed,
        (None, None) => Kind::Plain,
        _ => Kind::Renamed,
    };
    if let Some(new) = new_type {
        event.event_type = new.into();
    }
    if let Some(new) = new_span {
        event.span_name = new.into();
    }
    for (key, declared) in event.data.iter_mut() {
        if DECLARED.contains(&&**key) {
            rename_declared(declared, names);
        }
    }
    kind
}

/// What a pipeline and its stages declare of other spans: their names.
const DECLARED: [&str; 2] = [filled_in::STAGES, filled_in::COMPENSATE];

fn rename_declared(declared: &mut Value, names: &Successors) {
    match declared {
        Value::String(name) => {
            if let Some(new) = names.of_span(name) {
                *name = new.to_owned();
            }
        }
        Value::Array(all) => all.iter_mut().filter(|one| one.is_string()).for_each(|one| rename_declared(one, names)),
        _ => {}
    }
}

fn tell(stored: &Stored, wrong: usize, changed: &Changed, form: Form, out: &mut impl Write) -> io::Result<()> {
    let (one, one_more) = match form {
        Form::Jsonl => ("line", "more line"),
        Form::OtlpJson => ("part", "more part"),
    };
    if wrong > TOLD {
        writeln!(out, "and {} of the kind", counted(wrong - TOLD, one_more))?;
    }
    write!(out, "{} imported", counted(stored.all(), "event"))?;
    for (number, what) in [
        (stored.known, "known already"),
        (stored.renamed, "under a new name"),
        (stored.removed, "under a name that was removed"),
    ] {
        if number > 0 {
            write!(out, ", {number} {what}")?;
        }
    }
    for (number, noun, what) in [
        (changed.long_numbers, "number", "of more than 64 bits kept as text"),
        (changed.lost_durations, "duration", "left out, below 0 or above 584 years"),
        (wrong, one, "not imported"),
    ] {
        if number > 0 {
            write!(out, ", {} {what}", counted(number, noun))?;
        }
    }
    writeln!(out)
}
