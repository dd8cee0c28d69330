//! Events that were written enter, and what ended of them is counted by block, in the transaction that writes them; a
//! count of many events reads these numbers and not the events.
//!
//! A block is counted from its first trace on, or not at all. What was removed of a block cannot be taken off a longest
//! duration, so a purge drops what was counted there. Programs of an older version know nothing of all this: nobody
//! goes by the numbers of a block whose traces have more or fewer events than were counted.

use std::collections::HashMap;
use std::hash::BuildHasherDefault;

use rusqlite::{Connection, OptionalExtension, params};
use tense_event::Event;

use super::bytes::{Bytes, Malformed, put_number};
use super::columns::{Ids, nanos};
use super::labels::BLOCK;
use super::names::{Named, PlaceHasher};
use crate::statistics::{Ended, Numbers, PLACES, place_of};

/// Bits of the number of a part.
const PARTS: u32 = 20;
/// A part of more bytes stays as it is, and another one is begun: what is new is added by writing the part anew.
const LARGEST: usize = 8_000;

/// What ended of one operation in one way.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Sum {
    events: u64,
    /// For how many these stand.
    count: u64,
    /// How many took how long, by the number of the bucket.
    places: Vec<(u16, u64)>,
    least: u64,
    largest: u64,
    total: u128,
}

/// An operation, and how it ended.
type Key = (Ids, Ended);

/// How it ended, by the number that stands in the file: none is ever changed. There is room for one more.
const ENDS: [Ended; 3] = [Ended::Success, Ended::Failed, Ended::Cancelled];

const fn number_of(ended: Ended) -> u64 {
    match ended {
        Ended::Success => 0,
        Ended::Failed => 1,
        Ended::Cancelled => 2,
    }
}

impl Sum {
    fn add(&mut self, duration: Option<u64>, weight: u64) {
        self.events += 1;
        self.count = self.count.saturating_add(weight);
        if let Some(nanos) = duration {
            self.extremes(nanos, nanos);
            self.places.push((place_of(nanos), weight));
            self.total = self.total.saturating_add(u128::from(nanos) * u128::from(weight));
        }
    }

    /// Before the places of these durations are added.
    fn extremes(&mut self, least: u64, largest: u64) {
        self.least = if self.places.is_empty() { least } else { self.least.min(least) };
        self.largest = self.largest.max(largest);
    }

    fn merge(&mut self, other: &Self) {
        self.events = self.events.saturating_add(other.events);
        self.count = self.count.saturating_add(other.count);
        if !other.places.is_empty() {
            self.extremes(other.least, other.largest);
            self.places.extend_from_slice(&other.places);
            self.total = self.total.saturating_add(other.total);
        }
    }

    /// Each place once, in their order.
    fn settle(&mut self) {
        // Not unstable: mostly it is two lists in order, one behind the other.
        self.places.sort_by_key(|(place, _)| *place);
        self.places.dedup_by(|(place, times), (before, all)| {
            let is_same = place == before;
            if is_same {
                *all = all.saturating_add(*times);
            }
            is_same
        });
    }

    /// The number of places, and before it what has to be known of them.
    fn put(&self, out: &mut Vec<u8>) {
        [self.events, self.count, self.places.len() as u64].iter().for_each(|number| put_number(out, *number));
        if self.places.is_empty() {
            return;
        }
        let total = [self.total as u64, (self.total >> 64) as u64];
        [self.least, self.largest - self.least].iter().chain(&total).for_each(|number| put_number(out, *number));
        let mut before = 0;
        for (place, times) in &self.places {
            put_number(out, u64::from(*place - before) << 1 | u64::from(*times != 1));
            if *times != 1 {
                put_number(out, *times);
            }
            before = *place;
        }
    }

