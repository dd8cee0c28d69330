//! Events of one trace enter, in any order and as often as they like; a [`Trace`] of spans leaves, whatever is wrong
//! with them.

use std::collections::HashMap;

use tense_event::{Event, SpanId, Status, TraceId};

use crate::Span;
use crate::tangle;

/// What is known about one trace: its spans, who called whom, and what could not be seen.
///
/// ```
/// use tense_event::{Event, SpanId, Status, Timestamp, TraceId};
/// use tense_store::{Outcome, Trace};
///
/// let id = TraceId::from_bytes([7; 16]);
/// let at = Timestamp::from_unix_nanos(1_795_255_200_000_123_000);
/// let trace = Trace::from_events(id, [Event::new(id, SpanId::new(1).unwrap(), "dispatch.loan", Status::Pending, at)]);
/// let root = trace.roots().next().unwrap();
/// assert_eq!((root.name.as_ref(), root.outcome), ("dispatch.loan", Outcome::Open));
/// assert_eq!(trace.gaps().open.len(), 1);
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Trace {
    id: TraceId,
    spans: Vec<Span>,
    roots: Vec<u32>,
    places: HashMap<SpanId, u32>,
    gaps: Gaps,
}

/// No program gives so many ids between two spans of a trace.
const NEAR: u64 = 1 << 32;

/// What is missing from a trace, or wrong with it: every answer says so.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Gaps {
    /// Spans whose parent is not here; they are shown as roots.
    pub missing_parents: Vec<SpanId>,
    /// Spans of whose end nothing is known.
    pub open: Vec<SpanId>,
    /// Spans that are their own ancestors; the one that began first of each such circle is shown as a root, and listed
    /// here.
    pub circles: Vec<SpanId>,
    /// Spans with several ends or starts that differ; the last end and the first start hold.
    pub conflicts: Vec<SpanId>,
    /// Spans that ended before they began, or began more than a millisecond before their parent: clocks that disagree.
    pub clocks: Vec<SpanId>,
    /// Spans that were kept though the trace was not sampled where they ran: they failed, or were slow, or are above
    /// such a span. What else ran there is gone.
    pub unsampled: Vec<SpanId>,
    /// Rows of the store that could not be read.
    pub unreadable: usize,
}

impl Gaps {
    /// Whether nothing is missing or wrong.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl Trace {
    /// Folds events into spans. Events of other traces are left out.
    pub fn from_events(id: TraceId, events: impl IntoIterator<Item = Event>) -> Self {
        let mut folder = Self::folder(id);
        for event in events {
            folder.add(event);
        }
        folder.finish()
    }

    /// The same, one event after the other.
    pub(crate) fn folder(id: TraceId) -> Folder {
        Folder { id, places: HashMap::new(), drafts: Vec::new(), unreadable: 0 }
    }

    /// The trace's id.
    pub const fn id(&self) -> TraceId {
        self.id
    }

    /// All spans, in the order in which they began.
    pub fn spans(&self) -> &[Span] {
        &self.spans
    }

    /// Spans without a parent that is here, in the order in which they began.
    pub fn roots(&self) -> impl DoubleEndedIterator<Item = &Span> + ExactSizeIterator {
        self.roots.iter().map(|at| self.at(*at))
    }

    /// The root that the trace is called by: the first without a parent; else the first that another program has
    /// called, or that is its own ancestor. None where the parents of all are of the same program as they: those are
    /// still to come, or were lost.
    pub fn first_root(&self) -> Option<&Span> {
        self.seen_roots().min_by_key(|root| root.parent_id.is_some())
    }

    /// The roots of which nothing above is missing that the same program knows: a program counts up the ids of its
    /// spans, from a place of its own.
    pub(crate) fn seen_roots(&self) -> impl Iterator<Item = &Span> {
        let is_near = |a: SpanId, b: SpanId| (a.get().wrapping_sub(b.get()) as i64).unsigned_abs() < NEAR;
        let is_seen = move |root: &&Span| {
            let Some(parent) = root.parent_id else { return true };
            !root.is_log() && (self.get(parent).is_some() || !is_near(root.id, parent))
        };
        self.roots().filter(is_seen)
    }

    /// The spans directly below, in the order in which they began.
    pub fn children<'t>(&'t self, span: &'t Span) -> impl DoubleEndedIterator<Item = &'t Span> {
        // The span may be of another trace, and mean nothing here.
        span.below.iter().filter_map(|at| self.spans.get(*at as usize))
    }

    /// The span directly above, if it is here.
    pub fn parent(&self, span: &Span) -> Option<&Span> {
        self.spans.get(span.above? as usize)
    }

    /// The span of that id.
    pub fn get(&self, id: SpanId) -> Option<&Span> {
        self.places.get(&id).map(|at| self.at(*at))
    }

    /// What is missing from the trace, or wrong with it.
    pub const fn gaps(&self) -> &Gaps {
        &self.gaps
    }

    /// All spans, each before its children, with its depth. Walks; does not recurse.
    pub fn walk(&self) -> impl Iterator<Item = (usize, &Span)> {
        self.walk_places().map(|(depth, place)| (depth, self.at(place)))
    }

