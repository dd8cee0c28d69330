//! `tense correlate`: the ways of a trace, or of a job over its traces, from one service into another, with how long
//! each took.

use std::collections::HashSet;
use std::io::{self, Write};
use std::time::Duration;

use tense_event::Timestamp;
use tense_store::handoffs::{Handoff, Route, routes};
use tense_store::idle::IdleKind;
use tense_store::job::Job;
use tense_store::text::{duration, excerpt};
use tense_store::tree::Role;
use tense_store::{Selector, Span, Store, json};

use crate::blind_spots::UNNAMED;
use crate::commands::one_trace::{self, Meant, NoTrace, OneTrace};
use crate::commands::{Answer, EXIT_CODES, dated, headline, job};
use crate::layout::{FAINT, NAME, Offsets, STRONG, columns, counted, fit, lines, padding, paint, style, width};

/// A column of short ids of traces.
const TRACE: usize = 10;
/// So many ways, and so many services without one, are named at the head.
const MOST: usize = 12;

const EXAMPLES: &str = "\
Examples:
  tense correlate last        the hand-offs of the latest trace
  tense correlate job:j1      those of a job, over all its traces
  tense correlate last --json | jq '.routes[] | select(.longest_ms > 100)'

Of a job nothing in the events says who began another trace, so it is taken to be whoever did something for the job last.

JSON: {\"version\", \"trace_id\", \"services\", \"routes\": [{\"from\", \"to\", \"count\", \"median_ms\", \
\"longest_ms\", ..}], \"handoffs\": [{\"from\": {\"span_id\", \"service\", ..}, \"to\": {..}, \"offset_ms\", \
\"delay_ms\", \"kind\", \"skew_ms\", \"ahead\"}], \"gaps\"}; of a job {\"version\", \"job_id\", \
\"traces\": [{\"trace_id\", \"gaps\"}], ..}, and both sides have a \"trace_id\"; with --format jsonl a hand-off a \
line. docs/json.md says what each key is.";

/// Shows the hand-offs of a trace or a job between services, machines and workers: when, and after how long a wait
#[derive(Debug, clap::Args)]
#[command(after_help = format!("{EXAMPLES}\n\n{EXIT_CODES}"))]
pub(crate) struct Arguments {
    /// At most so many hand-offs
    #[arg(long, value_name = "N", default_value_t = 40)]
    limit: usize,

    #[command(flatten)]
    pub(crate) asked: OneTrace,
}

pub(crate) fn answer(store: &dyn Store, arguments: &Arguments, out: &mut impl Write) -> anyhow::Result<Answer> {
    let OneTrace { trace, form } = &arguments.asked;
    match (one_trace::meant(store, trace, &form.zone()), trace) {
        (Ok(Meant::Job { id, .. }), _) => return of_job(store, &id, arguments, out),
        (Err(error), Selector::Job(id)) if error.is::<NoTrace>() => return of_job(store, id, arguments, out),
        // What else went wrong, it says below.
        _ => {}
    }
    arguments.asked.told(store, out, |trace, out| {
        let handoffs = trace.handoffs();
        let services = trace.services();
        if form.is_json() {
            json::handoffs(form.json(&mut *out), trace, &handoffs)?;
        }
        if handoffs.is_empty() {
            let among = "none of them below another";
            return Ok(Answer::Nothing(format!(
                "nothing was handed over: all that is known ran in {}",
                one(&services, among)
            )));
        }
        if !form.is_json() {
            writeln!(out, "{}", headline(trace, &form.zone()))?;
            let offset = |at| trace.offset(at);
            show(
                out,
                &Page { handoffs: &handoffs, services: &services, offset: &offset, with_traces: false },
                arguments.limit,
            )?;
        }
        Ok(Answer::Found)
    })
}

/// The same of a job, over all its traces.
fn of_job(store: &dyn Store, id: &str, arguments: &Arguments, out: &mut impl Write) -> anyhow::Result<Answer> {
    let (traces, is_cut) = job::read(store, id)?;
    let job = Job::of(id, &traces);
    let services = job.services();
    let form = &arguments.asked.form;
    if form.is_json() {
        json::job_handoffs(form.json(&mut *out), id, &traces, &job)?;
    }
    if job.parts.is_empty() {
        return Ok(Answer::Nothing(job::nothing(id)));
    }
    if job.handoffs.is_empty() {
        let among = "none of which took it over from another";
        let place = one(&services, among);
        return Ok(Answer::Nothing(format!("the job was never handed over: all that is known of it ran in {place}")));
    }
    if !form.is_json() {
        form.page(out, |out| {
            let whole = job.ended().map(|ended| job.offset(ended)).unwrap_or_default();
            let name = fit(&format!("job {}", excerpt(id, NAME)), columns() / 2);
            let of: HashSet<_> = job.parts.iter().map(|part| part.trace.id()).collect();
            let head = format!("  {}  {}", duration(whole), counted(of.len(), "trace"));
            let told = width(&name) + width(&head);
            let began = job.began().map(|began| dated(told, began, &form.zone())).unwrap_or_default();
            writeln!(out, "{}{head}{began}", paint(STRONG, name))?;
            let offset = |at| job.offset(at);
            let with_traces = of.len() > 1;
            show(
                out,
                &Page { handoffs: &job.handoffs, services: &services, offset: &offset, with_traces },
                arguments.limit,
            )?;
            Ok(job::not_seen(out, &traces)?)
        })?;
    }
    if is_cut {
        job::cut(traces.len());
    }
    Ok(Answer::Found)
}

/// Where all of it ran.
fn one(services: &[&str], among: &str) -> String {
    match services {
        [] => "one process".to_owned(),
        [service] => excerpt(service, NAME),
        [first, ..] => format!("{} and others, {among}", excerpt(first, NAME)),
    }
}

/// What is to be shown.
struct Page<'p, 't> {
    handoffs: &'p [Handoff<'t>],
    services: &'p [&'t str],
    /// How long after the begin of all a moment is.
    offset: &'p dyn Fn(Timestamp) -> Duration,
    /// Whether each says which trace took over.
    with_traces: bool,
}

