//! `tense errors`: failures in groups of a kind, first causes apart from what followed from them; of one trace, or of
//! the latest in which something failed.

use std::io::Write;
use std::time::Duration;

use anyhow::Context;
use tense_event::Timestamp;
use tense_store::errors::{ErrorGroup, Errors};
use tense_store::text::excerpt;
use tense_store::{Selector, Store, TraceFilter, json};

use crate::blind_spots;
use crate::commands::{ASKED, Answer, a_duration, ago, read};
use crate::layout::{
    FAILURE, FAINT, SHORT_DAY_AND_TIME, STRONG, columns, counted, fit, moment, padding, paint, width, wrap,
};

/// Of a name, a type, a place in the source.
const NAME: usize = 120;
/// Of a message.
const MESSAGE: usize = 300;

/// Counts failures in groups of a kind: the same error at the same place, in the same words but for numbers and ids
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Which trace: the last digits of its id, `last`, or `last-failed` [default: the latest in which something failed,
    /// together]
    #[arg(value_name = "TRACE")]
    trace: Option<Selector>,

    /// Only traces that began no longer ago than that: 30m, 24h, 7d
    #[arg(long, value_name = "TIME", value_parser = a_duration, conflicts_with = "trace")]
    since: Option<Duration>,

    /// At most so many traces are read, the latest
    #[arg(long, value_name = "N", default_value_t = 1000, conflicts_with = "trace",
          value_parser = clap::value_parser!(u32).range(1..))]
    traces: u32,

    /// Only traces that failed as a whole; without it those count as well in which a failure was got over
    #[arg(long, conflicts_with = "trace")]
    failed: bool,

    /// At most so many groups
    #[arg(long, value_name = "N", default_value_t = 20)]
    limit: usize,

    /// Writes JSON: {"trace_id" or "traces", "groups": [{"kind", "error_type", "span_name", "source", "message",
    /// "causes", "cascades", "tried_again", "traces", "first_seen", "last_seen", "example"}], "more"}
    #[arg(long)]
    json: bool,
}

pub(crate) fn answer(store: &dyn Store, arguments: &Arguments, out: &mut impl Write) -> anyhow::Result<Answer> {
    let limit = arguments.limit;
    if let Some(selector) = &arguments.trace {
        let trace = match read(store, selector)? {
            Ok(trace) => trace,
            Err(nothing) => return Ok(nothing),
        };
        let groups = trace.errors();
        if arguments.json {
            json::errors(out, json::ErrorsOf::Trace(&trace), &groups, limit)?;
        } else if !groups.is_empty() {
            show(out, &groups, limit, None)?;
            if let Some(unseen) = blind_spots::of(&trace) {
                writeln!(out, "{}", paint(FAINT, unseen))?;
            }
        }
        let nothing = || Answer::Nothing("nothing failed in this trace".to_owned());
        return Ok(if groups.is_empty() { nothing() } else { Answer::Found });
    }

    let newest = TraceFilter::newest(arguments.traces as usize);
    let newest = if arguments.failed { newest.failed() } else { newest.failures() };
    let list =
        store.traces(&arguments.since.map_or(newest.clone(), |since| newest.since(ago(since)))).context(ASKED)?;
    let mut errors = Errors::default();
    let (mut traces, mut oldest) = (0, None);
    for summary in &list {
        // Between the two it may have been deleted.
        let Some(trace) = store.trace(summary.id).context(ASKED)? else { continue };
        errors.add(&trace);
        traces += 1;
        oldest = Some(summary.began);
    }
    let groups = errors.into_groups();
    if arguments.json {
        json::errors(out, json::ErrorsOf::Traces(traces), &groups, limit)?;
    } else if !groups.is_empty() {
        show(out, &groups, limit, oldest.map(|oldest| (traces, oldest)))?;
    }
    if list.len() == arguments.traces as usize && !groups.is_empty() && !arguments.json {
        writeln!(out, "{}", paint(FAINT, "older traces were not read; --traces reads more"))?;
    }
    let when = if arguments.since.is_some() { " in that time" } else { "" };
    let nothing = || Answer::Nothing(format!("the database holds no trace{when} in which something failed"));
    Ok(if groups.is_empty() { nothing() } else { Answer::Found })
}

fn show(
    out: &mut impl Write,
    groups: &[ErrorGroup],
    limit: usize,
    over: Option<(usize, Timestamp)>,
) -> std::io::Result<()> {
    let sum = |of: &dyn Fn(&ErrorGroup) -> u64| groups.iter().map(of).fold(0, u64::saturating_add);
    let (causes, cascades, tried) =
        (sum(&|group| group.causes), sum(&|group| group.cascades), sum(&|group| group.tried_again));
    let over = over.map_or_else(String::new, |(traces, oldest)| {
        format!(" in {} since {}", counted(traces, "trace"), moment(oldest, SHORT_DAY_AND_TIME))
    });
    let word = if causes == 1 { "first cause" } else { "first causes" };
    let head = format!("{causes} {word}{over} · {tried} tried again · {cascades} that followed from others");
    for line in wrap(&head, columns()) {
        writeln!(out, "{line}")?;
    }
    let (of_causes, others): (Vec<_>, Vec<_>) =
        groups.iter().partition(|group| group.causes > 0 || group.tried_again > 0);
    let shown = &of_causes[..of_causes.len().min(limit)];
    let count = |group: &ErrorGroup| group.causes.saturating_add(group.tried_again).to_string();
    let count_width = shown.iter().map(|group| count(group).len()).max().unwrap_or(0);
    for group in shown {
        group_lines(out, group, &count(group), count_width, columns())?;
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
    let kind = group.key.kind_word();
    let kind = if ["error", &group.key.error_type].contains(&kind) { String::new() } else { kind.to_owned() };
    let parts = [kind, excerpt(&group.key.error_type, NAME), excerpt(&group.key.message, MESSAGE)];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(": ")
}

fn group_lines(
    out: &mut impl Write,
    group: &ErrorGroup,
    count: &str,
    count_width: usize,
    columns: usize,
) -> std::io::Result<()> {
    let room = columns.saturating_sub(count_width + 4);
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
    let (first, last) = (group.first_seen, group.last_seen);
    let [first, last] = [first, last].map(|at| moment(at, SHORT_DAY_AND_TIME));
    about.push(if first == last { last } else { format!("{first} to {last}") });
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
