//! `tense anomalies`: what is unusual about a trace, or about each of the latest, beside earlier ones that began with
//! the same call; each with what is usual.

use std::io::Write;
use std::time::Duration;

use anyhow::Context;
use tense_event::Timestamp;
use tense_store::baseline::{Anomaly, Baseline, MINIMUM, Score, TooFew, Unusual};
use tense_store::text::{duration, excerpt};
use tense_store::{Selector, Store, Trace, TraceFilter, json};

use crate::commands::one_trace::read;
use crate::commands::{ASKED, Answer, EXIT_CODES, unseen};
use crate::format::Form;
use crate::layout::{FAILURE, FAINT, NAME, STRONG, columns, counted, fit, paint, wrap};
use crate::moments::Moment;
use crate::progress::Progress;

/// So many traces before the one that is asked about are looked through for some of its kind.
const LOOKED_THROUGH: usize = 10_000;

const EXAMPLES: &str = "\
Examples:
  tense anomalies last              beside the last 200 of its kind
  tense anomalies --newest 100      of each of the latest 100
  tense anomalies last --since 7d   beside those of the last week
  tense anomalies --json | jq '.traces[] | select(.anomalies | length > 0) | .trace_id'

JSON: {\"version\", \"traces\": [{\"trace_id\", \"root_name\", \"baseline\", \"anomalies\": [{\"span_name\", \
\"what\", \"found\", \"median\", \"low\", \"high\", \"score\", \"seen_in\", \"of\", ..}] or \"too_few\": \
{\"known\", \"needed\"}, \"gaps\"}]}; with --format jsonl a trace a line. docs/json.md says what each key is.";

/// Says what is unusual about a trace beside earlier ones that began with the same call: slower, called more often,
/// new, missing, failed as never before; each with what is usual
#[derive(Debug, clap::Args)]
#[command(after_help = format!("{EXAMPLES}\n\n{EXIT_CODES}"))]
pub(crate) struct Arguments {
    /// Which trace: the last digits of its id, `last`, or `last-failed` [default: each of the latest]
    #[arg(value_name = "TRACE")]
    trace: Option<Selector>,

    /// How many of the latest traces are looked at
    #[arg(long, value_name = "N", default_value_t = 20, conflicts_with = "trace")]
    newest: usize,

    /// At most so many earlier traces say what is usual, the latest of them
    #[arg(long, value_name = "N", default_value_t = 200)]
    baseline: usize,

    /// Only earlier traces that began then or later: 24h, 7d, yesterday, 2026-11-21, as in `tense traces`
    #[arg(long, value_name = "WHEN")]
    since: Option<Moment>,

    /// With fewer earlier traces nothing can be told
    #[arg(long, value_name = "N", default_value_t = MINIMUM)]
    minimum: usize,

    #[command(flatten)]
    pub(crate) form: Form,
}

/// What was found about one trace.
struct Judged {
    trace: Trace,
    known: usize,
    found: Result<Vec<Anomaly>, TooFew>,
}

/// The name of what a trace began with.
type Kind = Option<String>;

pub(crate) fn answer(store: &dyn Store, arguments: &Arguments, out: &mut impl Write) -> anyhow::Result<Answer> {
    let (form, zone) = (&arguments.form, arguments.form.zone());
    let since = arguments.since.as_ref().map(|since| since.at(&zone)).transpose()?;
    let asked: Vec<(Trace, Kind)> = match &arguments.trace {
        Some(selector) => vec![of_its_kind(read(store, selector, &zone)?)],
        None => {
            let newest = store.traces(&TraceFilter::newest(arguments.newest)).context(ASKED)?;
            let traces = newest.iter().map(|summary| store.trace(summary.id).context(ASKED));
            // One may have been deleted meanwhile.
            traces.filter_map(Result::transpose).map(|trace| Ok(of_its_kind(trace?))).collect::<anyhow::Result<_>>()?
        }
    };
    let judged = judge(store, arguments, since, asked)?;
    if form.is_json() {
        let judged = judged.iter().map(|judged| (&judged.trace, judged.known, judged.found.as_deref()));
        json::anomalies(form.json(out), judged)?;
    } else {
        form.page(out, |out| {
            judged.iter().try_for_each(|judged| show(out, judged))?;
            match (&arguments.trace, judged.as_slice()) {
                (Some(_), [Judged { trace, .. }]) => Ok(unseen(out, trace)?),
                _ => Ok(()),
            }
        })?;
    }
    let too_few = judged.iter().filter_map(|judged| judged.found.as_ref().err()).max_by_key(|too_few| too_few.known);
    Ok(match too_few {
        _ if judged.is_empty() => Answer::Nothing("the database holds no trace yet".to_owned()),
        Some(too_few) if judged.iter().all(|judged| judged.found.is_err()) => {
            Answer::Nothing(format!("{too_few}, or another --minimum"))
        }
        _ => Answer::Found,
    })
}

fn of_its_kind(trace: Trace) -> (Trace, Kind) {
    let kind = trace.first_root().map(|root| root.name.to_string());
    (trace, kind)
}

fn began(trace: &Trace) -> Timestamp {
    trace.spans().first().map_or(Timestamp::from_unix_nanos(i64::MAX), |first| first.began)
}

/// Each beside what came before itself, those among them that are asked about as well: they go through the earlier
/// ones once, the latest first.
fn judge(
    store: &dyn Store,
    arguments: &Arguments,
    since: Option<Timestamp>,
    asked: Vec<(Trace, Kind)>,
) -> anyhow::Result<Vec<Judged>> {
    let mut earlier = TraceFilter::newest(LOOKED_THROUGH);
    earlier.since = since;
    earlier.until = asked.iter().map(|(trace, _)| began(trace)).max();
    let mut judging: Vec<Judging> = asked.into_iter().map(Judging::of).collect();
    let earlier = store.traces(&earlier).context(ASKED)?;
    let progress = Progress::of(earlier.len() as u64);
    for (done, summary) in (0..).zip(earlier) {
        progress.at(done, || "earlier traces".to_owned());
        let wants =
            |one: &&mut Judging| one.found.is_none() && one.kind == summary.root_name && summary.began < one.began;
        let mut those: Vec<&mut Judging> = judging.iter_mut().filter(wants).collect();
        if arguments.baseline == 0 || those.is_empty() {
            continue;
        }
        let Some(trace) = store.trace(summary.id).context(ASKED)? else { continue };
        Baseline::add_to_all(those.iter_mut().map(|one| &mut one.baseline), &trace);
        those.into_iter().for_each(|one| one.end_at(arguments.baseline, arguments.minimum));
    }
    Ok(judging.into_iter().map(|one| one.judged(arguments.minimum)).collect())
}

/// A trace, and as much as is known of what came before it.
struct Judging {
    trace: Trace,
    kind: Kind,
    began: Timestamp,
    baseline: Baseline,
    /// How many earlier ones there were and what is unusual, once no more of them count: a baseline is large, and there
    /// may be one for each of many traces.
    found: Option<(usize, Result<Vec<Anomaly>, TooFew>)>,
}

impl Judging {
    fn of((trace, kind): (Trace, Kind)) -> Self {
        Self { began: began(&trace), trace, kind, baseline: Baseline::default(), found: None }
    }

    /// Comes to an end with so many earlier ones.
    fn end_at(&mut self, most: usize, minimum: usize) {
        if self.baseline.traces() >= most {
            let baseline = std::mem::take(&mut self.baseline);
            self.found = Some((baseline.traces(), baseline.unusual(&self.trace, minimum)));
        }
    }

    fn judged(self, minimum: usize) -> Judged {
        let Self { trace, baseline, found, .. } = self;
        let (known, found) = found.unwrap_or_else(|| (baseline.traces(), baseline.unusual(&trace, minimum)));
        Judged { trace, known, found }
    }
}

fn show(out: &mut impl Write, judged: &Judged) -> std::io::Result<()> {
    let root = judged.trace.longest_root();
    let name = root.map_or_else(|| "?".to_owned(), |root| excerpt(&root.name, NAME));
    let name = fit(&name, columns().saturating_sub(40).max(12));
    write!(out, "{}  {}  ", judged.trace.id().short(), paint(STRONG, name))?;
    let found = match &judged.found {
        Err(too_few) => {
            let TooFew { known, needed, .. } = too_few;
            return writeln!(out, "{}", paint(FAINT, format!("{known} of {needed} earlier runs")));
        }
        Ok(found) => found,
    };
    let beside = format!("beside {}", counted(judged.known, "earlier run"));
    if found.is_empty() {
        return writeln!(out, "nothing unusual {beside}");
    }
    writeln!(
        out,
        "{} {beside}",
        if found.len() == 1 { "1 anomaly".to_owned() } else { format!("{} anomalies", found.len()) }
    )?;
    for anomaly in found {
        line(out, anomaly)?;
    }
    Ok(())
}

fn line(out: &mut impl Write, anomaly: &Anomaly) -> std::io::Result<()> {
    const WORD: usize = 9;
    let name = excerpt(&anomaly.operation, NAME);
    let in_so_many = format!("in {} of {}", anomaly.seen_in, anomaly.of);
    let (word, is_bad, said) = match &anomaly.what {
        Unusual::Error(key) => {
            let message = [excerpt(&key.error_type, NAME), excerpt(&key.message, NAME)];
            let message =
                message.iter().filter(|part| !part.is_empty()).map(String::as_str).collect::<Vec<_>>().join(": ");
            let message = if message.is_empty() { key.kind.as_str().to_owned() } else { message };
            ("new error", true, format!("{message} ({in_so_many})"))
        }
        Unusual::New => (if anomaly.seen_in == 0 { "new" } else { "rare" }, false, in_so_many),
        Unusual::Missing => ("missing", true, in_so_many),
        Unusual::Whole(score) => {
            (longer(score), score.score > 0.0, format!("{} in all, {}", time(score.found), usually(score)))
        }
        Unusual::Own(score) => {
            (longer(score), score.score > 0.0, format!("{} itself, {}", time(score.found), usually(score)))
        }
        Unusual::Calls(score) => (
            if score.score > 0.0 { "more" } else { "fewer" },
            score.score > 0.0,
            format!(
                "called {:.0} times, usually {:.0} ({:.0} to {:.0})",
                score.found,
                score.median,
                score.low.ceil(),
                score.high.floor()
            ),
        ),
        _ => ("unusual", false, String::new()),
    };
    let room = columns().saturating_sub(WORD + 4);
    let mut lines = wrap(&format!("{name}: {said}"), room).into_iter();
    let word = format!("{word:WORD$}");
    let word = if is_bad { paint(FAILURE, word) } else { word };
    writeln!(out, "  {word}  {}", lines.next().unwrap_or_default())?;
    lines.try_for_each(|line| writeln!(out, "  {:WORD$}  {line}", ""))
}

fn longer(score: &Score) -> &'static str {
    if score.score > 0.0 { "slower" } else { "faster" }
}

fn usually(score: &Score) -> String {
    format!("usually {} ({} to {})", time(score.median), time(score.low), time(score.high))
}

fn time(seconds: f64) -> String {
    duration(Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX))
}
