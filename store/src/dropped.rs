//! A trace enters; those of its calls leave that were dropped by somebody who went on: for all who count failures.
//!
//! A future that is dropped has not failed by itself. Somebody above has lost interest: another one had an answer,
//! or failed first, or the time was up. It is a failure only where it is what the run ended by: all above it were
//! dropped with it, up to the root, or one above says in its own error what this one said when told to stop.

use std::collections::HashSet;

use tense_event::SpanId;

use crate::why::said_above;
use crate::{Outcome, Span, Trace};

impl Trace {
    /// The spans that were dropped and are no failures, and those that were dropped with them. Time: linear.
    pub(crate) fn dropped(&self) -> HashSet<SpanId> {
        let mut found = HashSet::new();
        let has_been = |span: &&Span| span.outcome == Outcome::Cancelled;
        if !self.failed().any(|span| has_been(&span)) {
            return found;
        }
        // Each behind the one above it.
        for span in self.walk().map(|(_, span)| span).filter(has_been) {
            let is_dropped_by = |above: &Span| match above.outcome {
                // A line of a log calls nobody.
                _ if above.is_log() => false,
                Outcome::Cancelled => found.contains(&above.id),
                _ => said_above(span, above).is_none(),
            };
            if self.parent(span).is_some_and(is_dropped_by) {
                found.insert(span.id);
            }
        }
        found
    }
}
