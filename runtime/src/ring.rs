//! Words enter on the thread that owns a ring and leave on the drainer's: one producer, one consumer, nobody waits.
//!
//! The words are relaxed atomics, so there is no `unsafe`: on the machines that matter a relaxed store is a plain store.
//! What makes a record visible as a whole is one release store of `tail` behind it; what keeps it from being overwritten
//! while it is read is the release store of `head` after. A ring that is used by two producers, which its one caller in
//! [`crate::thread`] rules out, would mix up records but could not break memory.

use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use std::sync::atomic::{AtomicU64, AtomicUsize};

/// The longest record, in words of eight bytes: 16 KiB.
pub(crate) const MAX_RECORD: usize = 2048;

/// Keeps the producer's and the consumer's place on cache lines of their own (two lines: adjacent ones are fetched in pairs).
#[repr(align(128))]
struct Apart<T>(T);

pub(crate) struct Ring {
    /// As many as fit, and behind them room for one record that begins before the end: every record lies in one piece.
    words: Box<[AtomicU64]>,
    /// How many fit, less one.
    mask: usize,
    /// Words ever written; the producer's alone to change.
    tail: Apart<AtomicUsize>,
    /// Words ever read; the consumer's alone to change.
    head: Apart<AtomicUsize>,
    /// The producer's last look at `head`, so that it need not touch the consumer's line for every record.
    seen_head: AtomicUsize,
    /// Where the producer wakes the drainer next.
    wake_at: AtomicUsize,
    dropped: AtomicU64,
}

/// How much of the ring a record may use up.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Claim {
    /// Leaves an eighth free, so that what has begun can still end.
    Polite,
    /// May use the last word.
    Last,
}

/// A record that is being written; it is there for the drainer once it is committed, and not at all if it is not.
#[derive(Clone)]
pub(crate) struct Draft<'a> {
    ring: &'a Ring,
    start: usize,
    /// All the words that it may take, the header first; and those that are left of them.
    words: &'a [AtomicU64],
    rest: &'a [AtomicU64],
    overflowed: bool,
}

impl Ring {
    /// A ring of that many bytes, rounded up to a power of two and to at least four of the longest records.
    pub(crate) fn new(bytes: usize) -> Self {
        let words = (bytes / 8).clamp(4 * MAX_RECORD, 1 << 28).next_power_of_two();
        Self {
            words: (0..words + MAX_RECORD).map(|_| AtomicU64::new(0)).collect(),
            mask: words - 1,
            tail: Apart(AtomicUsize::new(0)),
            head: Apart(AtomicUsize::new(0)),
            seen_head: AtomicUsize::new(0),
            wake_at: AtomicUsize::new(words / 4),
            dropped: AtomicU64::new(0),
        }
    }

    /// Begins a record whose first word, the header, is written last: its lowest 16 bits are the record's length in words.
    /// `None`: the ring is full, and the drop is counted.
    #[inline(always)]
    pub(crate) fn draft(&self, claim: Claim) -> Option<Draft<'_>> {
        let start = self.tail.0.load(Relaxed);
        let spare = if claim == Claim::Polite { self.capacity() / 8 } else { 0 };
        let mut room = self.room(start, self.seen_head.load(Relaxed));
        if room < spare + MAX_RECORD {
            room = self.look_at_head(start);
        }
        // Eight words are the smallest record that says anything.
        let usable = room.saturating_sub(spare).min(MAX_RECORD);
        let first = start & self.mask;
        match self.words.get(first..first + usable) {
            Some(words @ [_, rest @ ..]) if usable >= 8 => {
                Some(Draft { ring: self, start, words, rest, overflowed: false })
            }
            _ => {
                self.dropped.fetch_add(1, Relaxed);
                None
            }
        }
    }

    #[cold]
    fn look_at_head(&self, tail: usize) -> usize {
        let head = self.head.0.load(Acquire);
        self.seen_head.store(head, Relaxed);
        self.room(tail, head)
    }

    #[inline]
    fn capacity(&self) -> usize {
        self.mask + 1
    }

    #[inline]
    fn room(&self, tail: usize, head: usize) -> usize {
        self.capacity() - tail.wrapping_sub(head).min(self.capacity())
    }

    /// Moves everything that is committed into `into`, and frees its place. For the one consumer.
    pub(crate) fn drain(&self, into: &mut Vec<u64>) {
        let tail = self.tail.0.load(Acquire);
        let mut at = self.head.0.load(Relaxed);
        into.reserve(tail.wrapping_sub(at).min(self.capacity()));
        while at != tail {
            let first = at & self.mask;
            let left = tail.wrapping_sub(at);
            // A length that makes no sense would be a bug of ours; what is left is then given up.
            let record = self.words.get(first).map(|header| (header.load(Relaxed) & 0xffff) as usize);
            let record =
                record.filter(|len| (1..=left).contains(len)).and_then(|len| self.words.get(first..first + len));
            let Some(record) = record else {
                at = tail;
                break;
            };
            into.extend(record.iter().map(|word| word.load(Relaxed)));
            at = at.wrapping_add(record.len());
        }
        self.head.0.store(at, Release);
    }

    /// Records that found no room, ever.
    pub(crate) fn dropped(&self) -> u64 {
        self.dropped.load(Relaxed)
    }

    /// Whether everything that was committed has been drained.
    #[cfg(test)]
    fn is_empty(&self) -> bool {
        self.tail.0.load(Acquire) == self.head.0.load(Acquire)
    }
}

