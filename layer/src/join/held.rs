//! Spans that somebody has a context of go in, and out again when it is dropped: what they hand down is kept meanwhile,
//! however long ago they ended.

use std::collections::HashMap;
use std::hash::BuildHasherDefault;

use super::ended::{ENDED_WORDS, Ended};
use super::spread::{Spread, table};

/// As many as spans may be open, unless set. Of more than that the program keeps contexts that it will not use.
const HELD_LIMIT: usize = super::OPEN_LIMIT;
/// What those that are kept may have handed down, in words: 16 MiB, half of what all may that have ended.
const KEPT_WORDS: usize = ENDED_WORDS / 2;

#[derive(Default)]
pub(super) struct Held {
    /// How many contexts there are of a span.
    counts: HashMap<u64, u32, BuildHasherDefault<Spread>>,
    /// Those that have ended and would be forgotten. Nobody looks at them until they are let go of, however many passes
    /// that takes.
    kept: HashMap<u64, Ended, BuildHasherDefault<Spread>>,
    kept_words: usize,
}

impl Held {
    pub(super) fn hold(&mut self, span: u64) {
        if self.counts.len() < HELD_LIMIT || self.counts.contains_key(&span) {
            *self.counts.entry(span).or_default() += 1;
        }
    }

    /// One context less. If it was the last, the span that was kept for it comes back.
    pub(super) fn release(&mut self, span: u64) -> Option<Ended> {
        let count = self.counts.get_mut(&span)?;
        *count -= 1;
        if *count > 0 {
            return None;
        }
        self.counts.remove(&span);
        let ended = self.kept.remove(&span)?;
        self.kept_words -= ended.handed_down as usize;
        Some(ended)
    }

    /// Keeps one that would be forgotten, if somebody has a context of it and there is room. Otherwise it comes back.
    pub(super) fn keep(&mut self, ended: Ended) -> Result<(), Ended> {
        let words = self.kept_words + ended.handed_down as usize;
        // Nearly always there is none.
        if self.counts.is_empty() || !self.counts.contains_key(&ended.id) || words > KEPT_WORDS {
            return Err(ended);
        }
        self.kept_words = words;
        self.kept.insert(ended.id, ended);
        Ok(())
    }

    /// What it takes, in bytes.
    pub(super) fn bytes(&self) -> usize {
        let tables = table::<u64, u32>(self.counts.capacity()) + table::<u64, Ended>(self.kept.capacity());
        tables + self.kept_words * size_of::<u64>()
    }

    pub(super) fn kept(&self, span: u64) -> Option<&Ended> {
        self.kept.get(&span)
    }

    /// Gives back what a burst took.
    pub(super) fn shrink(&mut self) {
        if self.counts.capacity() > 8 * self.counts.len().max(1024) {
            self.counts.shrink_to(2 * self.counts.len());
        }
        if self.kept.capacity() > 8 * self.kept.len().max(1024) {
            self.kept.shrink_to(2 * self.kept.len());
        }
    }
}
