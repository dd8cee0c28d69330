//! Events of one trace enter, in any order and as often as they like; a [`Trace`] of spans leaves, whatever is wrong
//! with them.

use std::cmp::Ordering;

use tense_event::{Event, SpanId, Timestamp, TraceId};

use crate::Span;
use crate::places::Places;
use crate::span::{Contexts, Part};
use crate::tangle::{self, Forest, NOWHERE};

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
    forest: Forest,
    places: Places,
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
    /// Spans with several ends or starts that differ, of which the last end and the first start hold; and those whose
    /// events name two parents or two names, of which those of the end hold.
    pub conflicts: Vec<SpanId>,
    /// Spans whose recorded duration is not the distance of their begin and their end, by far: the
    /// [duration](Span::duration) holds.
    pub durations: Vec<SpanId>,
    /// Spans that ended before they began, began more than a millisecond before their parent, or in another process
    /// only when their parent had failed, though they failed as well and took no longer: clocks that disagree.
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
        Folder { id, contexts: Contexts::default(), told: Vec::new(), unreadable: 0 }
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
        self.forest.roots.iter().map(|at| self.at(*at))
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

    /// The spans directly below, in the order in which they began; none when the span is of another trace.
    pub fn children<'t>(&'t self, span: &Span) -> impl DoubleEndedIterator<Item = &'t Span> + use<'t> {
        self.own(span).map_or(&[][..], |own| self.below(own)).iter().map(|at| self.at(*at))
    }

    /// The span directly above, if it is here; none when the span is of another trace.
    pub fn parent(&self, span: &Span) -> Option<&Span> {
        self.spans.get(self.own(span)?.above as usize)
    }

    /// The span of that id.
    pub fn get(&self, id: SpanId) -> Option<&Span> {
        self.places.get(id).map(|at| self.at(at))
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
        self.walk_from(self.forest.roots.iter().rev().map(|root| (0, *root)).collect())
    }

    /// A span and all that is below it, as places in the list.
    pub(crate) fn walk_below(&self, place: u32) -> impl Iterator<Item = (usize, u32)> {
        self.walk_from(vec![(0, place)])
    }

    /// What is still to be visited enters, the next one behind.
    fn walk_from(&self, mut next: Vec<(usize, u32)>) -> impl Iterator<Item = (usize, u32)> {
        std::iter::from_fn(move || {
            let (depth, place) = next.pop()?;
            next.extend(self.below(self.at(place)).iter().rev().map(|child| (depth + 1, *child)));
            Some((depth, place))
        })
    }

    /// The spans that ended otherwise than well, in the order in which they began.
    pub(crate) fn failed(&self) -> impl Iterator<Item = &Span> {
        self.forest.starts.failed.iter().map(|at| self.at(*at))
    }

    /// The pipelines, in the same order; of some the list of stages may be none.
    pub(crate) fn pipelines(&self) -> impl Iterator<Item = &Span> {
        self.forest.starts.pipelines.iter().map(|at| self.at(*at))
    }

    /// The spans that undo another one, in the same order.
    pub(crate) fn undoing(&self) -> impl Iterator<Item = &Span> {
        self.forest.starts.compensations.iter().map(|at| self.at(*at))
    }

    /// The places of the roots.
    pub(crate) fn root_places(&self) -> &[u32] {
        &self.forest.roots
    }

    /// The places of the spans directly below, in the order in which they began.
    pub(crate) fn below(&self, span: &Span) -> &[u32] {
        self.forest.children(&span.below)
    }

    /// Where the span is in the list, or the one of its id when it is of another trace.
    pub(crate) fn place(&self, span: &Span) -> Option<usize> {
        self.own(span).map(|own| own.place as usize)
    }

    /// What this trace has of a span, which may come from another trace, or from this one when less of it was known:
    /// its places mean nothing here then.
    fn own(&self, span: &Span) -> Option<&Span> {
        self.spans.get(span.place as usize).filter(|own| own.id == span.id).or_else(|| self.get(span.id))
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
    contexts: Contexts,
    /// What each event tells of its span; taken out of here where several tell of one.
    told: Vec<Span>,
    unreadable: usize,
}

impl Folder {
    /// Takes one more event.
    pub(crate) fn add(&mut self, event: Event) {
        if event.trace_id == self.id {
            self.told.push(Span::of(event, &mut self.contexts));
        }
    }

    /// The same of an event of this trace whose context is still to be read, see [`Contexts::of_bytes`]. Without a
    /// context there is nothing to add.
    pub(crate) fn add_row<E>(
        &mut self,
        event: &mut Event,
        context: &[u8],
        read: impl FnOnce(&mut Event) -> Result<(), E>,
    ) -> Result<(), E> {
        let context = self.contexts.of_bytes(context, event, read)?;
        self.told.push(Span::taken(event, context));
        Ok(())
    }

    /// Says how many rows there were that are no events.
    pub(crate) fn unreadable(&mut self, rows: usize) {
        self.unreadable += rows;
    }