    fn read(mut rest: Bytes<'_>) -> Result<Self, Malformed> {
        let mut sum = Self { events: rest.number()?, count: rest.number()?, ..Self::default() };
        let places = rest.count()?;
        if places == 0 {
            return Ok(sum);
        }
        sum.least = rest.number()?;
        sum.largest = sum.least.checked_add(rest.number()?).ok_or(Malformed)?;
        sum.total = u128::from(rest.number()?) | u128::from(rest.number()?) << 64;
        sum.places.reserve(places);
        let mut before = 0_u64;
        for _ in 0..places {
            let number = rest.number()?;
            before = before.saturating_add(number >> 1);
            let place = u16::try_from(before).ok().filter(|place| *place < PLACES).ok_or(Malformed)?;
            sum.places.push((place, if number & 1 == 1 { rest.number()? } else { 1 }));
        }
        Ok(sum)
    }

    /// Counts it to an operation.
    pub(crate) fn count(&self, numbers: &mut Numbers, ended: Ended) {
        numbers.count_ended(ended, self.count);
        numbers.events = numbers.events.saturating_add(self.events);
        numbers.durations.absorb(&self.places, (self.least, self.largest), self.total);
    }
}

/// What a batch brought, in the order of the blocks.
#[derive(Debug, Default)]
pub(crate) struct Tallies {
    blocks: Vec<Block>,
}

#[derive(Debug)]
struct Block {
    number: i64,
    /// Whether nothing was there before.
    begins: bool,
    /// Whether something has no number that is counted under one.
    is_nameless: bool,
    events: u64,
    sums: HashMap<Key, Sum, BuildHasherDefault<PlaceHasher>>,
}

impl Tallies {
    /// Takes an event that was written. `name` is none where it is the type; `is_new` says that the trace came with
    /// this batch.
    pub(crate) fn add(
        &mut self,
        event: &Event,
        (no, is_new): (i64, bool),
        (kind, name, service): (Named<'_>, Option<Named<'_>>, Option<Named<'_>>),
    ) {
        let number = no >> BLOCK;
        if self.blocks.last().is_none_or(|block| block.number != number) {
            let sums = HashMap::default();
            self.blocks.push(Block { number, begins: false, is_nameless: false, events: 0, sums });
        }
        let Some(block) = self.blocks.last_mut() else { return };
        // Numbers of traces begin at 1, and are given one after the other.
        block.begins |= is_new && (no == 1 || no & ((1 << BLOCK) - 1) == 0);
        block.events += 1;
        let ended = Ended::of(event.status, event.error.as_ref()).filter(|_| event.sample_weight > 0);
        let Some(ended) = ended else { return };
        let id = |name: Option<Named<'_>>| match name {
            None => Some(0),
            Some(Named::Id(id)) => Some(id),
            Some(Named::Text(_)) => None,
        };
        let ids = || Ids::new(id(Some(kind))?, id(name)?, id(service)?);
        let Some(ids) = ids() else {
            block.is_nameless = true;
            return;
        };
        let took = event.duration.map(|took| nanos(took).unsigned_abs());
        block.sums.entry((ids, ended)).or_default().add(took, event.sample_weight.into());
    }

    /// Whether the file has counted the same of a block that has so many events. Where it has counted nothing that
    /// anybody goes by, it has.
    pub(crate) fn agree(self, db: &Connection, block: i64, events: i64) -> rusqlite::Result<bool> {
        let Some(parts) = of_block(db, block, events)? else { return Ok(true) };
        let mut counted: HashMap<Key, Sum, BuildHasherDefault<PlaceHasher>> = HashMap::default();
        parts.iter().for_each(|(key, sum)| counted.entry(*key).or_default().merge(sum));
        let mut seen = self.blocks.into_iter().next().map(|block| block.sums).unwrap_or_default();
        counted.values_mut().chain(seen.values_mut()).for_each(Sum::settle);
        Ok(counted == seen)
    }

    /// Adds it to what the file holds.
    pub(crate) fn save(self, db: &Connection) -> rusqlite::Result<()> {
        for block in self.blocks {
            block.save(db)?;
        }
        Ok(())
    }
}

