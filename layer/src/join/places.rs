//! Ids of spans go in; where the spans are comes out.
//!
//! A thread numbers its spans one after the other, so neighbours share an entry of the table: what happens to a span,
//! and to those that began just before and behind it, finds it in memory that has just been used. An entry alone with
//! one span takes about 140 bytes; there are no more than spans that are open or that have ended lately.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::BuildHasherDefault;

use super::open::At;
use super::spread::{Spread, table};

/// Ids that share an entry, as a power of two.
const NEIGHBOURS: u32 = 4;

/// Where a span is.
#[derive(Clone, Copy)]
pub(super) enum Place {
    Open(At),
    /// Counted from the first one that ever ended, round and round.
    Ended(u32),
    /// Ended, and kept for a context that somebody has of it.
    Held,
}

#[derive(Default)]
pub(super) struct Places(HashMap<u64, Neighbours, BuildHasherDefault<Spread>>);

#[derive(Default)]
struct Neighbours {
    known: u32,
    places: [Option<Place>; 1 << NEIGHBOURS],
}

/// The entry that an id is in, and where in it.
#[inline]
const fn split(id: u64) -> (u64, usize) {
    (id >> NEIGHBOURS, (id & ((1 << NEIGHBOURS) - 1)) as usize)
}

impl Places {
    #[inline]
    pub(super) fn get(&self, id: u64) -> Option<Place> {
        let (entry, nth) = split(id);
        *self.0.get(&entry)?.places.get(nth)?
    }

    #[inline]
    pub(super) fn get_mut(&mut self, id: u64) -> Option<&mut Place> {
        let (entry, nth) = split(id);
        self.0.get_mut(&entry)?.places.get_mut(nth)?.as_mut()
    }

    #[inline]
    pub(super) fn insert(&mut self, id: u64, place: Place) {
        let (entry, nth) = split(id);
        let neighbours = self.0.entry(entry).or_default();
        if let Some(known) = neighbours.places.get_mut(nth)
            && known.replace(place).is_none()
        {
            neighbours.known += 1;
        }
    }

    #[inline]
    pub(super) fn remove(&mut self, id: u64) {
        let (entry, nth) = split(id);
        let Entry::Occupied(mut entry) = self.0.entry(entry) else { return };
        let neighbours = entry.get_mut();
        if neighbours.places.get_mut(nth).and_then(Option::take).is_some() {
            neighbours.known -= 1;
        }
        if neighbours.known == 0 {
            entry.remove();
        }
    }

    /// Gives back what a burst took. So many spans at least are no burst.
    pub(super) fn shrink(&mut self, few: usize) {
        if self.0.capacity() > 8 * self.0.len().max(few >> NEIGHBOURS) {
            self.0.shrink_to(2 * self.0.len());
        }
    }

    /// What it takes, in bytes.
    pub(super) fn bytes(&self) -> usize {
        table::<u64, Neighbours>(self.0.capacity())
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.0.values().map(|neighbours| neighbours.known as usize).sum()
    }

    /// The spans that it has room for, if all are neighbours.
    #[cfg(test)]
    pub(super) fn capacity(&self) -> usize {
        self.0.capacity() << NEIGHBOURS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_come_and_go_one_by_one() {
        let mut places = Places::default();
        for id in 1..=40 {
            places.insert(id, Place::Open(id as At));
        }
        places.insert(7, Place::Held);
        assert_eq!(places.len(), 40);
        assert!(matches!(places.get(7), Some(Place::Held)) && matches!(places.get(8), Some(Place::Open(8))));
        for id in (0..=41).chain([7]).filter(|id| *id != 33) {
            places.remove(id);
            assert!(places.get(id).is_none() && places.get_mut(id).is_none());
        }
        assert_eq!((places.len(), places.0.len()), (1, 1), "an entry goes with the last that is in it");
        assert!(matches!(places.get_mut(33), Some(Place::Open(33))));
    }
}
