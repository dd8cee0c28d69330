//! A trace enters; a report for a ticket leaves: why, call by call, what was waited for, what was undone, what never
//! ran.
//!
//! Whatever a trace says stands in code spans and fenced blocks, where no character means anything: no value becomes a
//! link, a heading, a mention or HTML.

use std::io::{self, Write};
use std::time::Duration;

use crate::pipeline::NotUndoneBecause;
use crate::text::{duration, escape, excerpt};
use crate::timing::Stretch;
use crate::why::{Link, Why};
use crate::{Gaps, Outcome, Span, Trace};

/// So many lines of a tree are shown: a ticket has room for about 60,000 characters.
const LINES: usize = 300;
/// So many entries of any list.
const ENTRIES: usize = 40;
/// Of a text in a sentence, in characters.
const TEXT: usize = 500;

/// Writes the report; behind another one, below a line.
pub(super) fn write(out: &mut impl Write, trace: &Trace, is_first: bool) -> io::Result<()> {
    if !is_first {
        writeln!(out, "\n---\n")?;
    }
    let why = trace.why();
    let Some(root) = why.root else {
        return writeln!(out, "# Trace `{}`\n\nNo event of this trace can be read.", trace.id());
    };
    writeln!(out, "# {} {}\n", code(root.label()), ended_how(root.outcome))?;
    writeln!(out, "- trace: `{}`", trace.id())?;
    let took = root.duration.map(|took| format!(", took {}", duration(took))).unwrap_or_default();
    writeln!(out, "- began: `{}`{took}", root.began)?;
    if !root.service.is_empty() {
        writeln!(out, "- service: {}", code(&root.service))?;
    }
    for (key, value) in root.context.iter() {
        writeln!(out, "- {}: {}", key.replace('_', " "), code(value))?;
    }
    reasons(out, &why)?;
    tree(out, trace)?;
    path(out, trace)?;
    undone(out, &why)?;
    let never_ran = why.never_ran.iter().map(|absent| code(absent.stage));
    section(out, "Never ran", never_ran)?;
    gaps(out, why.gaps)
}

fn reasons(out: &mut impl Write, why: &Why<'_>) -> io::Result<()> {
    let reasons = why.reasons();
    if !reasons.is_empty() {
        writeln!(out, "\n## Why\n")?;
    }
    for (number, reason) in reasons.iter().enumerate() {
        let span = reason.cause.span;
        let because = match reason.cause.link {
            Link::Root => "",
            Link::Perhaps => "perhaps because ",
            _ => "because ",
        };
        let mut line = format!("{because}{} {}", code(span.label()), ended_how(span.outcome));
        if reason.cause.attempts > 1 {
            line += &format!(" {} times", reason.cause.attempts);
        }
        if !reason.message.is_empty() {
            line += &format!(": {}", code(reason.message));
        }
        let error_type = span.error.as_ref().map_or("", |error| &error.error_type);
        if !error_type.is_empty() {
            line += &format!(" ({})", code(error_type));
        }
        if !span.source.is_empty() {
            line += &format!(", in {}", code(&span.source));
        }
        writeln!(out, "{}. {line}", number + 1)?;
    }
    let recovered = why.recovered_names().into_iter().map(|recovered| {
        let times = if recovered.failures == 1 { "once".to_owned() } else { format!("{} times", recovered.failures) };
        let calls = if recovered.calls == 1 { String::new() } else { format!(" in {} calls", recovered.calls) };
        format!("{} failed {times}{calls}, and then succeeded", code(recovered.name))
    });
    section(out, "Recovered", recovered)?;
    section(out, "Also failed", why.also_failed.iter().map(|span| told(span)))?;
    section(out, "Still open", why.open.iter().map(|span| code(span.label())))
}

fn told(span: &Span) -> String {
    match span.error_message() {
        "" => code(span.label()),
        message => format!("{}: {}", code(span.label()), code(message)),
    }
}

fn tree(out: &mut impl Write, trace: &Trace) -> io::Result<()> {
    let mut lines = trace.tree_lines();
    let shown = lines.by_ref().take(LINES).map(|line| line.to_string()).collect();
    fenced(out, "Call by call", shown)?;
    match lines.count() {
        0 => Ok(()),
        more => writeln!(out, "\nand {more} more; `tense tree {}` shows them", trace.id()),
    }
}

