//! A trace enters; why it failed leaves: the way from its root down to the first cause, and what became of the rest.

use std::collections::{HashMap, HashSet};

use tense_event::SpanId;

use crate::pipeline::{Compensations, NeverRan};
use crate::retries::Retries;
use crate::{Gaps, Outcome, Span, Trace};

/// The answer to "why did it fail".
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Why<'t> {
    /// The span that the answer is about: the first root that failed, else one that is open, else the first; none when
    /// the trace has no spans.
    pub root: Option<&'t Span>,
    /// From the root down to the first cause, each because of the next; empty when the root did not fail.
    pub chain: Vec<Cause<'t>>,
    /// Calls that failed and succeeded when they were made again. That a later call beside it has the same name is no
    /// evidence of that: a loop may have gone on after a failure. Both have to count their attempts, or to share the
    /// value of a field that tells calls of this name apart; or the calls of this name are one after the other, and end
    /// with the first that went well.
    pub recovered: Vec<Recovered<'t>>,
    /// Other spans that failed, without the failures below them: the run went on, or failed for another reason.
    pub also_failed: Vec<&'t Span>,
    /// Spans that were dropped before they finished, by a caller that was not dropped itself: they lost a race, or what
    /// stood beside them failed, or their time was up. They have not failed themselves.
    pub cancelled: Vec<&'t Span>,
    /// What was undone, and what was not.
    pub compensations: Compensations<'t>,
    /// Stages that were declared and not come to.
    pub never_ran: Vec<NeverRan<'t>>,
    /// Pipelines that did not succeed and had no room to list all their stages: what else never ran there, nobody
    /// knows.
    pub stages_cut: Vec<&'t Span>,
    /// Stages that were left out, because their condition did not hold, with their pipelines.
    pub skipped: Vec<(&'t Span, &'t str)>,
    /// Spans of whose end nothing is known and that have no such spans below: where it stands, or stood.
    pub open: Vec<&'t Span>,
    /// What is missing from the trace, or wrong with it.
    pub gaps: &'t Gaps,
}

/// One span on the way down.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Cause<'t> {
    /// The span.
    pub span: &'t Span,
    /// What connects it with the span above.
    pub link: Link,
    /// How often it was tried, all in vain; 1 when it was not tried again.
    pub attempts: usize,
}

/// Why a failed span is taken for the cause of its parent's failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Link {
    /// It is where the way begins.
    Root,
    /// Both have the same error.
    SameError,
    /// The parent's error contains its message.
    Wrapped,
    /// It was the last thing that its parent did.
    LastDone,
    /// It failed before its parent did, but other things succeeded in between: it may be the cause.
    Perhaps,
}

/// A call that failed and then succeeded.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Recovered<'t> {
    /// The last of the failures.
    pub last_failure: &'t Span,
    /// How many there were.
    pub failures: usize,
}

/// All calls of one name that failed and then succeeded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct RecoveredName<'t> {
    /// The name of the spans.
    pub name: &'t str,
    /// How many calls there were.
    pub calls: usize,
    /// How often they failed, together.
    pub failures: usize,
}

impl<'t> Why<'t> {
    /// What [`recovered`](Self::recovered), by name, in the order in which the first of each name did. Linear.
    pub fn recovered_names(&self) -> Vec<RecoveredName<'t>> {
        let mut places = HashMap::new();
        let mut names: Vec<RecoveredName<'t>> = Vec::new();
        for recovered in &self.recovered {
            let name = recovered.last_failure.name.as_ref();
            let place = *places.entry(name).or_insert(names.len());
            if place == names.len() {
                names.push(RecoveredName { name, calls: 0, failures: 0 });
            }
            names[place].calls += 1;
            names[place].failures += recovered.failures;
        }
        names
    }
}

/// One step of an explanation: a span, and what its error adds to the one that follows.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Reason<'t> {
    /// The deepest span that failed with this error.
    pub cause: Cause<'t>,
    /// What the error says, without what the next reason says; empty when it says nothing of its own.
    pub message: &'t str,
}