    /// Puts the spans together and hangs them below each other.
    pub(crate) fn finish(self) -> Trace {
        let Self { id, contexts, told: mut spans, unreadable } = self;
        drop(contexts);
        let mut gaps = Gaps { unreadable, ..Gaps::default() };
        let mut places = join(&mut spans, &mut gaps);
        sort_by_beginning(&mut spans, &mut places);
        let places = Places::of_sorted(places);
        let forest = tangle::hang(&mut spans, &places, &mut gaps);
        Trace { id, spans, forest, places, gaps }
    }
}

/// Puts together what tells of one span, and leaves it where the first of that was. Says where each is, in the order of
/// ids.
fn join(told: &mut [Span], gaps: &mut Gaps) -> Vec<(SpanId, u32)> {
    // So many events do not fit into memory: the number of a place always fits.
    let mut by_id: Vec<_> = told.iter().zip(0..).map(|(span, at)| (span.id, at)).collect();
    // Out of a store they come in this order, and then nothing is moved.
    by_id.sort_unstable();
    for same in by_id.chunk_by(|one, other| one.0 == other.0) {
        let [(id, first), more @ ..] = same else { continue };
        let first = *first as usize;
        if more.is_empty() {
            gaps.durations.extend(told[first].settle().then_some(*id));
            continue;
        }
        let mut is_conflict = has_two_places(|| same.iter().map(|(_, at)| &told[*at as usize]));
        let mut parts = [None, None, None];
        for (_, at) in same {
            is_conflict |= contradicts(&mut parts, told[*at as usize].take_out());
        }
        gaps.conflicts.extend(is_conflict.then_some(*id));
        if let Some(mut span) = Span::join(parts) {
            gaps.durations.extend(span.settle().then_some(*id));
            told[first] = span;
        }
    }
    by_id.dedup_by_key(|(id, _)| *id);
    by_id
}

/// Whether what tells of one span names two parents, or two names that are not only what happened.
fn has_two_places<'t, I: Iterator<Item = &'t Span>>(told: impl Fn() -> I) -> bool {
    fn are_two<T: PartialEq>(mut all: impl Iterator<Item = T>) -> bool {
        all.next().is_some_and(|first| all.any(|other| other != first))
    }
    let names = told().filter(|span| span.name != span.event_type).map(|span| &span.name);
    are_two(told().filter_map(|span| span.parent_id)) || are_two(names)
}

/// Keeps what is told unless the same part is told already; then the first start and report hold, and the last end.
/// Says whether both tell something else. Which one is kept does not depend on their order.
fn contradicts(parts: &mut [Option<Span>; 3], span: Span) -> bool {
    let part = span.part();
    let Some(held) = &mut parts[part as usize] else {
        parts[part as usize] = Some(span);
        return false;
    };
    let differs = (&held.event_type, held.outcome.is_failure()) != (&span.event_type, span.outcome.is_failure());
    // The last word between two that are not even told apart by their rank.
    let is_later = rank(&span).cmp(&rank(held)).then_with(|| format!("{span:?}").cmp(&format!("{held:?}")));
    if (is_later == Ordering::Greater) == (part == Part::End) {
        *held = span;
    }
    differs
}

/// Orders what tells the same part: the time decides, and where it does not, something that is the same in every order
/// of them.
fn rank(span: &Span) -> (Option<Timestamp>, bool, &str) {
    (span.ended, span.outcome.is_failure(), &span.event_type)
}

/// Sorts the spans, without those that were taken out, and changes their places. Sorts small keys and then moves every
/// span once: spans are large, and there may be a million of them.
fn sort_by_beginning(spans: &mut Vec<Span>, places: &mut [(SpanId, u32)]) {
    let mut order = Vec::with_capacity(places.len());
    order.extend(
        spans.iter().zip(0_u32..).filter(|(span, _)| span.is_here()).map(|(span, at)| (span.began, span.id, at)),
    );
    let is_sorted = order.is_sorted();
    let here = order.len();
    if is_sorted && here == spans.len() {
        return;
    }
    if !is_sorted {
        // Not the unstable one: spans often lie in a few long runs, one for each depth or thread, which it finds.
        order.sort();
    }
    // Where each goes; those that were taken out go behind all others.
    let mut to = vec![NOWHERE; spans.len()];
    for ((_, _, at), place) in order.iter().zip(0..) {
        to[*at as usize] = place;
    }
    drop(order);
    for (_, at) in &mut *places {
        *at = to[*at as usize];
    }
    if is_sorted {
        spans.retain(Span::is_here);
    } else {
        to.iter_mut().filter(|to| **to == NOWHERE).zip(here as u32..).for_each(|(to, behind)| *to = behind);
        for at in 0..spans.len() {
            while to[at] as usize != at {
                let there = to[at] as usize;
                spans.swap(at, there);
                to.swap(at, there);
            }
        }
        spans.truncate(here);
    }
    spans.shrink_to_fit();
}
