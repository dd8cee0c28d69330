//! Rows that are new enter; they leave with numbers in the order of their arrival, which searches and tails go by.

use rusqlite::{Connection, OptionalExtension, params};
use tense_event::{CleanEvent, Event, Timestamp, TraceId};

use crate::StoreError;
use crate::names::Names;
use crate::page::{Cursor, Tail};
use crate::read::{self, Unreadable};

/// Gives a new row its number.
pub(crate) fn note(db: &Connection, event: &CleanEvent, type_number: i64, status: i64) -> rusqlite::Result<()> {
    db.prepare_cached("INSERT INTO arrivals (trace, span, type, status) VALUES (?1, ?2, ?3, ?4)")?.execute(params![
        event.trace_id.to_bytes().as_slice(),
        event.span_id.to_bytes().as_slice(),
        type_number,
        status,
    ])?;
    Ok(())
}

/// What has arrived behind the cursor; see [`crate::Store::tail`].
pub(crate) fn tail(db: &Connection, names: &mut Names, from: Option<&Cursor>, most: usize) -> Result<Tail, StoreError> {
    let failed = || StoreError::sqlite("read what is new");
    // One moment for all of it.
    let tx = db.unchecked_transaction().map_err(failed())?;
    let from = match from {
        Some(cursor) => {
            let [from] = cursor.numbers('t').ok_or_else(|| StoreError::Cursor { cursor: cursor.clone() })?;
            i64::try_from(from).map_err(|_| StoreError::Cursor { cursor: cursor.clone() })?
        }
        None => begin(&tx, most).map_err(failed())?,
    };
    behind(&tx, names, from, most).map_err(failed())
}

/// The number before the last so many.
fn begin(db: &Connection, most: usize) -> rusqlite::Result<i64> {
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let before = "SELECT number FROM arrivals ORDER BY number DESC LIMIT 1 OFFSET ?1";
    if let Some(number) = db.query_row(before, [most], |row| row.get(0)).optional()? {
        return Ok(number);
    }
    let first = if most == 0 {
        "SELECT seq FROM sqlite_sequence WHERE name = 'arrivals'"
    } else {
        "SELECT min(number) - 1 FROM arrivals"
    };
    Ok(db.query_row(first, [], |row| row.get::<_, Option<i64>>(0)).optional()?.flatten().unwrap_or(0))
}

fn behind(db: &Connection, names: &mut Names, from: i64, most: usize) -> rusqlite::Result<Tail> {
    let cursor = |number: i64| Cursor::of('t', &[number.unsigned_abs()]);
    let purged: i64 = db.query_row("SELECT number FROM purged", [], |row| row.get(0))?;
    let (mut tail, mut last, mut seen) = (Tail::from(cursor(from)), from, 0);
    tail.is_torn = purged > from;
    let mut select = db.prepare_cached(&format!(
        "SELECT {}, arrivals.number, events.trace FROM arrivals
         JOIN events USING (trace, span, type, status) WHERE arrivals.number > ?1 ORDER BY arrivals.number LIMIT ?2",
        read::COLUMNS
    ))?;
    let mut rows = select.query(params![from, i64::try_from(most).unwrap_or(i64::MAX)])?;
    let mut text = Vec::new();
    while let Some(row) = rows.next()? {
        last = row.get(read::WIDTH)?;
        seen += 1;
        let trace = TraceId::from_bytes(row.get(read::WIDTH + 1)?);
        match read::event(db, names, trace, row, &mut text) {
            Ok(event) => tail.events.push(event),
            Err(Unreadable::Row) => tail.unreadable += 1,
            Err(Unreadable::File(error)) => return Err(error),
        }
    }
    if tail.is_torn && seen < most {
        // All that is left was told; what is gone is told once.
        last = last.max(purged);
    }
    tail.next = cursor(last);
    Ok(tail)
}

/// An event, when it happened, and its number.
pub(crate) type Arrived = (Timestamp, i64, Event);

/// The events of a trace in order of time; and how many rows cannot be read.
pub(crate) fn of_trace(db: &Connection, names: &mut Names, trace: TraceId) -> rusqlite::Result<(Vec<Arrived>, u64)> {
    let mut select = db.prepare_cached(&format!(
        "SELECT {}, arrivals.number FROM arrivals
         JOIN events USING (trace, span, type, status) WHERE arrivals.trace = ?1",
        read::COLUMNS
    ))?;
    let mut rows = select.query([trace.to_bytes().as_slice()])?;
    let (mut events, mut unreadable, mut text) = (Vec::new(), 0, Vec::new());
    while let Some(row) = rows.next()? {
        let number = row.get(read::WIDTH)?;
        match read::event(db, names, trace, row, &mut text) {
            Ok(event) => events.push((event.timestamp, number, event)),
            Err(Unreadable::Row) => unreadable += 1,
            Err(Unreadable::File(error)) => return Err(error),
        }
    }
    events.sort_unstable_by_key(|(at, number, _)| (*at, *number));
    Ok((events, unreadable))
}
