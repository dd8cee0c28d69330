//! `tense stats`: how often each operation ended, how often it failed, and how long it took.

mod picture;

use std::cmp::Reverse;
use std::io::Write;
use std::time::Duration;

use anyhow::Context;
use clap::ValueEnum;
use serde_json::{Value, json};
use tense_store::Store;
use tense_store::query::Query;
use tense_store::statistics::{Numbers, Operation, Statistics};
use tense_store::text::{duration, excerpt};

use crate::commands::{ASKED, Answer, EXIT_CODES};
use crate::filter::{Filter, TERMS};
use crate::format::{Form, Format};
use crate::layout::{FAILURE, FAINT, columns, counted, fit, padding, paint, width};
use crate::{json, markdown, progress, say};

/// Of a name, before it is made to fit.
const NAME: usize = 200;

const EXAMPLES: &str = "\
Examples:
  tense stats --since today                      each operation of today, those first that took most time in all
  tense stats --by service --sort rate           the services, those first that failed most often
  tense stats name:sql.query --histogram         how long one operation took
  tense stats --json | jq '.operations[] | select(.error_rate > 0.01)'

An event that stands for several counts as often, and `events` says how many there are. Quantiles are off by \
0.4 % at most.

JSON: {\"version\", \"by\", \"operations\": [{\"operation\", \"count\", \"failed\", \"error_rate\", \
\"events\", \"p50_ms\", \"p95_ms\", \"p99_ms\", \"min_ms\", \"max_ms\", \"total_ms\"}], \"looked_at\", \
\"unreadable\"}, and of each {\"buckets\": [{\"from_ms\", \"to_ms\", \"count\"}]} where a histogram is asked for; with \
--format jsonl an operation a line. docs/json.md says what each key is.";

/// Says how often each operation ended, how often it failed, and how long it took
#[derive(Debug, clap::Args)]
#[command(after_help = format!("{EXAMPLES}\n\n{EXIT_CODES}\n\n{TERMS}"))]
pub(crate) struct Arguments {
    #[command(flatten)]
    filter: Filter,

    /// What is counted together
    #[arg(long, value_name = "WHAT", value_enum, default_value_t = By::Name)]
    by: By,

    /// What stands first
    #[arg(long, value_name = "COLUMN", value_enum, default_value_t = Sort::Total)]
    sort: Sort,

    /// At most so many operations
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..))]
    limit: u32,

    /// Draws how long the first of them took, as a histogram; name it with a term, such as name:sql.query
    #[arg(long)]
    histogram: bool,

    #[command(flatten)]
    pub(crate) form: Form,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum By {
    /// What happened: failures apart from successes
    Type,
    /// The declared name of a span, however it ended
    Name,
    /// The program
    Service,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Sort {
    /// What took most time in all
    Total,
    Count,
    /// What failed most often
    Failed,
    /// What failed in the largest part
    Rate,
    P50,
    P95,
    P99,
    Max,
    /// By the alphabet
    Name,
}

pub(crate) fn answer(store: &dyn Store, arguments: &Arguments, out: &mut impl Write) -> anyhow::Result<Answer> {
    let query = arguments.filter.query(&arguments.form.zone())?;
    let all = count(store, &query)?;
    let label = |operation: &Operation| match arguments.by {
        By::Type => operation.event_type.clone(),
        By::Name => operation.name.clone(),
        By::Service => operation.service.clone(),
    };
    let mut rows = all.statistics.by(label);
    sort(&mut rows, arguments.sort);
    let left_out = rows.len().saturating_sub(arguments.limit as usize);
    rows.truncate(arguments.limit as usize);
    let with_buckets = arguments.histogram;
    match arguments.form.format() {
        Format::Json => {
            let operations: Vec<Value> = rows.iter().map(|row| object(row, with_buckets)).collect();
            let by = arguments.by.to_possible_value().map(|by| by.get_name().to_owned());
            let told = json!({
                "by": by, "operations": operations, "looked_at": all.looked_at, "unreadable": all.unreadable,
            });
            tense_store::json::one(arguments.form.json(&mut *out), &told)?;
        }
        Format::Jsonl => rows.iter().try_for_each(|row| json::line(out, &object(row, with_buckets)))?,
        Format::Md if !with_buckets => in_markdown(out, &rows)?,
        Format::Table if !with_buckets => table(out, &rows)?,
        Format::Table | Format::Md => arguments.form.page(&mut *out, |out| {
            let first = rows.first();
            first.map_or(Ok(()), |(name, numbers)| Ok(picture::draw(out, &shown(name), numbers)?))
        })?,
    }
    out.flush()?;
    if all.unreadable > 0 {
        say(&format!("not seen in full: {} that cannot be read", counted(all.unreadable as usize, "row")));
    }
    if left_out > 0 && !with_buckets {
        say(&format!("{} more; --limit shows more, --sort others", counted(left_out, "operation")));
    }
    if rows.is_empty() && left_out == 0 {
        let hint = arguments.filter.hint(store).map(|hint| format!("; {hint}")).unwrap_or_default();
        return Ok(Answer::Nothing(nothing(store, &query, all.looked_at)? + &hint));
    }
    Ok(Answer::Found)
}

/// Why there is nothing to count: no event is meant, or none of those that are says that an operation has ended.
fn nothing(store: &dyn Store, query: &Query, looked_at: u64) -> anyhow::Result<String> {
    let looked = counted(usize::try_from(looked_at).unwrap_or(usize::MAX), "event");
    let (since, until) = query.range();
    let within = if since.or(until).is_some() { " of that time" } else { "" };
    let of_time = since.into_iter().fold(Query::new(), Query::since);
    let of_time = until.into_iter().fold(of_time, Query::until);
    if !is_any(store, &of_time)? {
        return Ok(format!("there is no event{within}"));
    }
    if is_any(store, query)? {
        return Ok(format!("no operation has ended; {looked} looked at"));
    }
    let (mut alone, mut all) = (Vec::new(), Vec::new());
    for group in query.groups() {
        let terms: Vec<String> = group.iter().map(|term| format!("`{}`", excerpt(&term.to_string(), NAME))).collect();
        let terms = terms.join(" or ");
        if !is_any(store, &of_time.clone().any_of(group.iter().cloned()))? {
            alone.push(terms.clone());
        }
        all.push(terms);
    }
    Ok(match alone.as_slice() {
        [] => format!("no event{within} matches all of {}, though each of them matches some", all.join(", ")),
        alone => format!("no event{within} matches {}", alone.join(", nor ")),
    })
}

/// Whether any event is meant.
fn is_any(store: &dyn Store, query: &Query) -> anyhow::Result<bool> {
    let (mut from, mut looked_at, progress) = (None, 0, progress::Progress::endless());
    loop {
        let page = store.search(query, from.as_ref(), 1).context(ASKED)?;
        if !page.events.is_empty() {
            return Ok(true);
        }
        let Some(next) = page.next else { return Ok(false) };
        from = Some(next);
        looked_at += page.progress.looked_at;
        progress.at(looked_at, || format!("{} looked at for what matches none", counted(looked_at as usize, "event")));
    }
}

/// What was counted, and of how many events.
struct Counted {
    statistics: Statistics,
    looked_at: u64,
    unreadable: u64,
}

fn count(store: &dyn Store, query: &Query) -> anyhow::Result<Counted> {
    let mut all = Counted { statistics: Statistics::default(), looked_at: 0, unreadable: 0 };
    let (mut from, progress) = (None, progress::Progress::endless());
    loop {
        let part = store.statistics(query, from.as_ref()).context(ASKED)?;
        all.statistics.merge(part.statistics);
        all.looked_at += part.progress.looked_at;
        all.unreadable += part.progress.unreadable;
        match part.next {
            Some(next) => from = Some(next),
            None => return Ok(all),
        }
        progress.at(all.looked_at, || format!("{} looked at", counted(all.looked_at as usize, "event")));
    }
}

type Row = (String, Numbers);

fn sort(rows: &mut [Row], by: Sort) {
    let quantile = |part: f64| move |row: &Row| Reverse(row.1.durations.quantile(part));
    match by {
        Sort::Total => rows.sort_by_key(|row| Reverse(row.1.durations.total())),
        Sort::Count => rows.sort_by_key(|row| Reverse(row.1.count)),
        Sort::Failed => rows.sort_by_key(|row| Reverse(row.1.failed)),
        Sort::Rate => rows.sort_by(|one, other| other.1.error_rate().total_cmp(&one.1.error_rate())),
        Sort::P50 => rows.sort_by_key(quantile(0.5)),
        Sort::P95 => rows.sort_by_key(quantile(0.95)),
        Sort::P99 => rows.sort_by_key(quantile(0.99)),
        Sort::Max => rows.sort_by_key(|row| Reverse(row.1.durations.max())),
        Sort::Name => {}
    }
}

/// Its title, from how many columns of the screen on it is shown, and what it says.
type Column = (&'static str, usize, fn(&Numbers) -> String);

/// The columns of numbers.
const COLUMNS: [Column; 9] = [
    ("count", 0, |numbers| numbers.count.to_string()),
    ("failed", 0, |numbers| if numbers.failed == 0 { String::new() } else { percent(numbers.error_rate()) }),
    ("dropped", 0, |numbers| if numbers.cancelled == 0 { String::new() } else { percent(numbers.cancelled_rate()) }),
    ("p50", 0, |numbers| took(numbers.durations.quantile(0.5))),
    ("p95", 80, |numbers| took(numbers.durations.quantile(0.95))),
    ("p99", 0, |numbers| took(numbers.durations.quantile(0.99))),
    ("max", 80, |numbers| took(numbers.durations.max())),
    ("total", 100, |numbers| took((numbers.durations.count() > 0).then(|| numbers.durations.total()))),
    ("events", 140, |numbers| if numbers.events == numbers.count { String::new() } else { numbers.events.to_string() }),
];

fn took(took: Option<Duration>) -> String {
    took.map(duration).unwrap_or_default()
}

/// A part of all that is more than nothing is never shown as none, and one that is less than all never as all.
fn percent(part: f64) -> String {
    match part * 100.0 {
        100.0.. => "100 %".to_owned(),
        99.95.. => "99.9 %".to_owned(),
        ..0.1 => "<0.1 %".to_owned(),
        percent => format!("{percent:.1} %"),
    }
}

fn shown(name: &str) -> String {
    if name.is_empty() { "(none)".to_owned() } else { excerpt(name, NAME) }
}

fn table(out: &mut impl Write, rows: &[Row]) -> std::io::Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let all = columns();
    let numbers: Vec<_> = COLUMNS
        .iter()
        .filter(|(_, least, _)| all >= *least)
        .map(|(head, _, show)| {
            let cells: Vec<String> = rows.iter().map(|(_, numbers)| show(numbers)).collect();
            let widest = cells.iter().map(|cell| width(cell)).chain([width(head)]).max().unwrap_or(0);
            (*head, cells, widest)
        })
        // A column that says nothing is left out.
        .filter(|(_, cells, _)| cells.iter().any(|cell| !cell.is_empty()))
        .collect();
    let taken: usize = numbers.iter().map(|(.., widest)| widest + 2).sum();
    let names: Vec<String> = rows.iter().map(|(name, _)| fit(&shown(name), all.saturating_sub(taken))).collect();
    let name_width = names.iter().map(|name| width(name)).max().unwrap_or(0).max(9);
    let mut head = format!("{:name_width$}", "operation");
    for (title, _, widest) in &numbers {
        head += &format!("  {}{title}", padding(title, *widest));
    }
    writeln!(out, "{}", paint(FAINT, head.trim_end()))?;
    for (at, name) in names.iter().enumerate() {
        let mut line = format!("{name}{}", padding(name, name_width));
        for (title, cells, widest) in &numbers {
            let cell = &cells[at];
            let shown = if *title == "failed" && !cell.is_empty() { paint(FAILURE, cell) } else { cell.clone() };
            line += &format!("  {}{shown}", padding(cell, *widest));
        }
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(())
}

fn in_markdown(out: &mut impl Write, rows: &[Row]) -> std::io::Result<()> {
    let heads: Vec<&str> = COLUMNS.iter().map(|(head, ..)| *head).collect();
    writeln!(out, "| operation | {} |\n|---|{}", heads.join(" | "), "---:|".repeat(heads.len()))?;
    for (name, numbers) in rows {
        let cells: Vec<String> = COLUMNS.iter().map(|(.., show)| show(numbers)).collect();
        writeln!(out, "| {} | {} |", markdown::inline(&shown(name)), cells.join(" | "))?;
    }
    Ok(())
}

fn object((name, numbers): &Row, with_buckets: bool) -> Value {
    let ms = |took: Option<Duration>| took.map(|took| took.as_nanos() as f64 / 1e6);
    let durations = &numbers.durations;
    let quantile = |part: f64| ms(durations.quantile(part));
    let mut told = json!({
        "operation": name,
        "count": numbers.count,
        "failed": numbers.failed,
        "cancelled": numbers.cancelled,
        "error_rate": numbers.error_rate(),
        "events": numbers.events,
    });
    if durations.count() > 0 {
        told["p50_ms"] = json!(quantile(0.5));
        told["p95_ms"] = json!(quantile(0.95));
        told["p99_ms"] = json!(quantile(0.99));
        told["min_ms"] = json!(ms(durations.min()));
        told["max_ms"] = json!(ms(durations.max()));
        told["total_ms"] = json!(ms(Some(durations.total())));
    }
    if with_buckets {
        let bucket = |(from, to, count)| json!({ "from_ms": ms(Some(from)), "to_ms": ms(Some(to)), "count": count });
        told["buckets"] = durations.buckets().map(bucket).collect();
    }
    told
}
