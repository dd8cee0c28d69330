//! A trace enters; the root by which it failed as a whole leaves: lists, filters and headlines all go by it.

use crate::{Outcome, Span, Trace};

impl Trace {
    /// The root by which the trace failed as a whole; none where it did not, or may still end well.
    ///
    /// The roots that count are those without a parent; where there is none, those that another program has called, or
    /// that are their own ancestors. Where what stands above all of them is not here though the same program knows it,
    /// the spans that are here speak for it once all of them have ended: what one of them dropped may have lost a race,
    /// and a line of a log is no call, but what failed is not to be missed because a part of the trace is.
    ///
    /// Of several it is the [longest root](Trace::longest_root), where that one is among them, else the first. Time:
    /// linear in the roots.
    ///
    /// ```
    /// use tense_event::{Event, SpanId, Status, Timestamp, TraceId};
    /// use tense_store::Trace;
    ///
    /// let id = TraceId::from_bytes([7; 16]);
    /// let at = Timestamp::from_unix_nanos(1_795_255_200_000_123_000);
    /// let root = |span, name, status| Event::new(id, SpanId::new(span).unwrap(), name, status, at);
    /// let sent = root(1, "operation.mail.sent", Status::Success);
    /// let charged = root(2, "operation.cards.charge_failed", Status::Failed);
    /// let trace = Trace::from_events(id, [sent, charged]);
    /// assert_eq!(trace.failed_root().unwrap().name, "operation.cards.charge_failed");
    /// ```
    pub fn failed_root(&self) -> Option<&Span> {
        let is_top = |root: &Span| root.parent_id.is_none();
        let failed = |root: &&Span| root.outcome.is_failure();
        if self.roots().any(is_top) {
            return self.longest_of(self.roots().filter(|root| is_top(root)).filter(failed));
        }
        if self.seen_roots().next().is_some() {
            return self.longest_of(self.seen_roots().filter(failed));
        }
        if self.roots().any(|root| root.outcome == Outcome::Open) {
            return None;
        }
        let failed = |root: &&Span| matches!(root.outcome, Outcome::Failed | Outcome::Panicked) && !root.is_log();
        self.longest_of(self.roots().filter(failed))
    }

    /// The longest root, where it is one of these, else the first of them.
    fn longest_of<'t>(&'t self, roots: impl Iterator<Item = &'t Span>) -> Option<&'t Span> {
        let mut roots = roots.peekable();
        let first = roots.peek().copied()?;
        let longest = self.longest_root().map(|root| root.id);
        roots.find(|root| Some(root.id) == longest).or(Some(first))
    }
}
