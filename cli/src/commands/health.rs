//! `tense health`: what the programs that write here have counted, and so what their traces cannot show.

use std::io::Write;

use anyhow::Context;
use jiff::tz::TimeZone;
use serde_json::{Value, json};
use tense_store::text::excerpt;
use tense_store::{Program, SqliteStore};

use crate::commands::{ASKED, Answer, EXIT_CODES};
use crate::format::Form;
use crate::layout::{FAILURE, FAINT, STRONG, ZONED, columns, counted, fit, moment_in, paint, width, wrap};

/// Of a name, or of what a sink said.
const TEXT: usize = 120;
/// So many types of events that were slow or failed, those with the most first.
const TYPES: usize = 8;

/// Before what was lost.
const DROPPED: &str = "dropped:";

/// Counters that say that something was lost, with what was.
pub(super) const LOSSES: [(&str, &str); 12] = [
    ("queue_full", "events that found the queue full"),
    ("sink_failed", "events that could not be stored"),
    ("sink_refused", "events that their sink refused"),
    ("breaker_open", "events that came while their sink was left alone because it had failed"),
    ("worker_dead", "events whose sink has no thread"),
    ("shut_down", "events that came after the shutdown"),
    ("ring_full", "records for which a thread had no room"),
    ("lost_at_fork", "records of the time around a fork"),
    ("records_lost", "records whose beginning was lost"),
    ("spans_given_up", "spans that were open together with too many others"),
    ("values_lost", "values of spans that were open together with too many others"),
    ("drainer_panics", "passes over the records that were broken off"),
];

const EXAMPLES: &str = "\
Examples:
  tense health                what the last programs have counted
  tense health --json | jq '.programs[].health.queue_full'

