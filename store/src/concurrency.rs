//! A trace enters; how many of its spans were at work at the same time leaves, step by step.

use std::collections::HashMap;
use std::ops::Range;
use std::time::Duration;

use tense_event::Timestamp;

use crate::timing::length;
use crate::{Span, Trace};

/// How many spans were at work, from the first moment of a trace to its last.
///
/// A span is at work while it is open and none of those right below it is: what has called something waits for it. So
/// the time that spans were at work adds up to their [self times](Trace::self_times).
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Concurrency {
    /// When the trace begins.
    pub from: Timestamp,
    /// The last moment that anything is known of.
    pub to: Timestamp,
    /// The moments at which the number changed, in their order; the last number is 0.
    pub steps: Vec<Step>,
}

/// A moment at which another number of spans was at work than before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Step {
    /// From when on.
    pub at: Timestamp,
    /// How many.
    pub running: u32,
}

impl Concurrency {
    /// The moment from which on most were at work; the first of several. None where nothing ever was.
    pub fn peak(&self) -> Option<Step> {
        self.steps.iter().copied().rev().max_by_key(|step| step.running).filter(|step| step.running > 0)
    }

    /// How many were at work on average, over the whole time.
    pub fn mean(&self) -> f64 {
        let whole = self.duration().as_secs_f64();
        if whole > 0.0 { self.work().as_secs_f64() / whole } else { 0.0 }
    }

    /// How long spans were at work, all together.
    pub fn work(&self) -> Duration {
        self.stretches()
            .map(|(time, running)| length(&time).saturating_mul(running))
            .fold(Duration::ZERO, Duration::saturating_add)
    }

    /// From the first moment of the trace to its last.
    pub fn duration(&self) -> Duration {
        length(&(self.from.unix_nanos()..self.to.unix_nanos()))
    }

    /// For how long how many were at work, the fewest first; all together the whole time.
    pub fn levels(&self) -> Vec<(u32, Duration)> {
        let mut levels: Vec<(u32, Duration)> = self
            .stretches()
            .map(|(time, running)| (running, length(&time)))
            .filter(|(_, time)| !time.is_zero())
            .collect();
        levels.sort_unstable();
        let sum = |same: &[(u32, Duration)]| {
            (same[0].0, same.iter().fold(Duration::ZERO, |sum, (_, time)| sum.saturating_add(*time)))
        };
        levels.chunk_by(|one, other| one.0 == other.0).map(sum).collect()
    }

    /// How many were at work on average in each of so many equal parts of the time; nothing when there are none.
    pub fn profile(&self, parts: usize) -> Vec<f64> {
        let mut profile = vec![0.0; parts];
        let whole = self.duration().as_nanos() as f64;
        for (time, running) in self.stretches().filter(|(_, running)| *running > 0) {
            // In parts, from the first moment on.
            let place = |at: i64| at.abs_diff(self.from.unix_nanos()) as f64 / whole * parts as f64;
            let (from, to) = (place(time.start), place(time.end));
            // No two of them share more than a part at an edge, so this is linear.
            let (first, last) = (from as usize, to.ceil() as usize);
            for (part, mean) in profile.iter_mut().enumerate().take(last).skip(first) {
                let within = to.min((part + 1) as f64) - from.max(part as f64);
                *mean += within.max(0.0) * f64::from(running);
            }
        }
        profile
    }

    /// The times between steps, and before the first of them.
    fn stretches(&self) -> impl Iterator<Item = (Range<i64>, u32)> {
        let begins = std::iter::once((self.from, 0)).chain(self.steps.iter().map(|step| (step.at, step.running)));
        let ends = self.steps.iter().map(|step| step.at).chain([self.to]);
        begins.zip(ends).map(|((from, running), to)| (from.unix_nanos()..to.unix_nanos(), running))
    }
}

