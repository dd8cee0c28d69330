//! A ratio goes in, a threshold comes out; a trace goes by its random number, and what is kept of it says how many it
//! stands for.

use tense::__private::layer::NO_TRACE;

/// A trace is kept whose random number, of 56 bits, is not below it.
pub(super) type Threshold = u64;
/// Every trace.
pub(super) const EVERY: Threshold = 0;
/// No trace.
pub(super) const NONE: Threshold = NO_TRACE;

/// From which that part of all traces is kept.
pub(super) fn threshold(ratio: f64) -> Threshold {
    // An f64 holds 53 bits, so of a ratio that is not tiny the last three are zero.
    ((1.0 - ratio) * NONE as f64).round() as Threshold
}

/// The part of all traces that it keeps.
pub(super) fn ratio(threshold: Threshold) -> f64 {
    (NONE - threshold.min(NONE)) as f64 / NONE as f64
}

/// How many events one stands for that was kept by that threshold: one over the ratio. Where that is no whole number it
/// is the one below or the one above, by how far the random number is over the threshold; so the mean is right.
pub(super) fn weight(threshold: Threshold, randomness: u64) -> u32 {
    if threshold == EVERY {
        return 1;
    }
    let kept = NONE.saturating_sub(threshold).max(1);
    let is_more = randomness.saturating_sub(threshold) < NONE % kept;
    u32::try_from(NONE / kept + u64::from(is_more)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ratio_is_its_part_of_all_numbers() {
        assert_eq!([threshold(1.0), threshold(0.0), threshold(0.5)], [EVERY, NONE, NONE / 2]);
        assert_eq!([threshold(0.25), threshold(1e-18)], [0xc0_0000_0000_0000, NONE]);
        for p in [1.0, 0.1, 1.0 / 3.0, 1e-6, 0.0] {
            assert!((ratio(threshold(p)) - p).abs() < 1e-15, "{p}");
        }
    }

    #[test]
    fn weights_are_one_over_the_ratio_in_the_mean() {
        for p in [0.9, 0.7, 0.3, 0.1, 0.01, 1.0 / 3.0] {
            let threshold = threshold(p);
            // Numbers at even distances over all that are kept.
            let (many, kept) = (100_000, NONE - threshold);
            let weights = (0..many).map(|n| weight(threshold, threshold + kept / many * n + kept / many / 2));
            let (mut sum, mut least, mut most) = (0.0, u32::MAX, 0);
            for weight in weights {
                sum += f64::from(weight);
                (least, most) = (least.min(weight), most.max(weight));
            }
            assert!((sum / many as f64 * p - 1.0).abs() < 1e-4, "{p}: {sum}");
            assert!(most - least <= 1 && f64::from(least) <= 1.0 / p + 1e-9, "{p}: {least} to {most}");
        }
        assert_eq!([weight(EVERY, 0), weight(NONE / 2, NONE - 1), weight(NONE - 1, NONE - 1)], [1, 2, u32::MAX]);
    }
}
