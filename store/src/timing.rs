//! A trace enters; where its time went leaves: what each span did itself, and the chain of spans that the whole waited
//! for.
//!
//! The critical path is found backwards, as in "CRISP: Critical Path Analysis of Large-Scale Microservice
//! Architectures" (Zhang et al., USENIX ATC 2022): from the end of a span to the child that ended last before, from
//! where that one began to the child that ended last before that, and so on, and the same within each of them. What ran
//! beside it made nobody wait.
//!
//! That paper knows no calls that are dropped. The last to end of a race is the one that lost it: it was dropped
//! because another one had an answer, a moment later, and nobody has waited for it. So what ended by itself goes
//! before what was dropped, as far as it reaches.

use std::cmp::Reverse;
use std::ops::Range;
use std::time::Duration;

use tense_event::Timestamp;

use crate::tangle::CLOCK_TOLERANCE;
use crate::{Outcome, Span, Trace};

/// What is dropped within so many nanoseconds of the end of another one was dropped because of that.
const DROPPED_WITHIN: i64 = 1_000_000;

/// A part of the critical path: from one moment to the other, everything waited for this span, which waited for none of
/// those below it.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Stretch<'t> {
    /// The span.
    pub span: &'t Span,
    /// When its part begins.
    pub from: Timestamp,
    /// When it ends; never before it begins.
    pub to: Timestamp,
}

impl Stretch<'_> {
    /// How long it is.
    pub fn duration(&self) -> Duration {
        length(&(self.from.unix_nanos()..self.to.unix_nanos()))
    }
}

/// What the path still has to look at within one span.
struct Within {
    place: usize,
    /// The part of the span that is not on the path yet.
    left: Range<i64>,
    /// The children that ended by then, the last one behind.
    children: Vec<(Range<i64>, usize)>,
}

