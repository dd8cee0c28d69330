//! A text that comes in pieces goes in; words of a record come out, without a copy of it in between.

use std::fmt;
use std::sync::atomic::Ordering::Relaxed;

use super::CUT;
use crate::ring::Draft;
use crate::shown::{MOST_BYTES, Pieces, Room};

/// A text whose length is known once it is written.
#[inline(never)]
pub(super) fn write(draft: &mut Draft<'_>, tag: u64, pieces: &Pieces<'_>) {
    let most = (draft.room() / 2 * 8).min(MOST_BYTES);
    let place = draft.later();
    let mut packed = Packed { draft, word: 0, len: 0 };
    let cut = if pieces.show(&mut Room::new(&mut packed, most)).is_err() { CUT } else { 0 };
    let len = packed.finish();
    if let Some(place) = place {
        place.store(tag | cut | len << 32, Relaxed);
    }
}

/// Bytes that come in pieces, eight to a word.
struct Packed<'a, 'ring> {
    draft: &'a mut Draft<'ring>,
    word: u64,
    len: u64,
}

impl Packed<'_, '_> {
    /// Adds the last word, and says how many bytes there are.
    fn finish(self) -> u64 {
        if !self.len.is_multiple_of(8) {
            self.draft.words([self.word]);
        }
        self.len
    }
}

impl fmt::Write for Packed<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for byte in text.bytes() {
            self.word |= u64::from(byte) << (self.len % 8 * 8);
            self.len += 1;
            if self.len.is_multiple_of(8) {
                self.draft.words([std::mem::take(&mut self.word)]);
            }
        }
        Ok(())
    }
}
