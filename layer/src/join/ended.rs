//! Spans that have ended go in; those that begin below them soon after find here what they hand down.

use std::collections::VecDeque;

use super::{Decided, Inherited};

/// Ended spans whose children may still come. Those of this pass and of the one before are not counted: what they cause
/// is on its way.
pub(super) const ENDED_LIMIT: usize = 16_384;
/// What they may have handed down, in words: 32 MiB. Here those of this pass do count.
pub(super) const ENDED_WORDS: usize = 4 << 20;

/// What the spans below need of one that has ended.
pub(super) struct Ended {
    pub(super) id: u64,
    pub(super) parent: u64,
    /// The number of its call site.
    pub(super) number: u32,
    /// The pass in which it ended.
    pub(super) pass: u32,
    /// The words that it has added to what is inherited.
    pub(super) handed_down: u32,
    pub(super) decided: Decided,
    pub(super) crowded_by: u64,
    pub(super) inherited: Inherited,
}

/// In the order of their ends. A place in it is a number that counts on from the first one that ever ended, round and
/// round.
#[derive(Default)]
pub(super) struct Row {
    ended: VecDeque<Ended>,
    /// How many of them are forgotten.
    forgotten: u32,
    /// What they have handed down, in words.
    words: usize,
}

impl Row {
    /// The place of the one that ends next.
    #[inline]
    pub(super) fn next(&self) -> u32 {
        self.forgotten.wrapping_add(self.ended.len() as u32)
    }

    /// Takes one, and says at which place.
    #[inline]
    pub(super) fn push(&mut self, ended: Ended) -> u32 {
        let place = self.next();
        self.words += ended.handed_down as usize;
        self.ended.push_back(ended);
        place
    }

    #[inline]
    pub(super) fn get(&self, place: u32) -> Option<&Ended> {
        self.ended.get(place.wrapping_sub(self.forgotten) as usize)
    }

    /// Gives away the one that ended first, if there are too many or they take too much.
    pub(super) fn forget(&mut self, pass: u32) -> Option<Ended> {
        let oldest = self.ended.front()?;
        let is_of_use = self.ended.len() <= ENDED_LIMIT || pass.wrapping_sub(oldest.pass) <= 1;
        if is_of_use && self.words <= ENDED_WORDS {
            return None;
        }
        let oldest = self.ended.pop_front()?;
        self.forgotten = self.forgotten.wrapping_add(1);
        self.words -= oldest.handed_down as usize;
        Some(oldest)
    }

    /// Gives back what a burst took.
    pub(super) fn shrink(&mut self) {
        if self.ended.capacity() > 8 * self.ended.len().max(ENDED_LIMIT / 2) {
            self.ended.shrink_to(2 * self.ended.len());
        }
    }

    /// What it takes, in bytes.
    pub(super) fn bytes(&self) -> usize {
        self.ended.capacity() * size_of::<Ended>() + self.words * size_of::<u64>()
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.ended.len()
    }

    #[cfg(test)]
    pub(super) fn words(&self) -> usize {
        self.words
    }
}
