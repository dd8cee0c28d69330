//! Two traces enter; how they differ leaves: what only one of them has, what ended otherwise, what took longer.

use std::cmp::Reverse;
use std::collections::hash_map::DefaultHasher;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt::{self, Write as _};
use std::hash::{Hash, Hasher};
use std::time::Duration;

use crate::errors::ErrorKey;
use crate::pipeline::NeverRan;
use crate::timing::length;
use crate::{Span, Trace};

/// Siblings of one name are matched by what they recorded as long as so many pairs of them have to be looked at; of
/// more, the first of one trace is the first of the other.
const PAIRS: usize = 1 << 16;

/// How two traces differ. `a` and `b` stand for the first and the second.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Comparison<'a, 'b> {
    /// What the first was about: its longest root.
    pub root_a: Option<&'a Span>,
    /// What the second was about.
    pub root_b: Option<&'b Span>,
    /// How long these two were open.
    pub whole: (Duration, Duration),
    /// How many calls they have in common: the same way of names down to them.
    pub common: usize,
    /// Calls that only the first has, without those below them.
    pub only_a: Vec<Lone<'a>>,
    /// Calls that only the second has, without those below them.
    pub only_b: Vec<Lone<'b>>,
    /// Calls that ended otherwise, or failed with another error.
    pub outcomes: Vec<Matched<'a, 'b>>,
    /// Calls that were at work themselves for longer, or for less long: the greatest difference comes first.
    pub times: Vec<Matched<'a, 'b>>,
    /// Stages that never ran in the first, and did, or were not declared, in a pipeline of that name of the second.
    pub never_ran_a: Vec<NeverRan<'a>>,
    /// The same of the second.
    pub never_ran_b: Vec<NeverRan<'b>>,
}

/// A call that one of two traces has.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Lone<'t> {
    /// The call.
    pub span: &'t Span,
    /// How many calls there are below it.
    pub below: usize,
    /// How long it was open.
    pub took: Duration,
}

/// The same call in both traces.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Matched<'a, 'b> {
    /// In the first.
    pub a: &'a Span,
    /// In the second.
    pub b: &'b Span,
    /// How long it was open in each of them.
    pub took: (Duration, Duration),
    /// How long it was at work itself in each of them.
    pub own: (Duration, Duration),
}

impl Comparison<'_, '_> {
    /// Whether both are about the same: their longest roots have the same name.
    pub fn is_of_one_kind(&self) -> bool {
        self.root_a.map(|root| &root.name) == self.root_b.map(|root| &root.name)
    }

    /// Whether they are the same call by call, and took the same time.
    pub fn is_empty(&self) -> bool {
        self.only_a.is_empty()
            && self.only_b.is_empty()
            && self.outcomes.is_empty()
            && self.times.is_empty()
            && self.never_ran_a.is_empty()
            && self.never_ran_b.is_empty()
    }
}

impl Matched<'_, '_> {
    /// By how much its own work differs.
    pub fn effect(&self) -> Duration {
        self.own.0.abs_diff(self.own.1)
    }

    /// How many times as long its own work took in the second; none where there was none in the first.
    pub fn ratio(&self) -> Option<f64> {
        (!self.own.0.is_zero()).then(|| self.own.1.as_secs_f64() / self.own.0.as_secs_f64())
    }
}

