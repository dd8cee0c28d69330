//! `tense compare`: what only one of two traces has, what ended otherwise, what took longer.

use std::io::Write;
use std::time::Duration;

use jiff::tz::TimeZone;
use tense_store::compare::{Comparison, Lone, Matched};
use tense_store::pipeline::NeverRan;
use tense_store::text::{duration, excerpt};
use tense_store::{Selector, Span, Store, Trace, json};

use crate::blind_spots;
use crate::commands::one_trace::{UNREADABLE, read};
use crate::commands::{Answer, EXIT_CODES, ended};
use crate::format::Form;
use crate::layout::{
    FAILURE, FAINT, NAME, SHORT_ZONED, STRONG, ZONED, columns, counted, fit, moment_in, padding, paint, width,
};

/// From so many columns on, the year is shown.
const WIDE: usize = 100;
/// A smaller difference is told in JSON alone: it differs from one run to the next.
const LEAST: Duration = Duration::from_micros(100);

const EXAMPLES: &str = "\
Examples:
  tense compare b0c1d2e3 last       how the latest trace differs from that one
  tense compare last last-failed    how the latest failure differs from the latest trace
  tense compare b0c1d2e3 last --json | jq '.times[0]'

JSON: {\"version\", \"a\", \"b\", \"one_kind\", \"common\", \"only_a\", \"only_b\", \"outcomes\", \"times\", \
\"never_ran_a\", \"never_ran_b\"}; with --format jsonl the same. docs/json.md says what each key is.";

/// Says how two traces differ: what only one of them did, what ended otherwise, what took longer, what never ran
#[derive(Debug, clap::Args)]
#[command(after_help = format!("{EXAMPLES}\n\n{EXIT_CODES}"))]
pub(crate) struct Arguments {
    /// The one that is the measure: the last digits of its id, `last`, or `last-failed`
    #[arg(value_name = "A")]
    a: Selector,

    /// The one that is held against it
    #[arg(value_name = "B")]
    b: Selector,

    /// At most so many lines of each kind
    #[arg(long, value_name = "N", default_value_t = 10)]
    top: usize,

    #[command(flatten)]
    pub(crate) form: Form,
}

pub(crate) fn answer(store: &dyn Store, arguments: &Arguments, out: &mut impl Write) -> anyhow::Result<Answer> {
    let (form, zone) = (&arguments.form, arguments.form.zone());
    let a = read(store, &arguments.a, &zone)?;
    let b = read(store, &arguments.b, &zone)?;
    let comparison = a.compare(&b);
    if form.is_json() {
        json::comparison(form.json(out), &a, &b, &comparison)?;
        return Ok(Answer::Found);
    }
    form.page(out, |out| {
        for (letter, trace, root, took) in
            [("a", &a, comparison.root_a, comparison.whole.0), ("b", &b, comparison.root_b, comparison.whole.1)]
        {
            head(out, &zone, (letter, trace), root, took)?;
        }
        show(out, &comparison, arguments.top)?;
        for (letter, trace) in [("a", &a), ("b", &b)] {
            if let Some(unseen) = blind_spots::of(trace) {
                writeln!(out, "{}", paint(FAINT, format!("{letter}: {unseen}")))?;
            }
        }
        Ok(Answer::Found)
    })
}

fn head(
    out: &mut impl Write,
    zone: &TimeZone,
    (letter, trace): (&str, &Trace),
    root: Option<&Span>,
    took: Duration,
) -> std::io::Result<()> {
    let Some(root) = root else {
        return writeln!(out, "{letter}  {}  {UNREADABLE}", trace.id().short());
    };
    let (outcome, ended) = ended(trace, root);
    let format = if columns() >= WIDE { ZONED } else { SHORT_ZONED };
    let (began, took) = (moment_in(root.began, format, zone), duration(took));
    // Beside the name stand the letter, the id, the outcome, and two spaces before each.
    let room = columns().saturating_sub(width(&began) + width(&took) + width(&ended) + 19);
    let name = paint(STRONG, fit(&excerpt(root.label(), NAME), room));
    let ended = if outcome.is_failure() { paint(FAILURE, ended) } else { ended };
    writeln!(out, "{letter}  {}  {}  {name}  {took}  {ended}", trace.id().short(), paint(FAINT, began))
}

fn show(out: &mut impl Write, comparison: &Comparison<'_, '_>, top: usize) -> std::io::Result<()> {
    if comparison.is_empty() {
        return writeln!(out, "they are the same, call by call: {}", counted(comparison.common, "call"));
    }
    let calls = |lone: &[Lone<'_>]| lone.iter().map(|lone| 1 + lone.below).sum::<usize>();
    writeln!(
        out,
        "{} in both · {} only in a · {} only in b",
        counted(comparison.common, "call"),
        calls(&comparison.only_a),
        calls(&comparison.only_b)
    )?;
    if !comparison.is_of_one_kind() {
        writeln!(out, "they are of different kinds, so there is little to compare")?;
    }
    if comparison.common == 0 {
        return Ok(());
    }
    outcomes(out, &comparison.outcomes, top)?;
    lone(out, "only in a", &comparison.only_a, top)?;
    lone(out, "only in b", &comparison.only_b, top)?;
    never_ran(out, "a", &comparison.never_ran_a, top)?;
    never_ran(out, "b", &comparison.never_ran_b, top)?;
    times(out, &comparison.times, top)
}

fn title(out: &mut impl Write, title: &str) -> std::io::Result<()> {
    writeln!(out, "{}", paint(FAINT, title))
}

fn more(out: &mut impl Write, all: usize, top: usize) -> std::io::Result<()> {
    match all.saturating_sub(top) {
        0 => Ok(()),
        more => writeln!(out, "  {}", paint(FAINT, format!("and {more} more"))),
    }
}

fn outcomes(out: &mut impl Write, outcomes: &[Matched<'_, '_>], top: usize) -> std::io::Result<()> {
    if outcomes.is_empty() {
        return Ok(());
    }
    title(out, "ended otherwise")?;
    let ended = |span: &Span| {
        let message = span.error.as_ref().map(|error| excerpt(&error.error_message, NAME)).unwrap_or_default();
        if message.is_empty() {
            span.outcome.as_str().to_owned()
        } else {
            format!("{} ({message})", span.outcome.as_str())
        }
    };
    for Matched { a, b, .. } in outcomes.iter().take(top) {
        let said = format!("  {}: {} -> {}", excerpt(&a.name, NAME), ended(a), ended(b));
        writeln!(out, "{}", fit(&said, columns()))?;
    }
    more(out, outcomes.len(), top)
}

fn lone(out: &mut impl Write, name: &str, lone: &[Lone<'_>], top: usize) -> std::io::Result<()> {
    if lone.is_empty() {
        return Ok(());
    }
    title(out, name)?;
    for Lone { span, below, took, .. } in lone.iter().take(top) {
        let took = if span.is_point() { String::new() } else { format!("  {}", duration(*took)) };
        let below = if *below == 0 { String::new() } else { format!(", and {} below", counted(*below, "call")) };
        let said = format!("  {}{took}{below}", excerpt(span.label(), NAME));
        writeln!(out, "{}", fit(&said, columns()))?;
    }
    more(out, lone.len(), top)
}

fn never_ran(out: &mut impl Write, letter: &str, absent: &[NeverRan<'_>], top: usize) -> std::io::Result<()> {
    if absent.is_empty() {
        return Ok(());
    }
    title(out, &format!("never ran in {letter} alone"))?;
    for absent in absent.iter().take(top) {
        let said = format!("  {} of {}", excerpt(absent.stage, NAME), excerpt(absent.pipeline.label(), NAME));
        writeln!(out, "{}", fit(&said, columns()))?;
    }
    more(out, absent.len(), top)
}

fn times(out: &mut impl Write, times: &[Matched<'_, '_>], top: usize) -> std::io::Result<()> {
    // The greatest difference comes first.
    let worth_it = times.partition_point(|matched| matched.effect() >= LEAST);
    if worth_it == 0 {
        return writeln!(out, "{}", paint(FAINT, "calls in both were at work as long, give or take 0.1 ms"));
    }
    let shown = &times[..worth_it.min(top)];
    let change = |matched: &Matched<'_, '_>| {
        let sign = if matched.own.1 >= matched.own.0 { '+' } else { '-' };
        format!("{sign}{}", duration(matched.effect()))
    };
    let ratio = |matched: &Matched<'_, '_>| matched.ratio().map(times_as_long).unwrap_or_default();
    let from_to = |matched: &Matched<'_, '_>| format!("{} -> {}", duration(matched.own.0), duration(matched.own.1));
    let widest = |entry: &dyn Fn(&Matched<'_, '_>) -> String| {
        shown.iter().map(|matched| width(&entry(matched))).max().unwrap_or(0)
    };
    let (change_width, ratio_width, from_to_width) = (widest(&change), widest(&ratio), widest(&from_to));
    title(out, "at work itself, a -> b")?;
    for matched in shown {
        let (change, ratio, from_to) = (change(matched), ratio(matched), from_to(matched));
        let left = format!(
            "  {}{change}  {}{ratio}  {from_to}{}  ",
            padding(&change, change_width),
            padding(&ratio, ratio_width),
            padding(&from_to, from_to_width),
        );
        writeln!(out, "{left}{}", fit(&excerpt(&matched.a.name, NAME), columns().saturating_sub(width(&left))))?;
    }
    more(out, worth_it, top)
}

/// With three digits that say something, as far as two places go; what is less is never told as nothing.
fn times_as_long(ratio: f64) -> String {
    match ratio {
        99.95.. => format!("x{ratio:.0}"),
        9.995.. => format!("x{ratio:.1}"),
        0.01.. => format!("x{ratio:.2}"),
        _ => "x<0.01".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ratio_says_something_however_small_or_large_it_is() {
        let told = [0.000_4, 0.01, 0.5, 1.0, 2.684, 9.996, 23.45, 1_135.6].map(times_as_long);
        assert_eq!(told, ["x<0.01", "x0.01", "x0.50", "x1.00", "x2.68", "x10.0", "x23.4", "x1136"]);
    }
}
