//! Spans whose begin found no room in the ring go in and out as others do, and are seen by nobody but lines and
//! `context!`: a line that is written in such a span is lost with it, and one that is outside of every span is not
//! recorded at all; what is set for it is not set for the span around it. Whatever else looks at the stack sees what is
//! around a lost span; so what begins in it is below that, as if it were not there.

use super::place::Place;
use super::{EVERY, Entry, Hint, Stack};
use crate::call::Open;

/// What a line is in, as a layer sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Inside {
    /// A span that the layer records, or one of another process.
    Span,
    /// A span whose begin was lost, and none around it.
    Lost,
    Nothing,
}

impl Entry {
    fn lost(span: u64, layer: u8, scope: Option<u64>) -> Self {
        Self { trace: (0, 0), span, layer, hint: Hint::NONE, scope, is_lost: true }
    }
}

impl Stack {
    /// Puts a lost span on top. Where it would have no place of its own it is left out: who is as deep as that is in
    /// something else, and each look at the stack would take a lock.
    #[cold]
    pub(crate) fn enter_lost(&self, open: Open) {
        let Some(span) = open.lost_span() else { return };
        let depth = self.depth.get();
        if let Some(place) = self.places.get(depth as usize) {
            Place::of(place).set(Entry::lost(span, open.layer, None));
            self.depth.set(depth + 1);
        }
    }

    /// Takes it out again, the topmost time that it is entered. It is not looked for among what is deeper, where it
    /// never is.
    #[cold]
    pub(crate) fn exit_lost(&self, span: u64) {
        if let Some(at) = self.placed().rposition(|place| place.is_lost() && place.span() == span) {
            self.take_out(at);
        }
    }

    /// Puts on top that the scope of that number is in a span that is lost for that layer.
    #[cold]
    pub(crate) fn enter_scope_of_lost(&self, layer: u8, number: u64) {
        self.push(Entry::lost(0, layer, Some(number)));
    }

    /// All entries, the innermost first, those of lost spans among them.
    pub(crate) fn all(&self) -> impl Iterator<Item = Entry> {
        (0..self.depth.get() as usize).rev().filter_map(|at| self.at(at))
    }

    /// What a line is in that is written now, as that layer sees it.
    pub(crate) fn inside(&self, layer: u8) -> Inside {
        match self.top(layer) {
            Some(_) => Inside::Span,
            None if self.is_in_lost(layer) => Inside::Lost,
            None => Inside::Nothing,
        }
    }

    /// Whether a lost span is innermost for that layer.
    #[cold]
    pub(super) fn is_in_lost(&self, layer: u8) -> bool {
        self.find(|entry| [layer, EVERY].contains(&entry.layer)).is_some_and(|(_, entry)| entry.is_lost)
    }
}
