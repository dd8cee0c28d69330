//! `tense job`: what was done for one job, over all its traces in order of time, with the times in which nothing was.

use std::borrow::Cow;
use std::collections::HashSet;
use std::io::{self, Write};
use std::time::Duration;

use anyhow::Context;
use serde_json::{Value, json};
use tense_event::{Timestamp, TraceId};
use tense_store::job::{Part, Pause};
use tense_store::query::{Key, Pattern, Query, Term};
use tense_store::text::{duration, excerpt};
use tense_store::{IdleKind, Job, Span, Store, Trace};

use crate::commands::{ASKED, Answer, EXIT_CODES};
use crate::format::{Form, Format};
use crate::layout::{DAY_AND_TIME, FAILURE, FAINT, STRONG, columns, counted, fit, moment_in, padding, paint, width};
use crate::{blind_spots, json, markdown, moments, progress, say};

/// So many traces of a job are read, the newest.
const TRACES: usize = 1_000;
/// So many spans are shown below one of the outermost ones.
const BELOW: usize = 20;
/// Of a text, before it is made to fit.
const TEXT: usize = 200;
/// So many traces are told of which something could not be seen.
const BLIND: usize = 5;

const EXAMPLES: &str = "\
Examples:
  tense job j1               what was done for it
  tense job j1 --pause 1s    with the pauses of a second and more alone
  tense job j1 --depth 3     and what was done below, three levels down

Where a span has not ended, its `until` is the last thing that is known of it.

JSON: {\"version\", \"job_id\", \"began\", \"ended\", \"duration_ms\", \"parts\": [{\"trace_id\", \
\"span_id\", \"event_type\", \"service\", \"began\", \"until\", \"duration_ms\", \"outcome\", \"error\"}], \
\"pauses\": [{\"from\", \"to\", \"duration_ms\", \"kind\"}]}; with --format jsonl a part a line. docs/json.md says what \
each key is.";

/// Shows what was done for a job, over all its traces in order of time, and when nothing was
#[derive(Debug, clap::Args)]
#[command(after_help = format!("{EXAMPLES}\n\n{EXIT_CODES}"))]
pub(crate) struct Arguments {
    /// The job's id
    #[arg(value_name = "ID")]
    id: String,

    /// Shows times in which nothing is known of the job from this length on
    #[arg(long, value_name = "TIME", default_value = "100ms", value_parser = moments::length)]
    pause: Duration,

    /// Shows so many levels below the outermost spans
    #[arg(long, value_name = "N", default_value_t = 1)]
    depth: usize,

    #[command(flatten)]
    pub(crate) form: Form,
}

pub(crate) fn answer(store: &dyn Store, arguments: &Arguments, out: &mut impl Write) -> anyhow::Result<Answer> {
    let (traces, is_cut) = read(store, &arguments.id)?;
    let job = Job::of(&arguments.id, &traces);
    match arguments.form.format() {
        Format::Json => tense_store::json::one(arguments.form.json(&mut *out), &whole(&arguments.id, &job))?,
        Format::Jsonl => job.parts.iter().try_for_each(|part| json::line(out, &object(part)))?,
        Format::Md if job.parts.is_empty() => {}
        Format::Md => in_markdown(out, arguments, &job)?,
        Format::Table => show(out, arguments, &traces, &job)?,
    }
    out.flush()?;
    if job.parts.is_empty() {
        return Ok(Answer::Nothing(nothing(&arguments.id)));
    }
    if is_cut {
        cut();
    }
    Ok(Answer::Found)
}

/// All traces with an event of that job, each in full; and whether there are more.
pub(super) fn read(store: &dyn Store, id: &str) -> anyhow::Result<(Vec<Trace>, bool)> {
    let (ids, is_cut) = traces(store, id)?;
    let mut traces: Vec<Trace> = Vec::with_capacity(ids.len());
    for id in ids {
        // Between the two it may have been deleted.
        traces.extend(store.trace(id).context(ASKED)?);
    }
    Ok((traces, is_cut))
}

/// What is said when there are none.
pub(super) fn nothing(id: &str) -> String {
    format!("no event of the job `{}` is here; `tense search 'job:*'` lists events of jobs", excerpt(id, TEXT))
}

/// Says that there are more.
pub(super) fn cut() {
    say(&format!("the job has more traces than the newest {TRACES}, which are shown"));
}

/// The traces with an event of that job; and whether there are more.
fn traces(store: &dyn Store, id: &str) -> anyhow::Result<(Vec<TraceId>, bool)> {
    let query = Query::new().with(Term::is(Key::Job, Pattern::exactly(id)));
    let (mut found, mut known, mut looked_at) = (Vec::new(), HashSet::new(), 0);
    let (mut from, progress) = (None, progress::Progress::endless());
    loop {
        let page = store.search(&query, from.as_ref(), 1_000).context(ASKED)?;
        for event in page.events {
            if known.insert(event.trace_id) {
                if found.len() == TRACES {
                    return Ok((found, true));
                }
                found.push(event.trace_id);
            }
        }
        looked_at += page.progress.looked_at;
        match page.next {
            Some(next) => from = Some(next),
            None => return Ok((found, false)),
        }
        progress.at(looked_at, || format!("{} found", counted(found.len(), "trace")));
    }
}

fn since(from: Timestamp, to: Timestamp) -> Duration {
    Duration::from_nanos(to.unix_nanos().saturating_sub(from.unix_nanos()).max(0).unsigned_abs())
}

/// What stands in one line of the timeline.
enum Row<'t> {
    Span { part: Part<'t>, span: &'t Span, depth: usize },
    More { spans: usize },
    Pause(Pause),
}

