//! Calls beside each other enter; which failed ones were made again, and which of those went well at last, leaves: for
//! all who say so, `why`, `errors` and `bottlenecks`.
//!
//! Whether a call was an [attempt](is_attempt) of a later one beside it, these two alone say. A failure *was tried
//! again* where it was an attempt of any, and *recovered* where it was one of a call that succeeded.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::Bound::{Excluded, Unbounded};

use serde_json::Value;
use tense_event::{Fields, SpanId, Timestamp};

use crate::why::Recovered;
use crate::{Outcome, Span, Trace};

/// Another attempt follows soon: so many different calls of one name, those that failed last, are looked at for what it
/// may be an attempt of, and so many counts of each that still ran. So the time stays linear.
const LATELY: usize = 64;

/// Which attempt a call is.
const ATTEMPT: &str = "attempt";
/// How long was waited before it.
const BACKOFF: &str = "backoff_ms";

/// The failed calls of a trace that were made again.
pub(crate) struct Retries<'t> {
    /// With success or in vain.
    pub(crate) tried_again: HashSet<SpanId>,
    /// Those of them that were made good.
    pub(crate) recovered: HashSet<SpanId>,
    /// The same, by the call that made them good.
    pub(crate) groups: Vec<Recovered<'t>>,
}

impl<'t> Retries<'t> {
    /// Time: *n* log *n* in the spans.
    pub(crate) fn of(trace: &'t Trace) -> Self {
        let mut found = Self { tried_again: HashSet::new(), recovered: HashSet::new(), groups: Vec::new() };
        found.among(trace.roots());
        for span in trace.spans().iter().filter(|span| span.below.len() > 1) {
            found.among(trace.children(span));
        }
        found
    }

    /// Siblings enter in the order in which they began.
    fn among(&mut self, siblings: impl Iterator<Item = &'t Span>) {
        let mut failures: HashMap<&str, Vec<Failures<'t>>> = HashMap::new();
        for span in siblings.filter(|span| !span.is_log()) {
            let is_failure = span.outcome.is_failure();
            if !is_failure && !failures.contains_key(span.name.as_ref()) {
                continue;
            }
            let calls = failures.entry(&span.name).or_default();
            let lately = calls.len().saturating_sub(LATELY);
            let mut made_good = Vec::new();
            for call in calls[lately..].iter_mut().filter(|call| agree(call.fields, &span.data)) {
                self.tried_again.extend(call.try_again(span));
                if span.outcome == Outcome::Success {
                    call.make_good(span, &mut made_good);
                }
            }
            self.recovered.extend(made_good.iter().map(|failed| failed.id));
            let last = made_good.iter().max_by_key(|failed| failed.place);
            self.groups.extend(last.map(|last| Recovered { last_failure: last, failures: made_good.len() }));
            calls.extract_if(lately.., |call| call.is_empty()).for_each(drop);
            if is_failure {
                let lately = calls.len().saturating_sub(LATELY);
                let same = calls[lately..].iter().rposition(|call| is_alike(call.fields, &span.data));
                let mut call = same.map_or_else(|| Failures::of(span), |at| calls.remove(lately + at));
                call.add(span);
                // What failed last stands last.
                calls.push(call);
            }
        }
    }
}

/// What has failed with the same fields, and was not made good so far.
struct Failures<'t> {
    fields: &'t Fields,
    /// By which attempt it was and when it ended, with the place, which tells them apart: what was not tried again.
    not_again: BTreeMap<Option<i64>, BTreeMap<(Option<Timestamp>, u32), &'t Span>>,
    /// By which attempt it was: what was tried again in vain.
    in_vain: BTreeMap<Option<i64>, Vec<&'t Span>>,
}

impl<'t> Failures<'t> {
    const fn of(span: &'t Span) -> Self {
        Self { fields: &span.data, not_again: BTreeMap::new(), in_vain: BTreeMap::new() }
    }

    fn is_empty(&self) -> bool {
        self.not_again.is_empty() && self.in_vain.is_empty()
    }

    fn add(&mut self, failed: &'t Span) {
        self.not_again.entry(count(&failed.data)).or_default().insert((failed.ended, failed.place), failed);
    }

    /// Those that the later call is the first one to try again.
    fn try_again(&mut self, later: &Span) -> Vec<SpanId> {
        let (mut found, mut done) = (Vec::new(), Vec::new());
        let below = count(&later.data).map_or(Unbounded, |count| Excluded(Some(count)));
        for (count, running) in self.not_again.range_mut((Unbounded, below)).rev().take(LATELY) {
            // What ran beside it was no earlier try.
            while let Some(first) = running.first_entry().filter(|first| first.key().0 <= Some(later.began)) {
                let failed = first.remove();
                found.push(failed.id);
                self.in_vain.entry(*count).or_default().push(failed);
            }
            done.extend(running.is_empty().then_some(*count));
        }
        for count in done {
            self.not_again.remove(&count);
        }
        found
    }

    /// Takes out what the later call, which succeeded, has tried again.
    fn make_good(&mut self, later: &Span, found: &mut Vec<&'t Span>) {
        let below = count(&later.data);
        while let Some(first) = self.in_vain.first_entry().filter(|first| below.is_none() || *first.key() < below) {
            found.extend(first.remove());
        }
    }
}

/// Whether a call was an earlier attempt of another one beside it: of the same name, over before that began, for the
/// same, and, where both count their attempts, with a smaller count.
pub(crate) fn is_attempt(earlier: &Span, later: &Span) -> bool {
    let is_counted_up = match (count(&earlier.data), count(&later.data)) {
        (Some(earlier), Some(later)) => earlier < later,
        _ => true,
    };
    earlier.name == later.name
        && earlier.place < later.place
        && earlier.ended <= Some(later.began)
        && is_counted_up
        && agree(&earlier.data, &later.data)
}

/// Whether two calls of one name may be for the same: no field that both recorded differs.
///
/// Attempts of a stage also say how long they have waited, and stand below the span of that stage, where nothing else
/// has their name. So what each has found, the status of an answer perhaps, may differ.
fn agree(earlier: &Fields, later: &Fields) -> bool {
    let is_of_stage = |fields: &Fields| count(fields).is_some() && fields.get(BACKOFF).is_some();
    is_of_stage(earlier) && is_of_stage(later)
        || !own(earlier).any(|(name, value)| later.get(name).is_some_and(|other| other != value))
}

/// Whether they agree with the same others.
fn is_alike(one: &Fields, other: &Fields) -> bool {
    let is_waited = |fields: &Fields| (count(fields).is_some(), fields.get(BACKOFF).is_some());
    is_waited(one) == is_waited(other) && own(one).eq(own(other))
}

/// The fields that do not differ between attempts of one call.
fn own(fields: &Fields) -> impl Iterator<Item = (&str, &Value)> {
    fields.iter().filter(|(name, _)| ![ATTEMPT, BACKOFF].contains(name))
}

fn count(fields: &Fields) -> Option<i64> {
    fields.get(ATTEMPT).and_then(Value::as_i64)
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
