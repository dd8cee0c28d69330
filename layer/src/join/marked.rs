//! Spans that are open go in, as somebody marks them; which of them are marked comes out, until they end.

use std::collections::HashSet;
use std::hash::BuildHasherDefault;

use super::Joiner;
use super::spread::{Spread, table};

/// Some of the spans that are open; nearly always none.
#[derive(Default)]
pub(crate) struct Marked(HashSet<u64, BuildHasherDefault<Spread>>);

impl Marked {
    #[inline]
    pub(crate) fn has(&self, span: u64) -> bool {
        !self.0.is_empty() && self.0.contains(&span)
    }

    /// Says whether it was not marked before.
    pub(crate) fn mark(&mut self, span: u64) -> bool {
        self.0.insert(span)
    }

    /// It has ended. Says whether it was marked.
    #[inline]
    pub(crate) fn unmark(&mut self, span: u64) -> bool {
        !self.0.is_empty() && self.0.remove(&span)
    }

    /// Forgets those that had to make room for others, which have no end, when they have become many; and gives back
    /// what a burst took.
    pub(crate) fn tidy(&mut self, joiner: &Joiner) {
        if self.0.len() > joiner.open() {
            self.0.retain(|span| joiner.open_span(*span).is_some());
        }
        if self.0.capacity() > 8 * self.0.len().max(1024) {
            self.0.shrink_to(2 * self.0.len());
        }
    }

    /// What it takes, in bytes.
    pub(crate) fn bytes(&self) -> usize {
        table::<u64, ()>(self.0.capacity())
    }

    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}
