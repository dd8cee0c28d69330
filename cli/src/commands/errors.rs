//! `tense errors`: failures in groups of a kind, first causes apart from what followed from them; of one trace, or of
//! the latest in which something failed.

use std::io::Write;

use anyhow::Context;
use jiff::tz::TimeZone;
use tense_event::Timestamp;
use tense_store::errors::{ErrorGroup, Errors};
use tense_store::text::excerpt;
use tense_store::{Selector, Store, TraceFilter, json};

use crate::commands::one_trace::{UNREADABLE, read};
use crate::commands::{ASKED, Answer, EXIT_CODES, unseen};
use crate::format::{Form, Format};
use crate::layout::{
    DAY_AND_TIME, FAILURE, FAINT, NAME, STRONG, ZONED, columns, counted, fit, moment_in, padding, paint, width, wrap,
};
use crate::markdown;
use crate::moments::{self, Moment};
use crate::progress::Progress;

/// Of a message.
const MESSAGE: usize = 300;

const EXAMPLES: &str = "\
Examples:
  tense errors                  of the latest traces in which something failed
  tense errors --since today    of those that began today
  tense errors last-failed      of one trace
  tense errors --failed --json | jq '.groups[] | select(.causes > 10)'

JSON: {\"version\", \"trace_id\" or \"traces\", \"groups\": [{\"kind\", \"error_type\", \"span_name\", \
\"source\", \"message\", \"causes\", \"cascades\", \"tried_again\", \"traces\", \"first_seen\", \
\"last_seen\", \"example\"}], \"more\", \"gaps\"}; with --format jsonl a group a line. docs/json.md says what \
each key is.";

/// Counts failures in groups of a kind: the same error at the same place, in the same words but for numbers and ids
#[derive(Debug, clap::Args)]
#[command(after_help = format!("{EXAMPLES}\n\n{EXIT_CODES}"))]
pub(crate) struct Arguments {
    /// Which trace: the last digits of its id, `last`, or `last-failed` [default: the latest in which something failed,
    /// together]
    #[arg(value_name = "TRACE")]
    trace: Option<Selector>,

    /// Only traces that began then or later: 30m, 24h, 7d, today, 2026-11-21, as in `tense traces`
    #[arg(long, value_name = "WHEN", conflicts_with = "trace")]
    since: Option<Moment>,

    /// Only traces that began before, said in the same ways
    #[arg(long, value_name = "WHEN", conflicts_with = "trace")]
    until: Option<Moment>,

    /// At most so many traces are read, the latest
    #[arg(long, value_name = "N", default_value_t = 1000, conflicts_with = "trace",
          value_parser = clap::value_parser!(u32).range(1..))]
    traces: u32,

    /// Only traces that failed as a whole; without it those count as well in which a failure was got over
    #[arg(long, conflicts_with = "trace")]
    failed: bool,

    /// At most so many groups
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
    limit: u32,

    #[command(flatten)]
    pub(crate) form: Form,
}

pub(crate) fn answer(store: &dyn Store, arguments: &Arguments, out: &mut impl Write) -> anyhow::Result<Answer> {
    let (limit, form, zone) = (arguments.limit as usize, &arguments.form, arguments.form.zone());
    if let Some(selector) = &arguments.trace {
        let trace = read(store, selector, &zone)?;
        let groups = trace.errors();
        match form.format() {
            Format::Json | Format::Jsonl => {
                json::errors(form.json(&mut *out), json::ErrorsOf::Trace(&trace), &groups, limit)?;
            }
            Format::Md => in_markdown(out, &zone, &groups, limit)?,
            Format::Table if groups.is_empty() => {}
            Format::Table => {
                show(out, &zone, &groups, limit, None)?;
                unseen(out, &trace)?;
            }
        }
        return Ok(match groups.is_empty() {
            true if trace.spans().is_empty() => Answer::Nothing(UNREADABLE.to_owned()),
            true => Answer::Nothing("nothing failed in this trace".to_owned()),
            false => Answer::Found,
        });
    }

    let newest = TraceFilter::newest(arguments.traces as usize);
    let mut filter = if arguments.failed { newest.failed() } else { newest.with_failures() };
    let (since, until) = moments::between(arguments.since.as_ref(), arguments.until.as_ref(), &zone)?;
    (filter.since, filter.until) = (since, until);
    let list = store.traces(&filter).context(ASKED)?;
    let mut errors = Errors::default();
    let (mut traces, mut oldest) = (0, None);
    let progress = Progress::of(list.len() as u64);
    for (done, summary) in (0..).zip(&list) {
        progress.at(done, || "traces".to_owned());
        // Between the two it may have been deleted.
        let Some(trace) = store.trace(summary.id).context(ASKED)? else { continue };
        errors.add(&trace);
        traces += 1;
        oldest = Some(summary.began);
    }
    drop(progress);
    let groups = errors.into_groups();
    match form.format() {
        Format::Json | Format::Jsonl => {
            json::errors(form.json(&mut *out), json::ErrorsOf::Traces(traces), &groups, limit)?;
        }
        Format::Md => in_markdown(out, &zone, &groups, limit)?,
        Format::Table if groups.is_empty() => {}
        Format::Table => {
            show(out, &zone, &groups, limit, oldest.map(|oldest| (traces, oldest)))?;
            if list.len() == arguments.traces as usize {
                writeln!(out, "{}", paint(FAINT, "older traces were not read; --traces reads more"))?;
            }
        }
    }
    let when = if since.or(until).is_some() { " in that time" } else { "" };
    let nothing = || Answer::Nothing(format!("the database holds no trace{when} in which something failed"));
    Ok(if groups.is_empty() { nothing() } else { Answer::Found })
}