impl Trace {
    /// How another trace differs from this one.
    ///
    /// Two calls are the same when the way of names from the root down to them is, and their place among siblings of
    /// that name. Where these are several, those that recorded the same are found first, in their order (a longest
    /// common subsequence), and what lies between two of them follows in order. Log lines are left out.
    ///
    /// Time: *n* log *n* in the spans of both, plus the matching of siblings of one name: for *k* beside *l* of them
    /// *k* · *l* steps where that is no more than 65,536, so no more than 256 for each span.
    ///
    /// ```
    /// use std::time::Duration;
    /// use tense_event::{Event, SpanId, Status, Timestamp, TraceId};
    /// use tense_store::Trace;
    ///
    /// let id = TraceId::from_bytes([7; 16]);
    /// let call = |span, parent, name, ms: i64| {
    ///     let at = Timestamp::from_unix_nanos(1_795_255_200_000_000_000 + ms * 1_000_000);
    ///     let mut event = Event::new(id, SpanId::new(span).unwrap(), name, Status::Success, at);
    ///     event.parent_span_id = SpanId::new(parent);
    ///     event.duration = Some(Duration::from_millis(ms as u64));
    ///     event
    /// };
    /// let quick = Trace::from_events(id, [call(1, 0, "operation.page.served", 8)]);
    /// let calls = [call(5, 0, "operation.page.served", 80), call(6, 5, "operation.price.read", 70)];
    /// let slow = Trace::from_events(id, calls);
    /// let difference = quick.compare(&slow);
    /// assert_eq!(difference.only_b[0].span.name, "operation.price.read");
    /// assert_eq!(difference.times[0].took, (Duration::from_millis(8), Duration::from_millis(80)));
    /// assert!(quick.compare(&quick).is_empty());
    /// ```
    pub fn compare<'a, 'b>(&'a self, other: &'b Self) -> Comparison<'a, 'b> {
        let (times_a, times_b) = (Times::of(self), Times::of(other));
        let (root_a, root_b) = (self.longest_root(), other.longest_root());
        let (never_ran_a, never_ran_b) = never_ran(self, other);
        let mut found = Comparison {
            root_a,
            root_b,
            whole: (
                root_a.map_or(Duration::ZERO, |a| times_a.took(a)),
                root_b.map_or(Duration::ZERO, |b| times_b.took(b)),
            ),
            common: 0,
            only_a: Vec::new(),
            only_b: Vec::new(),
            outcomes: Vec::new(),
            times: Vec::new(),
            never_ran_a,
            never_ran_b,
        };
        // Of pairs, whose children are to be matched next; no recursion.
        let mut next = vec![(self.roots().collect::<Vec<_>>(), other.roots().collect::<Vec<_>>())];
        while let Some((siblings_a, siblings_b)) = next.pop() {
            let aligned = align(&siblings_a, &siblings_b);
            for (a, b) in aligned.pairs {
                found.common += 1;
                let matched =
                    Matched { a, b, took: (times_a.took(a), times_b.took(b)), own: (times_a.own(a), times_b.own(b)) };
                if a.outcome != b.outcome || a.outcome.is_failure() && !fail_alike(a, b) {
                    found.outcomes.push(matched);
                }
                if matched.own.0 != matched.own.1 {
                    found.times.push(matched);
                }
                if !(a.below.is_empty() && b.below.is_empty()) {
                    next.push((self.children(a).collect(), other.children(b).collect()));
                }
            }
            found.only_a.extend(aligned.only_a.into_iter().map(|span| times_a.lone(span)));
            found.only_b.extend(aligned.only_b.into_iter().map(|span| times_b.lone(span)));
        }
        found.only_a.sort_by_key(|lone| (lone.span.began, lone.span.id));
        found.only_b.sort_by_key(|lone| (lone.span.began, lone.span.id));
        found.outcomes.sort_by_key(|matched| (matched.a.began, matched.a.id));
        found.times.sort_by_key(|matched| (Reverse(matched.effect()), matched.a.began, matched.a.id));
        found
    }
}

/// Whether two failures say the same but for numbers and ids.
fn fail_alike(a: &Span, b: &Span) -> bool {
    let (a, b) = (ErrorKey::of(a), ErrorKey::of(b));
    // A line may have moved between two versions of a program.
    (a.kind, a.error_type, a.message) == (b.kind, b.error_type, b.message)
}

/// How long the spans of a trace took.
struct Times<'t> {
    trace: &'t Trace,
    own: Vec<Duration>,
    /// Until when what has not ended counts.
    last: i64,
}

impl<'t> Times<'t> {
    fn of(trace: &'t Trace) -> Self {
        Self { trace, own: trace.self_times(), last: trace.last_moment() }
    }

    fn own(&self, span: &Span) -> Duration {
        self.trace.place(span).map_or(Duration::ZERO, |place| self.own[place])
    }

    fn took(&self, span: &Span) -> Duration {
        self.trace.place(span).map_or(Duration::ZERO, |place| length(&self.trace.extent(place, self.last)))
    }

