//! Spans enter; they leave in lanes, within each of which they only follow or contain one another: that is all that a
//! viewer of profiles can draw.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

use tense_event::SpanId;

use crate::export::attributes::{ended, spans};
use crate::{Outcome, Span, Trace};

/// Spans of one service that never overlap by halves.
pub(super) struct Lane<'t> {
    pub(super) service: &'t str,
    /// In the order in which they begin, what contains others before those; each with its end.
    pub(super) spans: Vec<(&'t Span, i64)>,
}

/// One end of a span.
pub(super) enum Edge<'t> {
    Begin(&'t Span),
    End(&'t Span),
}

impl<'t> Lane<'t> {
    /// Begins and ends in the order of time, each end that of what began last; with the moment of each.
    pub(super) fn edges(&self) -> impl Iterator<Item = (i64, Edge<'t>)> {
        let mut coming = self.spans.iter().copied().peekable();
        let mut open: Vec<(&Span, i64)> = Vec::new();
        std::iter::from_fn(move || {
            let next = coming.peek().map(|(span, _)| span.began.unix_nanos());
            if let Some((span, ended)) = open.pop_if(|(_, ended)| next.is_none_or(|next| *ended <= next)) {
                return Some((ended, Edge::End(span)));
            }
            let next = coming.next()?;
            open.push(next);
            Some((next.0.began.unix_nanos(), Edge::Begin(next.0)))
        })
    }
}

/// Where a lane stands.
struct Standing<'t> {
    lane: Lane<'t>,
    open: Vec<(SpanId, i64)>,
}

/// All spans that are no moments; each stands where its parent does, if there is room within it, and else in the first
/// lane of its service where nothing goes on. One that has not ended lasts as long as the trace. *n* log *n*.
pub(super) fn of(trace: &Trace) -> Vec<Lane<'_>> {
    let mut depths = vec![0_usize; trace.spans().len()];
    for (depth, span) in trace.walk() {
        if let Some(place) = trace.place(span) {
            depths[place] = depth;
        }
    }
    let depth = |span: &Span| trace.place(span).map_or(0, |place| depths[place]);
    let last = trace.last_moment();
    let with_end = |span: &Span| match span.outcome {
        Outcome::Open => last.max(span.began.unix_nanos()),
        _ => ended(span),
    };
    let mut all: Vec<(&Span, i64)> = spans(trace).map(|span| (span, with_end(span))).collect();
    // Of those that begin at once, the one that contains the others comes first.
    all.sort_by_key(|(span, ended)| (span.began, Reverse(*ended), depth(span)));

    let mut lanes: Vec<Standing<'_>> = Vec::new();
    let mut lane_of: HashMap<SpanId, usize> = HashMap::new();
    let mut free: HashMap<&str, BinaryHeap<Reverse<(i64, usize)>>> = HashMap::new();
    for (span, ended) in all {
        let (began, service) = (span.began.unix_nanos(), span.service.as_ref());
        let above = trace.parent(span).filter(|parent| parent.service == span.service);
        let beside = above.and_then(|parent| Some((parent, *lane_of.get(&parent.id)?)));
        let number =
            beside.filter(|(parent, lane)| lanes[*lane].has_room(parent.id, began, ended)).map(|(_, lane)| lane);
        let number = number.unwrap_or_else(|| {
            let free = free.entry(service).or_default();
            let number = match free.peek() {
                Some(Reverse((until, number))) if *until <= began => {
                    let number = *number;
                    free.pop();
                    number
                }
                _ => {
                    lanes.push(Standing { lane: Lane { service, spans: Vec::new() }, open: Vec::new() });
                    lanes.len() - 1
                }
            };
            lanes[number].open.clear();
            free.push(Reverse((ended, number)));
            number
        });
        lanes[number].open.push((span.id, ended));
        lanes[number].lane.spans.push((span, ended));
        lane_of.insert(span.id, number);
    }
    lanes.into_iter().map(|standing| standing.lane).collect()
}

impl Standing<'_> {
    /// Whether the parent is what goes on in this lane then, and lasts as long as what is to be put within.
    fn has_room(&mut self, parent: SpanId, began: i64, ended: i64) -> bool {
        while self.open.pop_if(|(last, until)| *last != parent && *until <= began).is_some() {}
        self.open.last().is_some_and(|(last, until)| *last == parent && *until >= ended)
    }
}
