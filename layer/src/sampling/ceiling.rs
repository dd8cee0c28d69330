//! How many events there could be goes in, time after time; from which threshold on the traces are kept that begin next
//! comes out, so that there are no more events a second than are wanted.
//!
//! What is measured is what could be kept, not what was: so nothing swings, and a single look is enough to know what a
//! ratio would leave. A trace goes by the thresholds that were in force when it began. Its id says when that was, where
//! it is a UUIDv7; of the others those that came last are remembered.

mod window;

use std::collections::{HashMap, VecDeque};

use tense::__private::layer::{NO_TRACE, began_ms};

use super::threshold::{EVERY, NONE, Threshold, ratio, threshold};
use crate::join::table;
use window::{LEAST, Window};

/// How often it is looked at, in nanoseconds.
const WINDOW: u64 = 250_000_000;
/// In a burst it is looked at so soon, when as many have come as are wanted in a second.
const SOON: u64 = 10_000_000;
const SECOND: u64 = 1_000_000_000;
/// The clocks of threads may disagree by so many milliseconds.
const AHEAD: u64 = 2;
/// A trace of elsewhere that began longer ago than so many milliseconds, by its id, has waited in a queue, or its clock
/// is behind: it has nothing to do with what was in force here then.
const BEHIND: u64 = 2_000;
/// What is kept of the past: changes, of which there are four a second at most.
const STEPS: usize = 4096;
/// Traces whose beginning their ids do not tell.
const REMEMBERED: usize = 16_384;
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
        self.now.count_by_chance(own);
    }

    /// One more event that is kept in any case where there is no ceiling.
    pub(super) fn anyway(&mut self) {
        self.now.count_anyway(1.0);
    }

    /// One more that is there for the sake of such a one, which was kept by that threshold.
    pub(super) fn beside(&mut self, anyway: Threshold) {
        self.now.count_anyway(1.0 / ratio(anyway).max(LEAST));
    }

    /// What was in force when the trace began, or, where its id does not tell that, when it was first seen here.
    /// `now_ms`: when its span began.
    pub(super) fn in_force(&mut self, trace: (u64, u64), is_of_elsewhere: bool, now_ms: u64) -> Odds {
        if let Some(odds) = self.of_trace.get(&trace) {
            return *odds;
        }
        // One of a process whose clock is ahead says nothing of this one's.
        let oldest = if is_of_elsewhere { now_ms.saturating_sub(BEHIND) } else { 0 };
        if let Some(began) = began_ms(trace).filter(|began| (oldest..=now_ms + AHEAD).contains(began)) {
            let after = self.steps.partition_point(|(since, _)| *since <= began);
            return self.steps.get(after.saturating_sub(1)).map_or(Odds::ALL, |(_, odds)| *odds);
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

    /// What it takes, in bytes.
    pub(super) fn bytes(&self) -> usize {
        let traces =
            table::<(u64, u64), Odds>(self.of_trace.capacity()) + self.traces.capacity() * size_of::<(u64, u64)>();
        let past = self.steps.capacity() * size_of::<(u64, Odds)>() + self.last.capacity() * size_of::<Window>();
        traces + past
    }

    /// What holds for the traces that begin now.
    pub(super) fn current(&self) -> Odds {
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
        // No trace whose id was looked at began later than that.
        let mut since = now_ms + AHEAD + 1;
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

#[cfg(test)]
mod tests {
    use super::*;

    const MS: u64 = 1_000_000;

    fn v7(ms: u64) -> (u64, u64) {
        (ms << 16 | 0x7000, 0b10 << 62)
    }

    /// So many events, all of them in traces that all are kept, and then a look at that millisecond.
    fn look(ceiling: &mut Ceiling, by_chance: u32, anyway: u32, ms: u64, clock_ms: u64) -> Option<(u64, Odds)> {
        (0..by_chance).for_each(|_| ceiling.by_chance(EVERY));
        (0..anyway).for_each(|_| ceiling.anyway());
        ceiling.tick(ms * MS, clock_ms)
    }

    fn ratios(odds: Odds) -> (f64, f64) {
        let round = |threshold| (ratio(threshold) * 1e3).round() / 1e3;
        (round(odds.by_chance), round(odds.anyway))
    }

    #[test]
    fn each_gets_what_the_other_leaves_of_the_ceiling() {
        // Events a second by chance and anyway, and what is kept of them where 1,000 are wanted.
        for (by_chance, anyway, kept) in [
            (1_000, 0, (1.0, 1.0)),
            (4_000, 0, (0.25, 1.0)),
            (4_000, 200, (0.2, 1.0)),
            (0, 4_000, (1.0, 0.25)),
            (200, 4_000, (1.0, 0.2)),
            (2_000, 2_000, (0.25, 0.25)),
        ] {
            let mut ceiling = Ceiling::new(1_000);
            ceiling.tick(MS, 1);
            look(&mut ceiling, by_chance / 4, anyway / 4, 251, 251);
            assert_eq!(ratios(ceiling.current()), kept, "{by_chance} by chance, {anyway} anyway");
        }
    }

    #[test]
    fn what_has_a_lower_ratio_of_its_own_gives_way_last() {
        let mut ceiling = Ceiling::new(1_000);
        ceiling.tick(MS, 1);
        // 4,000 a second, half of them in traces of which one in ten is kept: 200 a second of those, and 800 of 2,000.
        for _ in 0..500 {
            ceiling.by_chance(EVERY);
            ceiling.by_chance(threshold(0.1));
        }
        ceiling.tick(251 * MS, 251);
        assert_eq!(ratios(ceiling.current()), (0.4, 1.0));
    }

    #[test]
    fn a_trace_goes_by_what_was_in_force_when_it_began() {
        let mut ceiling = Ceiling::new(1_000);
        ceiling.tick(MS, 1_000);
        let foreign = (7, 7);
        assert_eq!(ceiling.in_force(foreign, false, 1_000), Odds::ALL);
        let (since, odds) = look(&mut ceiling, 1_000, 0, 251, 1_250).unwrap();
        assert_eq!((since, ratios(odds)), (1_253, (0.25, 1.0)));
        assert_eq!(
            [ceiling.in_force(v7(1_252), false, 2_000), ceiling.in_force(v7(1_253), false, 2_000)],
            [Odds::ALL, odds]
        );
        // One whose id says nothing goes by what was in force when it was seen first.
        assert_eq!(
            [ceiling.in_force(foreign, false, 2_000), ceiling.in_force((7, 8), false, 2_000)],
            [Odds::ALL, odds]
        );
        // So does one of a process whose clock is ahead of this one's.
        assert_eq!(ceiling.in_force(v7(9_000), false, 2_000), odds);
        assert!(look(&mut ceiling, 0, 0, 1_500, 2_500).is_some());
        assert_eq!(
            [ceiling.in_force(v7(9_000), false, 9_000), ceiling.in_force(v7(8_999), false, 9_000)],
            [odds, Odds::ALL]
        );
    }

    #[test]
    fn a_trace_that_began_elsewhere_long_ago_goes_by_what_is_in_force_when_it_comes() {
        let mut ceiling = Ceiling::new(1_000);
        ceiling.tick(MS, 100_000);
        let (_, odds) = look(&mut ceiling, 1_000, 0, 251, 100_250).unwrap();
        let [old, older] = [v7(90_000), v7(90_001)];
        assert_eq!([ceiling.in_force(old, false, 100_300), ceiling.in_force(old, true, 100_300)], [Odds::ALL, odds]);
        // It stays so, also for what is below it here, and when there is less again.
        assert!(look(&mut ceiling, 0, 0, 1_500, 101_500).is_some());
        assert_eq!([ceiling.in_force(old, true, 101_600), ceiling.in_force(older, true, 101_600)], [odds, Odds::ALL]);
        // What came at once goes by its id, as a trace of this process does.
        assert_eq!(ceiling.in_force(v7(100_200), true, 101_600), Odds::ALL);
    }

    #[test]
    fn a_burst_is_noticed_as_soon_as_a_second_has_come_of_it() {
        let mut ceiling = Ceiling::new(1_000);
        ceiling.tick(MS, 1);
        assert_eq!(look(&mut ceiling, 999, 0, 21, 21), None);
        // 1,000 in 20 ms are 50,000 a second.
        assert_eq!(ratios(look(&mut ceiling, 1, 0, 21, 21).unwrap().1), (0.02, 1.0));
        // And stays so for a second, though there is less.
        look(&mut ceiling, 0, 0, 521, 521);
        assert_eq!(ceiling.current(), ceiling.in_force(v7(600), false, 700));
        assert!(ratios(ceiling.current()).0 < 1.0);
        look(&mut ceiling, 0, 0, 1_600, 1_600);
        assert_eq!(ceiling.current(), Odds::ALL);
    }

    #[test]
    fn a_clock_that_is_set_back_does_not_open_the_gate() {
        let mut ceiling = Ceiling::new(1_000);
        ceiling.tick(MS, 10_000);
        look(&mut ceiling, 1_000, 0, 251, 10_250);
        let (since, odds) = look(&mut ceiling, 2_000, 0, 501, 5_000).unwrap();
        assert_eq!((since, ratios(odds)), (0, (0.125, 1.0)));
        assert_eq!(ceiling.in_force(v7(5_001), false, 5_001), odds);
    }

    #[test]
    fn what_is_remembered_has_an_end() {
        let (mut ceiling, mut said) = (Ceiling::new(1), 0);
        let counted = allocation_counter::measure(|| {
            for n in 0..3 * REMEMBERED as u64 {
                ceiling.in_force((7, n), false, 1);
            }
            for n in 1..3 * STEPS as u64 {
                look(&mut ceiling, (n % 2) as u32 * 1_000, 0, 2_000 * n, 2_000 * n);
            }
            said = ceiling.bytes();
        });
        let off = said.abs_diff(counted.bytes_current.unsigned_abs() as usize);
        assert!(off <= said / 10, "{said} bytes are said to be taken, and {} are", counted.bytes_current);
        assert!(ceiling.of_trace.len() == REMEMBERED && ceiling.traces.len() == REMEMBERED);
        assert!(ceiling.steps.len() <= STEPS && ceiling.last.len() < 10);
    }
}
