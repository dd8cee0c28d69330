//! `tense why`: the first cause in one line, what led from it to the failure, and what became of the rest.

use std::io::Write;

use tense_store::pipeline::{NotUndoneBecause, Undone};
use tense_store::text::{duration, excerpt};
use tense_store::why::{Link, Reason, Why};
use tense_store::{Outcome, Span, Store, Trace, json};

use crate::commands::one_trace::OneTrace;
use crate::commands::{Answer, EXIT_CODES};
use crate::layout::{FAILURE, MESSAGE, NAME, STRONG, counted, paint};

/// So many steps of a long explanation at its beginning, and as many at its end.
const STEPS: usize = 6;
/// So many items of a list, then how many more there are.
const LISTED: usize = 8;

const EXAMPLES: &str = "\
Examples:
  tense why last-failed       why the latest failure came about
  tense why b0c1d2e3          why that trace failed, by the last digits of its id
  tense why last-failed --format md   for a ticket
  tense why last-failed --json | jq -r '.reasons[-1].message'

JSON: {\"version\", \"trace_id\", \"outcome\", \"root\", \"chain\", \"reasons\", \"recovered\", \
\"also_failed\", \"compensated\", \"not_compensated\", \"never_ran\", \"gaps\", ..}; with --format jsonl the \
same. docs/json.md says what each key is.";

/// Says why a trace failed: the first cause, what was undone, what was not, and what never ran
#[derive(Debug, clap::Args)]
#[command(after_help = format!("{EXAMPLES}\n\n{EXIT_CODES}"))]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) asked: OneTrace,
}

pub(crate) fn answer(store: &dyn Store, arguments: &Arguments, out: &mut impl Write) -> anyhow::Result<Answer> {
    arguments.asked.told(store, out, |trace, out| {
        let (form, why) = (&arguments.asked.form, trace.why());
        match why.root {
            _ if form.is_json() => json::why(form.json(out), trace, &why)?,
            Some(root) => explain(out, trace, &why, root)?,
            None => {}
        }
        Ok(Answer::Found)
    })
}

