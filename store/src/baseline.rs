//! Earlier traces of one kind enter, and then one more; what is unusual about that one leaves, each time with what is
//! usual.
//!
//! What is usual is the median, and how far from it is still usual the median of the absolute deviations (MAD): half of
//! the traces may be as wild as they like. A number is unusual from a modified z-score of 3.5 on, 0.6745 · (x - median)
//! / MAD, as Iglewicz and Hoaglin propose ("How to Detect and Handle Outliers", ASQC Basic References in Quality
//! Control 16, 1993). Durations and counts are taken as logarithms: twice as long is as far away as half as long.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use tense_event::SpanId;

use crate::errors::{ErrorGroup, ErrorKey};
use crate::performance::{OperationCost, Performance};
use crate::robust::{deviation, median};
use crate::{Outcome, Trace};

/// So many traces there have to be before anything can be told, unless somebody says another number.
pub const MINIMUM: usize = 20;
/// From this modified z-score on, a number is unusual.
pub const THRESHOLD: f64 = 3.5;
/// Makes a MAD comparable with the standard deviation of a normal distribution.
const CONSISTENCY: f64 = 0.6745;
/// A spread that is smaller counts as this one, or the smallest difference would be unusual where all are the same:
/// with it, 40 % more are.
const LEAST_SPREAD: f64 = CONSISTENCY * 0.095;
/// Nobody looks for a difference that is smaller.
const LEAST_TIME: Duration = Duration::from_millis(1);
/// An operation that so many of a hundred traces have, or do not have, is expected, or is not.
const NEARLY_ALL_PERCENT: u128 = 95;

/// What earlier traces of one kind were like.
#[derive(Debug, Clone, Default)]
pub struct Baseline {
    traces: usize,
    /// How many they stand for.
    weight: u64,
    /// Those of them of which all is here, and how many these stand for: of others, something may have been left out.
    complete: usize,
    complete_weight: u64,
    whole: Vec<(f64, u64)>,
    operations: HashMap<String, Usual>,
    errors: HashMap<ErrorKey, u64>,
}

/// What the traces that have it know of one operation; the numbers as logarithms.
#[derive(Debug, Clone, Default)]
struct Usual {
    weight: u64,
    own: Vec<(f64, u64)>,
    calls: Vec<(f64, u64)>,
}

/// Something unusual about a trace.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Anomaly {
    /// The name of the spans that it is about.
    pub operation: String,
    /// One of them, where it is in the trace.
    pub span: Option<SpanId>,
    /// What is unusual.
    pub what: Unusual,
    /// How many of the earlier runs have this operation, or this error; each as many as it stands for.
    pub seen_in: u64,
    /// Of how many.
    pub of: u64,
}

/// What is unusual about an operation.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Unusual {
    /// It failed in a way in which none of the earlier traces did.
    Error(ErrorKey),
    /// Nearly none of the earlier traces has it.
    New,
    /// Nearly all of the earlier traces have it, and this one has not.
    Missing,
    /// The whole took longer, or less long; in seconds.
    Whole(Score),
    /// All its calls together were at work themselves for longer, or for less long; in seconds.
    Own(Score),
    /// It was called more often, or more seldom.
    Calls(Score),
}

/// A number beside what is usual.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Score {
    /// The number.
    pub found: f64,
    /// The median of the earlier ones.
    pub median: f64,
    /// From here on a number is usual.
    pub low: f64,
    /// Until here a number is usual.
    pub high: f64,
    /// How far it is from the median: the modified z-score, of logarithms; negative where it is smaller.
    pub score: f64,
}

/// There are too few earlier traces to say what is usual.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "{known} earlier {} too few to tell what is usual; it takes {needed}",
    if *known == 1 { "run is" } else { "runs are" }
)]
#[non_exhaustive]
pub struct TooFew {
    /// How many there are.
    pub known: usize,
    /// How many it takes.
    pub needed: usize,
}

impl Baseline {
    /// Takes one more trace. One that has no end, and one that stands for none, says nothing about what is usual, and
    /// is left out; of one of which sampling or limits have left something out, the whole and the errors count. Whether
    /// all are of one kind, whoever calls has to know.
    ///
    /// Time: *n* log *n* in its spans.
    pub fn add(&mut self, trace: &Trace) {
        Self::add_to_all([self], trace);
    }

