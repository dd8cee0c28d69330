//! `tense check`: names are held against the grammar, or the project's `tense.toml` itself is.

mod file;
mod names;

use std::ffi::OsString;
use std::io::Write;

use crate::commands::Answer;
use crate::format::Written;
use crate::project::WhichRegistry;

const EXAMPLES: &str = "\
Examples:
  tense check                                  the mistakes in tense.toml, or how much it declares
  tense check operation.tokens.create          what the compiler would say about this name
  tense check --life dispatch.funding          the same, for a stage or a pipeline
  tense check - --json < names.txt             a verdict on every line

Without --json only what is wrong is written. With it there is a line for each violation, or for each name that is fine: \
{\"name\",\"ok\",\"rule\",\"judged\",\"suggestion\",\"message\"}, with null where there is nothing to say, and a message beside \
\"ok\":true where the compiler only warns; after 20 violations of one name a last line counts the others. Without names it is \
{\"file\",\"line\",\"column\",\"rule\",\"message\"} for each mistake, or {\"file\",\"ok\",\"events\",\"exempt\",\"removed\"}. docs/rules.md tells the why of every rule.

Exit codes: 0 all is fine, 1 something is wrong with a name or the file, 2 the question was not understood, or there was \
nothing to read.";

/// Checks names as the compiler would, or without names the project's tense.toml
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// Names to judge, as in `#[traced(..)]`; `-` stands for standard input, a name a line
    #[arg(value_name = "NAME")]
    names: Vec<OsString>,

    /// Judges the names of stages and pipelines, which are written without an action
    #[arg(long, requires = "names")]
    life: bool,

    #[command(flatten)]
    which: WhichRegistry,

    #[command(flatten)]
    pub(crate) form: Written,
}

pub(crate) fn answer(arguments: &Arguments, out: &mut impl Write) -> anyhow::Result<Answer> {
    if arguments.names.is_empty() { file::answer(arguments, out) } else { names::answer(arguments, out) }
}
