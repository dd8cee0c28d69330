//! A job enters; lines for people leave, as wide as the screen: how long it took in all, then its parts with what was
//! done below them, and its pauses, in order of time.

use std::borrow::Cow;
use std::collections::HashSet;
use std::io::Write;
use std::time::Duration;

use jiff::tz::TimeZone;
use tense_event::{Timestamp, TraceId};
use tense_store::idle::IdleKind;
use tense_store::job::{Job, Part, Pause};
use tense_store::text::{duration, excerpt};
use tense_store::tree::Role;
use tense_store::{Outcome, Span, Trace};

use super::{Arguments, TEXT, not_seen, since};
use crate::layout::{
    DAY_AND_TIME, FAILURE, FAINT, STRONG, ZONED, columns, counted, fit, moment_in, padding, paint, style, width,
};

/// So many spans are shown below one of the outermost ones.
const BELOW: usize = 20;
/// So many columns are kept for how a span failed, however long its name is: for `  failed`, and some of why.
const ILL: usize = 12;

/// What stands in one line of the timeline.
enum Row<'t> {
    Span { part: Part<'t>, span: &'t Span, depth: usize },
    More { spans: usize },
    Pause(Pause),
}

/// Writes all of it; nothing where there is nothing of the job.
pub(super) fn show(
    out: &mut impl Write,
    id: &str,
    arguments: &Arguments,
    traces: &[Trace],
    job: &Job<'_>,
) -> anyhow::Result<()> {
    let (Some(began), Some(ended)) = (job.began(), job.ended()) else { return Ok(()) };
    let columns = columns();
    let told = headline(arguments, job, began, ended);
    writeln!(out, "{}  {}", paint(STRONG, fit(&format!("job {}", excerpt(id, TEXT)), columns / 2)), told[0])?;
    let mut line = "  ".to_owned();
    for (at, part) in told.iter().enumerate().skip(1) {
        let comma = if at + 1 < told.len() { ", " } else { "" };
        if width(&line) + width(part) + 2 > columns {
            writeln!(out, "{}", line.trim_end())?;
            line = "  ".to_owned();
        }
        line += &format!("{part}{comma}");
    }
    writeln!(out, "{line}")?;
    let rows = rows(id, arguments, job);
    let begin = |row: &Row<'_>| match row {
        Row::Span { span, .. } => format!("+{}", duration(since(began, span.began))),
        Row::More { .. } => String::new(),
        Row::Pause(pause) => format!("+{}", duration(since(began, pause.from))),
    };
    let took = |row: &Row<'_>| match row {
        Row::Span { span, .. } => span.duration.map(duration).unwrap_or_default(),
        Row::More { .. } => String::new(),
        Row::Pause(pause) => duration(pause.duration()),
    };
    let begin_width = rows.iter().map(|row| width(&begin(row))).max().unwrap_or(0);
    let took_width = rows.iter().map(|row| width(&took(row))).max().unwrap_or(0);
    let room = columns.saturating_sub(begin_width + took_width + 16);
    for row in &rows {
        let (begin, took) = (begin(row), took(row));
        let (trace, what) = match row {
            Row::Span { part, span, depth } => {
                (if *depth == 0 { part.trace.id().short() } else { String::new() }, of_span(part, span, *depth, room))
            }
            Row::More { spans } => (String::new(), paint(FAINT, format!("  {} more", counted(*spans, "span")))),
            Row::Pause(pause) => (String::new(), paint(FAINT, fit(&of_pause(pause), room))),
        };
        let left = format!(
            "  {}{}  {}{took}  {trace:8}  ",
            padding(&begin, begin_width),
            paint(FAINT, &begin),
            padding(&took, took_width),
        );
        writeln!(out, "{left}{what}")?;
    }
    not_seen(out, traces)?;
    Ok(())
}

/// How long it was in all, and what there was of it.
fn headline(arguments: &Arguments, job: &Job<'_>, began: Timestamp, ended: Timestamp) -> Vec<String> {
    let zone = arguments.form.zone();
    let traces: HashSet<TraceId> = job.parts.iter().map(|part| part.trace.id()).collect();
    let services: HashSet<&str> =
        job.parts.iter().map(|part| part.span.service.as_ref()).filter(|service| !service.is_empty()).collect();
    let failed = job.failures().count();
    let open = job.open().count();
    let quiet: Duration = job.pauses.iter().map(Pause::duration).fold(Duration::ZERO, Duration::saturating_add);
    let mut told = vec![duration(since(began, ended)), period(began, ended, &zone), counted(traces.len(), "trace")];
    if services.len() > 1 {
        told.push(counted(services.len(), "service"));
    }
    if failed > 0 {
        told.push(format!("{failed} of {} failed", counted(job.parts.len(), "part")));
    }
    let inside: usize = job.failed_inside().map(|part| part.failures_inside).sum();
    if inside > 0 {
        let parts = job.failed_inside().count();
        let parts = match failed {
            0 => format!("{parts} of {}", counted(job.parts.len(), "part")),
            _ => counted(parts, "other part"),
        };
        told.push(format!("{} inside {parts}", counted(inside, "failure")));
    }
    if open > 0 {
        told.push(format!("{open} not ended"));
    }
    if !job.pauses.is_empty() {
        let short = job.pauses.iter().filter(|pause| pause.duration() < arguments.pause).count();
        told.push(format!("{} in {}", duration(quiet), counted(job.pauses.len(), "pause")));
        if short > 0 {
            let which = if short == job.pauses.len() { "all".to_owned() } else { format!("{short} of them") };
            told.push(format!("{which} below {} and not listed", duration(arguments.pause)));
        }
    }
    told
}

