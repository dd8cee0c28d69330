//! `tense diff`: two registries enter, the changes between them leave, each with who is broken by it.
//!
//! `events` compares what is declared, with the help of `renames` and, for each event that is in both, `fields`;
//! `around` compares what all names depend on; `readers` compares what all of that comes to for whoever reads. A
//! [`change::Change`] is made in all of them, and told here.

mod change;
mod renames;
mod events;
mod fields;
mod around;
mod readers;

use std::io::Write;
use std::path::PathBuf;

use tense_store::text;

use crate::commands::Answer;
use crate::format::{Format, Written};
use crate::layout::counted;
use crate::successors::Successors;
use crate::{json, project, say};

const EXAMPLES: &str = "\
Examples:
  tense diff old.toml tense.toml                   what the second breaks that was written for the first
  tense diff <(git show main:tense.toml) tense.toml --json

Producers are the programs that record events; consumers read them: other programs, queries, dashboards, and people with old \
traces. A change is told with those that it breaks, breaking ones first:
  diff/event-removed          both       an event is gone
  diff/renamed-without-was    both       an event is gone, and a new one looks just like it
  diff/event-renamed          producers  an event has a new name that keeps the old one under `was`; nobody while `migrating = true`
  diff/field-required         producers  a field is new and always there, or was optional
  diff/field-removed          both       a field is gone; where it was optional, producers, and consumers if the event takes any now
  diff/field-optional         consumers  a field that was always there may be absent, if only since it is handed down now
  diff/type-narrowed          producers  from json to one kind of value
  diff/type-widened           consumers  from one kind of value to json
  diff/type-changed           both       from one kind of value to another
  diff/fields-closed          producers  an event that took any fields declares which
  diff/status-added           consumers  an event may be failed, or pending, that never was: `failed` or [foreign] leads to it
  diff/failure-renamed        consumers  an event fails under another name, to which `was` does not lead
  diff/name-reused            consumers  a name that was given up means something else
  diff/name-forgotten         consumers  a name that was given up is no longer led anywhere
  diff/closed                 producers  names that are not declared no longer compile
  diff/migration-ended        producers  old names no longer compile
  diff/tense-changed          producers  the actions of a layer are in another tense
  diff/outcome-removed        producers  a noun may no longer close a name
  diff/inherit-removed        both       a field is no longer handed down
  diff/foreign-removed        consumers  a span of another crate is no longer an event
  diff/foreign-changed        consumers  it is another one, or has lost fields
Compatible: diff/event-added, diff/field-added, diff/fields-opened, diff/opened, \
diff/migration-begun, diff/inherit-added, diff/foreign-added. Not compared: `about`, `slow_ms`, `indexed`, `exempt`, `[words]`.

JSON, an object a line: {\"id\",\"name\",\"field\",\"breaking\",\"breaks\":[\"producers\",\"consumers\"],\"message\"}, with null where \
there is no field.

Exit codes: 0 nothing is broken, 1 something is, 2 the question was not understood, or a registry cannot be read.";

/// Compares two registries and names what the new one breaks
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// The tense.toml as it was
    old: PathBuf,

    /// The tense.toml as it is to be
    new: PathBuf,

    #[command(flatten)]
    pub(crate) form: Written,
}

pub(crate) fn answer(arguments: &Arguments, out: &mut impl Write) -> anyhow::Result<Answer> {
    let (old, new) = (project::sound(&arguments.old)?, project::sound(&arguments.new)?);
    let successors = Successors::of(&new);
    let mut changes = events::compare(&old, &new, &successors);
    changes.extend(around::compare(&old, &new));
    changes.extend(readers::compare(&old, &new, &successors));
    changes.sort();
    let breaking = changes.iter().filter(|change| change.is_breaking()).count();
    if arguments.form.format() == Format::Md && !changes.is_empty() {
        writeln!(out, "| event | breaks | what | id |\n|---|---|---|---|")?;
    }
    for change in &changes {
        match arguments.form.format() {
            Format::Json | Format::Jsonl => json::line(out, &change.as_json())?,
            Format::Md => writeln!(out, "{}", change.as_row())?,
            Format::Table => writeln!(out, "{}", text::escape(&change.to_string()))?,
        }
    }
    out.flush()?;
    if !arguments.form.is_json() {
        say(&format!("{}, {breaking} breaking", counted(changes.len(), "change")));
    }
    Ok(if breaking == 0 { Answer::Found } else { Answer::Wrong })
}
