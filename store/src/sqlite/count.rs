//! A query and a cursor enter; rows are counted by the numbers of their names, and statistics leave.
//!
//! Where the columns answer what is asked, no event is made of a row; else the events are read as by a search.

use std::collections::HashMap;
use std::hash::BuildHasherDefault;
use std::time::Instant;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row, params};
use tense_event::Timestamp;

use super::columns::{duration, status_of};
use super::names::{Names, PlaceHasher};
use super::search::{PATIENCE, walk};
use super::sieve::{Head, Sieve};
use crate::page::{Count, Cursor, Progress};
use crate::statistics::{Numbers, Statistics};
use crate::{Query, StoreError};

/// A part of a count; see [`crate::Store::statistics`].
pub(crate) fn part(
    db: &Connection,
    names: &mut Names,
    query: &Query,
    from: Option<&Cursor>,
) -> Result<Count, StoreError> {
    let failed = || StoreError::sqlite("count events");
    let sieve = Sieve::new(db, query).map_err(failed())?;
    let mut count = Count::default();
    if !sieve.is_exact {
        (count.next, count.progress) = walk(db, names, ('c', usize::MAX), query, from, |event| {
            count.statistics.add(&event);
            true
        })?;
        return Ok(count);
    }
    let from = match from {
        Some(cursor) => Some(cursor.numbers('c').ok_or_else(|| StoreError::Cursor { cursor: cursor.clone() })?),
        None => None,
    };
    let mut rows = Counter { sieve, names, count: Count::default(), by_number: ByNumber::default() };
    rows.walk(db, from).map_err(failed())?;
    Ok(rows.count)
}

/// The numbers of an operation by those of its type, its name and its service, each of which has at most 17 bits.
type ByNumber = HashMap<u64, Numbers, BuildHasherDefault<PlaceHasher>>;

struct Counter<'c> {
    sieve: Sieve<'c>,
    names: &'c mut Names,
    count: Count,
    by_number: ByNumber,
}

impl Counter<'_> {
    /// Backwards through the rows from a trace and a span on, until it took long. The third number of a cursor is that
    /// of the first trace that counts.
    fn walk(&mut self, db: &Connection, from: Option<[u64; 3]>) -> rusqlite::Result<()> {
        let until = Instant::now() + PATIENCE;
        // One moment for all of it.
        let tx = db.unchecked_transaction()?;
        let Some((trace, span, lowest)) = self.begin(&tx, from)? else { return Ok(()) };
        let mut select = tx.prepare_cached(
            "SELECT trace, span, type, status, name, at, duration, service, weight FROM events
             WHERE (trace, span) < (?1, ?2) AND trace >= ?3 ORDER BY trace DESC, span DESC",
        )?;
        let mut rows = select.query(params![trace, span, lowest])?;
        let (mut progress, mut last) = (Progress::default(), (trace, span));
        while let Some(row) = rows.next()? {
            // Rows of one span stay together.
            if progress.looked_at % 1024 == 1023 && Instant::now() > until {
                let now: (i64, i64) = (row.get(0)?, row.get(1)?);
                if now != last {
                    self.count.next = Some(Cursor::of('c', &[last.0 as u64, last.1 as u64, lowest as u64]));
                    break;
                }
            } else if progress.looked_at % 1024 >= 1022 {
                last = (row.get(0)?, row.get(1)?);
            }
            progress.looked_at += 1;
            match self.take(&tx, row) {
                Ok(at) => progress.reached = Some(Timestamp::from_unix_nanos(at)),
                Err(error @ rusqlite::Error::SqliteFailure(..)) => return Err(error),
                Err(_) => progress.unreadable += 1,
            }
        }
        self.count.progress = progress;
        drop(rows);
        drop(select);
        self.tell(&tx)
    }

    /// The rows below which trace and span are to be counted, and down to which trace; nothing when there are none.
    fn begin(&self, db: &Connection, from: Option<[u64; 3]>) -> rusqlite::Result<Option<(i64, i64, i64)>> {
        if let Some(numbers) = from {
            let [trace, span, lowest] = numbers.map(|number| number as i64);
            return Ok(Some((trace, span, lowest)));
        }
        let (first, last) = self.sieve.range();
        let bounds: (Option<i64>, Option<i64>) = if (first, last) == (i64::MIN, i64::MAX) {
            db.query_row("SELECT min(no), max(no) FROM traces", [], |row| Ok((row.get(0)?, row.get(1)?)))?
        } else {
            db.query_row(
                "SELECT min(no), max(no) FROM traces INDEXED BY traces_by_end WHERE ended >= ?1 AND began <= ?2",
                [first, last],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )?
        };
        let (Some(lowest), Some(highest)) = bounds else { return Ok(None) };
        Ok(Some((highest.saturating_add(1), i64::MIN, lowest)))
    }

    /// Counts a row, and says when it happened.
    #[inline]
    fn take(&mut self, db: &Connection, row: &Row<'_>) -> rusqlite::Result<i64> {
        let head = Head {
            kind: row.get_ref(2)?,
            status: row.get(3)?,
            name: row.get_ref(4)?,
            at: row.get(5)?,
            duration: row.get(6)?,
            service: row.get_ref(7)?,
            body: None,
        };
        if !self.sieve.passes(db, self.names, &head)? {
            return Ok(head.at);
        }
        let status = status_of(head.status).ok_or(rusqlite::Error::InvalidQuery)?;
        let weight = row.get::<_, Option<u32>>(8)?.unwrap_or(1);
        let numbers = match number(&head) {
            Some(number) => self.by_number.entry(number).or_default(),
            None => {
                let kind = self.names.read(db, head.kind)?.ok_or(rusqlite::Error::InvalidQuery)?;
                let name = self.names.read(db, head.name)?.unwrap_or_else(|| kind.clone());
                let service = self.names.read(db, head.service)?.unwrap_or_default();
                // It may have no operation of its own if it does not count.
                if status == tense_event::Status::Pending || weight == 0 {
                    return Ok(head.at);
                }
                self.count.statistics.of(&service, &name, &kind)
            }
        };
        numbers.add(status, head.duration.map(duration), weight);
        Ok(head.at)
    }

    /// Gives the numbers their names.
    fn tell(&mut self, db: &Connection) -> rusqlite::Result<()> {
        let statistics: &mut Statistics = &mut self.count.statistics;
        for (number, numbers) in self.by_number.drain().filter(|(_, numbers)| numbers.events > 0) {
            let id = |shift: u32| (number >> shift & MASK) as i64;
            let mut text = |id: i64| Ok::<_, rusqlite::Error>(self.names.text(db, id)?.cloned());
            let (Some(kind), service) = (text(id(2 * BITS))?, text(id(0))?) else {
                self.count.progress.unreadable += numbers.events;
                continue;
            };
            let name = if id(BITS) == 0 { Some(kind.clone()) } else { text(id(BITS))? };
            let Some(name) = name else {
                self.count.progress.unreadable += numbers.events;
                continue;
            };
            statistics.of(&service.unwrap_or_default(), &name, &kind).merge(&numbers);
        }
        Ok(())
    }
}

const BITS: u32 = 17;
const MASK: u64 = (1 << BITS) - 1;

/// One number for an operation whose names all have one.
#[inline]
fn number(row: &Head<'_>) -> Option<u64> {
    let id = |column| match column {
        ValueRef::Null => Some(0),
        ValueRef::Integer(id) => u64::try_from(id).ok().filter(|id| *id <= MASK),
        _ => None,
    };
    Some(id(row.kind).filter(|id| *id > 0)? << (2 * BITS) | id(row.name)? << BITS | id(row.service)?)
}
