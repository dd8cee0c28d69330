//! `tense purge`: removes old traces, in small steps that keep no program waiting that writes.

use std::io::{self, BufRead, IsTerminal, Write};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use clap::ArgGroup;
use serde_json::json;
use tense_store::text::size;
use tense_store::{Purged, Retention, Store, StoreError, json};

use crate::commands::{ASKED, Answer};
use crate::format::{Form, Format};
use crate::layout::counted;
use crate::{database, moments, progress};

/// A step takes longer only where it waits itself, for a program that writes.
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

const EXAMPLES: &str = "\
Examples:
  tense purge --older-than 90d --dry-run   what would be removed
  tense purge --older-than 90d --yes       without asking, in a script
  tense purge --larger-than 2GB            the oldest, until the rest has at most this size

The programs that write to the database go on meanwhile. Free room is given back to the disk step by step; \
what is left of it is used for what comes.

JSON: {\"version\", \"traces\", \"events\", \"bytes\", \"removed\": whether they are gone}; with --format \
jsonl the same. docs/json.md says what each key is.

Exit codes: 0 removed, or what would be, 1 could not, 2 not understood, 3 there was nothing to remove, or it \
was not agreed to.";

/// Removes old traces: whole ones, those first that ended first
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
#[command(group = ArgGroup::new("which").required(true).multiple(true).args(["older_than", "larger_than"]))]
pub(crate) struct Arguments {
    /// Those whose last event is older: 90d, 12h
    #[arg(long, value_name = "TIME", value_parser = moments::length)]
    older_than: Option<Duration>,

    /// As many as it takes until the rest has at most this size: 2GB, 500MB, 100MiB
    #[arg(long, value_name = "SIZE", value_parser = bytes)]
    larger_than: Option<u64>,

    /// Says what would be removed, and removes nothing
    #[arg(long)]
    dry_run: bool,

    /// Removes without asking first
    #[arg(long, short)]
    yes: bool,

    #[command(flatten)]
    pub(crate) form: Form,
}

/// Reads `2GB` or `100MiB`.
fn bytes(text: &str) -> Result<u64, String> {
    let wrong =
        || "a size is a number and its unit, one of B, kB, MB, GB, TB, KiB, MiB, GiB, TiB: 2GB, 1.5GiB".to_owned();
    let text = text.trim();
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.').len();
    let (number, unit) = text.split_at(digits);
    let number: f64 = number.parse().map_err(|_| wrong())?;
    let unit: f64 = match unit.trim().to_ascii_lowercase().as_str() {
        "b" => 1.0,
        "kb" => 1e3,
        "mb" => 1e6,
        "gb" => 1e9,
        "tb" => 1e12,
        "kib" => 1024.0,
        "mib" => 1_048_576.0,
        "gib" => 1_073_741_824.0,
        "tib" => 1_099_511_627_776.0,
        _ => return Err(wrong()),
    };
    Ok((number * unit) as u64)
}

pub(crate) fn answer(db: Option<PathBuf>, arguments: &Arguments, out: &mut impl Write) -> anyhow::Result<Answer> {
    let mut retention = Retention::nothing();
    if let Some(age) = arguments.older_than {
        retention = retention.ended_before(moments::ago(age));
    }
    if let Some(bytes) = arguments.larger_than {
        retention = retention.larger_than(bytes);
    }
    let mut store = database::open_to_change(db)?;
    let too_much = store.purgeable(&retention).context(ASKED)?;
    if too_much.traces == 0 {
        tell(out, arguments, too_much, false)?;
        return Ok(Answer::Nothing("there is nothing to remove".to_owned()));
    }
    if arguments.dry_run {
        tell(out, arguments, too_much, false)?;
        return Ok(Answer::Found);
    }
    if !arguments.yes && !is_agreed(too_much)? {
        return Ok(Answer::Nothing("nothing was removed".to_owned()));
    }
    let progress = progress::Progress::of(too_much.events);
    let purged = remove(&mut store, &retention, |purged, took| {
        progress.at(purged.events, || "events".to_owned());
        std::thread::sleep(took.min(LONGEST_PAUSE));
    })?;
    drop(progress);
    tell(out, arguments, purged, true)?;
    Ok(Answer::Found)
}

/// Removes all of it, step by step. Between two of them `pause` hears what is gone so far and how long the step took,
/// to wait as long: a program that writes looks now and then whether it can, and would hardly ever meet the moment
/// between two steps.
fn remove(
    store: &mut impl Store,
    retention: &Retention,
    mut pause: impl FnMut(Purged, Duration),
) -> anyhow::Result<Purged> {
    let mut purged = Purged::default();
    loop {
        let began = Instant::now();
        purged = purged.and(store.purge(retention).map_err(|error| stopped(error, purged))?);
        if !purged.more {
            return Ok(purged);
        }
        pause(purged, began.elapsed());
    }
}

/// What is to be said where it cannot go on. That something has to be written before anything can be removed is news to
/// most.
fn stopped(error: StoreError, purged: Purged) -> anyhow::Error {
    let no_room = match error {
        StoreError::Full { .. } => {
            ": what is to be removed takes some room on the disk first, a few MiB; remove another file, or copy the database and \
             its -wal to another disk and purge it there"
        }
        _ => "",
    };
    let after = format!("failed to go on, after {} with {} had been removed{no_room}", traces(purged), events(purged));
    anyhow::Error::from(error).context(after)
}

/// Asks whoever sits there.
fn is_agreed(too_much: Purged) -> anyhow::Result<bool> {
    let question = format!("this removes {} with {} for ever", traces(too_much), events(too_much));
    if !io::stdin().is_terminal() {
        bail!("{question}, and there is nobody to ask: say --yes, or --dry-run to see it only");
    }
    let mut err = anstream::stderr().lock();
    write!(err, "{question}. Go on? [y/N] ")?;
    err.flush()?;
    let mut said = String::new();
    io::stdin().lock().read_line(&mut said)?;
    Ok(["y", "yes"].contains(&said.trim().to_ascii_lowercase().as_str()))
}

fn traces(purged: Purged) -> String {
    counted(usize::try_from(purged.traces).unwrap_or(usize::MAX), "trace")
}

fn events(purged: Purged) -> String {
    counted(usize::try_from(purged.events).unwrap_or(usize::MAX), "event")
}

fn tell(out: &mut impl Write, arguments: &Arguments, purged: Purged, removed: bool) -> anyhow::Result<()> {
    if arguments.form.is_json() {
        let Purged { traces, events, bytes, .. } = purged;
        let told = json!({ "traces": traces, "events": events, "bytes": bytes, "removed": removed });
        return Ok(json::one(arguments.form.json(out), &told)?);
    }
    if purged.traces == 0 {
        return Ok(());
    }
    if arguments.form.format() == Format::Md {
        let Purged { traces, events, bytes, .. } = purged;
        let head = "| traces | events | size | removed |\n|---:|---:|---:|---|";
        writeln!(out, "{head}\n| {traces} | {events} | {} | {} |", size(bytes), if removed { "yes" } else { "no" })?;
        return Ok(());
    }
    let (traces, events, size) = (traces(purged), events(purged), size(purged.bytes));
    if removed {
        writeln!(out, "removed {traces} with {events}, {size}")?;
    } else {
        writeln!(out, "would remove {traces} with {events}, about {size}")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use tense_event::{Event, Sanitizer, SpanId, Status, Timestamp, TraceId};
    use tense_store::SqliteStore;

    use super::*;

    #[test]
    fn others_get_a_pause_between_two_steps() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = SqliteStore::open(folder.path().join("tense.db")).unwrap();
        let (sanitizer, trace, at) =
            (Sanitizer::default(), TraceId::from_bytes([7; 16]), Timestamp::from_unix_nanos(1));
        let spans = (1..=5_000).filter_map(SpanId::new);
        let batch: Vec<_> = spans
            .map(|span| sanitizer.clean(Event::new(trace, span, "operation.orders.placed", Status::Success, at)))
            .collect();
        assert_eq!(store.append(&batch).unwrap().stored, 5_000);
        let mut pauses = Vec::new();
        let began = Instant::now();
        let purged = remove(&mut store, &Retention::nothing().larger_than(0), |so_far, took| {
            pauses.push((so_far.events, took));
        });
        let whole = began.elapsed();
        assert_eq!(purged.unwrap().events, 5_000);
        assert!(pauses.len() >= 2 && pauses.is_sorted_by(|one, next| one.0 < next.0), "{pauses:?}");
        assert!(pauses.iter().all(|(_, took)| !took.is_zero()), "{pauses:?}");
        assert!(pauses.iter().map(|(_, took)| *took).sum::<Duration>() <= whole, "{pauses:?} of {whole:?}");
    }

    #[test]
    fn sizes_are_read_with_their_units() {
        assert_eq!(["2GB", "1.5 KiB", "0B", "3kb"].map(bytes), [Ok(2_000_000_000), Ok(1536), Ok(0), Ok(3000)]);
        for wrong in ["", "2", "GB", "-1GB", "2PB", "1.2.3MB"] {
            assert!(bytes(wrong).is_err(), "{wrong}");
        }
    }
}
