//! `tense compensations`: of every step that can be undone whether it was, by what, and if not, why; and what never
//! ran.

use std::io::Write;

use tense_store::pipeline::{Compensations, NeverRan, NotUndoneBecause, Undone};
use tense_store::text::{duration, excerpt};
use tense_store::{Outcome, Span, Store, Trace, json};

use crate::commands::one_trace::OneTrace;
use crate::commands::{Answer, EXIT_CODES};
use crate::layout::{FAILURE, FAINT, NAME, STRONG, columns, fit, padding, paint, width, wrap};

/// So many lines, then how many more there are.
const LISTED: usize = 200;

const EXAMPLES: &str = "\
Examples:
  tense compensations last-failed   what the latest failure left undone
  tense compensations last --json | jq '.not_compensated'

JSON: {\"version\", \"trace_id\", \"compensations\": [{\"original\", \"span_name\", \"outcome\", ..}], \
\"not_compensated\", \"never_ran\", \"skipped\", \"stages_cut\", \"gaps\"}; with --format jsonl the same. \
docs/json.md says what each key is.";

/// Lists what a trace undid and what it did not, step by step, and the stages that never ran
#[derive(Debug, clap::Args)]
#[command(after_help = format!("{EXAMPLES}\n\n{EXIT_CODES}"))]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) asked: OneTrace,
}

pub(crate) fn answer(store: &dyn Store, arguments: &Arguments, out: &mut impl Write) -> anyhow::Result<Answer> {
    arguments.asked.told(store, out, |trace, out| {
        let found = trace.compensations();
        let rows = rows(trace, &found);
        let form = &arguments.asked.form;
        if form.is_json() {
            json::compensations(form.json(&mut *out), trace, &found)?;
        }
        if rows.is_empty() && !trace.spans().iter().any(|span| span.declared_stages().is_some()) {
            return Ok(Answer::Nothing("this trace has no pipeline, and undoes nothing".to_owned()));
        }
        if !form.is_json() {
            show(out, trace, &rows)?;
        }
        Ok(Answer::Found)
    })
}

/// What became of a step, which step, and more about it.
struct Row {
    fate: &'static str,
    is_bad: bool,
    what: String,
    more: String,
}

fn rows(trace: &Trace, found: &Compensations<'_>) -> Vec<Row> {
    let mut rows: Vec<Row> = found.pairs.iter().map(pair).collect();
    for missing in &found.missing {
        let because = match missing.because {
            NotUndoneBecause::Cancelled => "the run was dropped, so nobody was left to do it",
            NotUndoneBecause::Panicked => "a stage panicked, and took the run with it",
            NotUndoneBecause::CompensationPanicked => "a compensation panicked, and took the run with it",
            NotUndoneBecause::NotFinished => "the run has not ended",
            NotUndoneBecause::NotSeen => "the run undoes what is done, but no span of it is here",
            _ => "nobody knows why",
        };
        rows.push(Row {
            fate: if missing.because == NotUndoneBecause::NotFinished { "not undone yet" } else { "not undone" },
            is_bad: true,
            what: excerpt(missing.stage.label(), NAME),
            more: format!("by {}: {because}", excerpt(missing.declared, NAME)),
        });
    }
    rows.extend(trace.never_ran().iter().map(never_ran));
    for pipeline in trace.stages_cut() {
        let about = format!("of {}: its list of stages was cut", excerpt(pipeline.label(), NAME));
        rows.push(Row { fate: "not known", is_bad: false, what: "what else never ran".to_owned(), more: about });
    }
    for (pipeline, stage) in trace.spans().iter().flat_map(|span| span.skipped_stages().map(move |stage| (span, stage)))
    {
        let more = format!("of {}: its condition did not hold", excerpt(pipeline.label(), NAME));
        rows.push(Row { fate: "skipped", is_bad: false, what: excerpt(stage, NAME), more });
    }
    rows
}

