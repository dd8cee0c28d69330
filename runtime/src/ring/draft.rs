//! Words of a record go in, one behind the other; the drainer sees them when they are all there.

use std::sync::atomic::Ordering::{Relaxed, Release};

use super::Ring;
use crate::record::Header;
use crate::sync::{Seed, Word, order, seeded};

/// A record that is being written; it is there for the drainer once it is committed, and not at all if it is not.
///
/// The places of its words are handed along beside it, as a value: so they stay in registers.
#[derive(Clone, Copy)]
pub(crate) struct Draft<'a> {
    pub(super) ring: &'a Ring,
    /// The place of the first word.
    pub(super) header: &'a Word,
    /// Where in all words ever written it begins.
    pub(super) start: u64,
    /// How many it may take.
    pub(super) usable: u64,
}

/// The places of a record's words that are left. Whatever writes takes them, and gives back what is left then: nothing
/// where there was no room.
#[derive(Clone, Copy)]
pub(crate) struct Rest<'a>(pub(super) &'a [Word]);

impl<'a> Rest<'a> {
    /// Adds words.
    #[inline(always)]
    pub(crate) fn words<const N: usize>(self, words: [u64; N]) -> Option<Self> {
        let (places, rest) = self.0.split_first_chunk::<N>()?;
        for (place, word) in places.iter().zip(words) {
            place.store(word, Relaxed);
        }
        Some(Self(rest))
    }

    /// Adds a word that is not known yet, and gives back its place.
    pub(crate) fn later(self) -> Option<(&'a Word, Self)> {
        let (place, rest) = self.0.split_first()?;
        Some((place, Self(rest)))
    }

    /// Adds bytes, eight to a word, the last word filled up with zeros.
    #[inline(always)]
    pub(crate) fn bytes(self, bytes: &[u8]) -> Option<Self> {
        let (words, last) = bytes.as_chunks::<8>();
        let (places, rest) = self.0.split_at_checked(words.len())?;
        for (place, word) in places.iter().zip(words) {
            place.store(u64::from_le_bytes(*word), Relaxed);
        }
        if last.is_empty() { Some(Self(rest)) } else { Self(rest).words([last_word(last)]) }
    }

    /// How many words can still be added.
    #[inline(always)]
    pub(crate) fn len(self) -> usize {
        self.0.len()
    }

    /// As many of the next words.
    pub(crate) fn first(self, words: usize) -> Option<Self> {
        self.0.get(..words).map(Self)
    }

    /// What is left behind as many words.
    pub(crate) fn behind(self, words: usize) -> Option<Self> {
        self.0.get(words..).map(Self)
    }
}

impl Draft<'_> {
    /// Publishes the record, of which so much was not used. The length in words is put into the header.
    #[inline(always)]
    pub(crate) fn commit(self, unused: Rest<'_>, header: Header) {
        let len = self.usable - unused.len() as u64;
        if seeded(Seed::TailEarly) {
            self.ring.own.0.tail.store(self.start + len, Release);
        }
        self.header.store(header.0 | len, Relaxed);
        self.ring.own.0.tail.store(self.start + len, order(Seed::TailStore, Release));
    }

    /// There was no room for all of it: the whole record is a counted drop.
    #[cold]
    pub(crate) fn give_up(self) {
        self.ring.lose_one();
    }
}

/// Up to seven bytes, and zeros behind them. Four and four that may overlap, instead of a copy of unknown length.
#[inline(always)]
fn last_word(bytes: &[u8]) -> u64 {
    let len = bytes.len();
    if let (Some(first), Some(last)) = (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
        return u64::from(u32::from_le_bytes(*first)) | u64::from(u32::from_le_bytes(*last)) << ((len - 4) * 8);
    }
    bytes.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte))
}