fn explain(out: &mut impl Write, trace: &Trace, why: &Why<'_>, root: &Span) -> std::io::Result<()> {
    let reasons = why.reasons();
    writeln!(out, "{}", headline(why, root, reasons.first()))?;
    for (at, reason) in reasons.iter().enumerate().skip(1) {
        // The beginning says what was asked for, the end why.
        let left_out = reasons.len().saturating_sub(2 * STEPS);
        if left_out > 1 && (STEPS..STEPS + left_out).contains(&at) {
            if at == STEPS {
                writeln!(out, "  ... {left_out} steps left out ...")?;
            }
            continue;
        }
        let because = if reason.cause.link == Link::Perhaps { "perhaps because" } else { "because" };
        let label = excerpt(reason.cause.span.label(), NAME);
        writeln!(out, "  {because} {label}: {}{}", said(reason), attempts(reason))?;
    }
    list(
        out,
        "recovered",
        why.recovered_names().into_iter().map(|recovered| {
            let failures = counted(recovered.failures, "failure");
            let calls = if recovered.calls == 1 { String::new() } else { format!(" in {} calls", recovered.calls) };
            format!("{} ({failures}{calls}, then success)", excerpt(recovered.name, NAME))
        }),
    )?;
    if root.outcome == Outcome::Success {
        got_over(out, trace, &why.also_failed)?;
    } else {
        list(out, "also failed", why.also_failed.iter().map(|span| with_message(span, excerpt(span.label(), NAME))))?;
    }
    dropped(out, trace, &why.cancelled)?;
    // Of a run without a failure, only what it left undone is worth a line.
    let compensations = &why.compensations;
    let nothing_to_tell = compensations.pairs.is_empty()
        && compensations.missing.is_empty()
        && why.never_ran.is_empty()
        && why.skipped.is_empty();
    if nothing_to_tell && (root.outcome == Outcome::Success || root.declared_stages().is_none()) {
        return Ok(());
    }
    let done = compensations.done().map(|pair| {
        let name = undone_name(pair);
        match pair.times {
            0 | 1 if pair.too_early => format!("{name} (before it had ended)"),
            0 | 1 => name,
            times => format!("{name} ({times} times)"),
        }
    });
    let failed = compensations
        .failed()
        .map(|pair| format!("{} ({} failed)", undone_name(pair), excerpt(&pair.compensation.name, NAME)));
    let missing = compensations.missing.iter().map(|missing| {
        let name = excerpt(missing.stage.label(), NAME);
        match missing.because {
            NotUndoneBecause::NotFinished => format!("{name} (not finished)"),
            NotUndoneBecause::Cancelled => format!("{name} (cancelled)"),
            NotUndoneBecause::Panicked | NotUndoneBecause::CompensationPanicked => format!("{name} (panicked)"),
            NotUndoneBecause::NotSeen => format!("{name} (compensation not seen)"),
            _ => name,
        }
    });
    let are_of_several = why.never_ran.windows(2).any(|two| two[0].pipeline.id != two[1].pipeline.id);
    let never_ran = if root.outcome == Outcome::Open { "has not run" } else { "never ran" };
    write!(
        out,
        "  compensated: {} · not compensated: {} · {never_ran}: {}",
        joined(done),
        joined(failed.chain(missing)),
        joined(why.never_ran.iter().map(|absent| {
            let stage = excerpt(absent.stage, NAME);
            // Pipelines within pipelines may have stages of the same name.
            if are_of_several { format!("{stage} of {}", excerpt(absent.pipeline.label(), NAME)) } else { stage }
        })),
    )?;
    if !why.stages_cut.is_empty() {
        let cut = why.stages_cut.iter().map(|pipeline| excerpt(pipeline.label(), NAME));
        write!(out, ", and what had no room in the list of {}", joined(cut))?;
    }
    if !why.skipped.is_empty() {
        write!(out, " · skipped: {}", joined(why.skipped.iter().map(|(_, stage)| excerpt(stage, NAME))))?;
    }
    writeln!(out)
}

/// `dispatch.order: declined`
fn with_message(span: &Span, mut said: String) -> String {
    if let Some(error) = span.error.as_ref().filter(|error| !error.error_message.is_empty()) {
        said += ": ";
        said += &excerpt(&error.error_message, NAME);
    }
    said
}

/// What failed below a root that ended well, each with the place of its first cause: nobody else tells it.
fn got_over(out: &mut impl Write, trace: &Trace, failed: &[&Span]) -> std::io::Result<()> {
    let told = || failed.iter().take(LISTED).copied();
    for (span, cause) in told().zip(trace.first_causes_of(told())) {
        let said = with_message(span, format!("{} {}", excerpt(&span.name, NAME), span.outcome.as_str()));
        let place = if cause.id == span.id { String::new() } else { format!(" in {}", excerpt(cause.label(), NAME)) };
        let source =
            if cause.source.is_empty() { String::new() } else { format!(", {}", excerpt(&cause.source, NAME)) };
        writeln!(out, "  but {said}{place}{source}")?;
    }
    match failed.len().saturating_sub(LISTED) {
        0 => Ok(()),
        more => writeln!(out, "  and {more} more failed"),
    }
}

/// What was dropped, each with the place where it stood.
fn dropped(out: &mut impl Write, trace: &Trace, cancelled: &[&Span]) -> std::io::Result<()> {
    let stood = trace.first_causes_of(cancelled.iter().copied().take(LISTED)).map(Some).chain(std::iter::repeat(None));
    let said: Vec<String> = (cancelled.iter().zip(stood))
        .map(|(span, stood)| match stood.filter(|stood| stood.id != span.id) {
            Some(stood) => format!("{} in {}", excerpt(span.label(), NAME), excerpt(stood.label(), NAME)),
            None => excerpt(span.label(), NAME),
        })
        .collect();
    list(out, "dropped", said.into_iter())
}

