//! Words enter on the thread that owns a ring and leave on the drainer's: one producer, one consumer, nobody waits.
//!
//! The words are relaxed atomics, so there is no `unsafe`: on the machines that matter a relaxed store is a plain
//! store. What makes a record visible as a whole is one release store of `tail` behind it; what keeps it from being
//! overwritten while it is read is the release store of `head` after. A ring that is used by two producers, which its
//! one caller in [`crate::thread`] rules out, would mix up records but could not break memory.

mod draft;

use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};

use crate::record::first_len_and_ticks;
use crate::sync::{AtomicU64, Seed, Word, order, seeded, zeroed};
pub(crate) use draft::{Draft, Rest};

/// The longest record, in words of eight bytes: 16 KiB. A model looks at every order of what happens, so its rings are
/// tiny.
pub(crate) const MAX_RECORD: usize = if cfg!(all(test, tense_loom)) { 3 } else { 2048 };

/// The smallest record that says anything, in words.
const MIN_RECORD: u64 = if cfg!(all(test, tense_loom)) { 2 } else { 8 };

/// The words of the smallest ring.
const MIN_RING: usize = if cfg!(all(test, tense_loom)) { 8 } else { 4 * MAX_RECORD };

/// The drainer is woken whenever so many parts of a ring have been filled: early, because it may take a while to get a
/// processor.
const WAKE_AT: u64 = 4;

/// After so many drops in a row it is found out whether anybody drains at all: nobody does where a process was forked
/// off behind the last place to wake the drainer.
const LOOK_EVERY: u64 = 64;

/// Keeps the producer's and the consumer's place on cache lines of their own (two lines: adjacent ones are fetched in
/// pairs).
#[repr(align(128))]
struct Apart<T>(T);

pub(crate) struct Ring {
    own: Apart<Producer>,
    /// Words ever read; the consumer's alone to change.
    head: Apart<AtomicU64>,
    /// As many as fit, and behind them room for one record that begins before the end: every record lies in one piece.
    words: Box<[Word]>,
    /// How many fit, less one.
    mask: u32,
}

/// What the producer alone changes.
struct Producer {
    /// Words ever written. It takes centuries until that is more than fits.
    tail: AtomicU64,
    /// Up to here a record may begin of which nothing is known, its length or its claim: there is room, and nobody is
    /// to be woken.
    limit: Word,
    /// Where the drainer is woken next.
    wake_at: Word,
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

impl Ring {
    /// A ring of that many bytes, rounded up to a power of two and to at least four of the longest records.
    pub(crate) fn new(bytes: usize) -> Self {
        let words = (bytes / 8).clamp(MIN_RING, 1 << 28).next_power_of_two();
        Self {
            own: Apart(Producer {
                tail: AtomicU64::new(0),
                limit: Word::new(0),
                wake_at: Word::new(words as u64 / WAKE_AT),
                dropped: AtomicU64::new(0),
            }),
            head: Apart(AtomicU64::new(0)),
            words: zeroed(words + MAX_RECORD),
            mask: words as u32 - 1,
        }
    }

    /// Begins a record whose first word, the header, is written last: its lowest 16 bits are the record's length in
    /// words. `None`: something is to be done first, and [`draft`](Self::draft) does it.
    #[inline(always)]
    pub(crate) fn easy_draft(&self) -> Option<(Draft<'_>, Rest<'_>)> {
        let start = self.own.0.tail.load(Relaxed);
        if start >= self.own.0.limit.load(Relaxed) {
            return None;
        }
        self.draft_of(start, MAX_RECORD)
    }

    /// The same in every case. `None`: the ring is full, and the drop is counted.
    pub(crate) fn draft(&self, claim: Claim) -> Option<(Draft<'_>, Rest<'_>)> {
        if let Some(draft) = self.easy_draft() {
            return Some(draft);
        }
        let own = &self.own.0;
        if own.tail.load(Relaxed) >= own.wake_at.load(Relaxed) {
            own.wake_at.store(own.tail.load(Relaxed) + self.capacity() / WAKE_AT, Relaxed);
            crate::drain::wake();
        }
        // In a process that was forked off, waking starts threads, and the host's allocator may record in there.
        let start = own.tail.load(Relaxed);
        let head = self.head.0.load(order(Seed::HeadLoad, Acquire));
        let (room, spare) = (self.capacity() - (start - head), self.capacity() / 8);
        let full_at = head + self.capacity() - spare - MAX_RECORD as u64;
        let wake_at = if seeded(Seed::WakePassedBy) { full_at } else { own.wake_at.load(Relaxed) };
        own.limit.store(full_at.min(wake_at), Relaxed);
        let usable = room.saturating_sub(if claim == Claim::Polite { spare } else { 0 });
        let draft = if usable < MIN_RECORD { None } else { self.draft_of(start, (usable as usize).min(MAX_RECORD)) };
        if draft.is_none() {
            self.lose_one();
        }
        draft
    }

