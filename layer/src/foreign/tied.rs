//! What is kept beside a span of `tracing` while it is open, by its id.
//!
//! An extension of the registry would do the same, for an allocation a span and two locks a look. Here a span takes a
//! place in a table: one compare-and-swap, and a look is a load. A place is its span's alone from the moment when it is
//! made to the moment when it is closed, and `tracing` gives no id to two open spans; so what lies in it needs no lock.
//! The tables are made when they are needed: for most programs one of ten kilobytes.

use std::collections::HashMap;
use std::sync::OnceLock;
use std::sync::atomic::Ordering::{AcqRel, Relaxed, Release};
use std::sync::atomic::{AtomicU64, AtomicUsize};

use tense::__private::layer::{Apiece, Tie};

/// Kept beside a real span.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tied {
    pub(super) tie: Tie,
    /// Made by the runtime, which writes its records.
    pub(super) ours: bool,
    /// Mapped to a declared event, so that its values may be wanted.
    pub(super) is_mapped: bool,
    /// Its begin found no room, and it is kept for the lines in it.
    pub(super) is_lost: bool,
}

/// Places in each table, as powers of two.
const SIZES: [u32; 3] = [8, 12, 16];
/// Places of one table that a span may take.
const TRIES: usize = 8;

#[derive(Default)]
pub(super) struct AllTied {
    tables: [OnceLock<Box<[Place]>>; SIZES.len()],
    /// Those for which no place was free.
    more: Apiece<HashMap<u64, Tied>>,
    more_len: AtomicUsize,
}

#[derive(Default)]
struct Place {
    /// The span of `tracing`; 0 where it is free.
    id: AtomicU64,
    high: AtomicU64,
    low: AtomicU64,
    span: AtomicU64,
    flags: AtomicU64,
}

const OURS: u64 = 1;
const MAPPED: u64 = 2;
const LOST: u64 = 4;

impl Place {
    fn set(&self, tied: Tied) {
        self.high.store(tied.tie.trace.0, Relaxed);
        self.low.store(tied.tie.trace.1, Relaxed);
        self.span.store(tied.tie.span, Relaxed);
        let (mapped, lost) = (u64::from(tied.is_mapped) * MAPPED, u64::from(tied.is_lost) * LOST);
        self.flags.store((u64::from(tied.ours) * OURS) | mapped | lost, Relaxed);
    }

    #[inline]
    fn get(&self) -> Tied {
        let flags = self.flags.load(Relaxed);
        Tied {
            tie: Tie { trace: (self.high.load(Relaxed), self.low.load(Relaxed)), span: self.span.load(Relaxed) },
            ours: flags & OURS != 0,
            is_mapped: flags & MAPPED != 0,
            is_lost: flags & LOST != 0,
        }
    }
}

/// The places of a table that may be that span's: those from where its id falls, by the golden ratio. The table has
/// some more behind its end, so that they lie in a row.
#[inline(always)]
fn places(table: &[Place], bits: u32, id: u64) -> &[Place] {
    let first = (id.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (u64::BITS - bits)) as usize;
    table.get(first..first + TRIES).unwrap_or_default()
}

/// Made before the cell is touched: one that is being filled when the process forks stays so in the child.
#[cold]
fn make(table: &OnceLock<Box<[Place]>>, bits: u32) -> &[Place] {
    let made = (0..(1 << bits) + TRIES).map(|_| Place::default()).collect();
    table.get_or_init(|| made)
}

impl AllTied {
    /// Keeps that beside a span, which has just been made.
    #[inline]
    pub(super) fn keep(&self, id: u64, tied: Tied) {
        self.keep_by(id, tied, |place, id| place.compare_exchange(0, id, AcqRel, Relaxed).is_ok());
    }

    /// `take` is there for the test that shows what taking a place at once is good for.
    #[inline]
    fn keep_by(&self, id: u64, tied: Tied, take: impl Fn(&AtomicU64, u64) -> bool) {
        for (table, bits) in self.tables.iter().zip(SIZES) {
            let table = table.get().map(Box::as_ref).unwrap_or_else(|| make(table, bits));
            for place in places(table, bits, id) {
                // One that was never closed would have its own id.
                let is_taken = place.id.load(Relaxed) == 0 && take(&place.id, id);
                if is_taken || place.id.load(Relaxed) == id {
                    place.set(tied);
                    return;
                }
            }
        }
        self.keep_more(id, tied);
    }