    fn lone(&self, span: &'t Span) -> Lone<'t> {
        let mut next: Vec<&Span> = vec![span];
        let mut below = 0;
        while let Some(span) = next.pop() {
            let first = next.len();
            next.extend(self.trace.children(span).filter(|child| !child.is_log()));
            below += next.len() - first;
        }
        Lone { span, below, took: self.took(span) }
    }
}

/// Which of some siblings are the same calls.
#[derive(Default)]
struct Aligned<'a, 'b> {
    pairs: Vec<(&'a Span, &'b Span)>,
    only_a: Vec<&'a Span>,
    only_b: Vec<&'b Span>,
}

fn align<'a, 'b>(siblings_a: &[&'a Span], siblings_b: &[&'b Span]) -> Aligned<'a, 'b> {
    let mut groups: BTreeMap<&str, (Vec<&'a Span>, Vec<&'b Span>)> = BTreeMap::new();
    for a in siblings_a.iter().filter(|a| !a.is_log()) {
        groups.entry(a.name.as_ref()).or_default().0.push(a);
    }
    for b in siblings_b.iter().filter(|b| !b.is_log()) {
        groups.entry(b.name.as_ref()).or_default().1.push(b);
    }
    let mut aligned = Aligned::default();
    for (of_a, of_b) in groups.into_values() {
        let (mut from_a, mut from_b) = (0, 0);
        // Behind the last pair of those that recorded the same there is one more stretch without.
        for (to_a, to_b) in anchors(&of_a, &of_b).into_iter().chain([(of_a.len(), of_b.len())]) {
            let between_a = &of_a[from_a..to_a];
            let between_b = &of_b[from_b..to_b];
            aligned.pairs.extend(between_a.iter().copied().zip(between_b.iter().copied()));
            aligned.only_a.extend(between_a.iter().skip(between_b.len()));
            aligned.only_b.extend(between_b.iter().skip(between_a.len()));
            aligned.pairs.extend(of_a.get(to_a).copied().zip(of_b.get(to_b).copied()));
            (from_a, from_b) = ((to_a + 1).min(of_a.len()), (to_b + 1).min(of_b.len()));
        }
    }
    aligned
}

/// The places of calls of one name that recorded the same in both, so that both places only grow; none where one after
/// the other is the only way to match them.
fn anchors(of_a: &[&Span], of_b: &[&Span]) -> Vec<(usize, usize)> {
    if of_a.len().max(of_b.len()) == 1 || of_a.is_empty() || of_b.is_empty() {
        return Vec::new();
    }
    let keys = |spans: &[&Span]| spans.iter().map(|span| key(span)).collect::<Vec<u64>>();
    let (a, b) = (keys(of_a), keys(of_b));
    let ahead = a.iter().zip(&b).take_while(|(a, b)| a == b).count();
    let behind = a[ahead..].iter().rev().zip(b[ahead..].iter().rev()).take_while(|(a, b)| a == b).count();
    let (middle_a, middle_b) = (&a[ahead..a.len() - behind], &b[ahead..b.len() - behind]);
    let mut found: Vec<_> = (0..ahead).map(|place| (place, place)).collect();
    if middle_a.len().saturating_mul(middle_b.len()) <= PAIRS {
        // Of several longest ones, whoever comes first must not change which is taken.
        let middle = if middle_a <= middle_b {
            subsequence(middle_a, middle_b)
        } else {
            subsequence(middle_b, middle_a).into_iter().map(|(b, a)| (a, b)).collect()
        };
        found.extend(middle.into_iter().map(|(place_a, place_b)| (ahead + place_a, ahead + place_b)));
    }
    found.extend((0..behind).rev().map(|back| (a.len() - 1 - back, b.len() - 1 - back)));
    found
}

/// What a call recorded, as a number.
fn key(span: &Span) -> u64 {
    /// What is written is hashed, and not kept.
    struct Written(DefaultHasher);

    impl fmt::Write for Written {
        fn write_str(&mut self, text: &str) -> fmt::Result {
            self.0.write(text.as_bytes());
            Ok(())
        }
    }

    let mut written = Written(DefaultHasher::new());
    for (name, value) in span.data.iter() {
        name.hash(&mut written.0);
        // It fails where a value cannot be written, and none is such; what was written until then is its key.
        write!(written, "{value}").ok();
        written.0.write_u8(0xff);
    }
    written.0.finish()
}

/// The places of a longest common subsequence.
fn subsequence(a: &[u64], b: &[u64]) -> Vec<(usize, usize)> {
    let wide = b.len() + 1;
    // How long it is for what lies behind two places.
    let mut longest = vec![0_u32; (a.len() + 1) * wide];
    for at_a in (0..a.len()).rev() {
        for at_b in (0..b.len()).rev() {
            let here = at_a * wide + at_b;
            longest[here] = if a[at_a] == b[at_b] {
                longest[here + wide + 1] + 1
            } else {
                longest[here + wide].max(longest[here + 1])
            };
        }
    }
    let (mut at_a, mut at_b, mut found) = (0, 0, Vec::new());
    while at_a < a.len() && at_b < b.len() {
        let here = at_a * wide + at_b;
        if a[at_a] == b[at_b] {
            found.push((at_a, at_b));
            (at_a, at_b) = (at_a + 1, at_b + 1);
        } else if longest[here + wide] >= longest[here + 1] {
            at_a += 1;
        } else {
            at_b += 1;
        }
    }
    found
}

/// The stages that never ran in one trace more often than in the other, in pipelines that both have.
fn never_ran<'a, 'b>(a: &'a Trace, b: &'b Trace) -> (Vec<NeverRan<'a>>, Vec<NeverRan<'b>>) {
    let (of_a, of_b) = (a.never_ran(), b.never_ran());
    (without(&of_a, &of_b, b), without(&of_b, &of_a, a))
}

/// Those of the stages that are not also among the others, one for one.
fn without<'t>(absent: &[NeverRan<'t>], also: &[NeverRan<'_>], other: &Trace) -> Vec<NeverRan<'t>> {
    let pipelines: HashSet<&str> =
        other.spans().iter().filter(|span| span.declared_stages().is_some()).map(|span| span.name.as_ref()).collect();
    let mut others: HashMap<(&str, &str), usize> = HashMap::new();
    for absent in also {
        *others.entry((&absent.pipeline.name, absent.stage)).or_default() += 1;
    }
    let mut left = Vec::new();
    for absent in absent.iter().filter(|absent| pipelines.contains(absent.pipeline.name.as_ref())) {
        match others.get_mut(&(absent.pipeline.name.as_ref(), absent.stage)) {
            Some(also) if *also > 0 => *also -= 1,
            _ => left.push(*absent),
        }
    }
    left
}