    /// The same, as places in the list.
    pub(crate) fn walk_places(&self) -> impl Iterator<Item = (usize, u32)> {
        self.walk_from(self.roots.iter().rev().map(|root| (0, *root)).collect())
    }

    /// A span and all that is below it, as places in the list.
    pub(crate) fn walk_below(&self, place: u32) -> impl Iterator<Item = (usize, u32)> {
        self.walk_from(vec![(0, place)])
    }

    /// What is still to be visited enters, the next one behind.
    fn walk_from(&self, mut next: Vec<(usize, u32)>) -> impl Iterator<Item = (usize, u32)> {
        std::iter::from_fn(move || {
            let (depth, place) = next.pop()?;
            next.extend(self.at(place).below.iter().rev().map(|child| (depth + 1, *child)));
            Some((depth, place))
        })
    }

    /// The places of the roots.
    pub(crate) fn root_places(&self) -> &[u32] {
        &self.roots
    }

    /// Where the span of that id is in the list.
    pub(crate) fn place(&self, id: SpanId) -> Option<usize> {
        self.places.get(&id).map(|place| *place as usize)
    }

    /// Places are only made by the fold, and spans are never taken out.
    fn at(&self, place: u32) -> &Span {
        &self.spans[place as usize]
    }
}

/// A trace that is being put together.
#[derive(Debug)]
pub(crate) struct Folder {
    id: TraceId,
    /// Where in `drafts` a span is.
    places: HashMap<SpanId, u32>,
    drafts: Vec<Draft>,
    unreadable: usize,
}

/// The events of one span that count; of several of one kind the choice does not depend on their order.
#[derive(Debug, Default)]
struct Draft {
    // Boxed: nearly every span has one event only, and there may be a million of them.
    start: Option<Box<Event>>,
    report: Option<Box<Event>>,
    end: Option<Box<Event>>,
    conflict: bool,
}

impl Folder {
    /// Takes one more event.
    pub(crate) fn add(&mut self, event: Event) {
        if event.trace_id != self.id {
            return;
        }
        // So many events do not fit into memory: the number of a place always fits.
        let next = u32::try_from(self.drafts.len()).unwrap_or(u32::MAX);
        let place = *self.places.entry(event.span_id).or_insert(next);
        if place == next {
            self.drafts.push(Draft::default());
        }
        let draft = &mut self.drafts[place as usize];
        let (place, last_wins) = match event.status {
            Status::Pending if event.event_type == event.span_name => (&mut draft.report, false),
            Status::Pending => (&mut draft.start, false),
            Status::Success | Status::Failed => (&mut draft.end, true),
        };
        let Some(held) = place else {
            *place = Some(Box::new(event));
            return;
        };
        draft.conflict |= (&held.event_type, held.status) != (&event.event_type, event.status);
        if (rank(&event).cmp(&rank(held)).then_with(|| whole(&event).cmp(&whole(held))).is_gt()) == last_wins {
            **held = event;
        }
    }

    /// Says how many rows there were that are no events.
    pub(crate) fn unreadable(&mut self, rows: usize) {
        self.unreadable += rows;
    }

    /// Puts the spans together and hangs them below each other.
    pub(crate) fn finish(self) -> Trace {
        let mut gaps = Gaps { unreadable: self.unreadable, ..Gaps::default() };
        let mut spans = Vec::with_capacity(self.drafts.len());
        for Draft { start, report, end, conflict } in self.drafts {
            let span = Span::merge(start.map(|e| *e), report.map(|e| *e), end.map(|e| *e));
            gaps.conflicts.extend(span.as_ref().filter(|_| conflict).map(|span| span.id));
            spans.extend(span);
        }
        gaps.conflicts.sort_unstable();
        sort_by_beginning(&mut spans);
        gaps.unsampled.extend(spans.iter().filter(|span| span.is_unsampled()).map(|span| span.id));
        let mut places = self.places;
        for (span, at) in spans.iter().zip(0..) {
            places.insert(span.id, at);
        }
        let roots = tangle::hang(&mut spans, &places, &mut gaps);
        Trace { id: self.id, spans, roots, places, gaps }
    }
}

/// Sorts small keys and then moves every span once: spans are large, and there may be a million of them.
fn sort_by_beginning(spans: &mut [Span]) {
    let mut order: Vec<_> = spans.iter().zip(0_u32..).map(|(span, at)| (span.began, span.id, at)).collect();
    order.sort_unstable();
    // Follows each circle of places: what belongs to one place comes in, what stood there moves on to the next.
    for start in 0..spans.len() {
        let mut at = start;
        loop {
            let from = std::mem::replace(&mut order[at].2, at as u32) as usize;
            if from == start || from == at {
                break;
            }
            spans.swap(at, from);
            at = from;
        }
    }
}

/// Orders the events of one kind: the time decides, and where it does not, something that is the same in every order of
/// them.
fn rank(event: &Event) -> (i64, bool, &str) {
    (event.timestamp.unix_nanos(), event.status == Status::Failed, &event.event_type)
}

/// The last word between two events that are not even told apart by [`rank`].
fn whole(event: &Event) -> String {
    serde_json::to_string(event).unwrap_or_default()
}
