//! A query and a cursor enter; the events behind the cursor are read, trace by trace, the newest first, and a page of
//! those leaves that are meant.

use std::time::{Duration, Instant};

use rusqlite::{Connection, params};
use tense_event::{Event, TraceId};

use crate::names::Names;
use crate::page::{Count, Cursor, Page, Progress};
use crate::{Query, StoreError, arrivals};

/// How long a call looks.
const PATIENCE: Duration = Duration::from_millis(100);

/// A page of a search; see [`crate::Store::search`].
pub(crate) fn page(
    db: &Connection,
    names: &mut Names,
    query: &Query,
    from: Option<&Cursor>,
    most: usize,
) -> Result<Page, StoreError> {
    if most == 0 {
        return Ok(Page { next: from.cloned(), ..Page::default() });
    }
    let mut events = Vec::new();
    let (next, progress) = walk(db, names, 's', query, from, |event| {
        events.push(event);
        events.len() < most
    })?;
    Ok(Page { events, next, progress })
}

/// A part of a count; see [`crate::Store::statistics`].
pub(crate) fn count(
    db: &Connection,
    names: &mut Names,
    query: &Query,
    from: Option<&Cursor>,
) -> Result<Count, StoreError> {
    let mut count = Count::default();
    (count.next, count.progress) = walk(db, names, 'c', query, from, |event| {
        count.statistics.add(&event);
        true
    })?;
    Ok(count)
}

/// The number under which a trace was first heard of, and where in it: a moment, and a number of arrival.
type Place = (i64, i64, i64);

/// Hands on the events that are meant until `take` has enough or it took long; says where it came to.
fn walk(
    db: &Connection,
    names: &mut Names,
    kind: char,
    query: &Query,
    from: Option<&Cursor>,
    mut take: impl FnMut(Event) -> bool,
) -> Result<(Option<Cursor>, Progress), StoreError> {
    let from = match from {
        Some(cursor) => Some(place(cursor, kind).ok_or_else(|| StoreError::Cursor { cursor: cursor.clone() })?),
        None => None,
    };
    let until = Instant::now() + PATIENCE;
    let cursor = |(first, at, number): Place| Cursor::of(kind, &[first as u64, at as u64, number as u64]);
    let mut progress = Progress::default();
    let mut all = || -> rusqlite::Result<Option<Cursor>> {
        // One moment for all of it.
        let tx = db.unchecked_transaction()?;
        for (first, trace) in traces(&tx, from)? {
            if query.traces().is_some_and(|wanted| !wanted.contains(&trace)) {
                continue;
            }
            let (events, unreadable) = arrivals::of_trace(&tx, names, trace)?;
            progress.unreadable += unreadable;
            for (at, number, event) in events {
                let place = (first, at.unix_nanos(), number);
                if from.is_some_and(|from| from.0 == first && (place.1, place.2) <= (from.1, from.2)) {
                    continue;
                }
                progress.looked_at += 1;
                progress.reached = Some(at);
                let is_enough = query.matches(&event) && !take(event);
                if is_enough || progress.looked_at % 1024 == 0 && Instant::now() > until {
                    return Ok(Some(cursor(place)));
                }
            }
        }
        Ok(None)
    };
    let next = all().map_err(StoreError::sqlite("search events"))?;
    Ok((next, progress))
}

/// The traces from that place on, the one that was first heard of last in front.
fn traces(db: &Connection, from: Option<Place>) -> rusqlite::Result<Vec<(i64, TraceId)>> {
    let mut select = db.prepare_cached(
        "SELECT min(number) AS first, trace FROM arrivals GROUP BY trace HAVING first <= ?1 ORDER BY first DESC",
    )?;
    let from = from.map_or(i64::MAX, |(first, ..)| first);
    select.query_map(params![from], |row| Ok((row.get(0)?, TraceId::from_bytes(row.get(1)?))))?.collect()
}

fn place(cursor: &Cursor, kind: char) -> Option<Place> {
    let [first, at, number] = cursor.numbers(kind)?;
    Some((i64::try_from(first).ok()?, at as i64, i64::try_from(number).ok()?))
}
