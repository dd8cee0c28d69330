//! Events that could be kept in a while go in, each with the ratio that it would be kept at; the ratios that leave no
//! more of them than are wanted come out.

use crate::sampling::threshold::{Threshold, ratio};

/// One trace of so many is kept however many there are, so that there is something to count.
pub(super) const LEAST: f64 = 1.0 / 65_536.0;

/// What there could have been in a while.
#[derive(Clone)]
pub(super) struct Window {
    pub(super) began: u64,
    /// In nanoseconds, once it is over.
    pub(super) took: u64,
    /// Events that are kept by chance, by the power of two below the ratio that they are kept at in any case: how many,
    /// and the sum of their ratios.
    by_chance: [(f64, f64); POWERS],
    anyway: f64,
}

const POWERS: usize = 58;

impl Window {
    pub(super) fn new(began: u64) -> Self {
        Self { began, took: 0, by_chance: [(0.0, 0.0); POWERS], anyway: 0.0 }
    }

    /// One more event that is kept by chance, by that threshold where there is no ceiling.
    pub(super) fn count_by_chance(&mut self, own: Threshold) {
        let ratio = ratio(own);
        if ratio > 0.0 {
            let power = (-ratio.log2()).max(0.0) as usize;
            if let Some((count, ratios)) = self.by_chance.get_mut(power.min(POWERS - 1)) {
                *count += 1.0;
                *ratios += ratio;
            }
        }
    }

    /// So many more that are kept in any case.
    pub(super) fn count_anyway(&mut self, events: f64) {
        self.anyway += events;
    }

    pub(super) fn add(&mut self, more: &Self) {
        self.took += more.took;
        self.anyway += more.anyway;
        for (sum, more) in self.by_chance.iter_mut().zip(&more.by_chance) {
            *sum = (sum.0 + more.0, sum.1 + more.1);
        }
    }

    pub(super) fn count(&self) -> f64 {
        self.by_chance.iter().map(|(count, _)| count).sum::<f64>() + self.anyway
    }

    fn seconds(&self) -> f64 {
        self.took.max(1) as f64 / 1e9
    }

    /// Events a second, if those are kept by chance at no more than that ratio.
    fn by_chance(&self, most: f64) -> f64 {
        let kept = |&(count, ratios): &(f64, f64)| if count > 0.0 { count * most.min(ratios / count) } else { 0.0 };
        self.by_chance.iter().map(kept).sum::<f64>() / self.seconds()
    }

    fn anyway(&self) -> f64 {
        self.anyway / self.seconds()
    }

    pub(super) fn all(&self) -> f64 {
        self.by_chance(1.0) + self.anyway()
    }

    /// The ratios that leave no more events than that a second: of what is kept by chance, and of what is anyway.
    pub(super) fn ratios(&self, most: f64) -> (f64, f64) {
        let (by_chance, anyway) = (self.by_chance(1.0), self.anyway());
        if by_chance + anyway <= most {
            return (1.0, 1.0);
        }
        // Half of it for each, and what the one does not need is for the other.
        let for_anyway = anyway.min((most - by_chance).max(most / 2.0));
        let rest = most - for_anyway;
        let (mut low, mut high) = (0.0, 1.0);
        if by_chance > rest {
            for _ in 0..40 {
                let middle = (low + high) / 2.0;
                if self.by_chance(middle) > rest { high = middle } else { low = middle }
            }
        } else {
            low = 1.0;
        }
        (low.max(LEAST), if anyway > 0.0 { (for_anyway / anyway).clamp(LEAST, 1.0) } else { 1.0 })
    }
}