fn show(out: &mut impl Write, arguments: &Arguments, traces: &[Trace], job: &Job<'_>) -> anyhow::Result<()> {
    let (Some(began), Some(ended)) = (job.began(), job.ended()) else { return Ok(()) };
    let columns = columns();
    let told = headline(arguments, job, began, ended);
    writeln!(
        out,
        "{}  {}",
        paint(STRONG, fit(&format!("job {}", excerpt(&arguments.id, TEXT)), columns / 2)),
        told[0]
    )?;
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
    let rows = rows(arguments, job);
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
                (if *depth == 0 { part.trace.id().short() } else { String::new() }, of_span(span, *depth, room))
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

/// What could not be seen of the traces, in a line each.
pub(super) fn not_seen(out: &mut impl Write, traces: &[Trace]) -> io::Result<()> {
    let blind: Vec<_> = traces.iter().filter_map(|trace| Some((trace.id(), blind_spots::of(trace)?))).collect();
    for (id, unseen) in blind.iter().take(BLIND) {
        writeln!(out, "{}", paint(FAINT, format!("{}: {unseen}", id.short())))?;
    }
    if let Some(more) = blind.len().checked_sub(BLIND + 1) {
        writeln!(out, "{}", paint(FAINT, format!("and {} not seen in full", counted(more + 1, "trace"))))?;
    }
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
    let mut told = vec![
        duration(since(began, ended)),
        format!(
            "{} to {}",
            moment_in(began, DAY_AND_TIME, &zone),
            moment_in(ended, &format!("{DAY_AND_TIME} %Z"), &zone)
        ),
        counted(traces.len(), "trace"),
    ];
    if services.len() > 1 {
        told.push(counted(services.len(), "service"));
    }
    if failed > 0 {
        told.push(format!("{failed} of {} failed", counted(job.parts.len(), "part")));
    }
    if open > 0 {
        told.push(format!("{open} not ended"));
    }
    if !job.pauses.is_empty() {
        let short = job.pauses.iter().filter(|pause| pause.duration() < arguments.pause).count();
        let hidden = match short {
            0 => String::new(),
            _ => format!(", {short} of them below {} and not listed", duration(arguments.pause)),
        };
        told.push(format!("{} in {}{hidden}", duration(quiet), counted(job.pauses.len(), "pause")));
    }
    told
}

/// The outermost spans with what is below them, and the pauses, in order.
fn rows<'t>(arguments: &Arguments, job: &Job<'t>) -> Vec<Row<'t>> {
    let mut pauses = job.pauses.iter().copied().peekable();
    let mut rows = Vec::new();
    for part in &job.parts {
        while let Some(pause) = pauses.next_if(|pause| pause.to <= part.since) {
            if pause.duration() >= arguments.pause {
                rows.push(Row::Pause(pause));
            }
        }
        rows.push(Row::Span { part: *part, span: part.span, depth: 0 });
        below(arguments, *part, &mut rows);
    }
    rows
}