impl Trace {
    /// What the span and those below it made the whole wait for, from its begin to its end without a hole. A span that
    /// has not ended counts until the last moment that is known of the trace.
    ///
    /// A child in the same program that ends more than a millisecond behind its parent was not waited for; of one in
    /// another program, whose clock may differ, the part within the parent counts. Of one that was dropped, that part
    /// counts which is left once those beside it that came to their own end have ended; nothing if it was dropped
    /// within a millisecond of that.
    ///
    /// Time: *n* log *n* in the spans on the way; no recursion.
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
    ///     call(2, 1, "operation.prices.read", 1..4), // beside the stock, which takes longer
    ///     call(3, 1, "operation.stock.read", 1..8),
    /// ]);
    /// let path = trace.critical_path(trace.roots().next().unwrap());
    /// let told: Vec<_> = path.iter().map(|part| (part.span.id.get(), part.duration().as_millis())).collect();
    /// assert_eq!(told, [(1, 1), (3, 7), (1, 2)]);
    /// ```
    pub fn critical_path(&self, span: &Span) -> Vec<Stretch<'_>> {
        let Some(place) = self.place(span) else { return Vec::new() };
        let last = self.last_moment();
        let mut backwards = Vec::new();
        let mut way = vec![self.within(place, self.extent(place, last), last)];
        while let Some(within) = way.last_mut() {
            let place = within.place;
            // Those that end behind what is on the path already ran beside it.
            while within.children.pop_if(|(extent, _)| extent.end > within.left.end).is_some() {}
            let child = within.children.pop().filter(|(extent, _)| extent.end > within.left.start);
            let child_ended = child.as_ref().map_or(within.left.start, |(extent, _)| extent.end);
            if child_ended < within.left.end {
                backwards.push(Stretch {
                    span: &self.spans()[place],
                    from: Timestamp::from_unix_nanos(child_ended),
                    to: Timestamp::from_unix_nanos(within.left.end),
                });
            }
            match child {
                Some((extent, child)) => {
                    let extent = extent.start.max(within.left.start)..extent.end;
                    within.left.end = extent.start;
                    way.push(self.within(child, extent, last));
                }
                None => {
                    way.pop();
                }
            }
        }
        backwards.reverse();
        backwards
    }

    /// How long each span was at work itself, in the order of [`spans`](Self::spans): while it was open and none of
    /// those right below it was. Of a child the part within its parent counts.
    ///
    /// Time: linear.
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
    /// assert_eq!(Trace::from_events(id, [event]).self_times(), [Duration::from_millis(3)]);
    /// ```
    pub fn self_times(&self) -> Vec<Duration> {
        let last = self.last_moment();
        let own = |place| {
            let whole: Range<i64> = self.extent(place, last);
            let (mut covered, mut until) = (Duration::ZERO, whole.start);
            // They are in the order in which they began.
            for child in self.below(&self.spans()[place]) {
                let child = self.extent(*child as usize, last);
                let new = child.start.max(until)..child.end.min(whole.end);
                covered += length(&new);
                until = until.max(new.end);
            }
            length(&whole).saturating_sub(covered)
        };
        (0..self.spans().len()).map(own).collect()
    }

    /// The root that was open for longest, which is what one waited for; most traces have one. One that has not ended
    /// counts until the last moment that is known of the trace. None where no event of it could be read.
    ///
    /// Time: linear.
    ///
    /// ```
    /// use tense_event::{Event, SpanId, Status, Timestamp, TraceId};
    /// use tense_store::Trace;
    ///
    /// let id = TraceId::from_bytes([7; 16]);
    /// let event = |span, name, status, ms: i64| {
    ///     let at = Timestamp::from_unix_nanos(1_795_255_200_000_000_000 + ms * 1_000_000);
    ///     Event::new(id, SpanId::new(span).unwrap(), name, status, at)
    /// };
    /// let begin = event(1, "dispatch.batch.start", Status::Pending, 0);
    /// let last = event(2, "operation.tokens.created", Status::Success, 70);
    /// let trace = Trace::from_events(id, [begin, last]);
    /// assert_eq!(trace.longest_root().unwrap().id.get(), 1);
    /// ```
    pub fn longest_root(&self) -> Option<&Span> {
        let last = self.last_moment();
        let took = |root: &&Span| self.place(root).map(|place| length(&self.extent(place, last)));
        // Of several the one that began first.
        self.roots().rev().max_by_key(took)
    }

    /// The last moment that anything is known of.
    pub(crate) fn last_moment(&self) -> i64 {
        let moments = self.spans().iter().map(|span| span.ended.unwrap_or(span.began).max(span.began));
        moments.max().map_or(0, Timestamp::unix_nanos)
    }

    /// From when to when a span was open.
    pub(crate) fn extent(&self, place: usize, last: i64) -> Range<i64> {
        let span = &self.spans()[place];
        let began = span.began.unix_nanos();
        began..span.ended.map_or(last, Timestamp::unix_nanos).max(began)
    }

    fn within(&self, place: usize, left: Range<i64>, last: i64) -> Within {
        let span = &self.spans()[place];
        let ended = self.extent(place, last).end;
        let waited_for = |child: &u32| {
            let (place, child) = (*child as usize, &self.spans()[*child as usize]);
            let extent = self.extent(place, last);
            let is_left_alone = extent.end > ended.saturating_add(CLOCK_TOLERANCE) && child.service == span.service;
            let extent = extent.start..extent.end.min(left.end);
            (!is_left_alone && extent.start < extent.end).then_some((extent, place))
        };
        let mut children: Vec<_> = self.below(span).iter().filter_map(waited_for).collect();
        self.let_winners_go_before(&mut children);
        // Of several that ended together the one that took longest is behind.
        children.sort_unstable_by_key(|(extent, place)| (extent.end, Reverse((extent.start, *place))));
        Within { place, left, children }
    }

    /// Leaves of children that were dropped what nobody beside them accounts for.
    fn let_winners_go_before(&self, children: &mut Vec<(Range<i64>, usize)>) {
        let outcome = |place: usize| self.spans()[place].outcome;
        if !children.iter().any(|(_, place)| outcome(*place) == Outcome::Cancelled) {
            return;
        }
        let came_to_an_end = |place: usize| !matches!(outcome(place), Outcome::Cancelled | Outcome::Open);
        let winners = children.iter().filter(|(_, place)| came_to_an_end(*place));
        let mut ends: Vec<i64> = winners.map(|(extent, _)| extent.end).collect();
        ends.sort_unstable();
        children.retain_mut(|(extent, place)| {
            let before = &ends[..ends.partition_point(|end| *end <= extent.end)];
            let (Outcome::Cancelled, Some(end)) = (outcome(*place), before.last()) else { return true };
            // What had ended before it began has nothing to do with it.
            if *end <= extent.start {
                return true;
            }
            extent.start = *end;
            extent.end.saturating_sub(*end) > DROPPED_WITHIN
        });
    }
}

pub(crate) fn length(extent: &Range<i64>) -> Duration {
    Duration::from_nanos(if extent.is_empty() { 0 } else { extent.end.abs_diff(extent.start) })
}