JSON: {\"version\", \"programs\": [{\"service\", \"pid\", \"began\", \"at\", \"health\": {..}}]}; with \
--format jsonl a program a line. docs/json.md says what each key is.";

/// Says what each program that writes to the database has counted: delivered, dropped, slow, failed, left out
#[derive(Debug, clap::Args)]
#[command(after_help = format!("{EXAMPLES}\n\n{EXIT_CODES}"))]
pub(crate) struct Arguments {
    /// Of so many programs, those that reported last
    #[arg(long, value_name = "N", default_value_t = 4)]
    limit: u32,

    #[command(flatten)]
    pub(crate) form: Form,
}

pub(crate) fn answer(store: &SqliteStore, arguments: &Arguments, out: &mut impl Write) -> anyhow::Result<Answer> {
    let mut programs = store.programs().context(ASKED)?;
    programs.truncate(arguments.limit as usize);
    let (form, zone) = (&arguments.form, arguments.form.zone());
    if form.is_json() {
        let told = programs.iter().map(|Program { pid, began, at, service, health }| {
            json!({ "service": service, "pid": pid, "began": began, "at": at, "health": health })
        });
        let mut answer = form.json(out).list()?;
        answer.entries("programs", told)?;
        answer.end()?;
    } else {
        form.page(out, |out| Ok(programs.iter().try_for_each(|program| tell(out, &zone, program))?))?;
    }
    if programs.is_empty() {
        return Ok(Answer::Nothing("no program has told this database what it counted".to_owned()));
    }
    Ok(Answer::Found)
}

fn tell(out: &mut impl Write, zone: &TimeZone, program: &Program) -> std::io::Result<()> {
    let Program { pid, at, service, health, .. } = program;
    let count = |name: &str| health[name].as_u64().unwrap_or(0);
    let service = if service.is_empty() { "a program" } else { &excerpt(service, TEXT) };
    let told = format!("process {pid}, as of {}", moment_in(*at, ZONED, zone));
    let service = fit(service, columns());
    let between = if width(&service) + 2 + width(&told) <= columns() { "  " } else { "\n  " };
    writeln!(out, "{}{between}{}", paint(STRONG, service), paint(FAINT, told))?;
    let [emitted, delivered, queued] = ["emitted", "delivered", "queued"].map(count);
    let mebibytes = count("memory_bytes") as f64 / f64::from(1 << 20);
    paragraph(
        out,
        &format!(
            "{emitted} events made, {delivered} delivered, {queued} waiting; {} open; \
             {mebibytes:.1}\u{a0}MiB in use",
            counted(count("open_spans") as usize, "span"),
        ),
    )?;
    let lost = LOSSES.iter().filter(|(name, _)| count(name) > 0);
    let lost: Vec<String> = lost.map(|(name, what)| format!("{} {what}", count(name))).collect();
    match lost.is_empty() {
        true => paragraph(out, "nothing was dropped")?,
        false => paragraph(out, &format!("{DROPPED} {}", lost.join("; ")))?,
    }
    let left_out = [("sampled_out", "by sampling"), ("limited", "by limits")];
    let left_out: Vec<String> = left_out
        .iter()
        .filter(|(name, _)| count(name) > 0)
        .map(|(name, by)| format!("{} spans and moments {by}", count(name)))
        .collect();
    if !left_out.is_empty() {
        paragraph(out, &format!("left out: {}", left_out.join("; ")))?;
    }
    let ratios = [
        ("sampling_ratio", "of the traces that begin now"),
        ("failure_ratio", "of the failures and slow spans that are to be kept in any case"),
    ];
    let ratio = |(name, of): &(&str, &str)| {
        let ratio = health[*name].as_f64().filter(|ratio| *ratio < 1.0)?;
        Some(format!("{} % {of}", percent(ratio)))
    };
    let ratios: Vec<String> = ratios.iter().filter_map(ratio).collect();
    if !ratios.is_empty() {
        paragraph(out, &format!("sampling keeps {}", ratios.join("; ")))?;
    }
    for sink in list(health, "sinks") {
        let text = |key: &str| excerpt(sink[key].as_str().unwrap_or_default(), TEXT);
        let said = sink["last_error"]["text"].as_str().map(|said| format!("; it last said: {}", excerpt(said, TEXT)));
        let state =
            if sink["is_alive"] == false { "its thread has died".to_owned() } else { text("state").replace('_', " ") };
        paragraph(out, &format!("sink {}: {state}{}", text("name"), said.unwrap_or_default()))?;
    }
    let mut types: Vec<&Value> = list(health, "types").filter(|of| of["slow"] != 0 || of["failed"] != 0).collect();
    types.sort_by_key(|of| std::cmp::Reverse(of["slow"].as_u64().max(of["failed"].as_u64())));
    for of in types.iter().take(TYPES) {
        let name = excerpt(of["event_type"].as_str().unwrap_or_default(), TEXT);
        paragraph(out, &format!("{name}: {} ended, {} failed, {} slow", of["ended"], of["failed"], of["slow"]))?;
    }
    if types.len() > TYPES {
        paragraph(out, &format!("{} more types were slow or failed", types.len() - TYPES))?;
    }
    for sentence in list(health, "settings").filter_map(Value::as_str) {
        paragraph(out, &excerpt(sentence, 500))?;
    }
    Ok(())
}

/// One thing about a program, in as many lines as it takes; those behind the first are indented further, and none ends
/// in front of a no-break space.
fn paragraph(out: &mut impl Write, told: &str) -> std::io::Result<()> {
    for (nth, line) in wrap(told, columns().saturating_sub(4)).iter().enumerate() {
        let line = line.replace('\u{a0}', " ");
        let line = match line.strip_prefix(DROPPED) {
            Some(lost) if nth == 0 => format!("{}{lost}", paint(FAILURE, DROPPED)),
            _ => line,
        };
        writeln!(out, "{}{line}", if nth == 0 { "  " } else { "    " })?;
    }
    Ok(())
}

/// With three digits that say something: `10`, `0.0153`.
fn percent(ratio: f64) -> f64 {
    let percent = ratio * 100.0;
    let unit = 10_f64.powf(2.0 - percent.abs().max(1e-9).log10().floor());
    (percent * unit).round() / unit
}

pub(super) fn list<'h>(health: &'h Value, key: &str) -> impl Iterator<Item = &'h Value> {
    health[key].as_array().into_iter().flatten()
}
