//! `tense doctor`: looks at all that the traces depend on, and says of each what it found, where, and what to do.
//!
//! In the order in which an event meets them: `settings` of the environment and the `names` of the registry, the
//! `programs` that record, the `disk` that the file lies on, the `file` itself and its `rows`, and its `log`. Each
//! makes [`Finding`]s, which `finding` shows.

mod finding;
mod settings;
mod names;
mod programs;
mod disk;
mod file;
mod rows;
mod log;

use std::io::Write;
use std::path::PathBuf;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use jiff::tz::TimeZone;
use serde_json::json;
use tense_event::Timestamp;
use tense_store::{Examination, ExaminedRows, Integrity, SqliteStore};

use self::finding::{Finding, Mark};
use crate::commands::Answer;
use crate::database::{self, Meant};
use crate::format::{Form, Format};
use crate::layout::counted;
use crate::progress::Progress;
use crate::project::WhichRegistry;
use crate::say;

const EXAMPLES: &str = "\
Examples:
  tense doctor                        what is wrong, or that nothing is
  tense doctor --full                 the same, with every page and every row of the file, however long that takes
  tense doctor --json | jq -e .ok     in a script

It looks at the variables of this shell, at tense.toml, at what the programs have counted, at the disk, the \
file and its log, and changes nothing. Of a large file it looks at pages for two seconds, and reads rows for \
two more, a sample from all over it; --full reads all of them. A line is marked `ok`, `note` (nothing to do \
now, but to know) or `problem` (traces are lost or wrong, or soon will be), and says below what to do. What \
it cannot find out on this system it leaves out.

JSON: {\"version\", \"ok\", \"database\", \"findings\": [{\"mark\", \"about\", \"where\", \"what\", \
\"do\"}]}; with --format jsonl a finding a line. docs/json.md says what each key is.

Exit codes: 0 there is no problem, 1 there is one, 2 the question was not understood.";

/// So long the pages of a file are looked at, and then its rows, unless all of it is asked for.
const PATIENCE: Duration = Duration::from_secs(2);
/// Clocks of two machines may differ by so much and mean no harm.
const TOLERANCE: Duration = Duration::from_secs(60);

/// Looks for what is wrong with the database, its disk, the programs that write to it, and the settings
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// Looks at every page of the file and reads every row, however long that takes, not for four seconds only
    #[arg(long)]
    full: bool,

    #[command(flatten)]
    which: WhichRegistry,

    #[command(flatten)]
    pub(crate) form: Form,
}

pub(crate) fn answer(db: Option<PathBuf>, arguments: &Arguments, out: &mut impl Write) -> anyhow::Result<Answer> {
    let (now, form) = (now(), &arguments.form);
    // In JSON sentences have it as well.
    let zone = if form.is_json() { TimeZone::UTC } else { form.zone() };
    let mut findings = settings::findings(db.as_deref());
    let meant = database::meant(db);
    let store = match &meant {
        Ok(Meant { path, named_by }) => {
            // Before anything is opened: what this process does itself is none of its findings.
            let before = log::look(path);
            let (store, of_file) = file::open(path, named_by);
            findings.extend(names::findings(&arguments.which, store.as_ref())?);
            findings.extend(store.as_ref().map(|store| programs::findings(store, now, &zone)).unwrap_or_default());
            let examined = store.as_ref().map(|store| examined(store, now, arguments.full));
            findings.extend(disk::findings(path, examined.as_ref().and_then(|examined| examined.as_ref().ok())));
            findings.extend(of_file);
            let read = match (&store, &examined) {
                // What is on damaged pages means nothing, and to read it may fail.
                (Some(store), Some(Ok(examined))) if !matches!(examined.integrity, Integrity::Damaged(_)) => {
                    Some(read(store, arguments.full))
                }
                _ => None,
            };
            findings.extend(
                examined.map(|examined| file::within(path, examined, read, arguments.full, &zone)).unwrap_or_default(),
            );
            findings.extend(log::findings(path, before.as_ref()));
            findings.extend(file::beside(path));
            store
        }
        Err(error) => {
            findings.extend(names::findings(&arguments.which, None)?);
            findings.push(
                Finding::problem("file", "here", error.to_string())
                    .advice("run the program that writes to it from here, or name its database"),
            );
            None
        }
    };
    drop(store);
    let problems = findings.iter().filter(|finding| finding.mark == Mark::Problem).count();
    if form.is_json() {
        let database = meant.as_ref().ok().map(|meant| meant.path.to_string_lossy());
        let mut told = form.json(&mut *out).list()?;
        told.key("ok", &json!(problems == 0))?;
        told.key("database", &json!(database))?;
        told.entries("findings", findings.iter().map(|finding| json!(finding)))?;
        told.end()?;
    } else {
        if form.format() == Format::Md {
            writeln!(out, "| | about | where | what | what to do |\n|---|---|---|---|---|")?;
            findings.iter().try_for_each(|finding| finding.in_markdown(out))?;
        } else {
            findings.iter().try_for_each(|finding| finding.show(out))?;
        }
        out.flush()?;
        let notes = findings.iter().filter(|finding| finding.mark == Mark::Note).count();
        say(&format!("{}, {}", counted(problems, "problem"), counted(notes, "note")));
    }
    Ok(if problems == 0 { Answer::Found } else { Answer::Wrong })
}

fn examined(store: &SqliteStore, now: Timestamp, full: bool) -> Result<Examination, tense_store::StoreError> {
    let _progress = full.then(|| Progress::waiting("looking at every page"));
    let soon = now.unix_nanos().saturating_add(TOLERANCE.as_nanos() as i64);
    store.examine(Timestamp::from_unix_nanos(soon), (!full).then_some(PATIENCE))
}

fn read(store: &SqliteStore, full: bool) -> Result<ExaminedRows, tense_store::StoreError> {
    let mut progress = None;
    store.examine_rows((!full).then_some(PATIENCE), |part, whole| {
        let progress = progress.get_or_insert_with(|| Progress::of(whole));
        progress.at(part, || "reading rows".to_owned());
    })
}

fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_unix_nanos(i64::try_from(since.as_nanos()).unwrap_or(i64::MAX))
}