/// From when until when, with the day and the zone only once where they are the same:
/// `2026-11-21 10:00:00 to 10:00:14 UTC`.
fn period(began: Timestamp, ended: Timestamp, zone: &TimeZone) -> String {
    let (from, to) = (moment_in(began, ZONED, zone), moment_in(ended, ZONED, zone));
    // A clock may be set to another zone in between, by law.
    let of = |at| (moment_in(at, "%Y-%m-%d", zone), moment_in(at, "%Z", zone));
    match (of(began), of(ended)) {
        _ if from == to => from,
        ((day, name), (other_day, other_name)) if name == other_name => {
            let to = if day == other_day { moment_in(ended, "%H:%M:%S %Z", zone) } else { to };
            format!("{} to {to}", moment_in(began, DAY_AND_TIME, zone))
        }
        _ => format!("{from} to {to}"),
    }
}

/// The outermost spans with what is below them, and the pauses, in order.
fn rows<'t>(id: &str, arguments: &Arguments, job: &Job<'t>) -> Vec<Row<'t>> {
    let mut pauses = job.pauses.iter().copied().peekable();
    let mut rows = Vec::new();
    for part in &job.parts {
        while let Some(pause) = pauses.next_if(|pause| pause.to <= part.since) {
            if pause.duration() >= arguments.pause {
                rows.push(Row::Pause(pause));
            }
        }
        rows.push(Row::Span { part: *part, span: part.span, depth: 0 });
        below(id, arguments, *part, &mut rows);
    }
    rows
}

/// What is below an outermost span, so many levels down.
fn below<'t>(id: &str, arguments: &Arguments, part: Part<'t>, rows: &mut Vec<Row<'t>>) {
    let (depth, mut shown, mut left_out) = (arguments.depth, 0, 0);
    // What is below for another job belongs to that one.
    let belongs = |span: &Span| span.context.iter().all(|(key, job)| *key != "job_id" || *job == id);
    let children = |span: &'t Span, depth: usize| {
        part.trace.children(span).rev().filter(|child| belongs(child)).map(move |child| (depth, child))
    };
    let mut next: Vec<(usize, &Span)> = if depth > 0 { children(part.span, 1).collect() } else { Vec::new() };
    while let Some((at, span)) = next.pop() {
        if shown == BELOW {
            left_out += 1;
        } else {
            shown += 1;
            rows.push(Row::Span { part, span, depth: at });
        }
        if at < depth {
            next.extend(children(span, at + 1));
        }
    }
    if left_out > 0 {
        rows.push(Row::More { spans: left_out });
    }
}

/// What a pause was spent on, in words.
pub(super) fn of_pause(pause: &Pause) -> Cow<'static, str> {
    match pause.kind {
        IdleKind::Unknown => "nothing is known of the job".into(),
        kind => format!("waited: {}", kind.as_str()).into(),
    }
}

/// How a part ended, where something failed in it that its own end does not tell: `ended well, 2 failures inside`.
pub(super) fn ended_inside(part: &Part<'_>) -> Option<String> {
    let ended = if part.span.outcome == Outcome::Success { "ended well" } else { part.span.outcome.as_str() };
    let failures = counted(part.failures_inside, "failure");
    (part.failures_inside > 0).then(|| format!("{ended}, {failures} inside"))
}

fn of_span(part: &Part<'_>, span: &Span, depth: usize, room: usize) -> String {
    let inside = ended_inside(part).filter(|_| depth == 0);
    let mut look = if span.outcome.is_failure() { FAILURE } else { FAINT };
    let mut said = match (&span.error, inside) {
        (_, Some(inside)) => {
            look = style(Role::Stopped);
            // Where there is no room for both, that something failed is the news.
            let is_short = width(span.label()) + width(&inside) + 2 > room;
            format!(
                "  {}",
                inside.split_once(", ").filter(|_| is_short).map_or(inside.as_str(), |(_, failures)| failures)
            )
        }
        (Some(error), _) if span.outcome.is_failure() && !error.error_message.is_empty() => {
            format!("  {}: {}", span.outcome.as_str(), excerpt(&error.error_message, TEXT))
        }
        _ if span.outcome.is_failure() || span.duration.is_none() && !span.is_point() => {
            format!("  {}", span.outcome.as_str())
        }
        _ => String::new(),
    };
    if depth == 0 && !span.service.is_empty() {
        said += &format!("  [{}]", excerpt(&span.service, TEXT));
    }
    // That something failed is worth more than the end of its name.
    let kept = if look == FAINT { 0 } else { width(&said).min(ILL) };
    let name = format!("{}{}", "  ".repeat(depth.min(room / 4)), excerpt(span.label(), TEXT));
    let name = fit(&name, room.saturating_sub(kept));
    let said = fit(&said, room.saturating_sub(width(&name)));
    if width(&said) < 6 { name } else { format!("{name}{}", paint(look, said)) }
}
