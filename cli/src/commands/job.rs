//! `tense job`: what was done for one job, over all its traces in order of time, with the times in which nothing was.

mod timeline;

use std::io::{self, Write};
use std::time::Duration;

use anyhow::Context;
use serde_json::{Value, json};
use tense_event::Timestamp;
use tense_store::job::{Job, Part};
use tense_store::text::{duration, excerpt};
use tense_store::{Store, Trace, TraceFilter};

use crate::commands::{ASKED, Answer, EXIT_CODES, one_trace};
use crate::format::{Form, Format};
use crate::layout::{FAINT, counted, moment_in, paint};
use crate::progress::Progress;
use crate::{blind_spots, json, markdown, moments, say};

/// So many traces of a job are read, the newest.
const TRACES: usize = 1_000;
/// Once they have so many spans, no further trace is read: all are held at once, some hundred megabytes of them.
const SPANS: usize = 500_000;
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

JSON: {\"version\", \"job_id\", \"began\", \"ended\", \"duration_ms\", \
\"traces\": [{\"trace_id\", \"gaps\"}], \
\"parts\": [{\"trace_id\", \"span_id\", \"event_type\", \"service\", \"began\", \"until\", \"duration_ms\", \
\"outcome\", \"error\", \"failures_inside\"}], \
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
        Format::Json => tense_store::json::one(arguments.form.json(&mut *out), &whole(id, &traces, &job))?,
        Format::Jsonl => job.parts.iter().try_for_each(|part| json::line(out, &object(part)))?,
        Format::Md if job.parts.is_empty() => {}
        Format::Md => {
            in_markdown(out, arguments, &job)?;
            for blind in blind(&traces) {
                writeln!(out, "\n{}", markdown::inline(&blind.replace('\n', " · ")))?;
            }
        }
        Format::Table => timeline::show(out, id, arguments, &traces, &job)?,
    }
    out.flush()?;
    if job.parts.is_empty() {
        return Ok(Answer::Nothing(nothing(id)));
    }
    if is_cut {
        cut(traces.len());
    }
    Ok(Answer::Found)
}

/// The newest traces with an event of that job, each in full; and whether there are more.
pub(super) fn read(store: &dyn Store, id: &str) -> anyhow::Result<(Vec<Trace>, bool)> {
    read_some(store, id, (TRACES, SPANS))
}

/// At most so many traces, and none behind those that have so many spans.
fn read_some(store: &dyn Store, id: &str, (most, spans): (usize, usize)) -> anyhow::Result<(Vec<Trace>, bool)> {
    let ids = store.trace_ids(&TraceFilter::newest(most + 1).of_job(id)).context(ASKED)?;
    let progress = Progress::of(ids.len() as u64);
    let (mut traces, mut known): (Vec<Trace>, usize) = (Vec::new(), 0);
    for (done, id) in (0..).zip(ids) {
        if traces.len() == most || known >= spans {
            return Ok((traces, true));
        }
        progress.at(done, || "traces of the job".to_owned());
        // Between the two it may have been deleted.
        let Some(trace) = store.trace(id).context(ASKED)? else { continue };
        known += trace.spans().len();
        traces.push(trace);
    }
    Ok((traces, false))
}

/// What is said when there are none.
pub(super) fn nothing(id: &str) -> String {
    format!("no event of the job `{}` is here; `tense search 'job:*'` lists events of jobs", excerpt(id, TEXT))
}

/// Says that there are more than those that were read.
pub(super) fn cut(shown: usize) {
    say(&format!(
        "the job has more traces than the newest {shown}, which are shown: {TRACES} are read, or as many as have \
         {SPANS} spans"
    ));
}

