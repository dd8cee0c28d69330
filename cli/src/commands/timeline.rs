//! `tense timeline`: what happened in a trace, in the order of time, and when nothing did.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::time::Duration;

use anyhow::bail;
use jiff::tz::TimeZone;
use tense_event::Timestamp;
use tense_store::idle::{Idle, IdleKind};
use tense_store::text::{duration, excerpt, value};
use tense_store::timeline::{Happening, Moment};
use tense_store::tree::Role;
use tense_store::{Outcome, Span, Store, Trace, json};

use crate::commands::one_trace::OneTrace;
use crate::commands::{Answer, EXIT_CODES, NoSense, headline};
use crate::layout::{FAINT, Offsets, columns, fit, indent, lines, padding, paint, style, width};
use crate::moments;

/// So many lines, where nothing is said.
const LINES: usize = 200;
/// Of a name, of a value, of what an error says, before it is made to fit.
const TEXT: usize = 200;
/// What is shorter is no stretch worth a line: neither than this, nor than a hundredth of the trace.
const SHORTEST: Duration = Duration::from_millis(10);

const EXAMPLES: &str = "\
Examples:
  tense timeline last                      what happened in the latest trace
  tense timeline last --from 1.5s --to 2s  half a second of it
  tense timeline last --idle 100ms         with the stretches of a tenth of a second in which nothing ran
  tense timeline last --format jsonl | jq -r 'select(.error) | .label'

JSON: {\"version\", \"trace_id\", \"moments\": [{\"at\", \"offset_ms\", \"what\", \"span_id\", \"label\", \
..}], \"idle\": [{\"from\", \"offset_ms\", \"duration_ms\", \"kind\", ..}], \"left_out\", \"gaps\"}; with \
--format jsonl a moment a line. docs/json.md says what each key is.";

/// Shows what happened in a trace, in the order of time: begins, ends, points, lines of logs, and when nothing ran
#[derive(Debug, clap::Args)]
#[command(after_help = format!("{EXAMPLES}\n\n{EXIT_CODES}"))]
pub(crate) struct Arguments {
    /// From so long after the trace began on, such as 1.5s
    #[arg(long, value_name = "TIME", value_parser = moments::length)]
    from: Option<Duration>,

    /// Until so long after the trace began
    #[arg(long, value_name = "TIME", value_parser = moments::length)]
    to: Option<Duration>,

    /// Tells of stretches of at least so long in which nothing ran [default: 10ms, a hundredth of a longer trace]
    #[arg(long, value_name = "TIME", value_parser = moments::length)]
    idle: Option<Duration>,

    /// At most so many moments [default: 200; of JSON all]
    #[arg(long, value_name = "N")]
    limit: Option<usize>,

    #[command(flatten)]
    pub(crate) asked: OneTrace,
}

pub(crate) fn answer(store: &dyn Store, arguments: &Arguments, out: &mut impl Write) -> anyhow::Result<Answer> {
    let (from, to) = (arguments.from.unwrap_or_default(), arguments.to.unwrap_or(Duration::MAX));
    if from > to {
        let (from, to) = (duration(from), duration(to));
        bail!(NoSense(format!("nothing lies between --from {from} and --to {to}: the first has to be earlier")));
    }
    arguments.asked.told(store, out, |trace, out| {
        let form = &arguments.asked.form;
        let all = trace.timeline();
        let whole = all.last().map_or(Duration::ZERO, |last| trace.offset(last.at));
        let at_least = arguments.idle.unwrap_or_else(|| SHORTEST.max(whole / 100));
        let first = all.partition_point(|moment| trace.offset(moment.at) < from);
        let behind = all.partition_point(|moment| trace.offset(moment.at) <= to);
        let meant = all.get(first..behind).unwrap_or_default();
        let idle = trace.idle(at_least);
        let is_meant = |idle: &&Idle<'_>| trace.offset(idle.to) > from && trace.offset(idle.from) < to;
        let idle: Vec<Idle<'_>> = idle.iter().filter(is_meant).copied().collect();
        let limit = arguments.limit.unwrap_or(if form.is_json() { usize::MAX } else { LINES });
        if form.is_json() {
            let shown = &meant[..limit.min(meant.len())];
            json::timeline(form.json(&mut *out), trace, shown, &idle, meant.len() - shown.len())?;
        }
        if meant.is_empty() && idle.is_empty() {
            let took = duration(whole);
            return Ok(Answer::Nothing(format!(
                "nothing happened in that time; the trace ended {took} after its begin"
            )));
        }
        if !form.is_json() {
            show(out, &form.zone(), &Page { trace, whole, meant, idle: &idle, limit })?;
        }
        Ok(Answer::Found)
    })
}

/// What is to be shown.
struct Page<'t> {
    trace: &'t Trace,
    whole: Duration,
    meant: &'t [Moment<'t>],
    idle: &'t [Idle<'t>],
    limit: usize,
}

