//! `tense traces`: the latest traces as a table, each with its first cause in short.

use std::io::Write;

use anyhow::Context;
use jiff::tz::TimeZone;
use tense_store::text::{duration, excerpt};
use tense_store::{Failures, Outcome, Store, TraceFilter, TraceStatus, TraceSummary, json};

use crate::commands::{ASKED, Answer, EXIT_CODES};
use crate::format::{Form, Format};
use crate::layout::{FAILURE, FAINT, SHORT_ZONED, ZONED, columns, fit, moment_in, padding, paint, width};
use crate::markdown;
use crate::moments::Period;
use crate::progress::Progress;

/// Larger traces are not read for their cause: a list has to be quick.
const READ_FOR_CAUSE: u64 = 20_000;
/// A name and a cause need so many columns.
const ROOM_FOR_BOTH: usize = 32;
/// From so many columns on, the year is shown.
const WIDE: usize = 100;

const EXAMPLES: &str = "\
Examples:
  tense traces                the latest 20, newest first
  tense traces --failed       those that failed, each with its first cause in short
  tense traces --last 1h --utc  those that began within the last hour, in UTC
  tense traces --limit 1000 --json | jq -r '.traces[] | select(.duration_ms > 500) | .trace_id'

JSON: {\"version\", \"traces\": [{\"trace_id\", \"began\", \"ended\", \"status\", \"root_name\", \
\"duration_ms\", \"events\", \"cause\"}]}; with --format jsonl a trace a line. docs/json.md says what each \
key is.";

/// Lists the latest traces, newest first: id, when, how long, how it ended, what it was, the first cause
#[derive(Debug, clap::Args)]
#[command(after_help = format!("{EXAMPLES}\n\n{EXIT_CODES}"))]
pub(crate) struct Arguments {
    /// At most so many
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
    limit: u32,

    /// Only those that failed; not those in which a failure was got over, as `tense errors` counts them
    #[arg(long)]
    failed: bool,

    // Of a trace it is its begin that counts.
    #[command(flatten)]
    period: Period,

    #[command(flatten)]
    pub(crate) form: Form,
}

pub(crate) fn answer(store: &dyn Store, arguments: &Arguments, out: &mut impl Write) -> anyhow::Result<Answer> {
    let mut filter = TraceFilter::newest(arguments.limit as usize);
    if arguments.failed {
        filter.failures = Failures::AtRoot;
    }
    let zone = arguments.form.zone();
    (filter.since, filter.until) = arguments.period.resolve(&zone)?;
    let list = store.traces(&filter).context(ASKED)?;
    let mut rows = Vec::with_capacity(list.len());
    let progress = Progress::of(list.len() as u64);
    for (done, summary) in (0..).zip(&list) {
        progress.at(done, || "traces".to_owned());
        rows.push((summary, cause(store, summary)?));
    }
    drop(progress);
    match arguments.form.format() {
        Format::Json | Format::Jsonl => json::traces(arguments.form.json(out), rows)?,
        Format::Md => in_markdown(out, &zone, &rows)?,
        Format::Table => table(out, &zone, &rows)?,
    }
    if !list.is_empty() {
        return Ok(Answer::Found);
    }
    let which = match (arguments.failed, filter.since.or(filter.until)) {
        (true, None) => "no trace that failed",
        (false, None) => "no trace yet",
        (true, Some(_)) => "no trace that began then and failed",
        (false, Some(_)) => "no trace that began then",
    };
    Ok(Answer::Nothing(format!("the database holds {which}")))
}

/// The first cause in short, for a trace that failed; for another one in which something failed, what that was, unless
/// another attempt made it good.
fn cause(store: &dyn Store, summary: &TraceSummary) -> anyhow::Result<Option<String>> {
    let failed = summary.status == TraceStatus::Failed;
    if !failed && !summary.failed_below || summary.events > READ_FOR_CAUSE {
        return Ok(None);
    }
    let Some(trace) = store.trace(summary.id).context(ASKED)? else { return Ok(None) };
    let why = trace.why();
    if !failed {
        let told = why.also_failed.first().map(|span| {
            let message = span.error.as_ref().map(|error| excerpt(&error.error_message, 200)).unwrap_or_default();
            let colon = if message.is_empty() { "" } else { ": " };
            format!("but {} failed{colon}{message}", excerpt(&span.name, 100))
        });
        return Ok(told);
    }
    let reasons = why.reasons();
    let Some(reason) = reasons.first() else { return Ok(None) };
    let span = reason.cause.span;
    // The line begins with the name of the first root, which need not be the one that failed.
    let is_named = summary.root_name.as_deref() == Some(span.name.as_ref());
    let error_type = span.error.as_ref().map_or("", |error| &error.error_type);
    let what = match (reason.message, error_type) {
        // The line says that it failed.
        ("", "") if is_named && span.outcome == Outcome::Failed => return Ok(None),
        ("", error_type) if !error_type.is_empty() && span.outcome == Outcome::Failed => excerpt(error_type, 200),
        ("", _) => span.outcome.as_str().to_owned(),
        (message, _) => excerpt(message, 200),
    };
    let place = if is_named { String::new() } else { format!(" in {}", excerpt(span.label(), 100)) };
    Ok(Some(what + &place))
}

type Row<'s> = (&'s TraceSummary, Option<String>);