/// What is below an outermost span, so many levels down.
fn below<'t>(arguments: &Arguments, part: Part<'t>, rows: &mut Vec<Row<'t>>) {
    let (depth, mut shown, mut left_out) = (arguments.depth, 0, 0);
    // What is below for another job belongs to that one.
    let belongs = |span: &Span| span.context.iter().all(|(key, job)| *key != "job_id" || *job == arguments.id);
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
fn of_pause(pause: &Pause) -> Cow<'static, str> {
    match pause.kind {
        IdleKind::Unknown => "nothing is known of the job".into(),
        kind => format!("waited: {}", kind.as_str()).into(),
    }
}

fn of_span(span: &Span, depth: usize, room: usize) -> String {
    let name = fit(&format!("{}{}", "  ".repeat(depth.min(room / 4)), excerpt(span.label(), TEXT)), room);
    let mut said = match &span.error {
        Some(error) if span.outcome.is_failure() && !error.error_message.is_empty() => {
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
    let said = fit(&said, room.saturating_sub(width(&name)));
    let style = if span.outcome.is_failure() { FAILURE } else { FAINT };
    if width(&said) < 6 { name } else { format!("{name}{}", paint(style, said)) }
}

fn in_markdown(out: &mut impl Write, arguments: &Arguments, job: &Job<'_>) -> io::Result<()> {
    let zone = arguments.form.zone();
    writeln!(out, "| began | took | trace | span | outcome | service |\n|---|---:|---|---|---|---|")?;
    let mut pauses = job.pauses.iter().peekable();
    let at = |at: Timestamp| moment_in(at, "%Y-%m-%d %H:%M:%S.%3f %Z", &zone);
    for part in &job.parts {
        while let Some(pause) = pauses.next_if(|pause| pause.to <= part.since) {
            if pause.duration() >= arguments.pause {
                writeln!(out, "| {} | {} | | {} | | |", at(pause.from), duration(pause.duration()), of_pause(pause))?;
            }
        }
        writeln!(
            out,
            "| {} | {} | {} | {} | {} | {} |",
            at(part.span.began),
            part.span.duration.map(duration).unwrap_or_default(),
            part.trace.id(),
            markdown::inline(&excerpt(part.span.label(), TEXT)),
            part.span.outcome.as_str(),
            markdown::inline(&excerpt(&part.span.service, TEXT)),
        )?;
    }
    Ok(())
}

fn ms(took: Duration) -> f64 {
    took.as_nanos() as f64 / 1e6
}

fn whole(id: &str, job: &Job<'_>) -> Value {
    let pauses = job
        .pauses
        .iter()
        .map(|pause| json!({ "from": pause.from, "to": pause.to, "duration_ms": ms(pause.duration()), "kind": pause.kind.as_key() }));
    let mut told = json!({
        "job_id": id,
        "parts": job.parts.iter().map(object).collect::<Vec<_>>(),
        "pauses": pauses.collect::<Vec<_>>(),
    });
    if let (Some(began), Some(ended)) = (job.began(), job.ended()) {
        told["began"] = json!(began);
        told["ended"] = json!(ended);
        told["duration_ms"] = json!(ms(since(began, ended)));
    }
    told
}

fn object(part: &Part<'_>) -> Value {
    let span = part.span;
    let mut told = json!({
        "trace_id": part.trace.id(),
        "span_id": span.id,
        "event_type": span.event_type,
        "began": span.began,
        "until": part.until,
        "outcome": span.outcome.as_str(),
    });
    if !span.service.is_empty() {
        told["service"] = json!(span.service);
    }
    if let Some(took) = span.duration {
        told["duration_ms"] = json!(ms(took));
    }
    if let Some(error) = &span.error {
        told["error"] = json!(error);
    }
    told
}
