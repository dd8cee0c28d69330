//! How many events there could be goes in, time after time; from which threshold on the traces are kept that begin next
//! comes out, so that there are no more events a second than are wanted.
//!
//! What is measured is what could be kept, not what was: so nothing swings, and a single look is enough to know what a
//! ratio would leave. A trace goes by the thresholds that were in force when it began. Its id says when that was, where
//! it is a UUIDv7; of the others those that came last are remembered.

use std::collections::{HashMap, VecDeque};

use tense::__private::layer::{NO_TRACE, began_ms};

use super::threshold::{EVERY, NONE, Threshold, ratio, threshold};

/// How often it is looked at, in nanoseconds.
const WINDOW: u64 = 250_000_000;
/// In a burst it is looked at so soon, when as many have come as are wanted in a second.
const SOON: u64 = 10_000_000;
const SECOND: u64 = 1_000_000_000;
/// What is kept of the past: changes, of which there are four a second at most.
const STEPS: usize = 4096;
/// Traces whose beginning their ids do not tell.
const REMEMBERED: usize = 16_384;
/// One trace of so many is kept however many there are, so that there is something to count.
const LEAST: f64 = 1.0 / 65_536.0;
/// A ratio that would be between these of what it is stays as it is.
const LITTLE: (f64, f64) = (0.98, 1.1);

/// From which threshold on a trace is kept: by chance, and for what it holds of failures and slow spans.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Odds {
    pub(super) by_chance: Threshold,
    pub(super) anyway: Threshold,
}

impl Odds {
    pub(super) const ALL: Self = Self { by_chance: EVERY, anyway: EVERY };
}

pub(super) struct Ceiling {
    /// Events a second.
    most: f64,
    /// Since which millisecond after 1970 which odds have held; the last ones hold now.
    steps: Vec<(u64, Odds)>,
    now: Window,
    last: VecDeque<Window>,
    of_trace: HashMap<(u64, u64), Odds>,
    /// Those, the oldest first.
    traces: VecDeque<(u64, u64)>,
}

/// What there could have been in a while.
#[derive(Clone)]
struct Window {
    began: u64,
    /// In nanoseconds, once it is over.
    took: u64,
    /// Events that are kept by chance, by the power of two below the ratio that they are kept at in any case: how many,
    /// and the sum of their ratios.
    by_chance: [(f64, f64); POWERS],
    anyway: f64,
}

const POWERS: usize = 58;

impl Window {
    fn new(began: u64) -> Self {
        Self { began, took: 0, by_chance: [(0.0, 0.0); POWERS], anyway: 0.0 }
    }

    fn add(&mut self, more: &Self) {
        self.took += more.took;
        self.anyway += more.anyway;
        for (sum, more) in self.by_chance.iter_mut().zip(&more.by_chance) {
            *sum = (sum.0 + more.0, sum.1 + more.1);
        }
    }

    fn count(&self) -> f64 {
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

    fn all(&self) -> f64 {
        self.by_chance(1.0) + self.anyway()
    }

    /// The ratios that leave no more events than that a second: of what is kept by chance, and of what is anyway.
    fn ratios(&self, most: f64) -> (f64, f64) {
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

impl Ceiling {
    pub(super) fn new(most: u64) -> Self {
        Self {
            most: most as f64,
            steps: vec![(0, Odds::ALL)],
            now: Window::new(0),
            last: VecDeque::new(),
            of_trace: HashMap::new(),
            traces: VecDeque::new(),
        }
    }

    /// One more event that is kept by chance, by that threshold where there is no ceiling.
    pub(super) fn by_chance(&mut self, own: Threshold) {
        let ratio = ratio(own);
        if ratio > 0.0 {
            let power = (-ratio.log2()).max(0.0) as usize;
            if let Some((count, ratios)) = self.now.by_chance.get_mut(power.min(POWERS - 1)) {
                *count += 1.0;
                *ratios += ratio;
            }
        }
    }

    /// One more event that is kept in any case where there is no ceiling.
    pub(super) fn anyway(&mut self) {
        self.now.anyway += 1.0;
    }

    /// One more that is there for the sake of such a one, which was kept by that threshold.
    pub(super) fn beside(&mut self, anyway: Threshold) {
        self.now.anyway += 1.0 / ratio(anyway).max(LEAST);
    }

    /// What was in force when the trace began. `now_ms`: when its first record was written.
    pub(super) fn in_force(&mut self, trace: (u64, u64), now_ms: u64) -> Odds {
        if let Some(began) = began_ms(trace).filter(|began| *began <= now_ms) {
            let after = self.steps.partition_point(|(since, _)| *since <= began);
            return self.steps.get(after.saturating_sub(1)).map_or(Odds::ALL, |(_, odds)| *odds);
        }
        if let Some(odds) = self.of_trace.get(&trace) {
            return *odds;
        }
        let odds = self.current();
        if self.traces.len() >= REMEMBERED
            && let Some(oldest) = self.traces.pop_front()
        {
            self.of_trace.remove(&oldest);
        }
        self.of_trace.insert(trace, odds);
        self.traces.push_back(trace);
        odds
    }

    fn current(&self) -> Odds {
        self.steps.last().map_or(Odds::ALL, |(_, odds)| *odds)
    }

    /// Time has passed: all that was recorded until `now`, in nanoseconds, was seen, when it was `now_ms` after 1970.
    /// Says what holds from which millisecond on, if that is something else than before.
    pub(super) fn tick(&mut self, now: u64, now_ms: u64) -> Option<(u64, Odds)> {
        if self.now.began == 0 {
            self.now.began = now;
        }
        let took = now.saturating_sub(self.now.began);
        if took < SOON || took < WINDOW && self.now.count() < self.most {
            return None;
        }
        self.now.took = took;
        self.last.push_back(std::mem::replace(&mut self.now, Window::new(now)));
        let mut took: u64 = self.last.iter().map(|window| window.took).sum();
        while let Some(oldest) = self.last.front().filter(|oldest| took - oldest.took >= SECOND) {
            took -= oldest.took;
            self.last.pop_front();
        }
        let mut second = Window::new(0);
        self.last.iter().for_each(|window| second.add(window));
        // A burst is noticed at once, and is not forgotten at once.
        let latest = self.last.back().filter(|latest| latest.all() > second.all());
        let (by_chance, anyway) = latest.unwrap_or(&second).ratios(self.most);
        let current = self.current();
        let next = Odds { by_chance: stepped(current.by_chance, by_chance), anyway: stepped(current.anyway, anyway) };
        if next == current {
            return None;
        }
        // No trace that was looked at began later than now.
        let mut since = now_ms + 1;
        if self.steps.last().is_some_and(|(last, _)| *last >= since) {
            // The clock was set back. What was before cannot be told from what comes now.
            self.steps.clear();
            since = 0;
        }
        if self.steps.len() >= STEPS {
            self.steps.drain(..STEPS / 4);
        }
        self.steps.push((since, next));
        Some((since, next))
    }
}

/// The threshold for that ratio; a little more than before is not worth a step.
fn stepped(before: Threshold, wanted: f64) -> Threshold {
    let had = ratio(before);
    if wanted < had * LITTLE.0 || wanted >= had * LITTLE.1 || wanted == 1.0 {
        threshold(wanted).min(NONE - 1)
    } else {
        before
    }
}

const _: () = assert!(NONE == NO_TRACE, "one scale");
