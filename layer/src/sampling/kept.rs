//! A span that is kept in any case goes in; the spans above it that are open are kept with it from then on, until they
//! end.

use tense::__private::Form;

use crate::join::{Joiner, Marked, Span};

/// Spans that are open and kept in any case.
#[derive(Default)]
pub(super) struct Kept(Marked);

impl Kept {
    #[inline]
    pub(super) fn has(&self, span: u64) -> bool {
        self.0.has(span)
    }

    /// It has ended.
    #[inline]
    pub(super) fn forget(&mut self, span: u64) {
        self.0.unmark(span);
    }

    /// Keeps the span, and those above. `late` gets the lives among them, the outermost first: if their starts have not
    /// been told, they are now.
    pub(super) fn keep(&mut self, joiner: &Joiner, span: &Span, late: &mut Vec<u64>) {
        let before = late.len();
        for span in std::iter::once(span).chain(joiner.open_above(span.parent)) {
            // What is above one that is kept is kept.
            if !self.0.mark(span.id) {
                break;
            }
            if span.site.spec().is_some_and(|spec| spec.form == Form::Life) {
                late.push(span.id);
            }
        }
        late[before..].reverse();
    }

    /// A pass has ended.
    pub(super) fn tidy(&mut self, joiner: &Joiner) {
        self.0.tidy(joiner);
    }

    /// What it takes, in bytes.
    pub(super) fn bytes(&self) -> usize {
        self.0.bytes()
    }
}