impl<'t> Why<'t> {
    /// The chain without repetition: spans that passed the same error on are one reason, at the span where it arose.
    pub fn reasons(&self) -> Vec<Reason<'t>> {
        let mut reasons: Vec<Reason<'t>> = Vec::new();
        for cause in &self.chain {
            let message = cause.span.error_message();
            if let Some(above) = reasons.last_mut() {
                // A pipeline's error only says which stage failed, which the stage itself says better.
                let is_repeated = cause.link == Link::SameError
                    // Passed on as another type, as `#[error(transparent)]` does.
                    || cause.link == Link::Wrapped && above.message == message
                    || cause.link == Link::Wrapped && above.cause.span.declared_stages().is_some()
                    // Dropped with what waited for it.
                    || cause.span.outcome == Outcome::Cancelled && above.cause.span.outcome == Outcome::Cancelled;
                if is_repeated {
                    above.message = message;
                    // Who made the call again may stand above the one that is told.
                    let attempts = above.cause.attempts.max(cause.attempts);
                    above.cause = Cause { link: above.cause.link, attempts, ..*cause };
                    continue;
                }
                let own = above.message.strip_suffix(message).map(|own| own.trim_end_matches([':', ' ']));
                above.message = own.filter(|_| cause.link == Link::Wrapped).unwrap_or(above.message);
            }
            reasons.push(Reason { cause: *cause, message });
        }
        reasons
    }
}