fn show(out: &mut impl Write, page: &Page<'_, '_>, limit: usize) -> io::Result<()> {
    let columns = columns();
    let &Page { handoffs, services, offset, with_traces } = page;
    let routes = routes(handoffs);
    for line in lines(&summary(handoffs.len(), &routes, services), " ", columns) {
        writeln!(out, "{line}")?;
    }
    let last = handoffs.last().map(|last| offset(last.to.began)).unwrap_or_default();
    let offsets = Offsets::of(last);
    let offset_width = width(&offsets.show(last)) + 1;
    let shown = &handoffs[..limit.min(handoffs.len())];
    let ways: Vec<String> = shown.iter().map(|handoff| sides(handoff)).collect();
    let way_width = ways.iter().map(|way| width(way)).max().unwrap_or(0).min(columns * 2 / 5);
    let delays: Vec<(String, &str)> = shown.iter().map(delay).collect();
    let delay_width = delays.iter().map(|(delay, _)| width(delay)).max().unwrap_or(0);
    let word_width = delays.iter().map(|(_, word)| width(word) + 1).filter(|word| *word > 1).max().unwrap_or(0);
    // On a narrow screen the way is worth more than which trace it led into.
    let with_traces = with_traces && offset_width + way_width + delay_width + word_width + TRACE + 6 <= columns;
    for (handoff, (way, (delay, word))) in shown.iter().zip(ways.iter().zip(&delays)) {
        let began = offsets.show(offset(handoff.to.began));
        let trace = if with_traces { format!("  {}", handoff.to_trace.short()) } else { String::new() };
        let way = fit(way, way_width);
        let taken = if with_traces { TRACE } else { 0 };
        let room = columns.saturating_sub(offset_width + taken + way_width + delay_width + word_width + 6);
        let names = format!("{} → {}", excerpt(handoff.from.label(), NAME), excerpt(handoff.to.label(), NAME));
        let names = if room < 8 { String::new() } else { fit(&names, room) };
        let told = if word.is_empty() { delay.clone() } else { format!("{delay} {word}") };
        let behind =
            " ".repeat((delay_width + word_width).saturating_sub(padding(delay, delay_width).len() + width(&told)));
        let told = match handoff.skew() {
            Some(_) => paint(style(Role::Gap), told),
            None => told,
        };
        let row = format!(
            "{}{}{trace}  {way}{}  {}{told}{behind}  {names}",
            padding(&began, offset_width),
            paint(FAINT, &began),
            padding(&way, way_width),
            padding(delay, delay_width),
        );
        writeln!(out, "{}", row.trim_end())?;
    }
    if handoffs.len() > shown.len() {
        writeln!(out, "... {} more: set --limit ...", handoffs.len() - shown.len())?;
    }
    if routes.len() < handoffs.len() {
        writeln!(out)?;
        for route in routes.iter().take(limit) {
            writeln!(out, "{}", fit(&said(route), columns))?;
        }
    }
    if handoffs.iter().any(|handoff| handoff.skew().is_some()) {
        let is_ahead = |handoff: &Handoff<'_>| handoff.skew().is_some() && handoff.is_ahead();
        let early = handoffs.iter().any(|handoff| handoff.skew().is_some() && !is_ahead(handoff));
        let ahead = handoffs.iter().any(is_ahead);
        let words = [
            (early, "early: begun before what called it"),
            (ahead, "ahead: begun when what called it had failed, though it failed first"),
            (true, "the clocks disagree"),
            (true, "no time is corrected"),
        ];
        let note: Vec<String> = words.iter().filter(|(is_so, _)| *is_so).map(|(_, note)| (*note).to_owned()).collect();
        for line in lines(&note, "; ", columns) {
            writeln!(out, "{}", paint(FAINT, line))?;
        }
    }
    Ok(())
}

