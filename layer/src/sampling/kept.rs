//! A span that is kept in any case goes in; the spans above it that are open are kept with it from then on, until they
//! end, and what has to be told of them at once comes out.

use tense::__private::Form;

use crate::join::{Joiner, Marked, Span};

/// Spans that are open, of traces of which not all is kept.
#[derive(Default)]
pub(super) struct Kept {
    /// Those that are kept in any case.
    anyway: Marked,
    /// Those that have been open for so long that it would have been told, and were left out then. None of them is kept
    /// in any case: one that comes to be is told of at once.
    not_reported: Marked,
}

/// What is told of a span, by its id, later than it happened: because something below it is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Late {
    /// That it began, of one whose begin is an event.
    Start(u64),
    /// That it is open for long.
    Open(u64),
}

impl Kept {
    #[inline]
    pub(super) fn has(&self, span: u64) -> bool {
        self.anyway.has(span)
    }

    /// It has ended.
    #[inline]
    pub(super) fn forget(&mut self, span: u64) {
        self.anyway.unmark(span);
        self.not_reported.unmark(span);
    }

    /// It is open for long, and that is left out.
    pub(super) fn not_reported(&mut self, span: u64) {
        self.not_reported.mark(span);
    }

    #[inline]
    pub(super) fn has_not_reported(&self, span: u64) -> bool {
        self.not_reported.has(span)
    }

    /// Keeps the span, and those above. `late` gets what is now to be told of them, the outermost first: the starts of
    /// the lives among them, and of those above that they are open, where that was left out.
    pub(super) fn keep(&mut self, joiner: &Joiner, span: &Span, late: &mut Vec<Late>) {
        let before = late.len();
        for above in std::iter::once(span).chain(joiner.open_above(span.parent)) {
            // What is above one that is kept is kept.
            if !self.anyway.mark(above.id) {
                break;
            }
            // What was asked for tells of the span itself.
            if self.not_reported.unmark(above.id) && above.id != span.id {
                late.push(Late::Open(above.id));
            }
            if above.site.spec().is_some_and(|spec| spec.form == Form::Life) {
                late.push(Late::Start(above.id));
            }
        }
        late[before..].reverse();
    }

    /// A pass has ended.
    pub(super) fn tidy(&mut self, joiner: &Joiner) {
        self.anyway.tidy(joiner);
        self.not_reported.tidy(joiner);
    }

    /// What it takes, in bytes.
    pub(super) fn bytes(&self) -> usize {
        self.anyway.bytes() + self.not_reported.bytes()
    }
}