impl Block {
    fn save(self, db: &Connection) -> rusqlite::Result<()> {
        let last = match self.begins {
            true => None,
            false => {
                let last = last(db, self.number)?;
                // What was there when nothing was counted yet would be missing.
                if last.is_none() {
                    return Ok(());
                }
                last
            }
        };
        if self.is_nameless {
            return forget(db, self.number);
        }
        let mut sums: Vec<(Key, Sum)> = self.sums.into_iter().collect();
        sums.sort_unstable_by_key(|(key, _)| *key);
        sums.iter_mut().for_each(|(_, sum)| sum.settle());
        match last {
            Some((place, events, bytes)) if bytes.len() <= LARGEST => {
                let Ok(bytes) = merged(&bytes, &sums) else { return forget(db, self.number) };
                db.prepare_cached("UPDATE tallies SET events = ?2, sums = ?3 WHERE place = ?1")?.execute(params![
                    place,
                    events.saturating_add(self.events as i64),
                    bytes
                ])?;
            }
            last => {
                let place = last.map_or(first_part(self.number), |(place, ..)| place.saturating_add(1));
                let bytes = merged(&[], &sums).unwrap_or_default();
                db.prepare_cached("INSERT OR REPLACE INTO tallies (place, events, sums) VALUES (?1, ?2, ?3)")?
                    .execute(params![place, self.events as i64, bytes])?;
            }
        }
        Ok(())
    }
}

/// The place of the first part of a block. Those of version 8 stand beside those of versions 6 and 7, whose form was
/// another one: a program of such a version that still has the file open goes on writing its own, and is seen by what
/// is missing here; unless it also removes as many events of the same block, which is not seen until the block goes.
const fn first_part(block: i64) -> i64 {
    1 << 62 | block << PARTS
}

/// Between which places the parts of a block are.
const fn parts(block: i64) -> [i64; 2] {
    [first_part(block), first_part(block) | ((1 << PARTS) - 1)]
}