fn in_markdown(out: &mut impl Write, zone: &TimeZone, rows: &[Row<'_>]) -> std::io::Result<()> {
    if !rows.is_empty() {
        writeln!(out, "| trace | began | took | status | name | cause |\n|---|---|---:|---|---|---|")?;
    }
    for (row, cause) in rows {
        writeln!(
            out,
            "| {} | {} | {} | {} | {} | {} |",
            row.id,
            moment_in(row.began, ZONED, zone),
            row.root_duration.map(duration).unwrap_or_default(),
            row.status.as_str(),
            markdown::inline(&excerpt(row.root_name.as_deref().unwrap_or("?"), 100)),
            markdown::inline(cause.as_deref().unwrap_or_default()),
        )?;
    }
    Ok(())
}

fn table(out: &mut impl Write, zone: &TimeZone, rows: &[Row<'_>]) -> std::io::Result<()> {
    let columns = columns();
    let format = if columns >= WIDE { ZONED } else { SHORT_ZONED };
    let names: Vec<String> =
        rows.iter().map(|(row, _)| excerpt(row.root_name.as_deref().unwrap_or("?"), 100)).collect();
    let took: Vec<String> = rows.iter().map(|(row, _)| row.root_duration.map(duration).unwrap_or_default()).collect();
    let took_width = took.iter().map(|took| width(took)).max().unwrap_or(0);
    let mut name_width = names.iter().map(|name| width(name)).max().unwrap_or(0);
    for ((row, cause), (name, took)) in rows.iter().zip(names.iter().zip(&took)) {
        let when = moment_in(row.began, format, zone);
        let status = format!("{:7}", row.status.as_str());
        let left = format!("{}  {when}  {}{took}  ", row.id.short(), padding(took, took_width));
        let room = columns.saturating_sub(width(&left) + status.len() + 2);
        // Names leave room for causes, where there is enough for both.
        name_width = name_width.min(if room < ROOM_FOR_BOTH { room } else { room / 2 });
        let name = fit(name, name_width);
        let cause = match cause {
            Some(cause) if room > name_width + 10 => fit(cause, room - name_width - 2),
            _ => String::new(),
        };
        let status = match row.status {
            TraceStatus::Failed => paint(FAILURE, status),
            TraceStatus::Success => status,
            TraceStatus::Open => paint(FAINT, status),
        };
        let line = if cause.is_empty() { name } else { format!("{name}{}  {cause}", padding(&name, name_width)) };
        writeln!(out, "{left}{status}  {line}")?;
    }
    Ok(())
}
