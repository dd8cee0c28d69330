//! `tense import`: events of schema 1 enter as JSON lines, and are in the database afterwards, under their present
//! names.
//!
//! Walk: [`line`](mod@line) reads an event, [`crate::successors`] knows its present name, and [`batches`] writes what
//! is new. What comes from outside is cleaned as everything is. A line that is no event is told with its place, and the
//! others go on.

mod line;
mod batches;

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::PathBuf;

use anyhow::Context;
use serde_json::Value;
use tense_event::{Event, Sanitizer, Status};
use tense_grammar::filled_in;
use tense_store::text;

use crate::commands::Answer;
use crate::layout::counted;
use crate::project::WhichRegistry;
use crate::say;
use crate::successors::Successors;
use batches::{Batches, Kind, Stored};

const EXAMPLES: &str = "\
Examples:
  tense import old-events.jsonl --db traces.db
  zcat 2025-*.jsonl.gz | tense import -

A line is an event of schema 1, as `tense schema` describes it, in UTF-8; without `span_name` it has the name of its event. A name \
that stands under `was` in tense.toml becomes the present one, and with it what follows from it: the name of its failure, of its \
span, and in what a pipeline declared. Events that are in the database already are not written again, so a file can be imported \
twice; those that were imported before `was` was written stay as they are, so import into a new database then. A database is made \
with the first event.

Exit codes: 0 all lines were imported, 1 some were not, or the database could not be written, 2 the question was not understood.";

/// The longest line that is read, in bytes: a hundred times what an event may have.
const LONGEST: u64 = 1 << 20;
/// Lines that could not be imported and are told one by one.
const TOLD: usize = 20;

/// Puts events from a file into the database, under their present names
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// A file of JSON lines; `-` stands for standard input
    #[arg(value_name = "FILE")]
    file: OsString,

    #[command(flatten)]
    which: WhichRegistry,
}

pub(crate) fn answer(db: Option<PathBuf>, arguments: &Arguments, out: &mut impl Write) -> anyhow::Result<Answer> {
    let names = Successors::of(&arguments.which.registry()?);
    let named = arguments.file.to_string_lossy();
    let input: Box<dyn Read> = match &*named {
        "-" => Box::new(io::stdin().lock()),
        _ => Box::new(File::open(&arguments.file).with_context(|| format!("failed to open {named}"))?),
    };
    let reading = || format!("failed to read {}", if named == "-" { "standard input" } else { &*named });
    let (mut input, sanitizer, mut batches) = (BufReader::new(input), Sanitizer::default(), Batches::new(db));
    let (mut bytes, mut wrong) = (Vec::new(), 0);
    for number in 1_usize.. {
        bytes.clear();
        let read = (&mut input).take(LONGEST + 1).read_until(b'\n', &mut bytes).with_context(reading)?;
        if read == 0 {
            break;
        }
        if bytes.last() != Some(&b'\n') && read as u64 > LONGEST {
            input.skip_until(b'\n').with_context(reading)?;
        }
        if number == 1 && arguments.which.path()?.is_none() {
            say(UNNAMED);
        }
        match line::event(&bytes, number == 1) {
            Ok(None) => {}
            Ok(Some(mut event)) => {
                let kind = rename(&mut event, &names);
                batches.add(kind, sanitizer.clean(event))?;
            }
            Err(error) => {
                wrong += 1;
                if wrong <= TOLD {
                    let line::Error { column, message } = error;
                    writeln!(out, "{}:{number}:{column}: {}", text::escape(&named), text::escape(&message))?;
                }
            }
        }
    }
    tell(&batches.finish()?, wrong, out)?;
    Ok(if wrong == 0 { Answer::Found } else { Answer::Wrong })
}

/// Why nothing is renamed.
const UNNAMED: &str = "no name was changed: there is no tense.toml here, nor above up to the root of the workspace, that says what \
                       became of old names; name one with --registry PATH";

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

fn tell(stored: &Stored, wrong: usize, out: &mut impl Write) -> io::Result<()> {
    if wrong > TOLD {
        writeln!(out, "and {} of the kind", counted(wrong - TOLD, "more line"))?;
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
    if wrong > 0 {
        write!(out, ", {} not imported", counted(wrong, "line"))?;
    }
    writeln!(out)
}
