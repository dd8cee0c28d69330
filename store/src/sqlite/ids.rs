//! Ids of traces enter; what the file knows them by leaves, and the other way round.
//!
//! An id is turned, its last hex digit in front, so that ids that end in the same digits are neighbours: people type
//! the end of one. Turned ids lie all over their index. So those that say when they were made, as UUIDs of version 7
//! do, are kept apart by that: what is written then lies in that part of the index which belongs to the present, and
//! that part stays as small however large the file is. Whoever looks for an end looks into each part.

use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Connection, OptionalExtension, params};
use tense_event::TraceId;

/// Bits in front of an id that say in which 17 minutes it was made, where it says so: 48 are its milliseconds.
const WHEN: u32 = 28;
/// Those between the years 2001 and 2109. Of ids that are made by chance, one in five thousand hits them.
const BELIEVED: std::ops::Range<u32> = 0xe_8d4a..0x40_0000;

/// What is in front of ids that say when they were made; then comes when, then the rest of them, turned.
const MADE: u8 = 0;
/// What is in front of all others, which are turned as a whole.
const OTHER: u8 = 1;

/// An id as it stands in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Kept([u8; 17]);

impl Kept {
    fn new(front: u8, number: u128) -> Self {
        let mut bytes = [front; 17];
        bytes[1..].copy_from_slice(&number.to_be_bytes());
        Self(bytes)
    }

    fn in_part(part: Option<u32>, turned: u128) -> Self {
        match part {
            Some(when) => Self::new(MADE, u128::from(when) << (u128::BITS - WHEN) | turned >> WHEN),
            None => Self::new(OTHER, turned),
        }
    }

    /// In which part of the index it is; none where all ids are that do not say when they were made.
    fn part(self) -> Option<u32> {
        let [front, number @ ..] = self.0;
        (front == MADE).then(|| (u128::from_be_bytes(number) >> (u128::BITS - WHEN)) as u32)
    }

    /// The id.
    pub(crate) fn id(self) -> TraceId {
        let [_, number @ ..] = self.0;
        let number = u128::from_be_bytes(number);
        let id = match self.part() {
            Some(_) => turned(number << WHEN) | number >> (u128::BITS - WHEN) << (u128::BITS - WHEN),
            None => turned(number),
        };
        TraceId::from_bytes(id.to_be_bytes())
    }
}

impl From<TraceId> for Kept {
    fn from(id: TraceId) -> Self {
        let id = u128::from_be_bytes(id.to_bytes());
        let is_version_7 = id >> 76 & 0xf == 7 && id >> 62 & 0b11 == 0b10;
        let when = (id >> (u128::BITS - WHEN)) as u32;
        Self::in_part(Some(when).filter(|when| is_version_7 && BELIEVED.contains(when)), turned(id))
    }
}

impl ToSql for Kept {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(ValueRef::Blob(&self.0)))
    }
}

impl FromSql for Kept {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let bytes = value.as_blob()?;
        let other = || FromSqlError::InvalidBlobSize { expected_size: 17, blob_size: bytes.len() };
        bytes.try_into().map(Self).map_err(|_| other())
    }
}

/// The number whose hex digits are in the other order.
const fn turned(number: u128) -> u128 {
    const LOW: u128 = u128::MAX / 0xff * 0x0f;
    let bytes = number.swap_bytes();
    (bytes & LOW) << 4 | bytes >> 4 & LOW
}

/// The parts of the index that have ids.
pub(crate) fn parts(db: &Connection) -> rusqlite::Result<Vec<Option<u32>>> {
    let mut next = db.prepare_cached("SELECT trace FROM traces WHERE trace >= ?1 ORDER BY trace LIMIT 1")?;
    let (mut parts, mut from) = (vec![None], 0);
    // Beyond only a damaged file has some.
    while from < BELIEVED.end {
        let found = next.query_row([Kept::in_part(Some(from), 0)], |row| row.get(0)).optional()?;
        let Some(when) = found.and_then(Kept::part) else { break };
        parts.push(Some(when));
        from = when + 1;
    }
    Ok(parts)
}