/// The part that was begun last: its place, its events, its sums.
fn last(db: &Connection, block: i64) -> rusqlite::Result<Option<(i64, i64, Vec<u8>)>> {
    db.prepare_cached(
        "SELECT place, events, sums FROM tallies WHERE place BETWEEN ?1 AND ?2 ORDER BY place DESC LIMIT 1",
    )?
    .query_row(parts(block), |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
    .optional()
}

/// Drops what was counted of a block: from now on its events are read.
pub(crate) fn forget(db: &Connection, block: i64) -> rusqlite::Result<()> {
    db.prepare_cached("DELETE FROM tallies WHERE place BETWEEN ?1 AND ?2")?.execute(parts(block)).map(drop)
}

/// What was counted of a block that has so many events; nothing where that has to be read.
pub(crate) fn of_block(db: &Connection, block: i64, events: i64) -> rusqlite::Result<Option<Vec<(Key, Sum)>>> {
    let mut select = db.prepare_cached("SELECT events, sums FROM tallies WHERE place BETWEEN ?1 AND ?2")?;
    let mut rows = select.query(parts(block))?;
    let (mut all, mut counted) = (Vec::new(), 0_i64);
    while let Some(row) = rows.next()? {
        counted = counted.saturating_add(row.get(0)?);
        let Ok(bytes) = row.get_ref(1)?.as_blob() else { return Ok(None) };
        let read = each(bytes, |key, sum| {
            all.push((key, Sum::read(Bytes(sum))?));
            Ok(())
        });
        if read.is_err() {
            return Ok(None);
        }
    }
    Ok((counted == events).then_some(all))
}

/// Shows the bytes of each sum, in their order.
fn each(bytes: &[u8], mut take: impl FnMut(Key, &[u8]) -> Result<(), Malformed>) -> Result<(), Malformed> {
    let mut rest = Bytes(bytes);
    while !rest.is_empty() {
        let (number, length) = (rest.number()?, rest.count()?);
        let ended = *ENDS.get((number & 3) as usize).ok_or(Malformed)?;
        take((Ids::of_number(number >> 2), ended), rest.take(length)?)?;
    }
    Ok(())
}

/// The sums of a part and new ones; what has no part in them is copied as it is.
fn merged(old: &[u8], new: &[(Key, Sum)]) -> Result<Vec<u8>, Malformed> {
    let (mut out, mut room) = (Vec::with_capacity(old.len() + 256), Vec::new());
    let mut put = |(ids, ended): Key, sum: &[u8]| {
        put_number(&mut out, ids.number() << 2 | number_of(ended));
        put_number(&mut out, sum.len() as u64);
        out.extend_from_slice(sum);
    };
    let mut written = |key: Key, sum: &Sum, put: &mut dyn FnMut(Key, &[u8])| {
        room.clear();
        sum.put(&mut room);
        put(key, &room);
    };
    let mut new = new.iter().peekable();
    each(old, |key, bytes| {
        while let Some((before, sum)) = new.next_if(|(other, _)| *other < key) {
            written(*before, sum, &mut put);
        }
        match new.next_if(|(other, _)| *other == key) {
            None => put(key, bytes),
            Some((_, more)) => {
                let mut sum = Sum::read(Bytes(bytes))?;
                sum.merge(more);
                sum.settle();
                written(key, &sum, &mut put);
            }
        }
        Ok(())
    })?;
    new.for_each(|(key, sum)| written(*key, sum, &mut put));
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::Ended::{Cancelled, Failed, Success};
    use super::*;

    fn sum(durations: &[(u64, u64)]) -> Sum {
        let mut sum = Sum::default();
        durations.iter().for_each(|(nanos, weight)| sum.add(Some(*nanos), *weight));
        sum.settle();
        sum
    }

    fn key(kind: i64, ended: Ended) -> Key {
        (Ids::new(kind, 0, 1 << 16).unwrap(), ended)
    }

    fn read(bytes: &[u8]) -> Vec<(Key, Sum)> {
        let mut all = Vec::new();
        let read = each(bytes, |key, bytes| {
            all.push((key, Sum::read(Bytes(bytes))?));
            Ok(())
        });
        read.unwrap();
        all
    }

    #[test]
    fn parts_of_a_sum_make_the_whole() {
        let (one, other) = ([(7, 1), (u64::MAX, u64::from(u32::MAX)), (7, 3)], [(0, 1), (7, 1), (3_000_000, 2)]);
        let whole = sum(&[one, other].concat());
        assert_eq!(whole.places.len(), 4);
        let mut untimed = Sum::default();
        untimed.add(None, 9);
        let old = merged(&[], &[(key(2, Success), sum(&one)), (key(5, Cancelled), untimed.clone())]).unwrap();
        let new = [(key(1, Failed), sum(&one)), (key(2, Success), sum(&other)), (key(7, Success), untimed.clone())];
        let expected = [
            (key(1, Failed), sum(&one)),
            (key(2, Success), whole),
            (key(5, Cancelled), untimed.clone()),
            (key(7, Success), untimed),
        ];
        assert_eq!(read(&merged(&old, &new).unwrap()), expected);
    }

    #[test]
    fn how_operations_ended_keeps_its_numbers() {
        let ids = Ids::of_number(1);
        // Sums lie in the order of their keys, and so of these.
        assert!(ENDS.is_sorted());
        for (nth, ended) in [Success, Failed, Cancelled].into_iter().enumerate() {
            assert_eq!(ENDS[nth], ended);
            let bytes = merged(&[], &[((ids, ended), Sum::default())]).unwrap();
            assert_eq!(bytes, [4 + nth as u8, 3, 0, 0, 0], "{ended:?}");
        }
    }

    #[test]
    fn what_is_damaged_is_told() {
        let bytes = merged(&[], &[(key(2, Success), sum(&[(7, 1), (9_000, 2)]))]).unwrap();
        for at in 0..bytes.len() {
            // Whatever it says now, nothing panics.
            for byte in [0, 0x7f, 0xff] {
                let mut bytes = bytes.clone();
                bytes[at] = byte;
                each(&bytes, |_, sum| Sum::read(Bytes(sum)).map(drop)).ok();
            }
            let cut = each(&bytes[..at], |_, sum| Sum::read(Bytes(sum)).map(drop));
            assert_eq!(cut.is_err(), at > 0, "{at}");
        }
        assert_eq!(Sum::read(Bytes(&[1, 1, 1, 0, 0, 0, 0])), Err(Malformed));
        let beyond = u64::from(PLACES) << 1;
        let mut bytes = vec![1, 1, 1, 0, 0, 0, 0];
        put_number(&mut bytes, beyond);
        assert_eq!(Sum::read(Bytes(&bytes)), Err(Malformed));
    }
}
