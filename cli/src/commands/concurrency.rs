//! `tense concurrency`: how many spans of a trace were at work at the same time.

use std::io::{self, Write};
use std::time::Duration;

use jiff::tz::TimeZone;
use tense_store::concurrency::Concurrency;
use tense_store::text::{duration, excerpt};
use tense_store::{Span, Store, Trace, json};

use crate::commands::one_trace::OneTrace;
use crate::commands::{Answer, EXIT_CODES, headline};
use crate::layout::{FAINT, NAME, Offsets, bar, columns, fit, lines, padding, paint, sparkline, width};

/// So many levels in rows of their own; of more, those between two powers of two share one.
const LEVELS: usize = 12;

const EXAMPLES: &str = "\
Examples:
  tense concurrency last              how many spans were at work, and for how long
  tense concurrency last --by name    the same for each operation
  tense concurrency last --json | jq .all.peak

JSON: {\"version\", \"trace_id\", \"began\", \"all\": {\"peak\", \"mean\", \"work_ms\", \"levels\": \
[{\"running\", \"duration_ms\"}], ..}, \"groups\": [{\"key\", ..}], \"steps\": [[offset_ms, running]], \
\"gaps\"}; with --format jsonl the same in one line. docs/json.md says what each key is.";

/// Shows how many spans of a trace were at work at the same time: open, with none below them open
#[derive(Debug, clap::Args)]
#[command(after_help = format!("{EXAMPLES}\n\n{EXIT_CODES}"))]
pub(crate) struct Arguments {
    /// Tells it of each name, or of each service, as well
    #[arg(long, value_name = "WHAT")]
    by: Option<By>,

    /// At most so many names or services, those that were at work for longest
    #[arg(long, value_name = "N", default_value_t = 20)]
    limit: usize,

    #[command(flatten)]
    pub(crate) asked: OneTrace,
}

// What spans are put together by. Not in `///`: clap would take that for a help text.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum By {
    Name,
    Service,
}

pub(crate) fn answer(store: &dyn Store, arguments: &Arguments, out: &mut impl Write) -> anyhow::Result<Answer> {
    arguments.asked.told(store, out, |trace, out| {
        let all = trace.concurrency();
        let groups = match arguments.by {
            None => Vec::new(),
            Some(By::Name) => trace.concurrency_by(|span: &Span| &span.name),
            Some(By::Service) => trace.concurrency_by(|span: &Span| &span.service),
        };
        let form = &arguments.asked.form;
        if form.is_json() {
            json::concurrency(form.json(out), trace, &all, &groups)?;
            return Ok(Answer::Found);
        }
        show(out, &form.zone(), trace, &all)?;
        let at_work: Vec<_> = groups.iter().filter(|(_, told)| !told.work().is_zero()).collect();
        by(out, &at_work, arguments.limit)?;
        Ok(Answer::Found)
    })
}

fn show(out: &mut impl Write, zone: &TimeZone, trace: &Trace, all: &Concurrency) -> io::Result<()> {
    writeln!(out, "{}", headline(trace, zone))?;
    let (columns, offsets) = (columns(), Offsets::of(all.duration()));
    let Some(peak) = all.peak() else { return writeln!(out, "nothing took any time") };
    let said = [
        format!("at most {} at once, first at {}", peak.running, offsets.show(trace.offset(peak.at))),
        format!("on average {}", number(all.mean())),
        format!("{} of work in {}", duration(all.work()), duration(all.duration())),
    ];
    for line in lines(&said, " · ", columns) {
        writeln!(out, "{line}")?;
    }
    writeln!(out)?;
    writeln!(out, "{}", line(all, columns).trim_end())?;
    let (from, to) = ("0", duration(all.duration()));
    writeln!(out, "{}", paint(FAINT, format!("{from}{}{to}", " ".repeat(columns - width(&to) - 1))))?;
    writeln!(out)?;
    let levels = levels(all);
    let whole = all.duration().as_secs_f64();
    let name_width = levels.iter().map(|(name, _)| width(name)).max().unwrap_or(0).max("at once".len());
    let took_width = levels.iter().map(|(_, time)| width(&duration(*time))).max().unwrap_or(0);
    let room = columns.saturating_sub(name_width + took_width + 13);
    writeln!(out, "{}", paint(FAINT, format!("{}at once", padding("at once", name_width))))?;
    for (name, time) in levels {
        let (took, share) = (duration(time), time.as_secs_f64() / whole);
        let row = format!(
            "{}{name}  {}{took}  {:>5.1} %  {}",
            padding(&name, name_width),
            padding(&took, took_width),
            100.0 * share,
            bar(share, room),
        );
        writeln!(out, "{}", row.trim_end())?;
    }
    Ok(())
}

fn by(out: &mut impl Write, groups: &[&(&str, Concurrency)], limit: usize) -> io::Result<()> {
    if groups.is_empty() {
        return Ok(());
    }
    let columns = columns();
    let names: Vec<String> = groups.iter().take(limit).map(|group| excerpt(group.0, NAME)).collect();
    let name_width = names.iter().map(|name| width(name)).max().unwrap_or(0).clamp(4, columns / 3);
    let room = columns.saturating_sub(name_width + 30);
    writeln!(out)?;
    writeln!(out, "{}", paint(FAINT, format!("{}     most     mean      work", padding("", name_width))))?;
    for (name, (_, told)) in names.iter().zip(groups) {
        let name = if name.is_empty() { "?".to_owned() } else { fit(name, name_width) };
        let (most, mean, work) =
            (told.peak().map_or(0, |step| step.running), number(told.mean()), duration(told.work()));
        let work = format!("{}{work}", padding(&work, 8));
        let row = format!("{name}{}  {most:>7}  {mean:>7}  {work}  {}", padding(&name, name_width), line(told, room));
        writeln!(out, "{}", row.trim_end())?;
    }
    if groups.len() > limit {
        writeln!(out, "... {} more: set --limit ...", groups.len() - limit)?;
    }
    Ok(())
}

/// The number over time, each column as high as the mean of its part of the time.
fn line(told: &Concurrency, columns: usize) -> String {
    let profile = told.profile(columns);
    let most = profile.iter().copied().fold(0.0, f64::max);
    sparkline(&profile, most)
}

/// Each number with how long it was, or several together.
fn levels(all: &Concurrency) -> Vec<(String, Duration)> {
    let levels = all.levels();
    if levels.len() <= LEVELS {
        return levels.into_iter().map(|(running, time)| (running.to_string(), time)).collect();
    }
    let band = |level: &(u32, Duration)| u32::BITS - level.0.leading_zeros();
    let bands = levels.chunk_by(|one, other| band(one) == band(other)).map(|same| {
        let ends = (same.first().map_or(0, |level| level.0), same.last().map_or(0, |level| level.0));
        let name = if ends.0 == ends.1 { ends.0.to_string() } else { format!("{} to {}", ends.0, ends.1) };
        (name, same.iter().fold(Duration::ZERO, |sum, (_, time)| sum.saturating_add(*time)))
    });
    bands.collect()
}

fn number(mean: f64) -> String {
    if mean < 100.0 { format!("{mean:.2}") } else { format!("{mean:.0}") }
}
