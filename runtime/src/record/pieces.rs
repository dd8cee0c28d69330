//! A text that comes in pieces goes in; words of a record come out, without a copy of it in between.

use std::fmt;
use std::sync::atomic::Ordering::Relaxed;

use super::CUT;
use crate::ring::Rest;
use crate::shown::{MOST_BYTES, Pieces, Room};

/// A text whose length is known once it is written.
#[inline(never)]
pub(super) fn write<'a>(rest: Rest<'a>, tag: u64, pieces: &Pieces<'_>, cuts: bool) -> Option<Rest<'a>> {
    let most = if cuts { super::all_bytes(rest) } else { super::most_bytes(rest) }.min(MOST_BYTES);
    let (place, rest) = rest.later()?;
    let mut packed = Packed { rest, word: 0, len: 0 };
    let cut = if pieces.show(&mut Room::new(&mut packed, most)).is_err() { CUT } else { 0 };
    if cut != 0 && !cuts && most < MOST_BYTES {
        return None;
    }
    let (len, rest) = packed.finish()?;
    place.store(tag | cut | len << 32, Relaxed);
    Some(rest)
}

/// Bytes that come in pieces, eight to a word.
struct Packed<'a> {
    rest: Rest<'a>,
    word: u64,
    len: u64,
}

impl<'a> Packed<'a> {
    /// Adds the last word, and says how many bytes there are.
    fn finish(self) -> Option<(u64, Rest<'a>)> {
        let rest = if self.len.is_multiple_of(8) { self.rest } else { self.rest.words([self.word])? };
        Some((self.len, rest))
    }
}

impl fmt::Write for Packed<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for byte in text.bytes() {
            self.word |= u64::from(byte) << (self.len % 8 * 8);
            self.len += 1;
            if self.len.is_multiple_of(8) {
                self.rest = self.rest.words([std::mem::take(&mut self.word)]).ok_or(fmt::Error)?;
            }
        }
        Ok(())
    }
}