fn pair(pair: &Undone<'_>) -> Row {
    let Undone { original, compensation, .. } = pair;
    let by = format!("by {}", excerpt(compensation.label(), NAME));
    let took = compensation.duration.map(|took| format!(", {}", duration(took))).unwrap_or_default();
    let again = pair
        .failed_again
        .map(|failed| format!("; later {} {}{}", excerpt(failed.label(), NAME), word(failed), said(failed)));
    let again = again.unwrap_or_default();
    let (fate, is_bad, more) = match compensation.outcome {
        Outcome::Success if pair.times > 1 => {
            ("undone again", true, format!("{} times, first {by}{took}{again}", pair.times))
        }
        Outcome::Success if pair.too_early => {
            ("undone too early", true, format!("{by}{took}, which ended before it did{again}"))
        }
        Outcome::Success => ("undone", pair.failed_again.is_some(), format!("{by}{took}{again}")),
        Outcome::Open => ("being undone", false, format!("{by}, which has not ended")),
        _ => ("not undone", true, format!("{by}, which {}{took}{}", word(compensation), said(compensation))),
    };
    let what =
        original.map_or_else(|| "something that is not in this trace".to_owned(), |span| excerpt(span.label(), NAME));
    Row { fate, is_bad, what, more }
}

fn never_ran(absent: &NeverRan<'_>) -> Row {
    let fate = if absent.pipeline.outcome == Outcome::Open { "has not run" } else { "never ran" };
    let more = format!("of {}", excerpt(absent.pipeline.label(), NAME));
    Row { fate, is_bad: false, what: excerpt(absent.stage, NAME), more }
}

fn word(span: &Span) -> &'static str {
    match span.outcome {
        Outcome::Panicked => "panicked",
        Outcome::Cancelled => "was dropped",
        _ => "failed",
    }
}

fn said(span: &Span) -> String {
    let Some(error) = &span.error else { return String::new() };
    let said: Vec<_> = [&*error.error_type, &error.error_message].map(|part| excerpt(part, NAME)).into();
    let said: Vec<_> = said.into_iter().filter(|part| !part.is_empty()).collect();
    if said.is_empty() { String::new() } else { format!(": {}", said.join(": ")) }
}

fn show(out: &mut impl Write, trace: &Trace, rows: &[Row]) -> std::io::Result<()> {
    for root in trace.roots().filter(|root| !root.is_log()).take(LISTED) {
        let took = root.duration.map(|took| format!("  {}", duration(took))).unwrap_or_default();
        let outcome = if root.outcome.is_failure() {
            paint(FAILURE, root.outcome.as_str())
        } else {
            root.outcome.as_str().to_owned()
        };
        let name = fit(&excerpt(root.label(), NAME), columns().saturating_sub(24));
        writeln!(out, "{}{took}  {outcome}", paint(STRONG, name))?;
    }
    if rows.is_empty() {
        return writeln!(out, "  nothing was undone, nothing was left undone, every stage ran");
    }
    let fate_width = rows.iter().map(|row| row.fate.len()).max().unwrap_or(0);
    let left = columns().saturating_sub(fate_width + 6);
    let widest = rows.iter().map(|row| width(&row.what)).max().unwrap_or(0);
    let what_width = widest.min(left / 2);
    for row in rows.iter().take(LISTED) {
        let fate = format!("{:fate_width$}", row.fate);
        let fate = if row.is_bad { paint(FAILURE, fate) } else { fate };
        let what = fit(&row.what, what_width);
        let mut lines = wrap(&row.more, left.saturating_sub(what_width)).into_iter();
        let first = paint(FAINT, lines.next().unwrap_or_default());
        writeln!(out, "  {fate}  {what}{}  {first}", padding(&what, what_width))?;
        for line in lines {
            writeln!(out, "{}{}", " ".repeat(fate_width + what_width + 6), paint(FAINT, line))?;
        }
    }
    match rows.len().saturating_sub(LISTED) {
        0 => Ok(()),
        more => writeln!(out, "  and {more} more"),
    }
}
