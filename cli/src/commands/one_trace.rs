//! The one trace that a question is about: `TRACE`, as it was written, enters; the trace leaves, or that there is none.

use std::fmt;
use std::io::Write;

use anyhow::{Context, bail};
use jiff::tz::TimeZone;
use tense_event::TraceId;
use tense_store::CANDIDATES;
use tense_store::{Found, Selector, Store, Trace, TraceFilter, text};

use crate::commands::{ASKED, Answer, job, unseen};
use crate::format::Form;
use crate::layout;
use crate::layout::page::Page;
use crate::say;

/// What is said of a trace without a span.
pub(super) const UNREADABLE: &str = "no event of this trace can be read";

/// So many digits of a trace's id are shown: who types as many has seen them.
const SHORT: usize = 8;

/// No such trace is here; with a message that says so. It goes up as an error does, and becomes [`Answer::Nothing`].
#[derive(Debug)]
pub(crate) struct NoTrace(pub(crate) String);

impl fmt::Display for NoTrace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for NoTrace {}

// What every question about one trace is asked with. Not in `///`: clap would take that for what the command does.
#[derive(Debug, clap::Args)]
pub(crate) struct OneTrace {
    /// Which trace: the last digits of its id, `last`, `last-failed`, a job's id, or a `traceparent`
    #[arg(value_name = "TRACE")]
    pub(super) trace: Selector,

    #[command(flatten)]
    pub(crate) form: Form,
}

impl OneTrace {
    /// Answers a question about the trace that is meant, and says below what could not be seen; to programs without
    /// that, since their answer has it.
    pub(super) fn told<W: Write>(
        &self,
        store: &dyn Store,
        out: &mut W,
        tell: impl FnOnce(&Trace, &mut Page<&mut W>) -> anyhow::Result<Answer>,
    ) -> anyhow::Result<Answer> {
        let form = &self.form;
        let trace = read(store, &self.trace, &form.zone())?;
        form.page(out, |out| {
            let answer = if trace.spans().is_empty() && !form.is_json() {
                writeln!(out, "{UNREADABLE}")?;
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
}

/// The trace that is meant; an error is [`NoTrace`] where there is none. Of a job that has several it is the latest,
/// and standard error says so.
pub(super) fn read(store: &dyn Store, selector: &Selector, zone: &TimeZone) -> anyhow::Result<Trace> {
    let meant = meant(store, selector, zone)?;
    let id = meant.trace();
    // Between the two it may have been deleted.
    let trace = store.trace(id).context(ASKED)?;
    let trace = trace.ok_or_else(|| NoTrace(format!("the trace {id} was deleted a moment ago")))?;
    if let Meant::Job { id, .. } = &meant
        && let Some(several) = job::is_of_several(store, id, &trace)?
    {
        say(&several);
    }
    Ok(trace)
}

/// What was named.
pub(super) enum Meant {
    Trace(TraceId),
    /// A job, because nothing else has that name.
    Job {
        id: String,
        latest: TraceId,
    },
}

impl Meant {
    /// Of a job its latest.
    const fn trace(&self) -> TraceId {
        match self {
            Self::Trace(id) | Self::Job { latest: id, .. } => *id,
        }
    }
}

/// The one trace or job that is meant; an error is [`NoTrace`] where there is none. A trace goes before a job; but so
/// few digits that a trace may end in them by chance are an error that lists both.
pub(super) fn meant(store: &dyn Store, selector: &Selector, zone: &TimeZone) -> anyhow::Result<Meant> {
    let found = store.find(selector).context(ASKED)?;
    Ok(match (found, selector) {
        (Found::One(latest), Selector::Job(id)) => Meant::Job { id: id.clone(), latest },
        (Found::One(id), Selector::Suffix(digits) | Selector::SuffixOrJob { digits, .. }) if digits.len() < SHORT => {
            match first_job(store, selector.or_job())? {
                Some((job, latest)) if latest != id => bail!(
                    "a trace ends in {digits}, and a job has that id; use one of these:\n  {id}\n  job:{}",
                    text::excerpt(&job, 60)
                ),
                _ => Meant::Trace(id),
            }
        }
        (Found::One(id), _) => Meant::Trace(id),
        (Found::Nothing, _) => match first_job(store, selector.or_job())? {
            Some((id, latest)) => Meant::Job { id, latest },
            None => return Err(none(store, selector)?.into()),
        },
        (Found::Many(candidates), _) => {
            let latest = if candidates.len() < CANDIDATES { "" } else { "; the latest are" };
            let mut message = format!("several traces end in these digits; use more of them{latest}:");
            for candidate in &candidates {
                let name = candidate.root_name.as_deref().map(|name| text::excerpt(name, 60)).unwrap_or_default();
                let began = layout::moment_in(candidate.began, layout::ZONED, zone);
                message += &format!("\n  {}  {began}  {name}", candidate.id);
            }
            if let Some((job, _)) = first_job(store, selector.or_job())? {
                message += &format!("\nor the job that has this id:\n  job:{}", text::excerpt(&job, 60));
            }
            bail!(message)
        }
        _ => bail!("the store has found what this version of `tense` has no words for; update it"),
    })
}

/// The id of the job that a text means where nothing but a job can be meant: as it is written, as all other questions
/// read it, or in other letters.
pub(super) fn job(store: &dyn Store, text: &str) -> anyhow::Result<Option<String>> {
    let written = Selector::Job(text.to_owned());
    let others = written.or_job();
    let read: Vec<Selector> =
        text.parse().into_iter().flat_map(|read: Selector| [vec![read.clone()], read.or_job()].concat()).collect();
    let jobs = [vec![written], read, others].concat().into_iter().filter(|job| matches!(job, Selector::Job(_)));
    Ok(first_job(store, jobs.collect())?.map(|(id, _)| id))
}

/// The first of these jobs that somebody knows, with its latest trace.
fn first_job(store: &dyn Store, jobs: Vec<Selector>) -> anyhow::Result<Option<(String, TraceId)>> {
    for job in jobs {
        if let (Found::One(latest), Selector::Job(id)) = (store.find(&job).context(ASKED)?, job) {
            return Ok(Some((id, latest)));
        }
    }
    Ok(None)
}

fn none(store: &dyn Store, selector: &Selector) -> anyhow::Result<NoTrace> {
    Ok(NoTrace(match selector {
        Selector::Id(id) => format!("no trace and no job has the id {id}; `tense traces` lists the latest"),
        Selector::Suffix(digits) => {
            format!("no trace ends in {digits}, and no job has that id; `tense traces` lists the latest")
        }
        Selector::SuffixOrJob { digits, job } => {
            format!("no trace ends in {digits}, and no job has the id {job}; `tense traces` lists the latest")
        }
        Selector::Last => "the database holds no trace yet".to_owned(),
        Selector::LastFailed => {
            // A failure that was got over makes no trace that failed, and may still be what somebody looks for.
            let got_over = store.traces(&TraceFilter::newest(1).with_failures()).context(ASKED)?;
            let instead = got_over.first().map(|trace| {
                let name = trace.root_name.as_deref().map(|name| text::excerpt(name, 60)).unwrap_or_default();
                format!(" as a whole; the latest in which something did is {} {name}", trace.id.short())
            });
            format!("the database holds no trace that failed{}", instead.unwrap_or_default())
        }
        Selector::Job(job) => format!(
            "no trace has an event of the job `{}`; `tense traces` lists the latest, `tense search 'job:*'` the jobs",
            text::excerpt(job, 60)
        ),
        _ => "no trace is named so; `tense traces` lists the latest".to_owned(),
    }))
}
