//! How long an operation took, whenever it ended, enters; a picture of it leaves: a bar for each range of durations.

use std::io::Write;
use std::time::Duration;

use tense_store::statistics::{Histogram, Numbers};
use tense_store::text::duration;

use super::percent;
use crate::layout::{FAINT, STRONG, columns, padding, paint, width};

/// From one range to the next, over and over: each is about twice as long as the one before.
const STEPS: [u64; 3] = [1, 2, 5];

pub(super) fn draw(out: &mut impl Write, name: &str, numbers: &Numbers) -> std::io::Result<()> {
    let durations = &numbers.durations;
    let of = |count: u64, rate: f64, word: &str| match count {
        0 => String::new(),
        _ => format!(", {} {word}", percent(rate)),
    };
    let failed = of(numbers.failed, numbers.error_rate(), "failed");
    let dropped = of(numbers.cancelled, numbers.cancelled_rate(), "dropped");
    let times = if numbers.count == 1 { "time" } else { "times" };
    writeln!(out, "{}  {} {times}{failed}{dropped}", paint(STRONG, name), numbers.count)?;
    let ranges = ranges(durations);
    let most = ranges.iter().map(|(.., count)| *count).max().unwrap_or(0);
    let marks = [("p50", 0.5), ("p95", 0.95), ("p99", 0.99)].map(|(mark, part)| (mark, durations.quantile(part)));
    let head = |range: &(Duration, Duration, u64)| format!("{} to {}", unit(range.0), unit(range.1));
    let head_width = ranges.iter().map(|range| width(&head(range))).max().unwrap_or(0);
    let count_width = ranges.iter().map(|(.., count)| count.to_string().len()).max().unwrap_or(0);
    // Room for the marks of one line.
    let room = columns().saturating_sub(head_width + count_width + 6 + 40).clamp(8, 80);
    for range in &ranges {
        let (from, to, count) = *range;
        let bar = match count {
            0 => String::new(),
            // What is more than nothing can be seen.
            count => "█".repeat((room as f64 * count as f64 / most as f64).round().max(1.0) as usize),
        };
        let here = marks.iter().filter_map(|(mark, at)| {
            let at = (*at)?;
            (at >= from && at < to).then(|| format!("{mark} {}", duration(at)))
        });
        let here: Vec<String> = here.collect();
        let head = head(range);
        let line = format!("  {}{head}  {count:>count_width$}  {bar}", padding(&head, head_width));
        if here.is_empty() {
            writeln!(out, "{}", line.trim_end())?;
        } else {
            writeln!(out, "{line}{}  {}", padding(&bar, room), paint(FAINT, here.join("  ")))?;
        }
    }
    let all = [("least", durations.min()), ("most", durations.max()), ("in all", Some(durations.total()))];
    let all: Vec<String> =
        all.iter().filter_map(|(what, took)| Some(format!("{what} {}", duration((*took)?)))).collect();
    let all = if durations.count() == 0 { "how long it took is not known".to_owned() } else { all.join("  ") };
    writeln!(out, "  {}", paint(FAINT, all))
}

/// The ends of ranges are round.
fn unit(at: Duration) -> String {
    let nanos = at.as_nanos();
    let (unit, of) = match nanos {
        0..1_000 => ("ns", 1),
        1_000..1_000_000 => ("µs", 1_000),
        1_000_000..1_000_000_000 => ("ms", 1_000_000),
        _ => ("s", 1_000_000_000),
    };
    format!("{} {unit}", nanos / of)
}

/// Ranges without a hole from the shortest to the longest duration, with how many are in each.
fn ranges(histogram: &Histogram) -> Vec<(Duration, Duration, u64)> {
    let mut steps = (0..20).flat_map(|power| STEPS.map(|step| step * 10_u64.pow(power.min(18)))).collect::<Vec<_>>();
    steps.dedup();
    steps.retain(|step| *step < u64::MAX / 10);
    let mut ranges: Vec<(Duration, Duration, u64)> = Vec::new();
    let mut ends = [0].into_iter().chain(steps).map(Duration::from_nanos).collect::<Vec<_>>();
    ends.push(Duration::from_nanos(u64::MAX));
    for ends in ends.windows(2) {
        ranges.push((ends[0], ends[1], 0));
    }
    for (from, to, count) in histogram.buckets() {
        // A bucket is hardly wider than a hundredth of what is in it: its middle says where it belongs.
        let middle = from + (to - from) / 2;
        let at = ranges.partition_point(|(_, end, _)| *end <= middle).min(ranges.len() - 1);
        ranges[at].2 += count;
    }
    let first = ranges.iter().position(|(.., count)| *count > 0).unwrap_or(ranges.len());
    let behind = ranges.iter().rposition(|(.., count)| *count > 0).map_or(first, |last| last + 1);
    ranges[first..behind].to_vec()
}
