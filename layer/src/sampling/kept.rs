//! A span that is kept in any case goes in; the spans above it that are open are kept with it from then on, until they
//! end.

use std::collections::HashSet;

use tense::__private::Form;

use crate::join::{Joiner, Span};

/// Spans that are open and kept in any case.
#[derive(Default)]
pub(super) struct Kept(HashSet<u64>);

impl Kept {
    #[inline]
    pub(super) fn has(&self, span: u64) -> bool {
        // Nearly always there is none.
        !self.0.is_empty() && self.0.contains(&span)
    }

    /// It has ended.
    #[inline]
    pub(super) fn forget(&mut self, span: u64) -> bool {
        !self.0.is_empty() && self.0.remove(&span)
    }

    /// Keeps the span, and those above. `late` gets the lives among them, the outermost first: if their starts have not
    /// been told, they are now.
    pub(super) fn keep(&mut self, joiner: &Joiner, span: &Span, late: &mut Vec<u64>) {
        let before = late.len();
        for span in std::iter::once(span).chain(joiner.open_above(span.parent)) {
            // What is above one that is kept is kept.
            if !self.0.insert(span.id) {
                break;
            }
            if span.site.spec().is_some_and(|spec| spec.form == Form::Life) {
                late.push(span.id);
            }
        }
        late[before..].reverse();
    }

    /// Those that had to make room have no end.
    pub(super) fn tidy(&mut self, joiner: &Joiner) {
        if self.0.len() > joiner.open() {
            self.0.retain(|span| joiner.open_span(*span).is_some());
        }
        if self.0.capacity() > 8 * self.0.len().max(1024) {
            self.0.shrink_to(2 * self.0.len());
        }
    }
}