    /// The same for several at once, each of what came before another trace: what the trace cost is worked out once.
    pub fn add_to_all<'b>(baselines: impl IntoIterator<Item = &'b mut Self>, trace: &Trace) {
        let performance = trace.performance();
        let Some(root) = performance.root.filter(|root| root.outcome != Outcome::Open && root.sample_weight > 0) else {
            return;
        };
        let (weight, errors) = (u64::from(root.sample_weight), trace.errors());
        for baseline in baselines {
            baseline.take(trace, &performance, weight, &errors);
        }
    }

    fn take(&mut self, trace: &Trace, performance: &Performance<'_>, weight: u64, errors: &[ErrorGroup]) {
        self.traces += 1;
        self.weight = self.weight.saturating_add(weight);
        self.whole.push((seconds(performance.whole).ln(), weight));
        for group in errors {
            let seen = self.errors.entry(group.key.clone()).or_default();
            *seen = seen.saturating_add(weight);
        }
        if !is_complete(trace, performance) {
            return;
        }
        self.complete += 1;
        self.complete_weight = self.complete_weight.saturating_add(weight);
        for operation in &performance.operations {
            let usual = self.operations.entry(operation.name.to_owned()).or_default();
            usual.weight = usual.weight.saturating_add(weight);
            usual.own.push((seconds(operation.own).ln(), weight));
            usual.calls.push(((operation.calls as f64).ln(), weight));
        }
    }

    /// How many traces it has been made of.
    pub const fn traces(&self) -> usize {
        self.traces
    }

    /// What is unusual about a trace of the same kind: new errors come first, then what is new or missing, then what is
    /// far from usual, the farthest first.
    ///
    /// Of a trace that has not ended, or of which sampling has left something out, nothing is told that is only not
    /// there yet. An operation that fewer earlier traces than the minimum have is not held against their times.
    ///
    /// # Errors
    ///
    /// Fewer than `minimum` earlier traces say nothing about what is usual.
    ///
    /// ```
    /// use std::time::Duration;
    /// use tense_event::{Event, SpanId, Status, Timestamp, TraceId};
    /// use tense_store::{Trace, baseline::{Baseline, MINIMUM, Unusual}};
    ///
    /// let took = |ms: u64| {
    ///     let id = TraceId::from_bytes([7; 16]);
    ///     let at = Timestamp::from_unix_nanos(1_795_255_200_000_123_000);
    ///     let mut event = Event::new(id, SpanId::new(1).unwrap(), "operation.page.served", Status::Success, at);
    ///     event.duration = Some(Duration::from_millis(ms));
    ///     Trace::from_events(id, [event])
    /// };
    /// let mut baseline = Baseline::default();
    /// (0..30).for_each(|n| baseline.add(&took(20 + n % 3)));
    /// assert_eq!(baseline.unusual(&took(23), MINIMUM).unwrap(), []);
    /// let found = baseline.unusual(&took(90), MINIMUM).unwrap();
    /// assert!(matches!(found[0].what, Unusual::Whole(score) if score.high < 0.090), "{found:?}");
    /// assert!(Baseline::default().unusual(&took(90), MINIMUM).is_err());
    /// ```
    pub fn unusual(&self, trace: &Trace, minimum: usize) -> Result<Vec<Anomaly>, TooFew> {
        if self.traces < minimum.max(1) {
            return Err(TooFew { known: self.traces, needed: minimum.max(1) });
        }
        let performance = trace.performance();
        let mut found = self.new_errors(trace);
        if self.complete >= minimum.max(1) {
            found.extend(self.structure(trace, &performance));
        }
        let mut far = self.far(trace, &performance, minimum);
        far.sort_by(|a, b| b.distance().total_cmp(&a.distance()));
        found.extend(far);
        Ok(found)
    }

    fn new_errors(&self, trace: &Trace) -> Vec<Anomaly> {
        let groups = trace.errors().into_iter().filter(|group| !self.errors.contains_key(&group.key));
        let anomaly = |group: ErrorGroup| Anomaly {
            operation: group.key.operation.clone(),
            span: Some(group.example.span),
            what: Unusual::Error(group.key),
            seen_in: 0,
            of: self.weight,
        };
        // What only followed from another failure is no news beside that one.
        let (causes, others): (Vec<_>, Vec<_>) = groups.partition(|group| group.causes + group.tried_again > 0);
        let told = if causes.is_empty() { others } else { causes };
        told.into_iter().map(anomaly).collect()
    }

    fn structure(&self, trace: &Trace, performance: &Performance<'_>) -> Vec<Anomaly> {
        let here: BTreeMap<&str, &OperationCost<'_>> =
            performance.operations.iter().map(|operation| (operation.name, operation)).collect();
        let nearly_all = |of: u64| u128::from(of) * 100 >= u128::from(self.complete_weight) * NEARLY_ALL_PERCENT;
        let seen_in = |name: &str| self.operations.get(name).map_or(0, |usual| usual.weight);
        let anomaly = |name: &str, span, what| Anomaly {
            operation: name.to_owned(),
            span,
            what,
            seen_in: seen_in(name),
            of: self.complete_weight,
        };
        let new = here.keys().filter(|name| nearly_all(self.complete_weight.saturating_sub(seen_in(name))));
        let first = first_spans(trace);
        let mut found: Vec<_> = new.map(|name| anomaly(name, first.get(name).copied(), Unusual::New)).collect();
        if is_complete(trace, performance) {
            let mut missing: Vec<&str> = (self.operations.iter())
                .filter(|(name, usual)| nearly_all(usual.weight) && !here.contains_key(name.as_str()))
                .map(|(name, _)| name.as_str())
                .collect();
            missing.sort_unstable();
            found.extend(missing.into_iter().map(|name| anomaly(name, None, Unusual::Missing)));
        }
        found
    }

    fn far(&self, trace: &Trace, performance: &Performance<'_>, minimum: usize) -> Vec<Anomaly> {
        let is_complete = is_complete(trace, performance);
        // The time of what was left out below an operation counts as its own.
        let has_left_out = has_left_out(trace);
        // What is smaller may still grow.
        let may_be_told = |score: &Score| is_complete || score.score > 0.0;
        let mut found = Vec::new();
        let mut tell = |operation: &str, span, what, seen_in, of| {
            found.push(Anomaly { operation: operation.to_owned(), span, what, seen_in, of });
        };
        let first = first_spans(trace);
        if let Some(root) = performance.root {
            let score = Score::of(&self.whole, seconds(performance.whole));
            if let Some(score) = score.filter(Score::is_long).filter(may_be_told) {
                tell(&root.name, Some(root.id), Unusual::Whole(score), self.weight, self.weight);
            }
        }
        for operation in &performance.operations {
            let Some(usual) = self.operations.get(operation.name).filter(|usual| usual.own.len() >= minimum) else {
                continue;
            };
            let span = first.get(operation.name).copied();
            let own = Score::of(&usual.own, seconds(operation.own));
            if let Some(score) = own.filter(|_| !has_left_out).filter(Score::is_long).filter(may_be_told) {
                tell(operation.name, span, Unusual::Own(score), usual.weight, self.complete_weight);
            }
            let calls = Score::of(&usual.calls, operation.calls as f64);
            if let Some(score) = calls.filter(may_be_told) {
                tell(operation.name, span, Unusual::Calls(score), usual.weight, self.complete_weight);
            }
        }
        found
    }
}