impl<'a> Draft<'a> {
    /// Adds words; what does not fit any more makes the whole record a counted drop.
    #[inline(always)]
    pub(crate) fn words<const N: usize>(&mut self, words: [u64; N]) {
        let Some((places, rest)) = self.rest.split_first_chunk::<N>() else {
            self.overflowed = true;
            return;
        };
        for (place, word) in places.iter().zip(words) {
            place.store(word, Relaxed);
        }
        self.rest = rest;
    }

    /// Adds a word that is not known yet, and gives back its place.
    pub(crate) fn later(&mut self) -> Option<&'a AtomicU64> {
        let Some((place, rest)) = self.rest.split_first() else {
            self.overflowed = true;
            return None;
        };
        self.rest = rest;
        Some(place)
    }

    /// Adds bytes, eight to a word, the last word filled up with zeros.
    #[inline(always)]
    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<8>();
        let Some((places, left)) = self.rest.split_at_checked(bytes.len().div_ceil(8)) else {
            self.overflowed = true;
            return;
        };
        for (place, word) in places.iter().zip(words) {
            place.store(u64::from_le_bytes(*word), Relaxed);
        }
        if let (Some(place), false) = (places.last(), rest.is_empty()) {
            place.store(last_word(rest), Relaxed);
        }
        self.rest = left;
    }

    /// How many words can still be added.
    #[inline(always)]
    pub(crate) fn room(&self) -> usize {
        self.rest.len()
    }

    /// Publishes the record; `header` is given its length in words. Says whether the record is there.
    #[inline(always)]
    pub(crate) fn commit(self, header: impl FnOnce(usize) -> u64) -> bool {
        let Self { ring, start, words, rest, overflowed } = self;
        let (Some(first), false) = (words.first(), overflowed) else {
            ring.dropped.fetch_add(1, Relaxed);
            return false;
        };
        let len = words.len() - rest.len();
        first.store(header(len), Relaxed);
        let end = start.wrapping_add(len);
        ring.tail.0.store(end, Release);
        if end.wrapping_sub(ring.wake_at.load(Relaxed)) < usize::MAX / 2 {
            ring.wake(end);
        }
        true
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

impl Ring {
    /// A quarter of the ring has been filled since the last time.
    #[cold]
    fn wake(&self, tail: usize) {
        self.wake_at.store(tail.wrapping_add(self.capacity() / 4), Relaxed);
        crate::drain::wake();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicBool;

    use super::*;

    fn write(ring: &Ring, body: &[u64]) -> bool {
        let Some(mut draft) = ring.draft(Claim::Last) else { return false };
        for word in body {
            draft.words([*word]);
        }
        draft.commit(|len| len as u64)
    }

    /// Records as (length, words) with their framing checked.
    fn read(words: &[u64]) -> Vec<Vec<u64>> {
        let (mut at, mut records) = (0, Vec::new());
        while at < words.len() {
            let len = usize::try_from(words[at]).unwrap();
            assert!(len >= 1 && at + len <= words.len(), "a torn record: {len} words at {at} of {}", words.len());
            records.push(words[at + 1..at + len].to_vec());
            at += len;
        }
        records
    }

    #[test]
    fn records_come_out_as_they_went_in_also_around_the_end() {
        let ring = Ring::new(0);
        let mut words = Vec::new();
        for turn in 0..10_000_u64 {
            let body: Vec<u64> = (0..turn % 40).map(|n| turn * 100 + n).collect();
            assert!(write(&ring, &body));
            words.clear();
            ring.drain(&mut words);
            assert_eq!(read(&words), [body]);
        }
    }

    #[test]
    fn a_full_ring_drops_and_counts_and_keeps_room_for_ends() {
        let ring = Ring::new(0);
        let mut begun = 0;
        while let Some(mut draft) = ring.draft(Claim::Polite) {
            draft.words([1; 7]);
            assert!(draft.commit(|len| len as u64), "a draft has room for eight words");
            begun += 1;
        }
        let refused = ring.dropped();
        assert_eq!(refused, 1);
        assert!(write(&ring, &[1; 9]), "what has begun can still end");
        let mut words = Vec::new();
        ring.drain(&mut words);
        assert_eq!(read(&words).len() as u64, begun + 1);
        assert_eq!(ring.dropped(), refused);
    }

    #[test]
    fn a_record_that_does_not_fit_is_dropped_whole() {
        let ring = Ring::new(0);
        assert!(!write(&ring, &[1; MAX_RECORD + 1]));
        assert_eq!(ring.dropped(), 1);
        assert!(write(&ring, &[2]));
        let mut words = Vec::new();
        ring.drain(&mut words);
        assert_eq!(read(&words), [[2]]);
    }

    /// Two threads pass 300,000 records; every one comes out whole and in order, or was counted as dropped.
    /// With `early`, the seeded bug, the tail is published before the words behind it: that must be seen.
    fn race(early: bool) -> Result<(), String> {
        let (ring, enough) = (Ring::new(0), AtomicBool::new(false));
        let sent = 300_000_u64;
        std::thread::scope(|threads| {
            let producer = threads.spawn(|| {
                let mut n = 0;
                while n < sent && !enough.load(Relaxed) {
                    let Some(mut draft) = ring.draft(Claim::Last) else {
                        std::thread::yield_now();
                        continue;
                    };
                    if early {
                        ring.tail.0.store(draft.start.wrapping_add(5), Release);
                        std::thread::yield_now();
                    }
                    draft.words([n, !n, n, !n]);
                    n += u64::from(draft.commit(|len| len as u64));
                }
            });
            // However the consumer leaves, the producer must not wait for room for ever.
            struct Enough<'a>(&'a AtomicBool);
            impl Drop for Enough<'_> {
                fn drop(&mut self) {
                    self.0.store(true, Relaxed);
                }
            }
            let _enough = Enough(&enough);
            let (mut words, mut next) = (Vec::new(), 0);
            while next < sent {
                words.clear();
                ring.drain(&mut words);
                let mut at = 0;
                while at < words.len() {
                    let record = words.get(at..at + 5).ok_or("a torn record")?;
                    if record != [5, next, !next, next, !next] {
                        return Err(format!("record {next} came out as {record:x?}"));
                    }
                    (at, next) = (at + 5, next + 1);
                }
                if words.is_empty() {
                    if producer.is_finished() && ring.is_empty() {
                        return Err(format!("{next} of {sent} records came out"));
                    }
                    std::thread::yield_now();
                }
            }
            Ok(())
        })
    }

    #[test]
    fn records_cross_threads_whole_and_in_order() {
        assert_eq!(race(false), Ok(()));
    }

    #[test]
    fn the_race_test_sees_a_tail_that_is_published_early() {
        assert!((0..20).any(|_| race(true).is_err()), "the seeded bug was not seen");
    }
}
