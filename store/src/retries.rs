//! Calls beside each other enter; which failed ones were made again, and which of those went well at last, leaves: for
//! all who say so, `why`, `errors` and `bottlenecks`.
//!
//! Whether a call may have been an [attempt](is_attempt) of a later one beside it, these two say. That they have one
//! name and say nothing else that differs is no evidence yet: so do the items of a list, of which one fails and the
//! caller goes on. So they have to count their attempts; or to share the value of a field that tells calls of this
//! name apart; or all calls of the name are one after the other and end with the first that did not fail ([`Calls`]).
//!
//! A failure *was tried again* where it was an attempt of any, and *recovered* where it was one of a call that
//! succeeded.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::Bound::{self, Excluded, Unbounded};

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
    /// The calls that were made because others had failed.
    pub(crate) again: HashSet<SpanId>,
    /// What is known of the calls of a name below a span, where one of them failed.
    calls: HashMap<(Option<u32>, &'t str), Calls<'t>>,
}

/// The calls of one name below one span, taken together.
struct Calls<'t> {
    /// The value of each field, as the first of them recorded it.
    values: HashMap<&'t str, &'t Value>,
    /// The fields that have another value in another one: they tell of what the call was.
    telling: HashSet<&'t str>,
    /// Whether each began when the one before had ended, and none followed upon one that did not fail: somebody went on
    /// until it went well.
    until_it_went_well: bool,
    last: Option<&'t Span>,
}

impl<'t> Retries<'t> {
    /// Time: *n* log *n* in the spans.
    pub(crate) fn of(trace: &'t Trace) -> Self {
        let mut found = Self {
            tried_again: HashSet::new(),
            recovered: HashSet::new(),
            groups: Vec::new(),
            again: HashSet::new(),
            calls: HashMap::new(),
        };
        found.among(&|| trace.roots());
        let mut above: Vec<u32> = trace.failed().filter_map(Span::above).collect();
        above.sort_unstable();
        above.dedup();
        for span in above.into_iter().filter_map(|place| trace.spans().get(place as usize)) {
            if span.below.len() > 1 {
                found.among(&|| trace.children(span));
            }
        }
        found
    }

    /// Whether a call was an earlier attempt of another one beside it, as far as anything speaks for that.
    pub(crate) fn is_attempt(&self, earlier: &Span, later: &Span) -> bool {
        let calls = self.calls.get(&(earlier.above(), earlier.name.as_ref()));
        is_attempt(earlier, later)
            && (is_counted(&earlier.data) && is_counted(&later.data)
                || calls.is_some_and(|calls| calls.speak_for(&earlier.data, &later.data)))
    }

    /// Siblings enter in the order in which they began.
    fn among<S: Iterator<Item = &'t Span>>(&mut self, siblings: &dyn Fn() -> S) {
        let siblings = || siblings().filter(|span| !span.is_log());
        let mut names = siblings().filter(|span| span.outcome.is_failure()).map(|span| span.name.as_ref()).peekable();
        if names.peek().is_none() {
            return;
        }
        let names: HashSet<&str> = names.collect();
        for span in siblings().filter(|span| names.contains(span.name.as_ref())) {
            self.calls.entry((span.above(), &span.name)).or_insert_with(|| Calls::of(span)).add(span);
        }
        let mut failures: HashMap<&str, Vec<Failures<'t>>> = HashMap::new();
        for span in siblings() {
            let is_failure = span.outcome.is_failure();
            if !is_failure && !failures.contains_key(span.name.as_ref()) {
                continue;
            }
            let calls = failures.entry(&span.name).or_default();
            let lately = calls.len().saturating_sub(LATELY);
            let mut made_good = Vec::new();
            let known = self.calls.get(&(span.above(), span.name.as_ref()));
            for call in calls[lately..].iter_mut().filter(|call| agree(call.fields, &span.data)) {
                // Where only counting speaks for it, both have to count.
                let least = match known.is_some_and(|known| known.speak_for(call.fields, &span.data)) {
                    true => Unbounded,
                    false if is_counted(&span.data) => Excluded(None),
                    false => continue,
                };
                let earlier = call.try_again(span, least);
                self.again.extend((!earlier.is_empty()).then_some(span.id));
                self.tried_again.extend(earlier);
                if span.outcome == Outcome::Success {
                    call.make_good(span, least, &mut made_good);
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

/// Calls that have failed, by when they ended, with the place, which tells them apart.
type Failed<'t> = BTreeMap<(Option<Timestamp>, u32), &'t Span>;

/// What has failed with the same fields, and was not made good so far.
struct Failures<'t> {
    fields: &'t Fields,
    /// By which attempt it was: what was not tried again.
    not_again: BTreeMap<Option<i64>, Failed<'t>>,
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
    fn try_again(&mut self, later: &Span, least: Bound<Option<i64>>) -> Vec<SpanId> {
        let (mut found, mut done) = (Vec::new(), Vec::new());
        let below = count(&later.data).map_or(Unbounded, |count| Excluded(Some(count)));
        for (count, running) in self.not_again.range_mut((least, below)).rev().take(LATELY) {
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
    fn make_good(&mut self, later: &Span, least: Bound<Option<i64>>, found: &mut Vec<&'t Span>) {
        let below = count(&later.data).map_or(Unbounded, |count| Excluded(Some(count)));
        found.extend(self.in_vain.extract_if((least, below), |_, _| true).flat_map(|(_, failed)| failed));
    }
}

impl<'t> Calls<'t> {
    fn of(first: &'t Span) -> Self {
        let values = own(&first.data).collect();
        Self { values, telling: HashSet::new(), until_it_went_well: true, last: None }
    }

    /// They come in the order in which they began.
    fn add(&mut self, span: &'t Span) {
        for (name, value) in own(&span.data) {
            if *self.values.entry(name).or_insert(value) != value {
                self.telling.insert(name);
            }
        }
        let follows = |last: &Span| last.outcome.is_failure() && last.ended <= Some(span.began);
        self.until_it_went_well &= self.last.is_none_or(follows);
        self.last = Some(span);
    }

    /// Whether anything but their name speaks for two of them to be attempts of one call, that nothing speaks against.
    fn speak_for(&self, earlier: &Fields, later: &Fields) -> bool {
        let is_told = |(name, value): (&str, &Value)| self.telling.contains(name) && later.get(name) == Some(value);
        self.until_it_went_well || own(earlier).any(is_told)
    }
}

/// Whether a call may have been an earlier attempt of another one beside it: of the same name, over before that began,
/// for the same, and, where both count their attempts, with a smaller count.
fn is_attempt(earlier: &Span, later: &Span) -> bool {
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

fn is_counted(fields: &Fields) -> bool {
    count(fields).is_some()
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
