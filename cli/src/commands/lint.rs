//! `tense lint`: a folder of sources enters; what is wrong with the names in it leaves, and on request it is put right.
//!
//! Walk: [`crate::sources`] reads what was written; [`judge`] holds each name against the registry of its crate, with
//! [`renamed`] for old ones, [`whole`] the registry against all of its names, [`instrument`] what is not ours yet;
//! [`fix`] rewrites; [`report`] tells all [`finding`]s.

mod finding;
mod judge;
mod renamed;
mod whole;
mod instrument;
mod fix;
mod report;

use std::io::Write;
use std::path::PathBuf;

use anyhow::bail;
use clap::ValueEnum;

use crate::commands::Answer;
use crate::format::{Forms, Written};
use crate::sources::{self, Sources};
use finding::{Finding, Level};
use judge::Judged;

const EXAMPLES: &str = "\
Examples:
  tense lint                          what is wrong with the names in this folder's crates
  tense lint --fix                    writes new names in place of old ones (`was` in tense.toml)
  tense lint --max-exempt 11          in CI: let the number of exemptions only ever fall
  tense lint --format github          annotations on the lines of a pull request

It reads what Cargo compiles: what the targets of each crate lead to by `mod`, and all that lies below `src`; of a folder inside of \
a crate that is named itself it reads everything. What .gitignore or .ignore leaves out is not read. It reads tokens, so it sees code \
that is switched off and the inside of macros. It cannot know names that a `macro_rules!` puts together, and counts them as not \
judged. Names in tests are judged, and do not count as emitted. How much was read is told on standard error. With --json \
there is an object a line: {\"rule\",\"level\",\"file\",\"line\",\"column\",\"name\",\"message\",\"suggestion\"}, where level is error, \
warning, hint or fixed. docs/rules.md tells the why of every rule.

Exit codes: 0 all is fine, hints apart, 1 something was found, 2 the question was not understood, or there was nothing to read.";

/// Finds what is wrong with the names in a workspace's sources, and events that nobody emits
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// The folder, or the file, to read
    #[arg(value_name = "PATH", default_value = ".")]
    path: PathBuf,

    /// Writes new names in place of old ones, and says where
    #[arg(long)]
    fix: bool,

    /// Writes `#[tense::traced(..)]` in place of `#[tracing::instrument(..)]`, where it is simple, and says what was
    /// dropped
    #[arg(long)]
    fix_instrument: bool,

    /// Reports it when there are more exemptions than this, in tense.toml and in sources together
    #[arg(long, value_name = "N")]
    max_exempt: Option<usize>,

    #[command(flatten)]
    pub(crate) form: Written<Format>,
}

/// The forms of every answer, and one more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people: path:line:column: message
    #[value(alias = "text")]
    Table,
    /// An object a line
    Json,
    /// The same
    Jsonl,
    /// A table in Markdown
    Md,
    /// Workflow commands of GitHub Actions
    Github,
}

impl Forms for Format {
    const HELP: &'static str = "The form of the findings: table (path:line:column: message), json, jsonl (both an object a line), md (Markdown), \
                                github (workflow commands of GitHub Actions) [default: table]";
    const TERMINAL: Self = Self::Table;
    const JSON: Self = Self::Json;
    const JSONL: Self = Self::Jsonl;
}

pub(crate) fn answer(arguments: &Arguments, out: &mut impl Write) -> anyhow::Result<Answer> {
    let mut sources = Sources::read(&arguments.path)?;
    if sources.read == 0 && sources.unread.is_empty() {
        // a path that is wrong must not look like a project that is fine
        bail!("there is no Rust source in {}", sources::shown(&sources.root));
    }
    let mut findings = Vec::new();
    if arguments.fix || arguments.fix_instrument {
        let edits = fix::edits(&sources, &Judged::all(&sources), arguments.fix, arguments.fix_instrument);
        findings = fix::apply(&sources, edits);
        // what is left is told of the files as they are now
        sources = Sources::read(&arguments.path)?;
    }
    let judged = Judged::all(&sources);
    for (path, reason) in &sources.unread {
        findings.push(unread(path, reason));
    }
    for judged in &judged {
        let mut of_registry = judged.findings.clone();
        of_registry.extend(whole::findings(judged, &sources));
        of_registry.extend(instrument::findings(judged, &sources));
        of_registry.sort_by(|a, b| (&a.file, a.line, a.column).cmp(&(&b.file, b.line, b.column)));
        findings.extend(of_registry);
    }
    let exempt = judged.iter().map(|judged| judged.exempt).sum();
    findings.extend(whole::too_many_exemptions(&judged, exempt, arguments.max_exempt));
    report::write(out, arguments.form.format(), &findings)?;
    out.flush()?;
    crate::say(&report::summary(&sources, &judged, &findings, exempt));
    Ok(if findings.iter().any(|finding| finding.level.counts()) { Answer::Wrong } else { Answer::Found })
}

fn unread(path: &std::path::Path, reason: &str) -> Finding {
    let message = format!(
        "this file was not read, so what it emits is not known: {reason}; mend it, or leave it out in .ignore [lint/unread]"
    );
    Finding::at("lint/unread", Level::Warning, (&sources::shown(path), 1, 1), None, message)
}
