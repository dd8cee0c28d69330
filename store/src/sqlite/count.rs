//! A query and a cursor enter; rows are counted by the numbers of their names, and statistics leave.
//!
//! Blocks that were counted when they were written are not read. Where the columns answer what is asked, no event is
//! made of a row; else the events are read as by a search.

use std::collections::HashMap;
use std::hash::BuildHasherDefault;
use std::time::Instant;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row, params};
use tense_event::{Status, Timestamp};

use super::body;
use super::columns::{Ids, duration, status_of};
use super::labels::BLOCK;
use super::names::{Names, PlaceHasher};
use super::search::{PATIENCE, Spots, patience, walk};
use super::seek::{UNDER_WAY, hour_behind};
use super::sieve::{Head, Sieve};
use super::tally;
use crate::StoreError;
use crate::page::{Count, Cursor};
use crate::query::Query;
use crate::statistics::{Ended, Numbers, Statistics};

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
        (count.next, count.progress) =
            walk(db, (names, &mut Spots::default()), 'c', query, from, &mut patience(), |reader, place, _| {
                reader.each(place, |event| count.statistics.add(event))?;
                Ok(None)
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

type ByNumber = HashMap<Ids, Numbers, BuildHasherDefault<PlaceHasher>>;

struct Counter<'c> {
    sieve: Sieve<'c>,
    names: &'c mut Names,
    count: Count,
    by_number: ByNumber,
}

impl Counter<'_> {
    /// Backwards through the blocks from a trace and a span on, until it took long. The third number of a cursor is
    /// that of the first trace that counts.
    fn walk(&mut self, db: &Connection, from: Option<[u64; 3]>) -> rusqlite::Result<()> {
        let until = Instant::now() + PATIENCE;
        // One moment for all of it.
        let tx = db.unchecked_transaction()?;
        let Some((mut trace, mut span, lowest)) = self.begin(&tx, from)? else { return Ok(()) };
        // Whether nothing of the block has been counted.
        let mut is_whole = from.is_none() || (span == i64::MIN && trace & ((1 << BLOCK) - 1) == 0);
        let mut below = tx.prepare_cached("SELECT max(no) FROM traces WHERE no < ?1 AND no >= ?2")?;
        loop {
            let highest = trace.saturating_add(i64::from(span != i64::MIN));
            let Some(no) = below.query_row([highest, lowest], |row| row.get::<_, Option<i64>>(0))? else { break };
            let mut first = lowest;
            // What asks for more than tallies know is a walk through all rows.
            if self.sieve.is_of_names {
                first = first.max(no >> BLOCK << BLOCK);
                let is_counted = is_whole && self.take_block(&tx, no >> BLOCK)?;
                if !is_counted && let Some(last) = self.take_rows(&tx, (trace, span, first), until)? {
                    self.count.next = Some(cursor(last, lowest));
                    break;
                }
            } else if let Some(last) = self.take_rows(&tx, (trace, span, first), until)? {
                self.count.next = Some(cursor(last, lowest));
                break;
            }
            (trace, span, is_whole) = (first, i64::MIN, true);
            if Instant::now() > until {
                self.count.next = Some(cursor((trace, span), lowest));
                break;
            }
        }
        drop(below);
        self.tell(&tx)
    }

    /// Counts a block by what was counted as it came; says whether that was possible.
    fn take_block(&mut self, db: &Connection, block: i64) -> rusqlite::Result<bool> {
        let (low, high) = (block << BLOCK, block << BLOCK | ((1 << BLOCK) - 1));
        let (began, ended, events): (i64, i64, i64) = db
            // What nobody has written must not make the sum too large.
            .prepare_cached(
                "SELECT min(began), max(ended), sum(max(0, min(events, 1 << 40))) FROM traces
                 WHERE no BETWEEN ?1 AND ?2",
            )?
            .query_row([low, high], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        let (first, last) = self.sieve.range();
        if began < first || ended > last {
            return Ok(false);
        }
        let Some(sums) = tally::of_block(db, block, events)? else { return Ok(false) };
        for ((ids, ended), sum) in sums {
            let name = |id: i64| if id == 0 { ValueRef::Null } else { ValueRef::Integer(id) };
            let head = Head {
                kind: name(ids.kind()),
                status: if ended == Ended::Success { 1 } else { 2 },
                name: name(ids.name()),
                at: began,
                duration: None,
                service: name(ids.service()),
                body: None,
            };
            if self.sieve.passes(db, self.names, &head)? {
                sum.count(self.by_number.entry(ids).or_default(), ended);
            }
        }
        self.count.progress.looked_at += u64::try_from(events).unwrap_or(0);
        self.count.progress.reached = Some(Timestamp::from_unix_nanos(began));
        Ok(true)
    }

    /// Counts the rows below a trace and a span down to the first one of a trace; says which was the last one, when it
    /// took too long.
    fn take_rows(
        &mut self,
        db: &Connection,
        (trace, span, first): (i64, i64, i64),
        until: Instant,
    ) -> rusqlite::Result<Option<(i64, i64)>> {
        let mut select = db.prepare_cached(
            "SELECT trace, span, type, status, name, at, duration, service, weight, body FROM events
             WHERE (trace, span) < (?1, ?2) AND trace >= ?3 ORDER BY trace DESC, span DESC",
        )?;
        let mut rows = select.query(params![trace, span, first])?;
        let (mut seen, mut last) = (0_u64, (trace, span));
        while let Some(row) = rows.next()? {
            // Rows of one span stay together.
            if seen % 1024 == 1023 && Instant::now() > until {
                if (row.get(0)?, row.get(1)?) != last {
                    return Ok(Some(last));
                }
            } else if seen % 1024 >= 1022 {
                last = (row.get(0)?, row.get(1)?);
            }
            seen += 1;
            self.count.progress.looked_at += 1;
            match self.take(db, row) {
                Ok(at) => self.count.progress.reached = Some(Timestamp::from_unix_nanos(at)),
                Err(error @ rusqlite::Error::SqliteFailure(..)) => return Err(error),
                Err(_) => self.count.progress.unreadable += 1,
            }
        }
        Ok(None)
    }

    /// The rows below which trace and span are to be counted, and down to which trace; nothing when there are none.
    fn begin(&self, db: &Connection, from: Option<[u64; 3]>) -> rusqlite::Result<Option<(i64, i64, i64)>> {
        if let Some(numbers) = from {
            let [trace, span, lowest] = numbers.map(|number| number as i64);
            return Ok(Some((trace, span, lowest)));
        }
        let (first, last) = self.sieve.range();
        let bounds = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?));
        let bounds: (Option<i64>, Option<i64>) = if (first, last) == (i64::MIN, i64::MAX) {
            db.query_row("SELECT min(no), max(no) FROM traces", [], bounds)?
        } else {
            let mut all = (None, None);
            for part in UNDER_WAY {
                let mut select = db.prepare_cached(&format!("SELECT min(no), max(no) FROM {part}"))?;
                let (low, high) = select.query_row([first, last, hour_behind(first), i64::MAX], bounds)?;
                all = (low.into_iter().chain(all.0).min(), all.1.max(high));
            }
            all
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
        // Few fail, so few bodies are looked at.
        let kind = match (status, row.get_ref(9)?) {
            (Status::Failed, ValueRef::Blob(body)) => body::error_kind(body).unwrap_or_default(),
            _ => None,
        };
        // It may have no operation of its own if it does not count.
        let Some(ended) = Ended::by_kind(status, kind).filter(|_| weight > 0) else { return Ok(head.at) };
        let numbers = match ids(&head) {
            Some(ids) => self.by_number.entry(ids).or_default(),
            None => {
                let kind = self.names.read(db, head.kind)?.ok_or(rusqlite::Error::InvalidQuery)?;
                let name = self.names.read(db, head.name)?.unwrap_or_else(|| kind.clone());
                let service = self.names.read(db, head.service)?.unwrap_or_default();
                self.count.statistics.of(&service, &name, &kind)
            }
        };
        numbers.add(ended, head.duration.map(duration), weight);
        Ok(head.at)
    }

    /// Gives the numbers their names.
    fn tell(&mut self, db: &Connection) -> rusqlite::Result<()> {
        let statistics: &mut Statistics = &mut self.count.statistics;
        for (ids, numbers) in self.by_number.drain().filter(|(_, numbers)| numbers.events > 0) {
            let mut text = |id: i64| Ok::<_, rusqlite::Error>(self.names.text(db, id)?.cloned());
            let (Some(kind), service) = (text(ids.kind())?, text(ids.service())?) else {
                self.count.progress.unreadable += numbers.events;
                continue;
            };
            let name = if ids.name() == 0 { Some(kind.clone()) } else { text(ids.name())? };
            let Some(name) = name else {
                self.count.progress.unreadable += numbers.events;
                continue;
            };
            statistics.of(&service.unwrap_or_default(), &name, &kind).merge(&numbers);
        }
        Ok(())
    }
}

/// The place behind which nothing has been counted.
fn cursor((trace, span): (i64, i64), lowest: i64) -> Cursor {
    Cursor::of('c', &[trace as u64, span as u64, lowest as u64])
}

/// The names of an operation that all have a number.
#[inline]
fn ids(row: &Head<'_>) -> Option<Ids> {
    let id = |column| match column {
        ValueRef::Null => Some(0),
        ValueRef::Integer(id) => Some(id),
        _ => None,
    };
    Ids::new(id(row.kind)?, id(row.name)?, id(row.service)?)
}
