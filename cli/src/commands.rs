//! One file a question. A question takes its arguments, and a store where it is about runs, and writes its answer.

pub(crate) mod check;
pub(crate) mod conjugate;
pub(crate) mod init;
pub(crate) mod lint;
pub(crate) mod docs;
pub(crate) mod schema;
pub(crate) mod diff;
pub(crate) mod redact;
pub(crate) mod import;
pub(crate) mod export;
pub(crate) mod traces;
pub(crate) mod tree;
pub(crate) mod why;
pub(crate) mod path;
pub(crate) mod critical_path;
pub(crate) mod search;
pub(crate) mod tail;
pub(crate) mod stats;
pub(crate) mod job;
pub(crate) mod purge;
pub(crate) mod timeline;
pub(crate) mod waterfall;
pub(crate) mod concurrency;
pub(crate) mod correlate;
pub(crate) mod bottlenecks;
pub(crate) mod errors;
pub(crate) mod compare;
pub(crate) mod anomalies;
pub(crate) mod compensations;
pub(crate) mod health;
pub(crate) mod doctor;
pub(crate) mod completions;
pub(crate) mod man;

use std::io::{self, Write};

use anyhow::{Context, bail};
use jiff::tz::TimeZone;
use tense_event::{Timestamp, TraceId};
use tense_store::tree::Role;
use tense_store::{Found, Outcome, Selector, Store, Trace, TraceFilter, text};

use crate::blind_spots;
use crate::format::Form;
use crate::layout::page::Page;
use crate::layout::{self, FAILURE, FAINT, STRONG, paint, style};

/// How a question went, when nothing went wrong.
pub(crate) enum Answer {
    /// It was answered.
    Found,
    /// It was answered, and the answer is that something is wrong with what was asked about.
    Wrong,
    /// There is nothing to tell about; with a message that says so.
    Nothing(String),
}

/// A store shows so many candidates of an ambiguous suffix.
const CANDIDATES: usize = 20;

/// What was being done when the store could not answer.
const ASKED: &str = "failed to ask the database";

// The trace that a question is about. Not in `///`: clap would take that for what the command does.
#[derive(Debug, clap::Args)]
struct Which {
    /// Which trace: the last digits of its id, `last`, `last-failed`, a job's id, or a `traceparent`
    #[arg(value_name = "TRACE")]
    trace: Selector,
}

impl Which {
    /// Answers a question about the trace that is meant, and says below what could not be seen; to programs without
    /// that, since their answer has it.
    fn told<W: Write>(
        &self,
        store: &dyn Store,
        form: &Form,
        out: &mut W,
        tell: impl FnOnce(&Trace, &mut Page<&mut W>) -> anyhow::Result<Answer>,
    ) -> anyhow::Result<Answer> {
        let trace = match self.read(store, form)? {
            Ok(trace) => trace,
            Err(nothing) => return Ok(nothing),
        };
        form.page(out, |out| {
            let answer = if trace.spans().is_empty() && !form.is_json() {
                writeln!(out, "no event of this trace can be read")?;
                Answer::Found
            } else {
                tell(&trace, out)?
            };
            if matches!(answer, Answer::Found) && !form.is_json() {
                unseen(out, &trace)?;
            }
            Ok(answer)
        })
    }

    /// The trace that is meant, or that there is none.
    fn read(&self, store: &dyn Store, form: &Form) -> anyhow::Result<Result<Trace, Answer>> {
        read(store, &self.trace, &form.zone())
    }
}

/// Says what of a trace could not be seen, if anything.
fn unseen(out: &mut impl Write, trace: &Trace) -> io::Result<()> {
    blind_spots::of(trace).map_or(Ok(()), |unseen| writeln!(out, "{}", paint(FAINT, unseen)))
}