impl Anomaly {
    fn distance(&self) -> f64 {
        match &self.what {
            Unusual::Whole(score) | Unusual::Own(score) | Unusual::Calls(score) => score.score.abs(),
            _ => f64::INFINITY,
        }
    }
}

impl Score {
    /// Holds a number against the logarithms of others; none where it is usual.
    fn of(logarithms: &[(f64, u64)], found: f64) -> Option<Self> {
        let middle = median(logarithms)?;
        let spread = deviation(logarithms, middle)?.max(LEAST_SPREAD);
        let score = CONSISTENCY * (found.ln() - middle) / spread;
        let usual = THRESHOLD * spread / CONSISTENCY;
        (score.abs() > THRESHOLD).then(|| Self {
            found,
            median: middle.exp(),
            low: (middle - usual).exp(),
            high: (middle + usual).exp(),
            score,
        })
    }

    /// Whether a time differs by so much that it is worth a look.
    fn is_long(&self) -> bool {
        (self.found - self.median).abs() >= LEAST_TIME.as_secs_f64()
    }
}

/// Whether all of it is there: it has ended, and nothing of it was left out.
fn is_complete(trace: &Trace, performance: &Performance<'_>) -> bool {
    performance.root.is_some_and(|root| root.outcome != Outcome::Open) && !has_left_out(trace)
}

/// Whether sampling or limits have left something out of it.
fn has_left_out(trace: &Trace) -> bool {
    !trace.gaps().unsampled.is_empty() || trace.spans().iter().any(|span| span.left_out() > 0)
}

/// Of each operation the span that began first.
fn first_spans(trace: &Trace) -> HashMap<&str, SpanId> {
    trace.spans().iter().rev().map(|span| (span.name.as_ref(), span.id)).collect()
}

/// What takes no time at all has no logarithm.
fn seconds(duration: Duration) -> f64 {
    duration.max(Duration::from_nanos(1)).as_secs_f64()
}