/// What is to be said beside an answer about the latest trace of a job; none where that is its only one.
pub(super) fn is_of_several(store: &dyn Store, id: &str, latest: &Trace) -> anyhow::Result<Option<String>> {
    let of_job = TraceFilter::newest(TRACES).of_job(id);
    let traces = store.trace_ids(&of_job).context(ASKED)?.len();
    if traces < 2 {
        return Ok(None);
    }
    // Newest first.
    let mut failed = store.trace_ids(&of_job.failed()).context(ASKED)?;
    let known = failed.len();
    failed.retain(|trace| *trace != latest.id());
    let is_failed = failed.len() < known;
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
    // How many more there are is beside the question.
    let at_least = if traces == TRACES { "at least " } else { "" };
    let id = excerpt(id, TEXT);
    let (this, all) = (latest.id().short(), format!("`tense job {id}` shows all"));
    Ok(Some(format!("the job {id} has {at_least}{traces} traces, and this is the last one, {this}{others}; {all}")))
}

fn since(from: Timestamp, to: Timestamp) -> Duration {
    Duration::from_nanos(to.unix_nanos().saturating_sub(from.unix_nanos()).max(0).unsigned_abs())
}

/// Says what could not be seen of the traces.
pub(super) fn not_seen(out: &mut impl Write, traces: &[Trace]) -> io::Result<()> {
    blind(traces).into_iter().try_for_each(|blind| writeln!(out, "{}", paint(FAINT, blind)))
}

/// What could not be seen of the traces, of each by itself.
fn blind(traces: &[Trace]) -> Vec<String> {
    let mut blind: Vec<String> = traces
        .iter()
        .filter_map(|trace| Some(format!("{}: {}", trace.id().short(), blind_spots::of(trace)?)))
        .collect();
    if let Some(more) = blind.len().checked_sub(BLIND + 1) {
        blind.truncate(BLIND);
        blind.push(format!("and {} not seen in full", counted(more + 1, "trace")));
    }
    blind
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

fn whole(id: &str, traces: &[Trace], job: &Job<'_>) -> Value {
    let pauses = job
        .pauses
        .iter()
        .map(|pause| json!({ "from": pause.from, "to": pause.to, "duration_ms": ms(pause.duration()), "kind": pause.kind.as_key() }));
    let mut told = json!({
        "job_id": id,
        "traces": tense_store::json::gaps_of(traces),
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

#[cfg(test)]
mod tests {
    use tense_event::{Event, Sanitizer, SpanId, Status, TraceId};
    use tense_store::MemoryStore;

    use super::*;

    /// Of each trace: its number, and how many spans it has.
    fn store(traces: &[(u8, u64)]) -> MemoryStore {
        let (mut store, sanitizer) = (MemoryStore::new(), Sanitizer::default());
        for (number, spans) in traces {
            let batch: Vec<_> = (1..=*spans)
                .filter_map(|span| {
                    let (id, at) = (TraceId::from_bytes([*number; 16]), i64::from(*number) * 1_000);
                    let at = Timestamp::from_unix_nanos(at + span as i64);
                    let mut event = Event::new(id, SpanId::new(span)?, "job.run", Status::Success, at);
                    event.job_id = Some("j1".to_owned());
                    Some(sanitizer.clean(event))
                })
                .collect();
            assert_eq!(store.append(&batch).unwrap().stored, batch.len());
        }
        store
    }

    #[test]
    fn no_trace_is_read_behind_those_that_are_many_or_large() {
        let store = store(&[(1, 2), (2, 3), (3, 50), (4, 4)]);
        let check = |most, expected: &[usize], is_cut| {
            let (traces, cut) = read_some(&store, "j1", most).unwrap();
            let spans: Vec<usize> = traces.iter().map(|trace| trace.spans().len()).collect();
            assert_eq!((spans.as_slice(), cut), (expected, is_cut), "{most:?}");
        };
        check((4, 1_000), &[4, 50, 3, 2], false);
        check((3, 1_000), &[4, 50, 3], true);
        // One that is large is read all the same.
        check((4, 5), &[4, 50], true);
        check((4, 4), &[4], true);
        check((4, 57), &[4, 50, 3], true);
        check((4, 58), &[4, 50, 3, 2], false);
    }
}
