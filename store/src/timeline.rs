//! A trace enters; what happened in it leaves, moment by moment.

use std::ops::Range;
use std::time::Duration;

use tense_event::Timestamp;

use crate::timing::length;
use crate::{Span, Trace};

/// Something that happened at a moment of a trace.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Moment<'t> {
    /// When.
    pub at: Timestamp,
    /// To which span.
    pub span: &'t Span,
    /// What.
    pub what: Happening,
    /// How many spans are above it.
    pub depth: usize,
    /// Where the span is in the trace's list.
    pub(crate) place: u32,
    /// Where it is on a walk, parents before children.
    order: u32,
}

/// What happened to a span at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Happening {
    /// It began.
    Began,
    /// It ended, well or not: its outcome says how.
    Ended,
    /// It is all there is of it: a point event, a line of a log, a span that took no time.
    Happened,
}

impl Happening {
    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Began => "began",
            Self::Ended => "ended",
            Self::Happened => "happened",
        }
    }
}

impl Trace {
    /// Everything that happened, in the order of time. At one moment ends come before begins, what is below ends first,
    /// and what is above begins first. A span that has not ended has no end here.
    ///
    /// Time: *n* log *n*; no recursion.
    ///
    /// ```
    /// use std::time::Duration;
    /// use tense_event::{Event, SpanId, Status, Timestamp, TraceId};
    /// use tense_store::{Trace, timeline::Happening};
    ///
    /// let id = TraceId::from_bytes([7; 16]);
    /// let call = |span, parent, name, ms: std::ops::Range<u64>| {
    ///     let at = Timestamp::from_unix_nanos(1_795_255_200_000_000_000 + ms.end as i64 * 1_000_000);
    ///     let mut event = Event::new(id, SpanId::new(span).unwrap(), name, Status::Success, at);
    ///     event.parent_span_id = SpanId::new(parent);
    ///     event.duration = Some(Duration::from_millis(ms.end - ms.start));
    ///     event
    /// };
    /// let calls = [call(1, 0, "operation.page.served", 0..10), call(2, 1, "operation.prices.read", 4..10)];
    /// let trace = Trace::from_events(id, calls);
    /// let told: Vec<_> = trace.timeline().iter().map(|moment| (moment.span.id.get(), moment.what)).collect();
    /// use Happening::{Began, Ended};
    /// assert_eq!(told, [(1, Began), (2, Began), (2, Ended), (1, Ended)]);
    /// ```
    pub fn timeline(&self) -> Vec<Moment<'_>> {
        self.moments(self.walk_places(), i64::MIN..i64::MAX, 2 * self.spans().len())
    }

    /// How long after the begin of the trace, which is that of its first span, a moment is; nothing for one before it.
    ///
    /// ```
    /// use tense_event::{Event, SpanId, Status, Timestamp, TraceId};
    /// use tense_store::Trace;
    ///
    /// let id = TraceId::from_bytes([7; 16]);
    /// let at = Timestamp::from_unix_nanos;
    /// let trace = Trace::from_events(id, [Event::new(id, SpanId::new(1).unwrap(), "a.b", Status::Success, at(40))]);
    /// assert_eq!([at(45), at(1)].map(|at| trace.offset(at).as_nanos()), [5, 0]);
    /// ```
    pub fn offset(&self, at: Timestamp) -> Duration {
        self.spans().first().map_or(Duration::ZERO, |first| length(&(first.began.unix_nanos()..at.unix_nanos())))
    }

    /// What happened to these spans, which come on a walk; what lies outside of the time is put to its edge. There is
    /// room for so many moments from the start.
    pub(crate) fn moments(
        &self,
        walk: impl Iterator<Item = (usize, u32)>,
        time: Range<i64>,
        room: usize,
    ) -> Vec<Moment<'_>> {
        let mut moments = Vec::with_capacity(room);
        for ((depth, place), order) in walk.zip(0..) {
            let span = &self.spans()[place as usize];
            let at = |at: Timestamp| Timestamp::from_unix_nanos(at.unix_nanos().clamp(time.start, time.end));
            let began = Moment { at: at(span.began), span, what: Happening::Began, depth, place, order };
            match span.ended.map(at) {
                Some(ended) if ended > began.at => {
                    moments.extend([began, Moment { at: ended, what: Happening::Ended, ..began }]);
                }
                Some(_) => moments.push(Moment { what: Happening::Happened, ..began }),
                None => moments.push(began),
            }
        }
        moments.sort_unstable_by_key(|moment| match moment.what {
            Happening::Ended => (moment.at, false, u32::MAX - moment.order),
            Happening::Began | Happening::Happened => (moment.at, true, moment.order),
        });
        moments
    }
}
