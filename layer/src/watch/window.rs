//! Spans that end go in; how many of the last minute failed comes out.

/// The minute goes on in parts, so it is some 55 to 60 seconds long.
const PARTS: usize = 12;
/// In nanoseconds.
const PART: u64 = 5_000_000_000;

/// Counts of the last minute, in as much memory as a dozen numbers take.
#[derive(Default)]
pub(super) struct Window([Part; PARTS]);

#[derive(Default, Clone, Copy)]
struct Part {
    /// Which part of all time, counted from the moment 0.
    nth: u64,
    ended: u32,
    failed: u32,
}

impl Window {
    /// A span ends at that moment.
    #[inline]
    pub(super) fn count(&mut self, at: u64, has_failed: bool) {
        let nth = at / PART;
        let Some(part) = self.0.get_mut(nth as usize % PARTS) else { return };
        // One that is told late counts where its place is now.
        if nth > part.nth {
            *part = Part { nth, ..Part::default() };
        }
        part.ended = part.ended.saturating_add(1);
        part.failed = part.failed.saturating_add(has_failed.into());
    }

    /// How many of the minute before that moment have ended, and how many of those have failed.
    pub(super) fn sum(&self, at: u64) -> (u64, u64) {
        let nth = at / PART;
        let recent = self.0.iter().filter(|part| nth.saturating_sub(part.nth) < PARTS as u64);
        recent.fold((0, 0), |(ended, failed), part| (ended + u64::from(part.ended), failed + u64::from(part.failed)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: u64 = 1_000_000_000;

    #[test]
    fn what_ended_more_than_a_minute_ago_is_forgotten() {
        let mut window = Window::default();
        for second in 0..600 {
            window.count(second * SECOND, second % 2 == 0);
            let (ended, failed) = window.sum(second * SECOND);
            let expected = if second < 60 { second + 1 } else { second % 5 + 56 };
            assert_eq!((ended, failed.abs_diff(ended / 2) <= 1), (expected, true), "second {second}");
        }
        assert_eq!(window.sum(655 * SECOND).0, 0, "and when nothing comes any more all of it is");
        assert_eq!(Window::default().sum(0), (0, 0));
    }

    #[test]
    fn one_that_is_told_late_counts_all_the_same() {
        let mut window = Window::default();
        window.count(600 * SECOND, true);
        window.count(540 * SECOND, true);
        assert_eq!(window.sum(600 * SECOND), (2, 2));
    }
}
