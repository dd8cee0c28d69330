//! Spans that have ended go in; what a program wants to know of them comes out: counters by event type for `health`,
//! and alarms for its hook.
//!
//! The drainer decides here, before anything is left out and before an event is made, so nothing is paid on the caller.
//! Modules in walking order: what a program asks for (`settings`), from when on a span is slow (`slow`), what is known
//! of each event type (`types`) and of its last minute (`window`), which of many alarms is told (`fold`), what the hook
//! is given (`alarm`), and the thread that it is called on (`hook`).

mod settings;
pub(crate) mod slow;
mod types;
mod window;
mod fold;
mod alarm;
mod hook;

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use tense::__private::layer::{Ending, Record, unix_nanos};
use tense_event::{Sanitizer, SpanId, Timestamp, TraceId};

use crate::join::{Joiner, Marked, Span, Step};
pub use alarm::{Alarm, AlarmKind};
use fold::Case;
pub(crate) use hook::Alarms;
use settings::Limits;
pub use settings::Watch;
pub(crate) use settings::Watched;
use slow::Thresholds;
pub(crate) use slow::{Slowness, UNLESS_SET};
pub use types::TypeHealth;
use types::Types;
pub(crate) use types::merge;

/// As many spans that are open for long are few.
const FEW: usize = 1024;

pub(crate) struct Watching {
    thresholds: Thresholds,
    types: Types,
    /// Whom to tell, and when. Most programs have no hook.
    hook: Option<(Limits, Alarms)>,
    /// Counted as slow, and still open: their ends are not told again.
    slow_open: Marked,
    /// Open for a second, and not slow before that moment, by the moment.
    slow_later: BinaryHeap<Reverse<(u64, u64)>>,
    /// When the last pass ended, in nanoseconds: nothing that is seen from then on is earlier.
    now: u64,
}

impl Watching {
    pub(crate) fn new(slowness: Slowness, sanitizer: &Sanitizer, watch: Option<Watch>) -> Self {
        Self {
            thresholds: Thresholds::new(slowness),
            types: Types::new(sanitizer.clone()),
            hook: watch.map(Watch::start),
            slow_open: Marked::default(),
            slow_later: BinaryHeap::new(),
            now: 0,
        }
    }

    /// Looks at everything that comes out of the joiner.
    #[inline]
    pub(crate) fn see(&mut self, step: &Step<'_>) {
        match step {
            Step::Ended(span, end) => self.ended(span, end),
            Step::StillOpen(span, now) => self.still_open(span, *now),
            Step::Began(_) | Step::Point(_) => {}
        }
    }

    #[inline]
    fn ended(&mut self, span: &Span, end: &Record<'_>) {
        let (at, took) = (end.moment.max(self.now), end.moment.saturating_sub(span.began));
        let threshold = self.thresholds.of(span.number, span.site);
        let number = self.types.number(span.number, span.site);
        let has_failed = matches!(end.ending, Ending::Error | Ending::Panic);
        let is_slow = took >= threshold && !self.slow_open.unmark(span.id);
        self.types.count(number, at, end.ending, is_slow);
        if (is_slow || has_failed) && self.hook.is_some() {
            let case = Case { took, threshold, is_over: true, ..case(span, end.moment) };
            self.tell(number, case, is_slow, has_failed, at);
        }
    }

    /// A span that goes on for ever has no end at which it could be told.
    #[cold]
    fn still_open(&mut self, span: &Span, now: u64) {
        let (at, took) = (now.max(self.now), now.saturating_sub(span.began));
        let threshold = self.thresholds.of(span.number, span.site);
        if took < threshold {
            return self.slow_later.push(Reverse((span.began.saturating_add(threshold), span.id)));
        }
        self.slow_open.mark(span.id);
        let number = self.types.number(span.number, span.site);
        self.types.count_slow(number);
        if self.hook.is_some() {
            self.tell(number, Case { took, threshold, is_over: false, ..case(span, now) }, true, false, at);
        }
    }

    #[cold]
    fn tell(&mut self, number: u16, case: Case, is_slow: bool, has_failed: bool, at: u64) {
        let Some((limits, alarms)) = &self.hook else { return };
        if is_slow && let Some(alarm) = self.types.slow(number, case, at) {
            alarms.put(alarm);
        }
        if has_failed && let Some(alarm) = self.types.failed(number, case, limits, at) {
            alarms.put(alarm);
        }
    }

    /// A pass is over: what was folded into one alarm is told when its second is over. `slow` gets the spans that have
    /// become slow meanwhile, and were not yet when they had been open for a second.
    pub(crate) fn end_pass(&mut self, joiner: &Joiner, now: u64, mut slow: impl FnMut(&Span)) {
        self.now = self.now.max(now);
        while let Some(Reverse((_, span))) = self.slow_later.peek().copied().filter(|later| later.0.0 <= now) {
            self.slow_later.pop();
            if let Some(span) = joiner.open_span(span) {
                self.still_open(span, now);
                slow(span);
            }
        }
        // Those that have ended meanwhile.
        if self.slow_later.len() > FEW.max(2 * joiner.open()) {
            self.slow_later.retain(|Reverse((_, span))| joiner.open_span(*span).is_some());
            self.slow_later.shrink_to(FEW);
        }
        self.slow_open.tidy(joiner);
        if let Some((_, alarms)) = &self.hook {
            self.types.due(self.now, |alarm| alarms.put(alarm));
        }
    }

    /// The end: tells what was folded at once.
    pub(crate) fn tell_rest(&mut self) {
        if let Some((_, alarms)) = &self.hook {
            self.types.rest(|alarm| alarms.put(alarm));
        }
    }

    pub(crate) fn alarms(&self) -> Option<Alarms> {
        self.hook.as_ref().map(|(_, alarms)| alarms.clone())
    }

    pub(crate) fn health(&self, now: u64) -> Vec<TypeHealth> {
        self.types.health(now.max(self.now))
    }

    /// What its tables take, in bytes.
    pub(crate) fn bytes(&self) -> usize {
        let tables = self.thresholds.bytes() + self.types.bytes() + self.slow_open.bytes();
        let later = self.slow_later.capacity() * size_of::<(u64, u64)>();
        tables + later + self.hook.as_ref().map_or(0, |(_, alarms)| alarms.bytes())
    }
}

/// The span that an alarm is about, at that moment.
fn case(span: &Span, moment: u64) -> Case {
    Case {
        trace: TraceId::from_halves(span.trace.0, span.trace.1),
        span: SpanId::new(span.id),
        at: Timestamp::from_unix_nanos(i64::try_from(unix_nanos(moment)).unwrap_or(i64::MAX)),
        took: 0,
        threshold: 0,
        is_over: true,
    }
}

#[cfg(test)]
mod tests;
