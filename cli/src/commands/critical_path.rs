//! `tense critical-path`: what a trace waited for, from its begin to its end.

use std::cmp::Reverse;
use std::io::Write;
use std::time::Duration;

use tense_store::text::{duration, excerpt};
use tense_store::timing::Stretch;
use tense_store::{Span, Store, Trace, json};

use crate::commands::one_trace::{OneTrace, UNREADABLE};
use crate::commands::{Answer, EXIT_CODES, failure};
use crate::layout::{FAINT, NAME, STRONG, columns, fit, padding, paint, width};

/// So many stretches are shown, the longest; of the others, how many there are and how long together.
const SHOWN: usize = 40;

const EXAMPLES: &str = "\
Examples:
  tense critical-path last    what the latest trace waited for
  tense critical-path b0c1d2e3 --json | jq '.path | max_by(.duration_ms)'

JSON: {\"version\", \"trace_id\", \"span_id\", \"duration_ms\", \"path\": [{\"span_id\", \"event_type\", \
\"began\", \"duration_ms\"}], \"gaps\"}; with --format jsonl a stretch a line. docs/json.md says what each \
key is.";

/// Shows what a trace waited for: of each moment the span that everything waited for
#[derive(Debug, clap::Args)]
#[command(after_help = format!("{EXAMPLES}\n\n{EXIT_CODES}"))]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) asked: OneTrace,
}

pub(crate) fn answer(store: &dyn Store, arguments: &Arguments, out: &mut impl Write) -> anyhow::Result<Answer> {
    arguments.asked.told(store, out, |trace, out| {
        let Some(root) = trace.longest_root() else {
            return Ok(Answer::Nothing(UNREADABLE.to_owned()));
        };
        let path = trace.critical_path(root);
        let form = &arguments.asked.form;
        if form.is_json() {
            json::critical_path(form.json(out), trace, root, &path)
        } else {
            show(out, trace, root, &path)
        }?;
        Ok(Answer::Found)
    })
}

fn show(out: &mut impl Write, trace: &Trace, root: &Span, path: &[Stretch<'_>]) -> std::io::Result<()> {
    let whole: Duration = path.iter().map(Stretch::duration).sum();
    let ended = failure(trace, root);
    writeln!(out, "{}  {}{ended}", paint(STRONG, excerpt(root.label(), NAME)), duration(whole))?;
    let rows = rows(path);
    let begins = |row: &Row<'_>| format!("+{}", duration(since(root, row.first)));
    let began_width = rows.iter().map(|row| width(&begins(row))).max().unwrap_or(0);
    let took_width = rows.iter().map(|row| width(&duration(row.took))).max().unwrap_or(0);
    for row in &rows {
        let (began, took) = (begins(row), duration(row.took));
        let share = 100.0 * row.took.as_secs_f64() / whole.as_secs_f64().max(f64::MIN_POSITIVE);
        let left = format!(
            "  {}{}  {}{took}  {share:>5.1} %  ",
            padding(&began, began_width),
            paint(FAINT, &began),
            padding(&took, took_width),
        );
        let room = columns().saturating_sub(began_width + took_width + 15);
        let what = match row.stretches {
            1 => fit(&excerpt(row.first.span.label(), NAME), room),
            many => paint(FAINT, fit(&format!("{many} shorter stretches"), room)),
        };
        writeln!(out, "{left}{what}")?;
    }
    Ok(())
}

/// A stretch, or several short ones behind each other.
struct Row<'t> {
    first: Stretch<'t>,
    stretches: usize,
    took: Duration,
}

/// The longest stretches by themselves, and those between them together.
fn rows<'t>(path: &[Stretch<'t>]) -> Vec<Row<'t>> {
    let mut places: Vec<usize> = (0..path.len()).collect();
    let took = |place: &usize| path[*place].duration();
    places.sort_by_key(|place| Reverse(took(place)));
    // What is as long as one for which there is no room is not among the longest; where all are so, the first are
    // shown.
    let left_out = places.get(SHOWN).map(took);
    let longest = places.partition_point(|place| left_out.is_none_or(|left_out| took(place) > left_out));
    let mut is_short = vec![true; path.len()];
    places.iter().take(if longest == 0 { SHOWN } else { longest }).for_each(|place| is_short[*place] = false);
    let together = |place: usize| place > 0 && is_short[place] && is_short[place - 1];
    let mut rows: Vec<Row<'_>> = Vec::new();
    for (place, stretch) in path.iter().enumerate() {
        let took = stretch.duration();
        match rows.last_mut().filter(|_| together(place)) {
            Some(row) => {
                row.stretches += 1;
                row.took += took;
            }
            None => rows.push(Row { first: *stretch, stretches: 1, took }),
        }
    }
    rows
}

fn since(root: &Span, stretch: Stretch<'_>) -> Duration {
    Duration::from_nanos(stretch.from.unix_nanos().abs_diff(root.began.unix_nanos()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tense_event::{Event, SpanId, Status, Timestamp, TraceId};

    /// One call after the other, each as long as the next.
    fn steps(number: u64) -> Trace {
        let id = TraceId::from_bytes([7; 16]);
        let call = |span, parent, ms: std::ops::Range<u64>| {
            let at = Timestamp::from_unix_nanos(ms.end as i64 * 1_000_000);
            let mut event = Event::new(id, SpanId::new(span).unwrap(), "job.step", Status::Success, at);
            event.parent_span_id = SpanId::new(parent);
            event.duration = Some(Duration::from_millis(ms.end - ms.start));
            event
        };
        let steps = (0..number).map(|step| call(step + 2, 1, step..step + 1));
        Trace::from_events(id, steps.chain([call(1, 0, 0..number)]))
    }

    #[test]
    fn of_stretches_that_are_all_as_long_the_first_are_shown() {
        let trace = steps(100);
        let path = trace.critical_path(&trace.spans()[0]);
        let rows = rows(&path);
        assert_eq!(rows.iter().filter(|row| row.stretches == 1).count(), SHOWN);
        assert_eq!(rows.last().map(|row| (row.stretches, row.took)), Some((60, Duration::from_millis(60))));
        assert_eq!(super::rows(&path[..SHOWN]).len(), SHOWN);
    }
}
