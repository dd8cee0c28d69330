//! An id goes in; a place in a table comes out.

use std::hash::Hasher;

/// Spreads span ids, which count up, over a table: by the golden ratio (Knuth, volume 3, section 6.4), with the best
/// bits where the table looks for them.
#[derive(Default)]
pub(super) struct Spread(u64);

impl Hasher for Spread {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(self.0 ^ u64::from(*byte));
        }
    }

    #[inline]
    fn write_u64(&mut self, id: u64) {
        self.0 = id.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(32);
    }
}

/// What a table takes that has room for so many, in bytes: an eighth of its places stays free, and each has a byte
/// more.
pub(crate) fn table<K, V>(room: usize) -> usize {
    room / 7 * 8 * (size_of::<(K, V)>() + 1)
}