/// `3 hand-offs: web → stock, web → shop; without one: mail`, in pieces that are not to be torn.
///
/// Each is a way that was taken. One after the other they would look like a single way, which nobody went.
fn summary(handoffs: usize, routes: &[Route<'_>], services: &[&str]) -> Vec<String> {
    let named = |names: Vec<String>, end: &str| {
        let (more, shown) = (names.len().saturating_sub(MOST), names.into_iter().take(MOST));
        let mut names: Vec<String> = shown.chain((more > 0).then(|| format!("{more} more"))).collect();
        let last = names.len().saturating_sub(1);
        for (nth, name) in names.iter_mut().enumerate() {
            *name += if nth < last { "," } else { end };
        }
        names
    };
    let taking_part: HashSet<&str> = routes.iter().flat_map(|route| [route.from, route.to]).collect();
    let others: Vec<&str> = services.iter().copied().filter(|service| !taking_part.contains(service)).collect();
    let ways = named(routes.iter().map(way).collect(), if others.is_empty() { "" } else { ";" });
    let mut told = vec![format!("{}:", counted(handoffs, "hand-off"))];
    told.extend(ways);
    if !others.is_empty() {
        told.push("without one:".to_owned());
        told.extend(named(others.iter().map(|service| excerpt(service, NAME)).collect(), ""));
    }
    told
}

/// `web → shop`, or `within shop` where it went from one of its machines or workers to another.
fn way(route: &Route<'_>) -> String {
    let named = |service: &str| if service.is_empty() { UNNAMED.to_owned() } else { excerpt(service, NAME) };
    match (route.from, route.to) {
        (from, to) if from == to => format!("within {}", named(from)),
        (from, to) => format!("{} → {}", named(from), named(to)),
    }
}

/// `web → shop`; within one service, what else tells them apart.
fn sides(handoff: &Handoff<'_>) -> String {
    let (from, to) = (handoff.from, handoff.to);
    let side = |span: &Span| {
        let mut side = excerpt(&span.service, NAME);
        for key in ["machine_id", "worker_id"] {
            let (here, there) = (of(from, key), of(to, key));
            if from.service == to.service && here != there {
                side += &format!(" {}", excerpt(of(span, key), NAME));
            }
        }
        side.trim_start().to_owned()
    };
    format!("{} → {}", side(from), side(to))
}

fn of<'t>(span: &'t Span, key: &str) -> &'t str {
    span.context.iter().find(|(known, _)| *known == key).map_or("", |(_, value)| value)
}

/// How long it took, and a word about it.
fn delay(handoff: &Handoff<'_>) -> (String, &'static str) {
    let word = match handoff.kind {
        kind @ (IdleKind::Queued | IdleKind::BackOff) => kind.as_str(),
        _ => "",
    };
    match (handoff.delay(), handoff.skew()) {
        (Some(delay), _) => (duration(delay), word),
        (None, Some(skew)) => (duration(skew), if handoff.is_ahead() { "ahead" } else { "early" }),
        (None, None) => Default::default(),
    }
}

/// `web → shop × 12  median 3.0 ms  longest 8.0 ms`
fn said(route: &Route<'_>) -> String {
    let mut said = format!("{} × {}", way(route), route.count);
    for (word, time) in [("median", route.median), ("longest", route.longest)] {
        said += &time.map(|time| format!("  {word} {}", duration(time))).unwrap_or_default();
    }
    if route.skewed > 0 {
        said += &format!("  {} with clocks that disagree", route.skewed);
    }
    said
}