fn headline(why: &Why<'_>, root: &Span, first: Option<&Reason<'_>>) -> String {
    let name = paint(STRONG, excerpt(root.label(), NAME));
    let took = root.duration.map(duration);
    let after = took.as_ref().map(|took| format!(" after {took}")).unwrap_or_default();
    let verb = match root.outcome {
        Outcome::Open => {
            return format!(
                "{name} has not finished: still open: {}",
                joined(why.open.iter().map(|span| excerpt(span.label(), NAME)))
            );
        }
        Outcome::Success => {
            let took = took.map(|took| format!(" in {took}")).unwrap_or_default();
            let nothing = if why.recovered.is_empty() && why.also_failed.is_empty() { "; nothing failed" } else { "" };
            return format!("{name} succeeded{took}{nothing}");
        }
        Outcome::Failed => "failed",
        Outcome::Panicked => "panicked",
        // What was told to stop says so; what was dropped can say nothing.
        Outcome::Cancelled if root.error.as_ref().is_some_and(|error| !error.error_message.is_empty()) => {
            "was cancelled"
        }
        Outcome::Cancelled => "was dropped before it finished,",
    };
    let verb = paint(FAILURE, verb);
    let Some(reason) = first else { return format!("{name} {verb}{after}") };
    let span = reason.cause.span;
    // The verb has said so already.
    let is_dropped = span.outcome == Outcome::Cancelled && reason.message.is_empty();
    let said =
        if is_dropped && root.outcome == Outcome::Cancelled { String::new() } else { said_with_type(reason, root) };
    let said = if said.is_empty() { said } else { format!(": {said}") };
    let place = if span.id == root.id { String::new() } else { format!(" in {}", excerpt(span.label(), NAME)) };
    let source = if span.source.is_empty() { String::new() } else { format!(", {}", excerpt(&span.source, NAME)) };
    format!("{name} {verb}{after}{said}{place}{source}{}", attempts(reason))
}

fn said_with_type(reason: &Reason<'_>, root: &Span) -> String {
    let span = reason.cause.span;
    let error_type = span.error.as_ref().map(|error| excerpt(&error.error_type, NAME)).unwrap_or_default();
    match (said(reason), error_type) {
        (message, _) if span.outcome == Outcome::Panicked && root.outcome == Outcome::Panicked => {
            message.trim_start_matches("panicked: ").to_owned()
        }
        (message, error_type) if error_type.is_empty() || span.outcome != Outcome::Failed => message,
        (message, error_type) if message.is_empty() => error_type,
        (message, error_type) => format!("{message} ({error_type})"),
    }
}

fn said(reason: &Reason<'_>) -> String {
    let message = excerpt(reason.message, MESSAGE);
    match reason.cause.span.outcome {
        Outcome::Panicked if message.is_empty() => "panicked".to_owned(),
        Outcome::Panicked => format!("panicked: {message}"),
        Outcome::Cancelled if message.is_empty() => "was dropped before it finished".to_owned(),
        _ if message.is_empty() && reason.cause.link != Link::Root => "failed".to_owned(),
        _ => message,
    }
}

fn attempts(reason: &Reason<'_>) -> String {
    if reason.cause.attempts > 1 { format!(", {} attempts", reason.cause.attempts) } else { String::new() }
}

fn undone_name(pair: &Undone<'_>) -> String {
    pair.original.map_or_else(|| "something that is not in this trace".to_owned(), |span| excerpt(span.label(), NAME))
}

fn list(out: &mut impl Write, what: &str, items: impl ExactSizeIterator<Item = String>) -> std::io::Result<()> {
    if items.len() == 0 { Ok(()) } else { writeln!(out, "  {what}: {}", joined(items)) }
}

fn joined(items: impl Iterator<Item = String>) -> String {
    let mut items = items.fuse();
    let first: Vec<String> = items.by_ref().take(LISTED).collect();
    match (first.is_empty(), items.count()) {
        (true, _) => "none".to_owned(),
        (false, 0) => first.join(", "),
        (false, more) => format!("{} and {more} more", first.join(", ")),
    }
}