    #[inline(always)]
    fn draft_of(&self, start: u64, usable: usize) -> Option<(Draft<'_>, Rest<'_>)> {
        let first = (start as u32 & self.mask) as usize;
        let (header, rest) = self.words.get(first..first + usable)?.split_first()?;
        Some((Draft { ring: self, header, start, usable: usable as u64 }, Rest(rest)))
    }

    /// Counts a record that is not there. Only the producer does, so it costs no more than a word that is written.
    #[cold]
    pub(crate) fn lose_one(&self) {
        let dropped = &self.own.0.dropped;
        dropped.store(dropped.load(Relaxed) + 1, Relaxed);
        if self.dropped().is_multiple_of(LOOK_EVERY) {
            crate::drain::look();
        }
    }

    #[inline]
    fn capacity(&self) -> u64 {
        u64::from(self.mask) + 1
    }

    /// Moves everything that is committed into `into`, and frees its place. For the one consumer.
    pub(crate) fn drain(&self, into: &mut Vec<u64>) {
        let tail = self.own.0.tail.load(order(Seed::TailLoad, Acquire));
        let mut at = self.head.0.load(Relaxed);
        let left = |at: u64| (tail - at) as usize;
        into.reserve(left(at));
        if seeded(Seed::HeadEarly) {
            self.head.0.store(tail, Release);
        }
        while at != tail {
            // Records that lie side by side go together; the last of them may reach beyond the mark where the next one
            // begins in front again.
            let first = (at as u32 & self.mask) as usize;
            let mut len = 0;
            while len < left(at) && first + len <= self.mask as usize {
                let header = self.words.get(first + len).map_or(0, |header| header.load(Relaxed));
                len += match (header & 0xffff) as usize {
                    record if (1..=left(at) - len).contains(&record) => record,
                    // A length that makes no sense would be a bug of ours; what is left is then given up.
                    _ => break,
                };
            }
            let Some(records) = self.words.get(first..first + len).filter(|_| len > 0) else {
                at = tail;
                break;
            };
            into.extend(records.iter().map(|word| word.load(Relaxed)));
            at += len as u64;
        }
        self.head.0.store(at, order(Seed::HeadStore, Release));
    }

    /// In a process that was forked off, on the thread that owns it: the drainer of another process reads what is
    /// there. Says how many records came after that tick, and may be this process's own. The next one finds out who
    /// drains here.
    #[cold]
    pub(crate) fn begin_anew(&self, after: u64) -> u64 {
        let (mut words, own) = (Vec::new(), &self.own.0);
        self.drain(&mut words);
        let (mut rest, mut perhaps) = (words.as_slice(), own.dropped.load(Relaxed) % LOOK_EVERY);
        while let Some((len, ticks)) = first_len_and_ticks(rest) {
            perhaps += u64::from(ticks > after);
            rest = rest.get(len..).unwrap_or_default();
        }
        own.dropped.store(0, Relaxed);
        own.limit.store(0, Relaxed);
        own.wake_at.store(own.tail.load(Relaxed), Relaxed);
        perhaps
    }

    /// Whether anybody has written into it before.
    #[cfg(all(test, tense_loom))]
    pub(crate) fn is_used(&self) -> bool {
        self.own.0.tail.load(Relaxed) != 0
    }

    /// What its words take, in bytes.
    pub(crate) fn bytes(&self) -> usize {
        self.words.len() * size_of::<Word>()
    }

    /// Records that found no room, ever.
    pub(crate) fn dropped(&self) -> u64 {
        self.own.0.dropped.load(Relaxed)
    }

    /// Whether everything that was committed has been drained.
    #[cfg(all(test, not(tense_loom)))]
    fn is_empty(&self) -> bool {
        self.own.0.tail.load(Acquire) == self.head.0.load(Acquire)
    }
}

// They give a ring to threads of the standard library, which the words of a model are not made for.
#[cfg(test)]
#[cfg(not(tense_loom))]
mod tests;
