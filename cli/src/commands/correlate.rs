//! `tense correlate`: the ways of a trace from one service into another, with how long each took.

use std::io::{self, Write};

use tense_store::handoffs::{Route, routes};
use tense_store::text::{duration, excerpt};
use tense_store::tree::Role;
use tense_store::{Handoff, Span, Store, Trace, json};

use crate::commands::{Answer, Which, headline};
use crate::layout::{FAINT, Offsets, columns, counted, fit, lines, padding, paint, style, width};

/// Of a name, before it is made to fit.
const NAME: usize = 120;
/// So many services are named in the first line.
const SERVICES: usize = 12;

/// Shows the hand-offs of a trace from one service, machine or worker to another: when, and after how long a wait
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    which: Which,

    /// At most so many hand-offs
    #[arg(long, value_name = "N", default_value_t = 40)]
    limit: usize,

    /// Writes JSON: {"trace_id", "services", "routes": [{"from", "to", "count", "median_ms", "longest_ms", ..}],
    /// "handoffs": [{"from": {"span_id", "service", ..}, "to": {..}, "offset_ms", "delay_ms", "skew_ms"}], "gaps"}
    #[arg(long)]
    json: bool,
}

pub(crate) fn answer(store: &dyn Store, arguments: &Arguments, out: &mut impl Write) -> anyhow::Result<Answer> {
    arguments.which.told(store, arguments.json, out, |trace, out| {
        let handoffs = trace.handoffs();
        if arguments.json {
            json::handoffs(out, trace, &handoffs)?;
        }
        if handoffs.is_empty() {
            let place = match trace.services().as_slice() {
                [] => "one process".to_owned(),
                [service] => excerpt(service, NAME),
                [first, ..] => format!("{} and others, none of them below another", excerpt(first, NAME)),
            };
            return Ok(Answer::Nothing(format!("nothing was handed over: all that is known ran in {place}")));
        }
        if !arguments.json {
            show(out, trace, &handoffs, arguments.limit)?;
        }
        Ok(Answer::Found)
    })
}

fn show(out: &mut impl Write, trace: &Trace, handoffs: &[Handoff<'_>], limit: usize) -> io::Result<()> {
    let columns = columns();
    writeln!(out, "{}", headline(trace))?;
    let services = trace.services();
    let mut way: Vec<String> = services.iter().take(SERVICES).map(|service| excerpt(service, NAME)).collect();
    if services.len() > SERVICES {
        way.push(format!("{} more", services.len() - SERVICES));
    }
    writeln!(out, "{}", fit(&format!("{}: {}", counted(handoffs.len(), "hand-off"), way.join(" → ")), columns))?;
    let last = handoffs.last().map(|last| trace.offset(last.to.began)).unwrap_or_default();
    let offsets = Offsets::of(last);
    let offset_width = width(&offsets.show(last)) + 1;
    let shown = &handoffs[..limit.min(handoffs.len())];
    let ways: Vec<String> = shown.iter().map(|handoff| sides(handoff)).collect();
    let way_width = ways.iter().map(|way| width(way)).max().unwrap_or(0).min(columns * 2 / 5);
    let delays: Vec<String> = shown.iter().map(delay).collect();
    let delay_width = delays.iter().map(|delay| width(delay)).max().unwrap_or(0);
    for (handoff, (way, delay)) in shown.iter().zip(ways.iter().zip(&delays)) {
        let offset = offsets.show(trace.offset(handoff.to.began));
        let way = fit(way, way_width);
        let room = columns.saturating_sub(offset_width + way_width + delay_width + 6);
        let names = format!("{} → {}", excerpt(handoff.from.label(), NAME), excerpt(handoff.to.label(), NAME));
        let names = if room < 8 { String::new() } else { fit(&names, room) };
        let told = match handoff.skew() {
            Some(_) => paint(style(Role::Gap), delay),
            None => delay.clone(),
        };
        let row = format!(
            "{}{}  {way}{}  {}{told}  {names}",
            padding(&offset, offset_width),
            paint(FAINT, &offset),
            padding(&way, way_width),
            padding(delay, delay_width),
        );
        writeln!(out, "{}", row.trim_end())?;
    }
    if handoffs.len() > shown.len() {
        writeln!(out, "... {} more: set --limit ...", handoffs.len() - shown.len())?;
    }
    let routes = routes(handoffs);
    if routes.len() < handoffs.len() {
        writeln!(out)?;
        for route in routes.iter().take(limit) {
            writeln!(out, "{}", fit(&said(route), columns))?;
        }
    }
    if handoffs.iter().any(|handoff| handoff.skew().is_some()) {
        let note = ["early: begun before what called it", "the clocks disagree", "no time is corrected"];
        for line in lines(&note.map(str::to_owned), "; ", columns) {
            writeln!(out, "{}", paint(FAINT, line))?;
        }
    }
    Ok(())
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

fn delay(handoff: &Handoff<'_>) -> String {
    match (handoff.delay(), handoff.skew()) {
        (Some(delay), _) => duration(delay),
        (None, Some(skew)) => format!("{} early", duration(skew)),
        (None, None) => String::new(),
    }
}

/// `web → shop × 12  median 3.0 ms  longest 8.0 ms`
fn said(route: &Route<'_>) -> String {
    let mut said = format!("{} → {} × {}", excerpt(route.from, NAME), excerpt(route.to, NAME), route.count);
    for (word, time) in [("median", route.median), ("longest", route.longest)] {
        said += &time.map(|time| format!("  {word} {}", duration(time))).unwrap_or_default();
    }
    if route.skewed > 0 {
        said += &format!("  {} early", route.skewed);
    }
    said
}
