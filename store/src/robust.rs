//! Numbers enter, each with how often it counts; what is usual among them leaves, however wild a few of them are.

/// The middle of the numbers, each repeated as often as it counts: the mean of the two middle ones where their number
/// is even. None where nothing counts. Numbers that are none come last.
pub(crate) fn median(numbers: &[(f64, u64)]) -> Option<f64> {
    let mut sorted: Vec<_> = numbers.iter().filter(|(_, weight)| *weight > 0).copied().collect();
    sorted.sort_unstable_by(|(a, _), (b, _)| a.total_cmp(b));
    let all: u128 = sorted.iter().map(|(_, weight)| u128::from(*weight)).sum();
    let at = |place: u128| {
        let mut passed = 0;
        let found = sorted.iter().find(|(_, weight)| {
            passed += u128::from(*weight);
            passed > place
        });
        found.map(|(number, _)| *number)
    };
    let (lower, upper) = (at(all.checked_sub(1)? / 2)?, at(all / 2)?);
    // The same number twice stays what it is, however great it is.
    Some(if lower == upper { lower } else { lower + (upper - lower) / 2.0 })
}

/// The median of how far the numbers are from that middle (MAD).
pub(crate) fn deviation(numbers: &[(f64, u64)], middle: f64) -> Option<f64> {
    let far: Vec<_> = numbers.iter().map(|(number, weight)| ((number - middle).abs(), *weight)).collect();
    median(&far)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Each number as often as it counts, sorted.
    fn slow(numbers: &[(f64, u64)]) -> Option<f64> {
        let mut all: Vec<f64> =
            numbers.iter().flat_map(|(number, weight)| std::iter::repeat_n(*number, *weight as usize)).collect();
        all.sort_by(f64::total_cmp);
        let (lower, upper) = (all.get(all.len().checked_sub(1)? / 2)?, all.get(all.len() / 2)?);
        Some((lower + upper) / 2.0)
    }

    proptest! {
        #[test]
        fn the_median_is_the_middle_of_what_is_sorted(
            numbers in proptest::collection::vec((-1e6_f64..1e6, 0_u64..4), 0..24),
        ) {
            let (found, expected) = (median(&numbers), slow(&numbers));
            prop_assert_eq!(found.is_some(), expected.is_some());
            if let (Some(found), Some(expected)) = (found, expected) {
                prop_assert!((found - expected).abs() < 1e-6, "{found} {expected}");
                let far: Vec<_> = numbers.iter().map(|(n, weight)| ((n - found).abs(), *weight)).collect();
                let (mad, expected) = (deviation(&numbers, found).unwrap(), slow(&far).unwrap());
                prop_assert!((mad - expected).abs() < 1e-6, "{mad} {expected}");
            }
        }
    }

    #[test]
    fn absurd_weights_are_no_panic() {
        assert_eq!(median(&[(1.0, u64::MAX), (2.0, u64::MAX), (3.0, 1)]), Some(2.0));
        assert_eq!(median(&[(5.0, 0)]), None);
        assert_eq!(median(&[(f64::INFINITY, 1), (f64::INFINITY, 1)]), Some(f64::INFINITY));
    }
}