fn in_markdown(out: &mut impl Write, zone: &TimeZone, groups: &[ErrorGroup], limit: usize) -> std::io::Result<()> {
    if !groups.is_empty() {
        let head =
            "first causes | tried again | followed from others | operation | error | traces | last seen | such as";
        writeln!(out, "| {head} |\n|---:|---:|---:|---|---|---:|---|---|")?;
    }
    for group in groups.iter().take(limit) {
        writeln!(
            out,
            "| {} | {} | {} | {} | {} | {} | {} | {} |",
            group.causes,
            group.tried_again,
            group.cascades,
            markdown::inline(&excerpt(&group.key.operation, NAME)),
            markdown::inline(&what(group)),
            group.traces,
            moment_in(group.last_seen, ZONED, zone),
            group.example.trace,
        )?;
    }
    Ok(())
}

fn show(
    out: &mut impl Write,
    zone: &TimeZone,
    groups: &[ErrorGroup],
    limit: usize,
    over: Option<(usize, Timestamp)>,
) -> std::io::Result<()> {
    let sum = |of: &dyn Fn(&ErrorGroup) -> u64| groups.iter().map(of).fold(0, u64::saturating_add);
    let (causes, cascades, tried) =
        (sum(&|group| group.causes), sum(&|group| group.cascades), sum(&|group| group.tried_again));
    let over = over.map_or_else(String::new, |(traces, oldest)| {
        format!(" in {} since {}", counted(traces, "trace"), moment_in(oldest, ZONED, zone))
    });
    let word = if causes == 1 { "first cause" } else { "first causes" };
    let head = format!("{causes} {word}{over} · {tried} tried again · {cascades} that followed from others");
    for line in wrap(&head, columns()) {
        writeln!(out, "{line}")?;
    }
    // What sampling left there for the sake of others counts as none, and followed from none either.
    let (others, of_causes): (Vec<_>, Vec<_>) =
        groups.iter().partition(|group| group.cascades > 0 && group.causes == 0 && group.tried_again == 0);
    let shown = &of_causes[..of_causes.len().min(limit)];
    let count = |group: &ErrorGroup| group.causes.saturating_add(group.tried_again).to_string();
    let count_width = shown.iter().map(|group| count(group).len()).max().unwrap_or(0);
    for group in shown {
        group_lines(out, zone, group, &count(group), count_width)?;
    }
    if of_causes.len() > shown.len() {
        writeln!(out, "  {}", paint(FAINT, format!("and {} more", of_causes.len() - shown.len())))?;
    }
    let names: Vec<String> = others
        .iter()
        .take(limit)
        .map(|group| {
            let kind = what(group);
            format!(
                "{} {}{}{kind}",
                group.cascades,
                excerpt(&group.key.operation, NAME),
                if kind.is_empty() { "" } else { ": " }
            )
        })
        .collect();
    if names.is_empty() {
        return Ok(());
    }
    writeln!(out, "{}", paint(FAINT, "followed from others:"))?;
    for name in names {
        writeln!(out, "  {}", paint(FAINT, fit(&name, columns() - 2)))?;
    }
    match others.len().saturating_sub(limit) {
        0 => Ok(()),
        more => writeln!(out, "  {}", paint(FAINT, format!("and {more} more"))),
    }
}

/// `FundingError: insufficient funds`
fn what(group: &ErrorGroup) -> String {
    // The type of a panic is its kind.
    let kind = group.key.kind.as_str();
    let kind = if ["error", &group.key.error_type].contains(&kind) { String::new() } else { kind.to_owned() };
    let parts = [kind, excerpt(&group.key.error_type, NAME), excerpt(&group.key.message, MESSAGE)];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(": ")
}

fn group_lines(
    out: &mut impl Write,
    zone: &TimeZone,
    group: &ErrorGroup,
    count: &str,
    count_width: usize,
) -> std::io::Result<()> {
    let room = columns().saturating_sub(count_width + 4);
    let indent = " ".repeat(count_width + 4);
    let (name, said) = (fit(&excerpt(&group.key.operation, NAME), room), what(group));
    let said = if said.is_empty() { "failed".to_owned() } else { said };
    let lead = format!("  {}{count}  {}", padding(count, count_width), paint(STRONG, &name));
    if width(&name) + width(&said) + 2 <= room {
        writeln!(out, "{lead}  {}", paint(FAILURE, said))?;
    } else {
        writeln!(out, "{lead}")?;
        for line in wrap(&said, room) {
            writeln!(out, "{indent}{}", paint(FAILURE, line))?;
        }
    }
    let mut about = Vec::new();
    if group.tried_again > 0 {
        about.push(format!("{} tried again", group.tried_again));
    }
    if group.cascades > 0 {
        about.push(format!("{} more followed from another", group.cascades));
    }
    if !group.key.source.is_empty() {
        about.push(excerpt(&group.key.source, NAME));
    }
    let [first, last] = [group.first_seen, group.last_seen].map(|at| moment_in(at, DAY_AND_TIME, zone));
    let zoned = moment_in(group.last_seen, "%Z", zone);
    about.push(if first == last { format!("{last} {zoned}") } else { format!("{first} to {last} {zoned}") });
    let example = &group.example;
    let of = if group.traces > 1 { format!("{} traces, ", group.traces) } else { String::new() };
    about.push(format!("{of}such as {}", example.trace.short()));
    // What it says is worth a word where it says more than what all of them say.
    let message = excerpt(&example.message, MESSAGE);
    if message != excerpt(&group.key.message, MESSAGE) {
        about.push(message);
    }
    for line in wrap(&about.join(" · "), room) {
        writeln!(out, "{indent}{}", paint(FAINT, line))?;
    }
    Ok(())
}
