//! Ratios of pairs go in; their median comes out, and between what the median of all such pairs lies, at 95 %
//! confidence.

use serde::Serialize;

/// A median, and how sure it is.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(crate) struct Median {
    pub(crate) median: f64,
    /// Nothing is said with less than six pairs.
    pub(crate) between: Option<(f64, f64)>,
}

impl Median {
    /// By ranks, which supposes nothing about how the ratios are spread: each lies above the true median as often as a
    /// coin falls on one side, so the two that are `rank` from either end enclose it unless fewer coins than `rank`
    /// fell on one.
    pub(crate) fn of(mut ratios: Vec<f64>) -> Self {
        ratios.sort_by(f64::total_cmp);
        let count = ratios.len();
        let at = |index: usize| ratios.get(index).copied().unwrap_or(f64::NAN);
        let median =
            if count % 2 == 1 { at(count / 2) } else { (at(count / 2) + at((count / 2).wrapping_sub(1))) / 2.0 };
        let between = outer_ranks(count).map(|outer| (at(outer), at(count - 1 - outer)));
        Self { median, between }
    }
}

impl std::fmt::Display for Median {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:.3}", self.median)?;
        self.between.map_or(Ok(()), |(low, high)| write!(f, " (95 %: {low:.3} to {high:.3})"))
    }
}

/// How many may be left out at either end.
fn outer_ranks(count: usize) -> Option<usize> {
    // the chance that exactly so many of `count` coins fall on one side, and its sum
    let (mut chance, mut below, mut rank) = (0.5_f64.powi(i32::try_from(count).ok()?), 0.0, 0_usize);
    loop {
        below += chance;
        if 2.0 * below > 0.05 {
            return rank.checked_sub(1);
        }
        chance *= (count - rank) as f64 / (rank + 1) as f64;
        rank += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_more_pairs_the_narrower() {
        let check = |count: u32, expected: (f64, Option<(f64, f64)>)| {
            let median = Median::of((1..=count).rev().map(f64::from).collect());
            assert_eq!((median.median, median.between), expected, "of 1 to {count}");
        };
        // from a table of confidence intervals for a median
        check(5, (3.0, None));
        check(6, (3.5, Some((1.0, 6.0))));
        check(10, (5.5, Some((2.0, 9.0))));
        check(15, (8.0, Some((4.0, 12.0))));
        check(20, (10.5, Some((6.0, 15.0))));
    }
}