impl Trace {
    /// Why it failed, if it did.
    ///
    /// ```
    /// use tense_event::{ErrorInfo, ErrorKind, Event, SpanId, Status, Timestamp, TraceId};
    /// use tense_store::Trace;
    ///
    /// let id = TraceId::from_bytes([7; 16]);
    /// let at = Timestamp::from_unix_nanos(1_795_255_200_000_123_000);
    /// let mut failed = Event::new(id, SpanId::new(1).unwrap(), "operation.cards.charge_failed", Status::Failed, at);
    /// let mut error = ErrorInfo::new(ErrorKind::Error);
    /// error.error_message = "declined".to_owned();
    /// failed.error = Some(error);
    ///
    /// let trace = Trace::from_events(id, [failed]);
    /// assert_eq!(trace.why().reasons()[0].message, "declined");
    /// assert_eq!(trace.to_string(), "operation.cards.charge_failed  failed  declined\n");
    /// ```
    pub fn why(&self) -> Why<'_> {
        let root = self.explained_root();
        let retries = Retries::of(self);
        let chain =
            root.filter(|root| root.outcome.is_failure()).map_or_else(Vec::new, |root| self.chain(root, &retries));
        let on_the_way: HashSet<SpanId> = chain.iter().map(|cause| cause.span.id).collect();
        // What ran beside the cause and was dropped when it failed, has not failed itself.
        // By the place of the parent: both the way and what ran beside it may be long.
        let causes: HashMap<u32, &Span> =
            chain.iter().filter_map(|cause| Some((cause.span.above()?, cause.span))).collect();
        let beside = |span: &Span| span.above().and_then(|above| causes.get(&above).copied());
        // Whoever needs only one of several answers, or waits no longer, drops what has not answered.
        let dropped = self.dropped();
        let is_dropped = |span: &Span| {
            dropped.contains(&span.id) && !self.parent(span).is_some_and(|above| dropped.contains(&above.id))
        };
        let compensations = self.compensations();
        // What undoes something is told with it, once.
        let failed_again: HashSet<SpanId> =
            compensations.pairs.iter().filter_map(|pair| Some(pair.failed_again?.id)).collect();
        let is_told = |span: &Span| {
            span.is_log() || on_the_way.contains(&span.id) || span.is_compensation() && !failed_again.contains(&span.id)
        };
        let also_failed = |span: &&Span| {
            let above = self.parent(span);
            span.outcome.is_failure()
                && !is_told(span)
                && !retries.recovered.contains(&span.id)
                && above.is_none_or(|above| !above.outcome.is_failure() || on_the_way.contains(&above.id))
                && !beside(span).is_some_and(|cause| retries.is_attempt(span, cause))
                && !dropped.contains(&span.id)
        };
        let is_open = |span: &Span| span.outcome == Outcome::Open;
        let open = self.gaps().open.iter().filter_map(|id| self.get(*id));
        Why {
            root,
            also_failed: self.failed().filter(also_failed).collect(),
            cancelled: self
                .failed()
                .filter(|span| is_dropped(span) && !is_told(span) && !retries.recovered.contains(&span.id))
                .collect(),
            recovered: retries.groups,
            compensations,
            never_ran: self.never_ran(),
            stages_cut: self.stages_cut().into_iter().filter(|span| span.outcome != Outcome::Success).collect(),
            skipped: self.pipelines().flat_map(|span| span.skipped_stages().map(move |stage| (span, stage))).collect(),
            open: open.filter(|span| !self.children(span).any(is_open)).collect(),
            gaps: self.gaps(),
            chain,
        }
    }

    /// Why a span of this trace failed at last: the span at the end of the way that [`Trace::why`] goes from a root;
    /// the span itself where nothing below explains it.
    ///
    /// Time: linear in all spans of the trace, however few are below. Of several ask [`Trace::first_causes_of`].
    pub fn first_cause_of<'t>(&'t self, failed: &'t Span) -> &'t Span {
        self.first_causes_of([failed]).next().unwrap_or(failed)
    }

    /// The same of each of several spans, in their order.
    ///
    /// Time: linear in all spans of the trace, once, and in those beside the way down from each.
    pub fn first_causes_of<'t>(&'t self, failed: impl IntoIterator<Item = &'t Span>) -> impl Iterator<Item = &'t Span> {
        let retries = Retries::of(self);
        failed.into_iter().map(move |span| self.chain(span, &retries).last().map_or(span, |cause| cause.span))
    }

    /// Of every span that failed because of another one, which one that is, and how sure that is.
    pub(crate) fn explanations(&self, retries: &Retries<'_>) -> HashMap<SpanId, Cause<'_>> {
        self.failed().filter_map(|span| Some((span.id, self.cause_of(span, retries)?))).collect()
    }

    fn explained_root(&self) -> Option<&Span> {
        // `min_by_key` takes the first of equals: the one that began first.
        self.roots().min_by_key(|root| match root.outcome {
            _ if root.is_log() => 4,
            outcome if outcome.is_failure() => u8::from(root.parent_id.is_some()),
            Outcome::Open => 2,
            _ => 3,
        })
    }

    fn chain<'t>(&'t self, root: &'t Span, retries: &Retries<'_>) -> Vec<Cause<'t>> {
        let mut chain = vec![Cause { span: root, link: Link::Root, attempts: 1 }];
        let mut at = root;
        while let Some(cause) = self.cause_of(at, retries) {
            chain.push(cause);
            at = cause.span;
        }
        chain
    }

    /// The child that explains a failure best: one with the same error before one without, the last before earlier
    /// ones.
    ///
    /// What was dropped, by a timeout perhaps, is a consequence: who drops it is above. It can only be the cause of
    /// what was dropped with it, or of an error that repeats what it said when it was told to stop.
    fn cause_of<'t>(&'t self, failed: &'t Span, retries: &Retries<'_>) -> Option<Cause<'t>> {
        let explains = |child: &&Span| match failed.outcome {
            // Whoever is dropped takes what it waits for along; in which order, is not said.
            Outcome::Cancelled => child.outcome == Outcome::Cancelled,
            _ => child.outcome.is_failure() && (child.ended <= failed.ended || child.is_ahead_of(failed)),
        };
        let is_of_its_own = |child: &Span| child.outcome != Outcome::Cancelled || failed.outcome == Outcome::Cancelled;
        // Undoing follows from a failure; but what panics in there is what ended it all.
        let may_explain = |child: &&Span| {
            let has_panicked = [child.outcome, failed.outcome] == [Outcome::Panicked; 2];
            !child.is_log() && (!child.is_compensation() || has_panicked)
        };
        let candidates = self.children(failed).filter(explains).filter(may_explain);
        let best = candidates
            .map(|child| (said_above(child, failed), child))
            .filter(|(link, child)| link.is_some() || is_of_its_own(child) && !retries.recovered.contains(&child.id))
            .max_by_key(|(link, child)| (link.is_some(), child.ended))?;
        let (link, span) = best;
        let went_on = || {
            let after = self.children(failed).filter(|other| Some(other.began) >= span.ended && other.id != span.id);
            after
                .into_iter()
                .any(|other| other.outcome == Outcome::Success && !other.is_point() && !other.is_compensation())
        };
        let before =
            self.children(failed).filter(|other| other.outcome.is_failure() && retries.is_attempt(other, span)).count();
        Some(Cause {
            span,
            link: link.unwrap_or_else(|| if went_on() { Link::Perhaps } else { Link::LastDone }),
            attempts: 1 + before,
        })
    }
}

/// Whether the error of a span says what the error of its child says.
pub(crate) fn said_above(child: &Span, parent: &Span) -> Option<Link> {
    let (below, above) = (child.error.as_ref()?, parent.error.as_ref()?);
    if below.error_message.is_empty() {
        return None;
    }
    if (&below.error_type, &below.error_message) == (&above.error_type, &above.error_message) {
        return Some(Link::SameError);
    }
    says(&above.error_message, &below.error_message).then_some(Link::Wrapped)
}

/// Whether a text says another one, in whole words: `bank refused` does not say `a`.
fn says(text: &str, said: &str) -> bool {
    let is_apart = |outer: Option<char>, inner: Option<char>| {
        !(outer.is_some_and(char::is_alphanumeric) && inner.is_some_and(char::is_alphanumeric))
    };
    text.match_indices(said).any(|(at, _)| {
        let (before, behind) = (&text[..at], &text[at + said.len()..]);
        is_apart(before.chars().next_back(), said.chars().next())
            && is_apart(behind.chars().next(), said.chars().next_back())
    })
}

#[cfg(test)]
mod tests;