fn show(out: &mut impl Write, zone: &TimeZone, page: &Page<'_>) -> io::Result<()> {
    let Page { trace, whole, meant, idle, limit } = *page;
    writeln!(out, "{}", headline(trace, zone))?;
    let (columns, offsets) = (columns(), Offsets::of(whole));
    let offset_width = width(&offsets.show(whole)) + 1;
    let room = columns.saturating_sub(offset_width + 2);
    let has_services = trace.services().len() > 1;
    let mut idle = idle.iter().peekable();
    let (mut at, mut shown) = (0, 0);
    while let Some(moment) = meant.get(at) {
        while let Some(stretch) = idle.next_if(|stretch| stretch.to <= moment.at) {
            writeln!(out, "{}⋯ {}", " ".repeat(offset_width + 2), paint(FAINT, fit(&said_of(stretch), room - 2)))?;
        }
        if shown == limit {
            let left = meant.len() - at;
            let from = offsets.option(trace.offset(moment.at));
            writeln!(out, "... {left} more: ask --from {from} on, or set --limit ...")?;
            return Ok(());
        }
        shown += 1;
        let same = alike(&meant[at..], idle.peek().map(|stretch| stretch.from));
        let is_whole = same.moments > 1;
        at += same.moments;
        let offset = offsets.show(trace.offset(moment.at));
        let place = indent(moment.depth, room);
        let mut line = Line::of(trace, moment, is_whole, has_services);
        if same.calls > 1 {
            let until = trace.offset(meant[at - 1].at);
            line.said = format!("× {}  until {}", same.calls, offsets.show(until));
        }
        // What happened has a place beside its name, and what went wrong is worth as much room as where.
        let most = if line.role.is_some() { room / 2 } else { 16 };
        let share = room.saturating_sub(width(&place) + width(&line.said).min(most) + 2);
        let label = fit(&line.label, share.max(12));
        let left = room.saturating_sub(width(&place) + width(&label) + 2);
        let said = if left < 6 || line.said.is_empty() { String::new() } else { fit(&line.said, left) };
        let said = line.role.map_or(said.clone(), |role| paint(style(role), &said));
        let text = if line.is_faint { paint(FAINT, &label) } else { label };
        let row = format!("{}{}  {place}{text}  {said}", padding(&offset, offset_width), paint(FAINT, &offset));
        writeln!(out, "{}", row.trim_end())?;
    }
    for stretch in idle {
        writeln!(out, "{}⋯ {}", " ".repeat(offset_width + 2), paint(FAINT, fit(&said_of(stretch), room - 2)))?;
    }
    lines(&sum(page), " · ", columns).iter().try_for_each(|line| writeln!(out, "{line}"))
}

/// What one line tells.
struct Alike {
    moments: usize,
    calls: usize,
}

