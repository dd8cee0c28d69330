//! `tense bottlenecks`: what a trace cost, in one line and by operation, and what of it is worth a look.
//!
//! The summary of one trace stands here, at the head, and is no command of its own: whoever asks what was slow wants to
//! know of how much, and whoever asks what it cost asks next what of it was too much.

use std::io::Write;
use std::time::Duration;

use tense_store::performance::{Bottlenecks, Performance};
use tense_store::text::{duration, excerpt};
use tense_store::{Outcome, Store, Trace, json};

use crate::commands::one_trace::OneTrace;
use crate::commands::{Answer, EXIT_CODES, failure};
use crate::layout::{FAILURE, FAINT, NAME, STRONG, columns, counted, fit, padding, paint, width, wrap};
use crate::moments;

const EXAMPLES: &str = "\
Examples:
  tense bottlenecks last              what it cost, and the spans over 100 ms
  tense bottlenecks last --over 20ms  the spans over 20 ms
  tense bottlenecks last --json | jq '.operations[0]'

JSON: {\"version\", \"trace_id\", \"root_name\", \"whole_ms\", \"spans\", \"failed\", \"dropped\", \"open\", \
\"retries\", \
\"slowest\", \"operations\", \"services\", \"over_ms\", \"bottlenecks\": {\"spans\", \"operations\", \
\"repeated\"}, \"gaps\"}; with --format jsonl the same. docs/json.md says what each key is.";

/// Says what a trace cost: the whole, by operation and by service, and the spans that took too long
#[derive(Debug, clap::Args)]
#[command(after_help = format!("{EXAMPLES}\n\n{EXIT_CODES}"))]
pub(crate) struct Arguments {
    /// From which time on a span is too long: at work itself, or waited for by everything
    #[arg(long, value_name = "TIME", default_value = "100ms", value_parser = moments::length)]
    over: Duration,

    /// At most so many lines of each kind
    #[arg(long, value_name = "N", default_value_t = 10)]
    top: usize,

    #[command(flatten)]
    pub(crate) asked: OneTrace,
}

pub(crate) fn answer(store: &dyn Store, arguments: &Arguments, out: &mut impl Write) -> anyhow::Result<Answer> {
    arguments.asked.told(store, out, |trace, out| {
        let performance = trace.performance();
        let found = performance.over(arguments.over);
        let form = &arguments.asked.form;
        if form.is_json() {
            json::bottlenecks(form.json(out), trace, &performance, arguments.over, &found)?;
            return Ok(Answer::Found);
        }
        head(out, trace, &performance)?;
        operations(out, &performance, arguments.top)?;
        services(out, &performance, arguments.top)?;
        spans(out, &performance, &found, arguments)?;
        repeated(out, &performance, &found, arguments.top)?;
        Ok(Answer::Found)
    })
}

fn head(out: &mut impl Write, trace: &Trace, performance: &Performance<'_>) -> std::io::Result<()> {
    let Some(root) = performance.root else { return Ok(()) };
    let Performance { whole, spans, failed, dropped, open, retries, .. } = performance;
    let failed_said = format!("{failed} failed");
    let mut said = vec![
        counted(*spans, "span"),
        if *failed == 0 { failed_said } else { paint(FAILURE, failed_said) },
        if *retries == 1 { "1 retry".to_owned() } else { format!("{retries} retries") },
    ];
    if *dropped > 0 {
        said.push(format!("{dropped} dropped"));
    }
    if *open > 0 {
        said.push(format!("{open} not finished"));
    }
    let is_open = if root.outcome == Outcome::Open { " so far" } else { "" };
    let ended = failure(trace, root);
    let name = fit(&excerpt(root.label(), NAME), columns().saturating_sub(24));
    writeln!(out, "{}  {}{is_open}{ended}", paint(STRONG, name), duration(*whole))?;
    writeln!(out, "  {}", said.join(" · "))
}

/// A line of a table: what was waited for, its share, what was worked, how often, and what it is.
struct Row {
    on_path: Duration,
    share: f64,
    own: Duration,
    /// None where there is one call a line.
    calls: Option<usize>,
    what: String,
    note: String,
}

/// The columns are as wide as their widest entry; what it is takes what is left.
fn table(out: &mut impl Write, title: &str, rows: &[Row], more: usize) -> std::io::Result<()> {
    let calls_of = |row: &Row| row.calls.map(|calls| calls.to_string()).unwrap_or_default();
    let has_calls = rows.iter().any(|row| row.calls.is_some());
    let [waited, share, own, calls] = ["waited for", "share", "itself", if has_calls { "calls" } else { "" }];
    let widest = |head: &str, entry: &dyn Fn(&Row) -> String| {
        rows.iter().map(|row| width(&entry(row))).chain([width(head)]).max().unwrap_or(0)
    };
    let on_path_width = widest(waited, &|row| duration(row.on_path));
    let own_width = widest(own, &|row| duration(row.own));
    let calls_width = widest(calls, &calls_of);
    let left = |on_path: &str, share: &str, own: &str, calls: &str| {
        let calls = if has_calls { format!("{calls:>calls_width$}  ") } else { String::new() };
        format!("  {}{on_path}  {share:>7}  {}{own}  {calls}", padding(on_path, on_path_width), padding(own, own_width),)
    };
    let head = left(waited, share, own, calls);
    let room = columns().saturating_sub(width(&head));
    writeln!(out, "{}", paint(FAINT, format!("{head}{}", fit(title, room))))?;
    for row in rows {
        let said = left(&duration(row.on_path), &format!("{:.1} %", row.share), &duration(row.own), &calls_of(row));
        let note = if width(&row.what) + width(&row.note) + 2 <= room { row.note.as_str() } else { "" };
        let gap = if note.is_empty() { "" } else { "  " };
        writeln!(out, "{said}{}{gap}{}", fit(&row.what, room), paint(FAINT, note))?;
    }
    if more > 0 {
        writeln!(out, "{}", paint(FAINT, format!("  and {more} more")))?;
    }
    Ok(())
}

fn operations(out: &mut impl Write, performance: &Performance<'_>, top: usize) -> std::io::Result<()> {
    let rows: Vec<Row> = (performance.operations.iter().take(top))
        .map(|operation| Row {
            on_path: operation.on_path,
            share: performance.share(operation.on_path),
            own: operation.own,
            calls: Some(operation.calls),
            what: excerpt(operation.name, NAME),
            note: if operation.failed == 0 { String::new() } else { format!("{} failed", operation.failed) },
        })
        .collect();
    table(out, "operation", &rows, performance.operations.len() - rows.len())
}

/// One program is not worth a table.
fn services(out: &mut impl Write, performance: &Performance<'_>, top: usize) -> std::io::Result<()> {
    if performance.services.len() < 2 {
        return Ok(());
    }
    let name = |name: &str| if name.is_empty() { "(not said)".to_owned() } else { excerpt(name, NAME) };
    let rows: Vec<Row> = (performance.services.iter().take(top))
        .map(|service| Row {
            on_path: service.on_path,
            share: performance.share(service.on_path),
            own: service.own,
            calls: Some(service.calls),
            what: name(service.name),
            note: String::new(),
        })
        .collect();
    table(out, "service", &rows, performance.services.len() - rows.len())
}

fn spans(
    out: &mut impl Write,
    performance: &Performance<'_>,
    found: &Bottlenecks<'_>,
    arguments: &Arguments,
) -> std::io::Result<()> {
    let over = duration(arguments.over);
    if found.spans.is_empty() {
        let slowest = performance.slowest.filter(|cost| !cost.own.is_zero());
        let slowest = slowest.map_or_else(String::new, |cost| {
            format!("; longest by itself: {}, {}", excerpt(cost.span.label(), NAME), duration(cost.own))
        });
        let lines = wrap(&format!("no span by itself took {over}{slowest}"), columns());
        return lines.iter().try_for_each(|line| writeln!(out, "{line}"));
    }
    let rows: Vec<Row> = (found.spans.iter().take(arguments.top))
        .map(|cost| Row {
            on_path: cost.on_path,
            share: performance.share(cost.on_path),
            own: cost.own,
            calls: None,
            what: excerpt(cost.span.label(), NAME),
            note: format!("{}  {}", cost.span.id, excerpt(&cost.span.source, NAME)).trim_end().to_owned(),
        })
        .collect();
    table(out, &format!("span over {over}"), &rows, found.spans.len() - rows.len())
}

fn repeated(
    out: &mut impl Write,
    performance: &Performance<'_>,
    found: &Bottlenecks<'_>,
    top: usize,
) -> std::io::Result<()> {
    for repeated in found.repeated.iter().take(top) {
        let said = format!(
            "{} below {}: {} calls one after the other, {} together ({:.1} %); could one call do?",
            excerpt(repeated.name, NAME),
            excerpt(repeated.parent.label(), NAME),
            repeated.calls,
            duration(repeated.took),
            performance.share(repeated.took),
        );
        for line in wrap(&said, columns()) {
            writeln!(out, "{line}")?;
        }
    }
    match found.repeated.len().saturating_sub(top) {
        0 => Ok(()),
        more => writeln!(out, "{}", paint(FAINT, format!("  and {more} more that are repeated"))),
    }
}
