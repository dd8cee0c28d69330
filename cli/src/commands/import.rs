//! `tense import`: events of schema 1 enter as JSON lines, and are in the database afterwards, under their present names.
//!
//! What comes from outside is cleaned as everything is. A line that is no event is told with its place, and the others go on.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};

use anyhow::Context;
use tense_event::{CleanEvent, Event, SCHEMA_VERSION, Sanitizer};
use tense_grammar::Registry;
use tense_store::{SqliteStore, Store, text};

use crate::commands::Answer;
use crate::project::WhichRegistry;

const EXAMPLES: &str = "\
Examples:
  tense import old-events.jsonl --db traces.db
  zcat 2025-*.jsonl.gz | tense import -

A line is an event of schema 1, as `tense schema` describes it; without `span_name` it has the name of its event. A name that \
stands under `was` in tense.toml becomes the present one. Events that are in the database already are not written again, so a \
file can be imported twice.

Exit codes: 0 all lines were imported, 1 some were not, or the database could not be written, 2 the question was not understood.";

/// Lines that are written at once.
const BATCH: usize = 500;
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

/// What has become of the lines.
#[derive(Default)]
struct Count {
    stored: usize,
    known: usize,
    renamed: usize,
    removed: usize,
    wrong: usize,
}

pub(crate) fn answer(store: &mut SqliteStore, arguments: &Arguments, out: &mut impl Write) -> anyhow::Result<Answer> {
    let registry = arguments.which.registry()?;
    let named = arguments.file.to_string_lossy();
    let input: Box<dyn Read> = match &*named {
        "-" => Box::new(io::stdin().lock()),
        _ => Box::new(File::open(&arguments.file).with_context(|| format!("failed to open {named}"))?),
    };
    let (mut input, sanitizer) = (BufReader::new(input), Sanitizer::default());
    let (mut count, mut batch) = (Count::default(), Vec::with_capacity(BATCH));
    let mut line = Vec::new();
    for number in 1_usize.. {
        line.clear();
        let read = (&mut input).take(LONGEST + 1).read_until(b'\n', &mut line).context("failed to read the events")?;
        if read == 0 {
            break;
        }
        if line.last() != Some(&b'\n') && read as u64 > LONGEST {
            input.skip_until(b'\n').context("failed to read the events")?;
        }
        if line.trim_ascii().is_empty() {
            continue;
        }
        match event(&line, &registry, &mut count) {
            Ok(event) => batch.push(sanitizer.clean(event)),
            Err(error) => {
                count.wrong += 1;
                if count.wrong <= TOLD {
                    writeln!(out, "{}:{number}: {}", text::escape(&named), text::escape(&error.to_string()))?;
                }
            }
        }
        if batch.len() == BATCH {
            write(store, &mut batch, &mut count)?;
        }
    }
    write(store, &mut batch, &mut count)?;
    tell(&count, out)?;
    Ok(if count.wrong == 0 { Answer::Found } else { Answer::Wrong })
}

/// The event of a line, under its present name.
fn event(line: &[u8], registry: &Registry, count: &mut Count) -> anyhow::Result<Event> {
    anyhow::ensure!(line.len() as u64 <= LONGEST, "this line has more than {LONGEST} bytes and is left unread");
    let mut event = match serde_json::from_slice(line) {
        Ok(event) => event,
        Err(error) => named(line).ok_or_else(|| anyhow::anyhow!("this is no event of schema 1: {error}"))?,
    };
    anyhow::ensure!(
        event.schema_version == SCHEMA_VERSION,
        "this is an event of schema {}, and schema {SCHEMA_VERSION} is read",
        event.schema_version
    );
    rename(&mut event, registry, count);
    Ok(event)
}

/// The event of a line that says what happened and not in which span: the span has its name then.
fn named(line: &[u8]) -> Option<Event> {
    #[derive(serde::Deserialize)]
    struct Name {
        event_type: String,
        span_name: Option<serde::de::IgnoredAny>,
    }
    let Name { event_type, span_name: None } = serde_json::from_slice(line).ok()? else { return None };
    let mut text = line.trim_ascii().strip_suffix(b"}")?.to_vec();
    write!(text, ",\"span_name\":{}}}", serde_json::to_string(&event_type).ok()?).ok()?;
    serde_json::from_slice(&text).ok()
}

fn rename(event: &mut Event, registry: &Registry, count: &mut Count) {
    let Some(new) = registry.successor(&event.event_type) else {
        count.removed += usize::from(registry.removed(&event.event_type).is_some());
        return;
    };
    count.renamed += 1;
    let last = event.event_type.rsplit_once('.').map(|(before, _)| before);
    if event.span_name == event.event_type {
        event.span_name = new.to_owned().into();
    } else if last == Some(&*event.span_name)
        && let Some((before, _)) = new.rsplit_once('.')
    {
        // the name of a life, without the word of its end
        event.span_name = before.to_owned().into();
    }
    event.event_type = new.to_owned().into();
}

fn write(store: &mut SqliteStore, batch: &mut Vec<CleanEvent>, count: &mut Count) -> anyhow::Result<()> {
    let appended = store.append(batch).context("failed to write the events")?;
    count.stored += appended.stored;
    count.known += appended.known;
    batch.clear();
    Ok(())
}

fn tell(count: &Count, out: &mut impl Write) -> io::Result<()> {
    if count.wrong > TOLD {
        writeln!(out, "and {} more lines that are no events", count.wrong - TOLD)?;
    }
    write!(out, "{} events imported", count.stored)?;
    for (number, what) in [
        (count.known, "known already"),
        (count.renamed, "under a new name"),
        (count.removed, "under a name that was removed"),
        (count.wrong, "lines not imported"),
    ] {
        if number > 0 {
            write!(out, ", {number} {what}")?;
        }
    }
    writeln!(out)
}
