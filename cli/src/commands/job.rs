//! `tense job`: what was done for one job, over all its traces in order of time, with the times in which nothing was.

mod timeline;

use std::collections::HashSet;
use std::io::{self, Write};
use std::time::Duration;

use anyhow::Context;
use serde_json::{Value, json};
use tense_event::{Timestamp, TraceId};
use tense_store::job::Part;
use tense_store::query::{Key, Pattern, Query, Term};
use tense_store::text::{duration, excerpt};
use tense_store::{Job, Store, Trace, TraceFilter};

use crate::commands::{ASKED, Answer, EXIT_CODES, one_trace};
use crate::format::{Form, Format};
use crate::layout::{FAINT, counted, moment_in, paint};
use crate::{blind_spots, json, markdown, moments, progress, say};

/// So many traces of a job are read, the newest.
const TRACES: usize = 1_000;
/// So many pages of events are looked at to say whether there are other traces: that is beside the question.
const PAGES: usize = 10;
/// Among so many of the traces that failed, those of the job are looked for.
const FAILURES: usize = 10_000;
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
\"span_id\", \"event_type\", \"service\", \"began\", \"until\", \"duration_ms\", \"outcome\", \"error\", \
\"failures_inside\"}], \
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
    let id = &one_trace::job(store, &arguments.id)?.unwrap_or_else(|| arguments.id.clone());
    let (traces, is_cut) = read(store, id)?;
    let job = Job::of(id, &traces);
    match arguments.form.format() {
        Format::Json => tense_store::json::one(arguments.form.json(&mut *out), &whole(id, &job))?,
        Format::Jsonl => job.parts.iter().try_for_each(|part| json::line(out, &object(part)))?,
        Format::Md if job.parts.is_empty() => {}
        Format::Md => in_markdown(out, arguments, &job)?,
        Format::Table => timeline::show(out, id, arguments, &traces, &job)?,
    }
    out.flush()?;
    if job.parts.is_empty() {
        return Ok(Answer::Nothing(nothing(id)));
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

/// What is to be said beside an answer about the latest trace of a job; none where that is its only one.
pub(super) fn is_of_several(store: &dyn Store, id: &str, latest: &Trace) -> anyhow::Result<Option<String>> {
    let mut of_job = HashSet::new();
    let of_it = Query::new().with(Term::is(Key::Job, Pattern::exactly(id)));
    let began = latest.spans().first().map(|first| first.began);
    // Of the second, none has to be found behind a million events of the latest trace.
    let mut is_cut = false;
    for query in [Some(of_it.clone()), began.map(|began| of_it.until(began))].into_iter().flatten() {
        is_cut = known(store, &query, &mut of_job)?;
    }
    of_job.remove(&latest.id());
    if of_job.is_empty() {
        return Ok(None);
    }
    // Newest first.
    let failed = store.trace_ids(&TraceFilter::newest(FAILURES).failed()).context(ASKED)?;
    let is_failed = failed.contains(&latest.id());
    let failed: Vec<TraceId> = failed.into_iter().filter(|trace| of_job.contains(trace)).collect();
    let others = match failed.as_slice() {
        [] => String::new(),
        [one] if is_failed => format!("; another one failed as well, {}", one.short()),
        [first, ..] if is_failed => {
            format!("; {} others failed as well, the last of them {}", failed.len(), first.short())
        }
        [one] => format!("; an earlier one failed, {}, and this one did not", one.short()),
        [first, ..] => {
            format!("; {} earlier ones failed, the last of them {}, and this one did not", failed.len(), first.short())
        }
    };
    let at_least = if is_cut { "at least " } else { "" };
    let (id, traces) = (excerpt(id, TEXT), of_job.len() + 1);
    let (this, all) = (latest.id().short(), format!("`tense job {id}` shows all"));
    Ok(Some(format!("the job {id} has {at_least}{traces} traces, and this is the last one, {this}{others}; {all}")))
}

/// Notes the traces of the latest events that are meant; says whether there are more events.
fn known(store: &dyn Store, query: &Query, traces: &mut HashSet<TraceId>) -> anyhow::Result<bool> {
    let mut from = None;
    for _ in 0..PAGES {
        let page = store.search(query, from.as_ref(), 1_000).context(ASKED)?;
        traces.extend(page.events.iter().map(|event| event.trace_id));
        let Some(next) = page.next else { return Ok(false) };
        from = Some(next);
    }
    Ok(true)
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

fn in_markdown(out: &mut impl Write, arguments: &Arguments, job: &Job<'_>) -> io::Result<()> {
    let zone = arguments.form.zone();
    writeln!(out, "| began | took | trace | span | outcome | service |\n|---|---:|---|---|---|---|")?;
    let mut pauses = job.pauses.iter().peekable();
    let at = |at: Timestamp| moment_in(at, "%Y-%m-%d %H:%M:%S.%3f %Z", &zone);
    for part in &job.parts {
        while let Some(pause) = pauses.next_if(|pause| pause.to <= part.since) {
            if pause.duration() >= arguments.pause {
                writeln!(
                    out,
                    "| {} | {} | | {} | | |",
                    at(pause.from),
                    duration(pause.duration()),
                    timeline::of_pause(pause)
                )?;
            }
        }
        writeln!(
            out,
            "| {} | {} | {} | {} | {} | {} |",
            at(part.span.began),
            part.span.duration.map(duration).unwrap_or_default(),
            part.trace.id(),
            markdown::inline(&excerpt(part.span.label(), TEXT)),
            timeline::ended_inside(part).unwrap_or_else(|| part.span.outcome.as_str().to_owned()),
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
    if part.failures_inside > 0 {
        told["failures_inside"] = json!(part.failures_inside);
    }
    told
}