/// What a trace was, how long it took, and when it began: by its longest root.
fn headline(trace: &Trace, zone: &TimeZone) -> String {
    let Some(root) = trace.longest_root() else { return String::new() };
    let name = layout::fit(&text::excerpt(root.label(), 120), layout::columns().saturating_sub(24));
    let took = root.duration.unwrap_or_default();
    let took = if root.outcome == Outcome::Open { String::new() } else { format!("  {}", text::duration(took)) };
    let outcome = match root.outcome {
        Outcome::Success => String::new(),
        Outcome::Open => "  not finished".to_owned(),
        outcome => format!("  {}", outcome.as_str()),
    };
    let style = if root.outcome == Outcome::Open { style(Role::Stopped) } else { FAILURE };
    let began = trace.spans().first().map_or(root.began, |first| first.began);
    let told = [&name, &took, &outcome].map(|part| layout::width(part)).into_iter().sum();
    let outcome = if outcome.is_empty() { outcome } else { paint(style, outcome) };
    format!("{}{took}{outcome}{}", paint(STRONG, name), dated(told, began, zone))
}

/// When it began, behind what is told of it in so many columns, or where there is no room below it.
fn dated(told: usize, began: Timestamp, zone: &TimeZone) -> String {
    let began = layout::moment_in(began, layout::ZONED, zone);
    let between = if told + 2 + layout::width(&began) <= layout::columns() { "  " } else { "\n" };
    format!("{between}{}", paint(FAINT, began))
}

/// The trace that is meant, or that there is none.
fn read(store: &dyn Store, selector: &Selector, zone: &TimeZone) -> anyhow::Result<Result<Trace, Answer>> {
    let id = match one_of(store, selector, zone)? {
        Ok(id) => id,
        Err(nothing) => return Ok(Err(nothing)),
    };
    // Between the two it may have been deleted.
    let trace = store.trace(id).context(ASKED)?;
    Ok(trace.ok_or_else(|| Answer::Nothing(gone(id))))
}

/// The one trace that is meant, or that there is none.
fn one_of(store: &dyn Store, selector: &Selector, zone: &TimeZone) -> anyhow::Result<Result<TraceId, Answer>> {
    let mut found = store.find(selector).context(ASKED)?;
    for job in selector.or_job() {
        if found == Found::Nothing {
            found = store.find(&job).context(ASKED)?;
        }
    }
    match found {
        Found::One(id) => Ok(Ok(id)),
        Found::Nothing if *selector == Selector::LastFailed => Ok(Err(Answer::Nothing(none_failed(store)?))),
        Found::Nothing => Ok(Err(Answer::Nothing(no_trace(selector)))),
        Found::Many(candidates) => {
            let latest = if candidates.len() < CANDIDATES { "" } else { "; the latest are" };
            let mut message = format!("several traces end in these digits; use more of them{latest}:");
            for candidate in &candidates {
                let name = candidate.root_name.as_deref().map(|name| text::excerpt(name, 60)).unwrap_or_default();
                let began = layout::moment_in(candidate.began, layout::ZONED, zone);
                message += &format!("\n  {}  {began}  {name}", candidate.id);
            }
            bail!(message)
        }
        _ => bail!("the store has found what this version of `tense` has no words for; update it"),
    }
}

/// A failure that was got over makes no trace that failed, and may still be what somebody looks for.
fn none_failed(store: &dyn Store) -> anyhow::Result<String> {
    let got_over = store.traces(&TraceFilter::newest(1).failures()).context(ASKED)?;
    let none = no_trace(&Selector::LastFailed);
    let Some(trace) = got_over.first() else { return Ok(none) };
    let name = trace.root_name.as_deref().map(|name| text::excerpt(name, 60)).unwrap_or_default();
    Ok(format!("{none} as a whole; the latest in which something did is {} {name}", trace.id.short()))
}

fn no_trace(selector: &Selector) -> String {
    match selector {
        Selector::Id(id) => format!("no trace and no job has the id {id}; `tense traces` lists the latest"),
        Selector::Suffix(digits) => {
            format!("no trace ends in {digits}, and no job has that id; `tense traces` lists the latest")
        }
        Selector::Last => "the database holds no trace yet".to_owned(),
        Selector::LastFailed => "the database holds no trace that failed".to_owned(),
        Selector::Job(job) => format!(
            "no trace has an event of the job `{}`; `tense traces` lists the latest, `tense search 'job:*'` the jobs",
            text::excerpt(job, 60)
        ),
        _ => "no trace is named so; `tense traces` lists the latest".to_owned(),
    }
}

fn gone(id: TraceId) -> String {
    format!("the trace {id} was deleted a moment ago")
}