/// The first moment; where a call ends next and nothing happened in between, that too; and where more than a few such
/// calls follow, of the same name and below the same span, all of them.
fn alike(moments: &[Moment<'_>], idle: Option<Timestamp>) -> Alike {
    const APART: usize = 3;
    let call = |at: usize| {
        let (begin, end) = (moments.get(at)?, moments.get(at + 1)?);
        (begin.span.id == end.span.id && end.what == Happening::Ended).then_some(begin.span)
    };
    let Some(first) = call(0) else { return Alike { moments: 1, calls: 1 } };
    let is_alike = |span: &Span| {
        (&span.name, span.parent_id, span.outcome) == (&first.name, first.parent_id, Outcome::Success)
            && idle.is_none_or(|idle| span.began <= idle)
    };
    let calls = (0..).step_by(2).map_while(call).take_while(|span| is_alike(span)).count();
    if calls > APART { Alike { moments: 2 * calls, calls } } else { Alike { moments: 2, calls: 1 } }
}

/// How much time was spent on what, while nothing ran.
fn sum(page: &Page<'_>) -> Vec<String> {
    let mut kinds: BTreeMap<IdleKind, Duration> = BTreeMap::new();
    for stretch in page.idle {
        *kinds.entry(stretch.kind).or_default() += stretch.duration();
    }
    let all: Duration = kinds.values().sum();
    let mut said: Vec<String> =
        kinds.iter().map(|(kind, time)| format!("{} {}", duration(*time), kind.as_str())).collect();
    if let Some(first) = said.first_mut() {
        *first = format!("idle {} of {}: {first}", duration(all), duration(page.whole));
    }
    said
}

/// One line, before it is made to fit.
struct Line {
    label: String,
    said: String,
    role: Option<Role>,
    is_faint: bool,
}

impl Line {
    fn of(trace: &Trace, moment: &Moment<'_>, is_whole: bool, has_services: bool) -> Self {
        let span = moment.span;
        let label = excerpt(span.label(), TEXT);
        let is_end = is_whole || moment.what != Happening::Began;
        let took = span.duration.map(duration).unwrap_or_default();
        let (word, role) = match span.outcome {
            _ if !is_end => ("", None),
            Outcome::Failed => ("failed", Some(Role::Failure)),
            Outcome::Panicked => ("panicked", Some(Role::Failure)),
            Outcome::Cancelled => ("cancelled", Some(Role::Stopped)),
            Outcome::Open | Outcome::Success => ("", None),
        };
        let mut said = match (moment.what, took.is_empty()) {
            (Happening::Began, _) if !is_end && span.outcome == Outcome::Open => {
                vec!["begins, not finished".to_owned()]
            }
            (Happening::Began, _) if !is_end => vec!["begins".to_owned()],
            (Happening::Ended, false) if word.is_empty() => vec![format!("ends after {took}")],
            (Happening::Ended, false) => vec![format!("{word} after {took}")],
            _ => vec![word.to_owned(), took],
        };
        said.retain(|said| !said.is_empty());
        let message = span.error.as_ref().filter(|_| is_end).map(|error| excerpt(&error.error_message, TEXT));
        if let (Some(message), Some(word)) = (message.filter(|message| !message.is_empty()), said.first_mut()) {
            *word += &format!(": {message}");
        }
        let is_entry = trace.parent(span).is_none_or(|above| above.service != span.service);
        if has_services && is_entry && moment.what != Happening::Ended && !span.service.is_empty() {
            said.push(format!("in {}", excerpt(&span.service, TEXT)));
        }
        if span.is_point() {
            said.extend(span.data.iter().map(|(name, content)| match name {
                "message" if span.is_log() => value(content, TEXT).trim_matches('"').to_owned(),
                _ => format!("{}={}", excerpt(name, TEXT), value(content, TEXT)),
            }));
        }
        Self { label, said: said.join("  "), role, is_faint: span.is_log() }
    }
}

/// `4.97 s nothing known, within dispatch.funding`
fn said_of(idle: &Idle<'_>) -> String {
    let name = |span: &Span| excerpt(span.label(), TEXT);
    let about = match idle.kind {
        IdleKind::Queued | IdleKind::BackOff => format!("until {}", name(idle.after)),
        IdleKind::HandedOff if !idle.after.service.is_empty() => {
            format!("until {} in {}", name(idle.after), excerpt(&idle.after.service, TEXT))
        }
        IdleKind::HandedOff => format!("until {}", name(idle.after)),
        _ => idle.within.map_or_else(String::new, |within| format!("within {}", name(within))),
    };
    let comma = if about.is_empty() { "" } else { ", " };
    format!("{} {}{comma}{about}", duration(idle.duration()), idle.kind.as_str())
}
