//! Rows and limits go in; a table for a person comes out.

use std::fmt::{self, Display};

use super::{Both, Row, limits::Limit};

/// All that was measured, as text.
#[derive(Debug)]
pub struct Table<'a> {
    /// What everybody costs.
    pub rows: &'a [Row],
    /// What tense may cost.
    pub limits: &'a [Limit],
}

impl Display for Table<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, row) in self.rows.iter().enumerate() {
            let before = number.checked_sub(1).and_then(|before| self.rows.get(before));
            if before.is_none_or(|before| (before.work, before.threads) != (row.work, row.threads)) {
                heading(f, row)?;
            }
            line(f, row)?;
        }
        Limits(self.limits).fmt(f)
    }
}

/// Limits, and whether they are kept.
#[derive(Debug)]
pub struct Limits<'a>(pub &'a [Limit]);

impl Display for Limits<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "\n{:<60}{:>10}{:>22}{:>22}", "limits", "at most", "best", "median")?;
        for limit in self.0 {
            let Both { best, median } = limit.found;
            let verdict = |figure| format!("{figure:.2} {:<9}", if limit.keeps(figure) { "kept" } else { "NOT KEPT" });
            writeln!(f, "{:<60}{:>10.2}{:>22}{:>22}", limit.what, limit.at_most, verdict(best), verdict(median))?;
        }
        Ok(())
    }
}

fn heading(f: &mut fmt::Formatter<'_>, row: &Row) -> fmt::Result {
    let threads = if row.threads == 1 { "one thread" } else { "two threads" };
    writeln!(
        f,
        "\n{:<32}{:^18}{:^18}{:^16}{:^16}{:>10}{:>9}",
        "ns a span", "", "over plain", "x fastrace", "x registry", "CPU over", ""
    )?;
    let what = format!("{}, {threads}", row.work.name());
    let both = |width: usize| format!("{:>width$}{:>width$}", "best", "median");
    writeln!(f, "{what:<32}{}{}{}{}{:>10}{:>9}", both(9), both(9), both(8), both(8), "plain", "arrived")
}

fn line(f: &mut fmt::Formatter<'_>, row: &Row) -> fmt::Result {
    let nanos = |Both { best, median }| format!("{best:>9.1}{median:>9.1}");
    let ratio = |both: Option<Both>| match both {
        Some(Both { best, median }) => format!("{best:>8.2}{median:>8.2}"),
        None => format!("{:>16}", ""),
    };
    write!(f, "{:<32}{}{}", row.recorder, nanos(row.nanos), nanos(row.over_plain))?;
    write!(f, "{}{}{:>10.0}", ratio(row.of_fastrace), ratio(row.of_registry), row.cpu_over_plain)?;
    let arrived = row.arrived.map_or(String::new(), |arrived| format!("{arrived:.2}"));
    writeln!(f, "{arrived:>9}")
}
