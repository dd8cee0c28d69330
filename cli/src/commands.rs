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

use std::io::Write;
use std::time::{Duration, SystemTime};

use anyhow::{Context, bail};
use tense_event::{Timestamp, TraceId};
use tense_store::tree::Role;
use tense_store::{Found, Outcome, Selector, Store, Trace, TraceFilter, query, text};

use crate::blind_spots;
use crate::layout::screen::Screen;
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
    /// Which trace: the last digits of its id, `last`, `last-failed`, `job:ID`, or a `traceparent`
    #[arg(value_name = "TRACE")]
    trace: Selector,
}

impl Which {
    /// Answers a question about the trace that is meant, and says below what could not be seen; to programs without
    /// that, since their answer has it.
    fn told<W: Write>(
        &self,
        store: &dyn Store,
        is_for_programs: bool,
        out: &mut W,
        tell: impl FnOnce(&Trace, &mut Screen<&mut W>) -> anyhow::Result<Answer>,
    ) -> anyhow::Result<Answer> {
        let trace = match self.read(store)? {
            Ok(trace) => trace,
            Err(nothing) => return Ok(nothing),
        };
        let mut out = Screen::new(out, is_for_programs);
        let answer = if trace.spans().is_empty() && !is_for_programs {
            writeln!(out, "no event of this trace can be read")?;
            Answer::Found
        } else {
            tell(&trace, &mut out)?
        };
        if let (Some(unseen), Answer::Found, false) = (blind_spots::of(&trace), &answer, is_for_programs) {
            writeln!(out, "{}", paint(FAINT, unseen))?;
        }
        Ok(answer)
    }

    /// The trace that is meant, or that there is none.
    fn read(&self, store: &dyn Store) -> anyhow::Result<Result<Trace, Answer>> {
        read(store, &self.trace)
    }
}

/// What a trace was and how long it took: by its longest root.
fn headline(trace: &Trace) -> String {
    let Some(root) = trace.longest_root() else { return String::new() };
    let name = layout::fit(&text::excerpt(root.label(), 120), layout::columns().saturating_sub(24));
    let name = paint(STRONG, name);
    let took = root.duration.unwrap_or_default();
    match root.outcome {
        Outcome::Success => format!("{name}  {}", text::duration(took)),
        Outcome::Open => format!("{name}  {}", paint(style(Role::Stopped), "not finished")),
        outcome => format!("{name}  {}  {}", text::duration(took), paint(FAILURE, outcome.as_str())),
    }
}

/// The trace that is meant, or that there is none.
fn read(store: &dyn Store, selector: &Selector) -> anyhow::Result<Result<Trace, Answer>> {
    let id = match one_of(store, selector)? {
        Ok(id) => id,
        Err(nothing) => return Ok(Err(nothing)),
    };
    // Between the two it may have been deleted.
    let trace = store.trace(id).context(ASKED)?;
    Ok(trace.ok_or_else(|| Answer::Nothing(gone(id))))
}

/// The one trace that is meant, or that there is none.
fn one_of(store: &dyn Store, selector: &Selector) -> anyhow::Result<Result<TraceId, Answer>> {
    match store.find(selector).context(ASKED)? {
        Found::One(id) => Ok(Ok(id)),
        Found::Nothing if *selector == Selector::LastFailed => Ok(Err(Answer::Nothing(none_failed(store)?))),
        Found::Nothing => Ok(Err(Answer::Nothing(no_trace(selector)))),
        Found::Many(candidates) => {
            let latest = if candidates.len() < CANDIDATES { "" } else { "; the latest are" };
            let mut message = format!("several traces end in these digits; use more of them{latest}:");
            for candidate in &candidates {
                let name = candidate.root_name.as_deref().map(|name| text::excerpt(name, 60)).unwrap_or_default();
                let began = layout::moment(candidate.began, layout::DAY_AND_TIME);
                message += &format!("\n  {}  {began}  {name}", candidate.id);
            }
            bail!(message)
        }
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
        Selector::Id(id) => format!("no trace has the id {id}; `tense traces` lists the latest"),
        Selector::Suffix(digits) => format!("no trace ends in {digits}; `tense traces` lists the latest"),
        Selector::Last => "the database holds no trace yet".to_owned(),
        Selector::LastFailed => "the database holds no trace that failed".to_owned(),
        Selector::Job(job) => format!("no trace has an event of the job `{job}`; `tense traces` lists the latest"),
    }
}

fn gone(id: TraceId) -> String {
    format!("the trace {id} was deleted a moment ago")
}

/// Reads `100ms`, `1.5s`, `24h` or `7d` among the arguments.
fn a_duration(text: &str) -> Result<Duration, String> {
    query::duration(text).ok_or_else(|| "a time is a number and its unit, such as 100ms, 30s, 24h or 7d".to_owned())
}

/// The moment that is so long ago.
fn ago(long: Duration) -> Timestamp {
    let nanos = |long: Duration| i64::try_from(long.as_nanos()).unwrap_or(i64::MAX);
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_unix_nanos(nanos(now).saturating_sub(nanos(long)))
}
