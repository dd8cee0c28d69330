//! `tense schema`: the registry enters; a JSON Schema of every event, or their types in TypeScript, leaves.
//!
//! What the two have to agree on is worked out once, in `shape`; `json` and `typescript` only write it down.

pub(super) mod shape;
mod keywords;
mod json;
mod typescript;

use std::io::Write;

use crate::commands::Answer;
use crate::destination::{Destination, EXIT_CODES};
use crate::project::WhichRegistry;

const EXAMPLES: &str = "\
Examples:
  tense schema                                            a JSON Schema (draft 2020-12) of every event
  tense schema --typescript --output web/events.ts        types for who reads events in TypeScript
  tense schema --output events.schema.json --check        in CI: whether that file is up to date

An event is declared, or the failure of a declared one; besides there are reports of spans that are still open, and events that \
no registry declares (`log.*` and `foreign.*`, and where names are open any). A field that is declared as always there may be \
missing from an event that names it under `absent` or `cut`, and from the report of a span that is still open. Keys that a \
schema does not know are to be ignored, so it allows them.";

/// Writes a JSON Schema of every event, or their types in TypeScript
#[derive(Debug, clap::Args)]
#[command(after_help = format!("{EXAMPLES}\n\n{EXIT_CODES}"))]
pub(crate) struct Arguments {
    #[command(flatten)]
    which: WhichRegistry,

    /// Writes TypeScript instead
    #[arg(long)]
    typescript: bool,

    #[command(flatten)]
    destination: Destination,
}

pub(crate) fn answer(arguments: &Arguments, out: &mut impl Write) -> anyhow::Result<Answer> {
    let registry = arguments.which.registry()?;
    let shapes = shape::Shapes::of(&registry);
    let text = if arguments.typescript { typescript::write(&shapes) } else { json::write(&shapes)? };
    arguments.destination.take(&text, arguments.which.path()?.as_deref(), out)
}