/// Rewrites ids of a file in which all are turned as a whole, and nothing is in front.
pub(crate) fn keep_by_when_they_were_made(db: &Connection) -> rusqlite::Result<()> {
    let mut some =
        db.prepare("SELECT no, trace FROM traces WHERE no > ?1 AND length(trace) = 16 ORDER BY no LIMIT 10000")?;
    let mut update = db.prepare("UPDATE traces SET trace = ?2 WHERE no = ?1")?;
    let mut last = i64::MIN;
    loop {
        let read = some.query_map([last], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let read: Vec<(i64, [u8; 16])> = read.collect::<rusqlite::Result<_>>()?;
        let Some((behind, _)) = read.last() else { return Ok(()) };
        last = *behind;
        for (no, number) in read {
            let id = TraceId::from_bytes(turned(u128::from_be_bytes(number)).to_be_bytes());
            update.execute(params![no, Kept::from(id)])?;
        }
    }
}

/// The last digits of an id.
pub(crate) struct Ending {
    /// Between which numbers turned ids are that end so.
    first: u128,
    last: u128,
}

impl Ending {
    /// `None` for what is no id's end.
    pub(crate) fn of(digits: &str) -> Option<Self> {
        let mut first = 0;
        for (nth, digit) in digits.chars().rev().enumerate() {
            let shift = 124_usize.checked_sub(4 * nth)?;
            first |= u128::from(digit.to_digit(16)?) << shift;
        }
        let free = u128::MAX.checked_shr(4 * digits.len() as u32).unwrap_or(0);
        Some(Self { first, last: first | free })
    }

    /// Between which ids those of that part are that end so.
    pub(crate) fn within(&self, part: Option<u32>) -> Option<[Kept; 2]> {
        if let Some(when) = part {
            // That is the same for all of the part, and what is asked for may be so long that it says it too.
            let front = |turned: u128| turned & ((1 << WHEN) - 1);
            let its = turned(u128::from(when) << (u128::BITS - WHEN));
            if !(front(self.first)..=front(self.last)).contains(&its) {
                return None;
            }
        }
        Some([self.first, self.last].map(|turned| Kept::in_part(part, turned)))
    }
}

#[cfg(test)]
mod tests {
    use tense_event::{CleanEvent, Event, Sanitizer, SpanId, Status, Timestamp};

    use super::*;
    use crate::sqlite::schema;
    use crate::{Found, Selector, SqliteStore, Store as _};

    /// One of ours, one that somebody made by chance, and ones at the edges of what is believed.
    const IDS: [&str; 7] = [
        "0190163d8694739b96b6f0a7b0c1d2e3",
        "4bf92f3577b34da6a3ce929d0e0e4736",
        "00e8d4a0000070008000000000000000",
        "00e8d49fffff7fffbfffffffffffffff",
        "03ffffffffff7fffbfffffffffffffff",
        "04000000000070008000000000000000",
        "ffffffffffff7fffbfffffffffffffff",
    ];

    fn id(text: &str) -> TraceId {
        text.parse().unwrap()
    }

    #[test]
    fn every_id_comes_back() {
        for text in IDS {
            assert_eq!(Kept::from(id(text)).id(), id(text));
        }
        let made = IDS.map(|text| Kept::from(id(text)).part());
        assert_eq!(made, [Some(0x019_0163), None, Some(0x00e_8d4a), None, Some(0x03f_ffff), None, None]);
    }

    #[test]
    fn ids_of_one_part_lie_side_by_side() {
        let kept = |text: &str| Kept::from(id(text)).0;
        let [one, later] = ["0190163d8694739b96b6f0a7b0c1d2e3", "0190163fffff739b96b6f0a7b0c1d200"];
        assert_eq!(kept(one)[..4], kept(later)[..4]);
        assert!(kept("01901640000070008000000000000000") > kept(one).max(kept(later)));
    }

    #[test]
    fn last_digits_are_a_range_of_each_part() {
        for text in IDS {
            let kept = Kept::from(id(text));
            let is_within = |digits: &str| {
                let within = Ending::of(digits).unwrap().within(kept.part());
                within.is_some_and(|[first, last]| (first.0..=last.0).contains(&kept.0))
            };
            for digits in 1..=32 {
                let (first, rest) = (text.as_bytes()[32 - digits] as char, &text[33 - digits..]);
                assert!(is_within(&format!("{first}{rest}")), "{text} {digits}");
                let other = first.to_digit(16).unwrap() ^ 1;
                assert!(!is_within(&format!("{other:x}{rest}")), "{text} {digits}");
            }
            assert!(is_within(""));
        }
        assert!(Ending::of("x").is_none());
        assert!(Ending::of(&"0".repeat(33)).is_none());
    }

    /// Ids of three hours, some that say nothing of it, and one that ends like the first.
    fn ids() -> Vec<TraceId> {
        let made = (0..18_u64).map(|nth| {
            let millis = 1_763_800_000_000 + nth * 600_000;
            TraceId::from_halves(millis << 16 | 0x7000, 1 << 63 | nth << 16 | 0xbeef)
        });
        let like_the_first = TraceId::from_halves(1_763_900_000_000 << 16 | 0x7000, 1 << 63 | 0xbeef);
        made.chain(IDS.map(id)).chain([like_the_first]).collect()
    }

    fn batch() -> Vec<CleanEvent> {
        let sanitizer = Sanitizer::default();
        let events = ids().into_iter().zip(1..).map(|(id, nth)| {
            Event::new(
                id,
                SpanId::new(1).unwrap(),
                "operation.page.kept",
                Status::Success,
                Timestamp::from_unix_nanos(nth),
            )
        });
        events.map(|event| sanitizer.clean(event)).collect()
    }

    /// Each trace is there once, and is found by its id and by its last digits.
    fn check(path: &std::path::Path) {
        let mut store = SqliteStore::open(path).unwrap();
        let batch = batch();
        assert_eq!(store.append(&batch).unwrap().known, batch.len());
        let (all, last) = (ids(), 8);
        for id in &all {
            assert_eq!(store.find(&Selector::Id(*id)).unwrap(), Found::One(*id));
            assert_eq!(store.trace(*id).unwrap().unwrap().spans().len(), 1, "{id}");
            let end = id.to_string().split_off(32 - last);
            let mut alike: Vec<_> = all.iter().copied().filter(|id| id.to_string().ends_with(&end)).collect();
            // The one that began last in front.
            alike.reverse();
            let found = match store.find(&Selector::Suffix(end)).unwrap() {
                Found::One(one) => vec![one],
                Found::Many(all) => all.iter().map(|found| found.id).collect(),
                Found::Nothing => Vec::new(),
            };
            assert_eq!(found, alike);
        }
        let db = Connection::open(path).unwrap();
        let mut shown = db.prepare("SELECT id FROM readable_traces ORDER BY no").unwrap();
        let shown: Vec<String> = shown.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
        assert_eq!(shown, all.iter().map(TraceId::to_string).collect::<Vec<_>>());
    }

    #[test]
    fn a_trace_is_found_whenever_its_id_was_made() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tense.db");
        assert_eq!(SqliteStore::open(&path).unwrap().append(&batch()).unwrap().known, 0);
        check(&path);
    }

    #[test]
    fn so_it_is_in_a_file_whose_ids_were_turned_as_a_whole() {
        let folder = tempfile::tempdir().unwrap();
        let (new, old) = (folder.path().join("new.db"), folder.path().join("old.db"));
        assert_eq!(SqliteStore::open(&new).unwrap().append(&batch()).unwrap().known, 0);
        schema::tests::of_version(6, &old);
        let db = Connection::open(&old).unwrap();
        db.execute("ATTACH ?1 AS new", [new.to_str()]).unwrap();
        for table in ["names", "traces", "events", "labels", "marks", "batches", "tallies"] {
            db.execute_batch(&format!("INSERT INTO main.{table} SELECT * FROM new.{table}")).unwrap();
        }
        for (id, no) in ids().into_iter().zip(1..) {
            let turned = turned(u128::from_be_bytes(id.to_bytes())).to_be_bytes();
            assert_eq!(db.execute("UPDATE traces SET trace = ?2 WHERE no = ?1", params![no, turned]).unwrap(), 1);
        }
        drop(db);
        check(&old);
    }
}
