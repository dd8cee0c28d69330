//! `tense path`: the calls from the root of a trace down to one span, each with what it recorded and how it ended.

use std::collections::HashMap;
use std::io::Write;
use std::time::Duration;

use anyhow::bail;
use tense_event::SpanId;
use tense_store::text::{duration, excerpt, value};
use tense_store::{Outcome, Span, Store, Trace, json};

use crate::commands::one_trace::OneTrace;
use crate::commands::{Answer, EXIT_CODES};
use crate::layout::{FAILURE, FAINT, MESSAGE, NAME, STRONG, columns, counted, fit, paint};

/// Of a value.
const VALUE: usize = 80;
/// So many steps of a long way at its beginning, and as many at its end.
const STEPS: usize = 20;
/// So many spans that may be meant are listed.
const CANDIDATES: usize = 20;

const EXAMPLES: &str = "\
Examples:
  tense path last-failed          down to the first cause
  tense path last dispatch.credit  down to that span, by its name or the end of it
  tense path last 9f1a --json | jq -r '.path[].span_name'

JSON: {\"version\", \"trace_id\", \"path\": [a span as in `tense tree`, with \"own_ms\"], \"gaps\"}; with \
--format jsonl a span a line. docs/json.md says what each key is.";

/// Shows the calls from the root down to a span: how long each took, what it recorded, where it stands, how it ended
#[derive(Debug, clap::Args)]
#[command(after_help = format!("{EXAMPLES}\n\n{EXIT_CODES}"))]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) asked: OneTrace,

    /// Which span: its id, the last four digits of it or more, or its name or the end of it, such as `funding` of
    /// `dispatch.funding` [default: the first cause of the failure, or where a trace that goes on stands]
    #[arg(value_name = "SPAN")]
    span: Option<String>,
}

pub(crate) fn answer(store: &dyn Store, arguments: &Arguments, out: &mut impl Write) -> anyhow::Result<Answer> {
    arguments.asked.told(store, out, |trace, out| {
        let span = match &arguments.span {
            None => trace.first_cause(),
            Some(named) => match *trace.named(named) {
                [] => return Ok(Answer::Nothing(format!("no span of this trace is called {}", excerpt(named, NAME)))),
                [one] => Some(one),
                ref several => bail!(candidates(trace, several)),
            },
        };
        let Some(span) = span else {
            let failed = if trace.why().recovered.is_empty() { "nothing failed" } else { "nothing failed for good" };
            return Ok(Answer::Nothing(format!("{failed} in this trace; name a span to see the way to it")));
        };
        let way = trace.path_to(span);
        let form = &arguments.asked.form;
        if form.is_json() { json::path(form.json(out), trace, &way) } else { show(out, trace, &way) }?;
        Ok(Answer::Found)
    })
}

/// Several spans that may be meant, failures first.
fn candidates(trace: &Trace, spans: &[&Span]) -> String {
    let mut spans = spans.to_vec();
    spans.sort_by_key(|span| !span.outcome.is_failure());
    let mut message = format!("{} may be meant; use the id:", counted(spans.len(), "span"));
    for span in spans.iter().take(CANDIDATES) {
        let above =
            trace.parent(span).map_or_else(String::new, |above| format!(" below {}", excerpt(above.label(), NAME)));
        let took = span.duration.map(duration).unwrap_or_default();
        message +=
            &format!("\n  {}  {}  {took}  {}{above}", span.id, span.outcome.as_str(), excerpt(span.label(), NAME));
    }
    if spans.len() > CANDIDATES {
        message += &format!("\n  and {} more", spans.len() - CANDIDATES);
    }
    message
}

fn show(out: &mut impl Write, trace: &Trace, way: &[&Span]) -> std::io::Result<()> {
    let own: HashMap<SpanId, Duration> = trace.spans().iter().map(|span| span.id).zip(trace.self_times()).collect();
    let left_out = way.len().saturating_sub(2 * STEPS);
    let number = way.len().to_string().len();
    for (at, span) in way.iter().enumerate() {
        if left_out > 1 && (STEPS..STEPS + left_out).contains(&at) {
            if at == STEPS {
                writeln!(out, "{:number$}  ... {left_out} steps left out ...", "")?;
            }
            continue;
        }
        let own = own.get(&span.id).copied().unwrap_or_default();
        step(out, span, own, &format!("{:>number$}  ", at + 1))?;
    }
    Ok(())
}

fn step(out: &mut impl Write, span: &Span, own: Duration, lead: &str) -> std::io::Result<()> {
    let room = columns().saturating_sub(lead.len());
    let indent = " ".repeat(lead.len());
    let took = match (span.duration, span.outcome) {
        (Some(took), _) if took == own => format!("  {}", duration(took)),
        (Some(took), _) => format!("  {}, {} of it itself", duration(took), duration(own)),
        (None, Outcome::Open) => format!("  open for {} at least itself", duration(own)),
        (None, _) => String::new(),
    };
    let name = fit(&excerpt(span.label(), NAME), room.saturating_sub(took.chars().count()).max(12));
    writeln!(out, "{lead}{}{}", paint(STRONG, name), paint(FAINT, took))?;
    if span.outcome != Outcome::Success {
        let error = span.error.as_ref();
        let said = error.map(|error| [excerpt(&error.error_type, NAME), excerpt(&error.error_message, MESSAGE)]);
        let said = said.into_iter().flatten().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(": ");
        let word = span.outcome.as_str();
        let said = fit(&said, room.saturating_sub(word.len() + 2));
        writeln!(out, "{indent}{}{}{said}", paint(FAILURE, word), if said.is_empty() { "" } else { "  " })?;
    }
    let fields: Vec<String> =
        (span.data.iter().map(|(name, data)| format!("{}={}", excerpt(name, NAME), value(data, VALUE))))
            .chain(span.context.iter().map(|(name, context)| format!("{name}={}", excerpt(context, VALUE))))
            .collect();
    if !fields.is_empty() {
        writeln!(out, "{indent}{}", fit(&fields.join("  "), room))?;
    }
    let place = [span.id.to_string(), excerpt(&span.service, NAME), excerpt(&span.source, NAME)];
    let place = place.iter().filter(|part| !part.is_empty()).map(String::as_str).collect::<Vec<_>>().join("  ");
    writeln!(out, "{indent}{}", paint(FAINT, fit(&place, room)))
}
