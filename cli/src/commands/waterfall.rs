//! `tense waterfall`: a trace to scale, a row each span, with what everything waited for.

use std::io::{self, Write};
use std::ops::Range;
use std::time::Duration;

use jiff::tz::TimeZone;
use tense_event::Timestamp;
use tense_store::text::{duration, excerpt};
use tense_store::waterfall::{Row, RowKind, Waterfall};
use tense_store::{Outcome, Store, Trace, json};

use crate::commands::one_trace::OneTrace;
use crate::commands::{Answer, EXIT_CODES, headline};
use crate::layout::{FAILURE, FAINT, NAME, columns, fit, indent, lines, padding, paint, width};

/// Where it was waited for, where it was open besides, where there is no more of it than a moment, and what else is
/// told.
const WAITED: char = '█';
const OPEN: char = '░';
const POINT: char = '·';
const GOES_ON: char = '▶';
const FAILED: char = '✗';

const EXAMPLES: &str = "\
Examples:
  tense waterfall last             the latest trace to scale
  tense waterfall last --limit 10  in ten rows
  COLUMNS=100 tense waterfall last --format md  for a ticket

JSON: {\"version\", \"trace_id\", \"began\", \"duration_ms\", \"rows\": [{\"label\", \"count\", \"hidden\", \
\"depth\", \"offset_ms\", \"duration_ms\", \"waited_for_ms\": [[from, to]], ..}], \"gaps\"}; with --format \
jsonl a row a line. docs/json.md says what each key is.";

/// Shows a trace to scale: a row each span, when it was open, and what everything waited for
#[derive(Debug, clap::Args)]
#[command(after_help = format!("{EXAMPLES}\n\n{EXIT_CODES}"))]
pub(crate) struct Arguments {
    /// So many rows; where there are more spans, those of a kind share one, as do those that are left over
    #[arg(long, value_name = "N", default_value_t = 40)]
    limit: usize,

    #[command(flatten)]
    pub(crate) asked: OneTrace,
}

pub(crate) fn answer(store: &dyn Store, arguments: &Arguments, out: &mut impl Write) -> anyhow::Result<Answer> {
    arguments.asked.told(store, out, |trace, out| {
        let waterfall = trace.waterfall(arguments.limit);
        let form = &arguments.asked.form;
        if form.is_json() {
            json::waterfall(form.json(out), trace, &waterfall)
        } else {
            show(out, &form.zone(), trace, &waterfall)
        }?;
        Ok(Answer::Found)
    })
}

fn show(out: &mut impl Write, zone: &TimeZone, trace: &Trace, waterfall: &Waterfall<'_>) -> io::Result<()> {
    writeln!(out, "{}", headline(trace, zone))?;
    let columns = columns();
    let took: Vec<String> = waterfall.rows.iter().map(took).collect();
    let took_width = took.iter().map(|took| width(took)).max().unwrap_or(0);
    let most = columns * 2 / 5;
    let names: Vec<String> = waterfall.rows.iter().map(|row| name(row, most)).collect();
    let name_width = names.iter().map(|name| width(name)).max().unwrap_or(0);
    let scale = Scale {
        from: waterfall.from,
        whole: trace.offset(waterfall.to),
        cells: columns.saturating_sub(name_width + took_width + 6),
    };
    let left = " ".repeat(name_width + 4);
    writeln!(out, "{}", paint(FAINT, format!("{left}{}", scale.axis()).trim_end()))?;
    for (row, (name, took)) in waterfall.rows.iter().zip(names.iter().zip(&took)) {
        let has_failed =
            matches!(row.what, RowKind::One(span) | RowKind::Several { first: span, .. } if span.outcome.is_failure());
        let mark = if has_failed { paint(FAILURE, FAILED) } else { " ".to_owned() };
        let bar = scale.bar(row);
        let gap = scale.cells.saturating_sub(width(&bar)) + 2 + took_width - width(took);
        let line = format!("{mark} {name}{}  {bar}{}{took}", padding(name, name_width), " ".repeat(gap));
        writeln!(out, "{}", line.trim_end())?;
    }
    lines(&legend(waterfall), "  ", columns).iter().try_for_each(|line| writeln!(out, "{}", paint(FAINT, line)))
}

fn took(row: &Row<'_>) -> String {
    match row.what {
        // How long it was is not known.
        RowKind::One(span) if span.outcome == Outcome::Open => "open".to_owned(),
        RowKind::One(span) if span.is_point() => String::new(),
        _ => duration(row.duration()),
    }
}

/// `  dispatch.step × 37  (+120)`
fn name(row: &Row<'_>, most: usize) -> String {
    let place = indent(row.depth, most);
    let hidden = if row.hidden > 0 { format!(" (+{})", row.hidden) } else { String::new() };
    let (name, behind) = match row.what {
        RowKind::One(span) => (excerpt(span.label(), NAME), hidden),
        RowKind::Several { first, count } => (excerpt(first.label(), NAME), format!(" × {count}{hidden}")),
        RowKind::Others { count } => (format!("{count} others"), hidden),
        _ => (String::new(), hidden),
    };
    let room = most.saturating_sub(width(&place) + width(&behind));
    format!("{place}{}{behind}", fit(&name, room))
}

fn legend(waterfall: &Waterfall<'_>) -> Vec<String> {
    let is = |what: fn(&Row<'_>) -> bool| waterfall.rows.iter().any(what);
    let mut said = vec![format!("{WAITED} waited for"), format!("{OPEN} open besides")];
    if is(|row| matches!(row.what, RowKind::One(span) if span.is_point())) {
        said.push(format!("{POINT} a point"));
    }
    if is(|row| matches!(row.what, RowKind::One(span) if span.outcome == Outcome::Open)) {
        said.push(format!("{GOES_ON} not finished"));
    }
    if is(
        |row| matches!(row.what, RowKind::One(span) | RowKind::Several { first: span, .. } if span.outcome.is_failure()),
    ) {
        said.push(format!("{FAILED} failed"));
    }
    if is(|row| row.hidden > 0) {
        said.push("(+n) not shown below".to_owned());
    }
    said
}

/// Where a moment lies in a row of cells.
struct Scale {
    from: Timestamp,
    whole: Duration,
    cells: usize,
}

impl Scale {
    /// In cells from the left.
    fn place(&self, at: Timestamp) -> f64 {
        let since = self.from.unix_nanos().abs_diff(at.unix_nanos()) as f64;
        let whole = self.whole.as_nanos() as f64;
        if whole > 0.0 { since / whole * self.cells as f64 } else { 0.0 }
    }

    /// The cells of a stretch of time, to the nearest edges; one at least.
    fn cells(&self, from: Timestamp, to: Timestamp) -> Range<usize> {
        let (from, to) = (self.place(from), self.place(to));
        let (first, behind) = (from.round() as usize, to.round() as usize);
        if first < behind {
            return first..behind.min(self.cells);
        }
        let only = (from as usize).min(self.cells.saturating_sub(1));
        only..only + 1
    }

    fn bar(&self, row: &Row<'_>) -> String {
        let open = self.cells(row.from, row.to);
        let is_point = matches!(row.what, RowKind::One(span) if span.is_point());
        // How much of each cell it was waited for.
        let mut waited = vec![0.0; open.end];
        for (from, to) in &row.waited_for {
            let (from, to) = (self.place(*from), self.place(*to));
            for (cell, waited) in waited.iter_mut().enumerate().take(to.ceil() as usize).skip(from as usize) {
                *waited += within(cell, from, to);
            }
        }
        let (from, to) = (self.place(row.from), self.place(row.to));
        let drawn = |(cell, waited): (usize, &f64)| match () {
            () if !open.contains(&cell) => ' ',
            () if is_point => POINT,
            // As long as it was open in that cell, it was mostly waited for.
            () if *waited > 0.0 && 2.0 * waited >= within(cell, from, to) => WAITED,
            () => OPEN,
        };
        let mut cells: Vec<char> = waited.iter().enumerate().map(drawn).collect();
        if let (RowKind::One(span), Some(last)) = (row.what, cells.last_mut())
            && span.outcome == Outcome::Open
        {
            *last = GOES_ON;
        }
        cells.into_iter().collect()
    }

    /// Round times, as many as stand apart.
    fn axis(&self) -> String {
        const APART: usize = 10;
        let mut axis = "0".to_owned();
        let most = (self.cells / APART).max(1) as u64;
        let nanos = u64::try_from(self.whole.as_nanos()).unwrap_or(u64::MAX);
        let Some(step) = round_steps().find(|step| nanos / step <= most) else { return axis };
        for tick in (1..=nanos / step).map(|tick| tick * step) {
            let place = (tick as f64 / nanos as f64 * self.cells as f64).round() as usize;
            let label = duration(Duration::from_nanos(tick));
            // It ends where it is, so that the last one has room.
            let begin = place.saturating_sub(width(&label));
            if begin > width(&axis) {
                axis += &format!("{}{label}", padding(&axis, begin));
            }
        }
        axis
    }
}

/// How much of a cell lies between two places.
fn within(cell: usize, from: f64, to: f64) -> f64 {
    (to.min((cell + 1) as f64) - from.max(cell as f64)).max(0.0)
}

/// 1, 2, 5, 10 and so on, in nanoseconds; from a minute on in sixties.
fn round_steps() -> impl Iterator<Item = u64> {
    let decimal = (0..11).flat_map(|power| [1, 2, 5].map(|digit| digit * 10_u64.pow(power)));
    let seconds = [60, 120, 300, 600, 1_800, 3_600, 7_200, 18_000, 43_200, 86_400, 604_800];
    let seconds = seconds.map(|seconds| seconds * 1_000_000_000);
    let days = (0..8).map(|power| 864_000_000_000_000_u64.saturating_mul(10_u64.pow(power)));
    decimal.filter(|step| *step < 60_000_000_000).chain(seconds).chain(days)
}