    #[cold]
    fn keep_more(&self, id: u64, tied: Tied) {
        if let Some(mut more) = self.more.lock()
            && more.insert(id, tied).is_none()
        {
            self.more_len.fetch_add(1, Relaxed);
        }
    }

    /// One that is out of reach, because it was kept before a fork, is none of this process's.
    #[cold]
    fn find_more(&self, look: impl FnMut(&mut HashMap<u64, Tied>) -> Option<Tied>) -> Option<Tied> {
        self.more.find(look).ok().flatten()
    }

    #[inline]
    fn place(&self, id: u64) -> Option<&Place> {
        self.tables.iter().zip(SIZES).find_map(|(table, bits)| {
            // What stands in a later table found the one before it full.
            places(table.get()?, bits, id).iter().find(|place| place.id.load(Relaxed) == id)
        })
    }

    /// What is kept beside it.
    #[inline]
    pub(super) fn get(&self, id: u64) -> Option<Tied> {
        match self.place(id) {
            Some(place) => Some(place.get()),
            None if self.more_len.load(Relaxed) == 0 => None,
            None => self.find_more(|more| more.get(&id).copied()),
        }
    }

    /// The same, and nothing is kept any more.
    #[inline]
    pub(super) fn remove(&self, id: u64) -> Option<Tied> {
        match self.place(id) {
            Some(place) => {
                let tied = place.get();
                place.id.store(0, Release);
                Some(tied)
            }
            None if self.more_len.load(Relaxed) == 0 => None,
            None => {
                let tied = self.find_more(|more| more.remove(&id));
                self.more_len.fetch_sub(usize::from(tied.is_some()), Relaxed);
                tied
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tied(n: u64) -> Tied {
        let tie = Tie { trace: (n, !n), span: n + 1 };
        let [ours, is_mapped, is_lost] = [2, 3, 5].map(|of| n.is_multiple_of(of));
        Tied { tie, ours, is_mapped, is_lost }
    }

    #[test]
    fn as_many_as_there_are_open_are_kept() {
        let all = AllTied::default();
        // More than all tables together have places.
        for id in 1..=100_000 {
            all.keep(id, tied(id));
        }
        assert!(all.more_len.load(Relaxed) > 0);
        assert!((1..=100_000).all(|id| all.get(id) == Some(tied(id))));
        assert!((1..=100_000).all(|id| all.remove(id) == Some(tied(id)) && all.get(id).is_none()));
        assert_eq!(all.more_len.load(Relaxed), 0);
    }

    /// Four threads keep and remove a hundred spans each, again and again; says whether each got its own back.
    fn race(take: impl Fn(&AtomicU64, u64) -> bool + Copy + Send + Sync) -> bool {
        let all = AllTied::default();
        let is_right = std::thread::scope(|threads| {
            let race = |thread: u64| {
                (0..500).all(|round| {
                    let ids = (0..100).map(|n| (thread << 32) + round % 7 * 100 + n + 1);
                    ids.clone().for_each(|id| all.keep_by(id, tied(id), take));
                    ids.filter(|id| all.remove(*id) != Some(tied(*id))).count() == 0
                })
            };
            let threads: Vec<_> = (1..=4).map(|thread| threads.spawn(move || race(thread))).collect();
            threads.into_iter().all(|thread| thread.join().unwrap())
        });
        let places = all.tables.iter().filter_map(OnceLock::get).flatten();
        is_right && places.filter(|place| place.id.load(Relaxed) != 0).count() == 0
    }

    #[test]
    fn threads_do_not_take_each_others_places() {
        assert!(race(|place, id| place.compare_exchange(0, id, AcqRel, Relaxed).is_ok()));
    }

    #[test]
    fn the_race_sees_a_place_that_is_looked_at_and_then_taken() {
        let late = |place: &AtomicU64, id| {
            std::thread::yield_now();
            place.store(id, Relaxed);
            true
        };
        assert!((0..20).any(|_| !race(late)), "the seeded bug was not seen");
    }
}