fn path(out: &mut impl Write, trace: &Trace) -> io::Result<()> {
    let Some(root) = trace.longest_root() else { return Ok(()) };
    let path = trace.critical_path(root);
    let whole: Duration = path.iter().map(Stretch::duration).sum();
    let mut longest: Vec<&Stretch<'_>> = path.iter().collect();
    longest.sort_by_key(|stretch| std::cmp::Reverse(stretch.duration()));
    longest.truncate(ENTRIES);
    longest.sort_by_key(|stretch| stretch.from);
    let line = |stretch: &&Stretch<'_>| {
        let share = 100.0 * stretch.duration().as_secs_f64() / whole.as_secs_f64().max(f64::MIN_POSITIVE);
        let (took, name) = (duration(stretch.duration()), excerpt(stretch.span.label(), TEXT));
        format!("{share:>5.1} %  {took:>9}  {name}")
    };
    fenced(out, "What everything waited for", longest.iter().map(line).collect())?;
    match path.len().saturating_sub(ENTRIES) {
        0 => Ok(()),
        more => writeln!(out, "\nand {more} shorter stretches"),
    }
}

fn undone(out: &mut impl Write, why: &Why<'_>) -> io::Result<()> {
    let pairs = why.compensations.pairs.iter().map(|pair| {
        let original = pair.original.map_or_else(|| "a step that is not here".to_owned(), |span| code(span.label()));
        let by = pair.compensation;
        let how = match by.outcome {
            Outcome::Success if pair.times > 1 => "was undone **more than once**, first by",
            Outcome::Success if pair.too_early => "was undone **before it had ended** by",
            Outcome::Success => "was undone by",
            Outcome::Open => "is being undone by",
            _ => "was **not** undone, because of a failure of",
        };
        format!("{original} {how} {}", code(by.label()))
    });
    let missing = why.compensations.missing.iter().map(|missing| {
        let because = match missing.because {
            NotUndoneBecause::Cancelled => "the pipeline was dropped before it finished",
            NotUndoneBecause::Panicked => "a stage panicked",
            NotUndoneBecause::CompensationPanicked => "a compensation panicked",
            NotUndoneBecause::NotFinished => "the pipeline has not ended",
            NotUndoneBecause::NotSeen => "no span of it is here",
        };
        let (stage, declared) = (code(missing.stage.label()), code(missing.declared));
        format!("{stage} was **not** undone by {declared}: {because}")
    });
    section(out, "Undone", pairs.chain(missing))
}

/// What could not be seen.
fn gaps(out: &mut impl Write, gaps: &Gaps) -> io::Result<()> {
    let said = [
        (gaps.missing_parents.len(), "spans whose parent is not here"),
        (gaps.open.len(), "spans that have not ended"),
        (gaps.circles.len(), "circles of parents, cut"),
        (gaps.conflicts.len(), "spans with contradicting events"),
        (gaps.durations.len(), "spans whose duration contradicts their begin and end"),
        (gaps.clocks.len(), "spans whose clock disagrees"),
        (
            gaps.unsampled.len(),
            "spans kept of a trace that was not sampled, because they or what is below them failed or was slow",
        ),
        (gaps.unreadable, "rows that cannot be read"),
    ];
    let said = said.into_iter().filter(|(number, _)| *number > 0).map(|(number, what)| format!("{what}: {number}"));
    section(out, "Not seen in full", said)
}

/// A heading and a list; nothing where there is no entry.
fn section(out: &mut impl Write, heading: &str, entries: impl Iterator<Item = String>) -> io::Result<()> {
    let mut entries = entries.peekable();
    if entries.peek().is_none() {
        return Ok(());
    }
    writeln!(out, "\n## {heading}\n")?;
    for entry in entries.by_ref().take(ENTRIES) {
        writeln!(out, "- {entry}")?;
    }
    match entries.count() {
        0 => Ok(()),
        more => writeln!(out, "- and {more} more"),
    }
}

/// A heading and lines as they are.
fn fenced(out: &mut impl Write, heading: &str, lines: Vec<String>) -> io::Result<()> {
    let ticks = lines.iter().map(|line| longest_run(line)).max().unwrap_or(0);
    let fence = "`".repeat((ticks + 1).max(3));
    writeln!(out, "\n## {heading}\n\n{fence}text")?;
    for line in lines {
        writeln!(out, "{line}")?;
    }
    writeln!(out, "{fence}")
}

/// A text between as many backticks as it takes to hold those inside.
fn code(text: &str) -> String {
    let text = excerpt(text, TEXT);
    let (fence, space) = match longest_run(&text) {
        // A blank between two backticks is one, and nothing is none.
        0 if text.trim().is_empty() => return "(empty)".to_owned(),
        0 => ("`".to_owned(), ""),
        longest => ("`".repeat(longest + 1), " "),
    };
    format!("{fence}{space}{}{space}{fence}", escape(&text))
}

fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

const fn ended_how(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Open => "has not ended",
        Outcome::Success => "succeeded",
        Outcome::Failed => "failed",
        Outcome::Panicked => "panicked",
        Outcome::Cancelled => "was dropped before it finished",
    }
}
