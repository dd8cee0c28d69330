//! Calls beside each other enter; which of them were attempts of one call leaves, and which of those went well at last.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, HashSet};

use tense_event::{SpanId, Timestamp};

use crate::errors::is_the_same_call;
use crate::why::Recovered;
use crate::{Outcome, Span, Trace};

/// Another attempt follows soon: it is looked for among so many different calls of one name that failed last, so that
/// the time stays linear.
const LATELY: usize = 64;

/// The calls of a trace that failed and then succeeded.
pub(crate) struct Retries<'t> {
    /// The failures.
    pub(crate) recovered: HashSet<SpanId>,
    pub(crate) groups: Vec<Recovered<'t>>,
}

impl<'t> Retries<'t> {
    pub(crate) fn of(trace: &'t Trace) -> Self {
        let mut found = Self { recovered: HashSet::new(), groups: Vec::new() };
        found.among(trace.roots());
        for span in trace.spans().iter().filter(|span| span.below.len() > 1) {
            found.among(trace.children(span));
        }
        found
    }

    /// Siblings enter in the order in which they began.
    fn among(&mut self, siblings: impl Iterator<Item = &'t Span>) {
        let siblings: Vec<&'t Span> = siblings.filter(|span| !span.is_log()).collect();
        let mut failures: HashMap<&str, Vec<InVain>> = HashMap::new();
        for (place, span) in siblings.iter().enumerate() {
            let is_failure = span.outcome.is_failure();
            if !is_failure && (span.outcome != Outcome::Success || !failures.contains_key(span.name.as_ref())) {
                continue;
            }
            let calls = failures.entry(&span.name).or_default();
            let lately = calls.len().saturating_sub(LATELY);
            let is_meant = |call: &InVain| is_the_same_call(&siblings[call.last].data, &span.data);
            let same = calls[lately..].iter().rposition(is_meant).map(|at| lately + at);
            match same {
                Some(at) if is_failure => calls[at].add(span, place),
                None if is_failure => {
                    let mut call = InVain { last: place, attempts: BinaryHeap::new() };
                    call.add(span, place);
                    calls.push(call);
                }
                Some(at) => {
                    // What ran beside it was no earlier try.
                    let is_earlier = |failed: &Reverse<(Option<Timestamp>, usize)>| failed.0.0 <= Some(span.began);
                    let (mut last, mut count) = (None, 0);
                    while let Some(Reverse((_, place))) = calls[at].attempts.peek().copied().filter(is_earlier) {
                        calls[at].attempts.pop();
                        self.recovered.insert(siblings[place].id);
                        (last, count) = (last.max(Some(place)), count + 1);
                    }
                    self.groups.extend(last.map(|last| Recovered { last_failure: siblings[last], failures: count }));
                    if calls[at].attempts.is_empty() {
                        calls.remove(at);
                    }
                }
                None => {}
            }
        }
    }
}

/// What may be attempts of one call, none of which went well so far.
struct InVain {
    /// The place of the one that began last.
    last: usize,
    /// When each ended, and its place; the one that ended first in front.
    attempts: BinaryHeap<Reverse<(Option<Timestamp>, usize)>>,
}

impl InVain {
    fn add(&mut self, failed: &Span, place: usize) {
        self.last = place;
        self.attempts.push(Reverse((failed.ended, place)));
    }
}

/// Whether a failed call was an earlier attempt of another one beside it: of the same name, over before that began, and
/// for the same.
pub(crate) fn is_attempt(earlier: &Span, later: &Span) -> bool {
    earlier.name == later.name
        && earlier.id != later.id
        && earlier.ended <= Some(later.began)
        && is_the_same_call(&earlier.data, &later.data)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{TRACE, action, failed, id};
    use tense_event::Status;

    #[test]
    fn calls_for_different_things_are_no_attempts_of_one() {
        let item = |span: u64, item: u64, status| {
            let mut event = action(span, 1, "a.store", status, span * 10..span * 10 + 5);
            event.data.insert("item", item);
            event
        };
        let (ill, well) = (Status::Failed, Status::Success);
        let ids = |spans: &[&Span]| spans.iter().map(|span| span.id.get()).collect::<Vec<_>>();
        // The second item failed; that the third did not makes nothing good.
        let run = action(1, 0, "a.run", Status::Success, 0..100);
        let trace = Trace::from_events(TRACE, [run, item(2, 1, well), item(3, 2, ill), item(4, 3, well)]);
        assert_eq!((trace.why().recovered.len(), ids(&trace.why().also_failed)), (0, vec![3]));
        // Until it does.
        let run = action(1, 0, "a.run", Status::Success, 0..100);
        let items = [item(2, 1, well), item(3, 2, ill), item(4, 3, well), item(5, 2, ill), item(6, 2, well)];
        let trace = Trace::from_events(TRACE, items.into_iter().chain([run]));
        let why = trace.why();
        assert_eq!(why.recovered.iter().map(|r| (r.last_failure.id, r.failures)).collect::<Vec<_>>(), [(id(5), 2)]);
        assert!(why.also_failed.is_empty());
        // All of them failed, each once.
        let run = failed(1, 0, "a.run", 0..100, "3 items are left");
        let trace = Trace::from_events(TRACE, [run, item(2, 1, ill), item(3, 2, ill), item(4, 3, ill)]);
        let why = trace.why();
        assert_eq!(why.chain.last().map(|cause| (cause.span.id, cause.attempts)), Some((id(4), 1)));
        assert_eq!(ids(&why.also_failed), [2, 3]);
    }

    #[test]
    fn what_failed_at_the_same_time_was_not_tried_again() {
        let part = |span: u64| failed(span, 1, "a.part", 10..20 + span, "no");
        let trace = Trace::from_events(TRACE, [failed(1, 0, "a.run", 0..100, "2 parts failed"), part(2), part(3)]);
        let why = trace.why();
        assert_eq!(why.chain.last().map(|cause| (cause.span.id, cause.attempts)), Some((id(3), 1)));
        assert_eq!(why.also_failed.iter().map(|span| span.id).collect::<Vec<_>>(), [id(2)]);
    }
}