impl Trace {
    /// How many spans were at work at the same time.
    ///
    /// Time: *n* log *n*; no recursion.
    ///
    /// ```
    /// use std::time::Duration;
    /// use tense_event::{Event, SpanId, Status, Timestamp, TraceId};
    /// use tense_store::Trace;
    ///
    /// let id = TraceId::from_bytes([7; 16]);
    /// let call = |span, parent, name, ms: std::ops::Range<u64>| {
    ///     let at = Timestamp::from_unix_nanos(1_795_255_200_000_000_000 + ms.end as i64 * 1_000_000);
    ///     let mut event = Event::new(id, SpanId::new(span).unwrap(), name, Status::Success, at);
    ///     event.parent_span_id = SpanId::new(parent);
    ///     event.duration = Some(Duration::from_millis(ms.end - ms.start));
    ///     event
    /// };
    /// let trace = Trace::from_events(id, [
    ///     call(1, 0, "operation.page.served", 0..10),
    ///     call(2, 1, "operation.prices.read", 2..6),
    ///     call(3, 1, "operation.stock.read", 2..7),
    /// ]);
    /// let concurrency = trace.concurrency();
    /// let ms = Duration::from_millis;
    /// assert_eq!(concurrency.levels(), [(1, ms(6)), (2, ms(4))]); // the page itself waits while they read
    /// assert_eq!((concurrency.peak().unwrap().running, concurrency.mean()), (2, 1.4));
    /// ```
    pub fn concurrency(&self) -> Concurrency {
        let mut all = self.concurrency_by(|_| "");
        all.pop().map_or_else(|| self.profile_of(Vec::new()), |(_, all)| all)
    }

    /// The same, for each group of spans: those for which the key is the same text. The one that was at work for
    /// longest comes first.
    ///
    /// ```
    /// use std::time::Duration;
    /// use tense_event::{Event, SpanId, Status, Timestamp, TraceId};
    /// use tense_store::Trace;
    ///
    /// let id = TraceId::from_bytes([7; 16]);
    /// let at = Timestamp::from_unix_nanos(1_795_255_200_000_123_000);
    /// let mut event = Event::new(id, SpanId::new(1).unwrap(), "operation.tokens.created", Status::Success, at);
    /// event.duration = Some(Duration::from_millis(3));
    /// let trace = Trace::from_events(id, [event]);
    /// let by_name = trace.concurrency_by(|span| &span.name);
    /// assert_eq!((by_name[0].0, by_name[0].1.mean()), ("operation.tokens.created", 1.0));
    /// ```
    pub fn concurrency_by<'t>(&'t self, key: impl Fn(&'t Span) -> &'t str) -> Vec<(&'t str, Concurrency)> {
        let last = self.last_moment();
        let mut changes: HashMap<&str, Vec<(i64, i32)>> = HashMap::new();
        for (place, span) in self.spans().iter().enumerate() {
            let changes = changes.entry(key(span)).or_default();
            self.at_work(place, last, |time| changes.extend([(time.start, 1), (time.end, -1)]));
        }
        let profiles = changes.into_iter().map(|(key, changes)| (key, self.profile_of(changes)));
        let mut profiles: Vec<(&str, Concurrency)> = profiles.collect();
        profiles.sort_by_cached_key(|(key, profile)| (std::cmp::Reverse(profile.work()), *key));
        profiles
    }

    /// When a span was at work itself.
    fn at_work(&self, place: usize, last: i64, mut tell: impl FnMut(Range<i64>)) {
        let whole = self.extent(place, last);
        let mut until = whole.start;
        // They are in the order in which they began.
        for child in self.below(&self.spans()[place]) {
            let child = self.extent(*child as usize, last);
            let before = until..child.start.min(whole.end);
            until = until.max(child.end);
            if !before.is_empty() {
                tell(before);
            }
        }
        if until < whole.end {
            tell(until..whole.end);
        }
    }

    fn profile_of(&self, mut changes: Vec<(i64, i32)>) -> Concurrency {
        changes.sort_unstable();
        let mut steps: Vec<Step> = Vec::new();
        let mut running = 0_i64;
        for same in changes.chunk_by(|one, other| one.0 == other.0) {
            let change: i64 = same.iter().map(|(_, change)| i64::from(*change)).sum();
            running += change;
            if change != 0 {
                let running = u32::try_from(running).unwrap_or(u32::MAX);
                steps.push(Step { at: Timestamp::from_unix_nanos(same[0].0), running });
            }
        }
        let from = self.spans().first().map_or(Timestamp::from_unix_nanos(0), |first| first.began);
        Concurrency { from, to: Timestamp::from_unix_nanos(self.last_moment().max(from.unix_nanos())), steps }
    }
}
