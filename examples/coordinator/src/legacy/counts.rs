//! Names enter, of events that were stored and of lines that were written; two tables leave that compare them.

use std::collections::BTreeMap;
use std::fmt;

/// How many events were stored, and how many lines of the old design were written: today, before.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    layers: BTreeMap<String, (u64, u64)>,
    /// Those of the operations that were reported twice alone, by the type of the decision.
    doubled: BTreeMap<&'static str, (u64, u64)>,
}

impl Counts {
    /// An event of ours, and the type of the decision that it reports, if that was reported twice.
    pub(super) fn add_today(&mut self, event: &str, doubled: Option<&'static str>) {
        self.layers.entry(layer(event)).or_default().0 += 1;
        if let Some(decision) = doubled {
            self.doubled.entry(decision).or_default().0 += 1;
        }
    }

    /// The same of a line.
    pub(super) fn add_before(&mut self, event: &str, doubled: Option<&'static str>) {
        self.layers.entry(layer(event)).or_default().1 += 1;
        if let Some(decision) = doubled {
            self.doubled.entry(decision).or_default().1 += 1;
        }
    }

    #[cfg(test)]
    pub(super) fn of(&self, decision: &str) -> (u64, u64) {
        self.doubled.get(decision).copied().unwrap_or_default()
    }
}

fn layer(name: &str) -> String {
    name.split('.').next().unwrap_or_default().to_owned()
}

/// A line for each layer, and one for each type of decision that was reported twice.
impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        table(f, "events", self.layers.iter().map(|(layer, counts)| (layer.as_str(), *counts)))?;
        writeln!(f)?;
        table(f, "of doubled operations", self.doubled.iter().map(|(decision, counts)| (*decision, *counts)))
    }
}

/// Lines, and their sum without a line break behind it.
fn table<'c>(
    f: &mut fmt::Formatter<'_>,
    title: &str,
    lines: impl Iterator<Item = (&'c str, (u64, u64))>,
) -> fmt::Result {
    writeln!(f, "{title:<26} {:>8} {:>8}", "today", "before")?;
    let (mut all_today, mut all_before) = (0, 0);
    for (name, (today, before)) in lines {
        writeln!(f, "  {name:<24} {today:>8} {before:>8}")?;
        all_today += today;
        all_before += before;
    }
    write!(f, "  {:<24} {all_today:>8} {all_before:>8}", "all")?;
    // Where lines are missing there is nothing to compare.
    match all_before.checked_sub(all_today) {
        Some(fewer) => write!(f, "  {} % fewer", fewer * 100 / all_before.max(1)),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_are_counted_by_layer() {
        let mut counts = Counts::default();
        counts.add_today("operation.tokens.created", Some("create_token"));
        counts.add_before("operation.tokens.create", Some("create_token"));
        counts.add_before("dispatch.token.created", Some("create_token"));
        counts.add_today("sql.query", None);
        counts.add_before("sql.query", None);
        let expected = "\
events                        today   before
  dispatch                        0        1
  operation                       1        1
  sql                             1        1
  all                             2        3  33 % fewer
of doubled operations         today   before
  create_token                    1        2
  all                             1        2  50 % fewer";
        assert_eq!(counts.to_string(), expected);
    }

    #[test]
    fn nothing_is_compared_with_lines_that_are_missing() {
        let mut counts = Counts::default();
        counts.add_today("operation.tokens.created", Some("create_token"));
        assert!(!counts.to_string().contains('%'), "{counts}");
    }
}
