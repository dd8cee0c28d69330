//! A query and a cursor enter; the traces in which something may be meant are read, the one that came last in front,
//! and a page of events leaves.

mod spots;
#[cfg(test)]
mod tests;

use std::time::{Duration, Instant};

use rusqlite::types::ValueRef;
use rusqlite::{CachedStatement, Connection, Row};
use tense_event::{Event, Timestamp};

use super::names::Names;
use super::read::{self, Place, Unreadable, event_columns};
use super::seek::{Seek, Step};
use super::sieve::{Head, Sieve};
use crate::StoreError;
use crate::page::{Cursor, Page, Progress};
use crate::query::Query;
pub(crate) use spots::Spots;
use spots::{Gathered, Spot};

/// How long a call looks.
pub(crate) const PATIENCE: Duration = Duration::from_millis(100);

/// Says whether a call has looked for as long as it may, from now on.
pub(crate) fn patience() -> impl FnMut() -> bool {
    let until = Instant::now() + PATIENCE;
    move || Instant::now() > until
}

/// A page of a search; see [`crate::Store::search`].
pub(crate) fn page(
    db: &Connection,
    known: (&mut Names, &mut Spots),
    query: &Query,
    from: Option<&Cursor>,
    most: usize,
) -> Result<Page, StoreError> {
    page_until(db, known, query, from, most, &mut patience())
}

fn page_until(
    db: &Connection,
    known: (&mut Names, &mut Spots),
    query: &Query,
    from: Option<&Cursor>,
    most: usize,
    is_over: &mut dyn FnMut() -> bool,
) -> Result<Page, StoreError> {
    if most == 0 {
        return Ok(Page { next: from.cloned(), ..Page::default() });
    }
    let mut events = Vec::new();
    let (next, progress) = walk(db, known, 's', query, from, is_over, |reader, place, behind| {
        for (at, number, event) in reader.events(place, behind, most)? {
            events.push(event);
            if events.len() == most {
                return Ok(Some((at, number)));
            }
        }
        Ok(None)
    })?;
    Ok(Page { events, next, progress })
}

/// A trace by its number, and where in it: a moment, and a number of arrival.
type Reached = (i64, i64, i64);

/// Goes through the traces in which something may be meant until it is over, and says where it came to. `read` reads
/// one of them, behind that moment and number, and says where in it, when it has enough.
pub(crate) fn walk(
    db: &Connection,
    (names, spots): (&mut Names, &mut Spots),
    kind: char,
    query: &Query,
    from: Option<&Cursor>,
    is_over: &mut dyn FnMut() -> bool,
    mut read: impl FnMut(&mut Reader<'_>, &Place, Option<(i64, i64)>) -> rusqlite::Result<Option<(i64, i64)>>,
) -> Result<(Option<Cursor>, Progress), StoreError> {
    let from = match from {
        Some(cursor) => Some(spot(cursor, kind).ok_or_else(|| StoreError::Cursor { cursor: cursor.clone() })?),
        None => None,
    };
    let cursor = |(no, at, number): Reached| Cursor::of(kind, &[no as u64, at as u64, number as u64]);
    // Of a trace of which nothing is left.
    let behind_all = |no: i64| cursor((no, i64::MAX, i64::MAX));
    let mut progress = Progress::default();
    let mut all = || -> rusqlite::Result<Option<Cursor>> {
        // One moment for all of it.
        let tx = db.unchecked_transaction()?;
        let select = tx.prepare_cached(concat!("SELECT ", event_columns!(), " FROM events WHERE trace = ?1"))?;
        let sieve = Sieve::new(&tx, query)?;
        let mut reader = Reader { sieve, query, db: &tx, select, names, spots, progress: &mut progress };
        let mut start = match from {
            None => i64::MAX,
            Some((no, i64::MAX, i64::MAX)) => no.saturating_sub(1),
            Some((no, ..)) => no,
        };
        loop {
            let mut seek = Seek::new(&tx, query, reader.sieve.range(), start)?;
            loop {
                match seek.next(&tx, is_over)? {
                    Step::Traces(places) => {
                        for place in places {
                            let behind = from.filter(|from| from.0 == place.no).map(|(_, at, number)| (at, number));
                            if let Some((at, number)) = read(&mut reader, &place, behind)? {
                                return Ok(Some(cursor((place.no, at, number))));
                            }
                            if is_over() {
                                return Ok(Some(behind_all(place.no)));
                            }
                        }
                    }
                    Step::Late { no, began } => {
                        reader.progress.reached = Some(Timestamp::from_unix_nanos(began));
                        return Ok(Some(behind_all(no)));
                    }
                    Step::End => break,
                }
            }
            match seek.rest() {
                Some(rest) => start = rest,
                None => return Ok(None),
            }
        }
    };
    let next = all().map_err(StoreError::sqlite("search events"))?;
    Ok((next, progress))
}

fn spot(cursor: &Cursor, kind: char) -> Option<Reached> {
    let [no, at, number] = cursor.numbers(kind)?;
    Some((i64::try_from(no).ok()?, at as i64, i64::try_from(number).ok()?))
}

/// Reads one trace after the other.
pub(crate) struct Reader<'r> {
    sieve: Sieve<'r>,
    query: &'r Query,
    db: &'r Connection,
    select: CachedStatement<'r>,
    names: &'r mut Names,
    spots: &'r mut Spots,
    progress: &'r mut Progress,
}

impl Reader<'_> {
    /// Hands on each event of the trace that is meant, as it is read: in no order that means anything.
    pub(crate) fn each(&mut self, place: &Place, mut take: impl FnMut(&Event)) -> rusqlite::Result<()> {
        let (db, query) = (self.db, self.query);
        self.rows(place, None, |names, _, row| {
            let event = read::event(db, names, place, row)?;
            if query.matches(&event) {
                take(&event);
            }
            Ok(())
        })
        .map(drop)
    }

    /// The events of the trace that are meant, behind that moment and number, in order of time: the first of them,
    /// where there are more than are wanted. Of those behind them no event is made, so that a page of a trace of a
    /// million takes little more than looking at its rows; and the next page does not look at them again.
    fn events(
        &mut self,
        place: &Place,
        behind: Option<(i64, i64)>,
        most: usize,
    ) -> rusqlite::Result<Vec<(i64, i64, Event)>> {
        if let Some(behind) = behind
            && let Some(known) = self.known(place, behind, most)?
        {
            return Ok(known);
        }
        let (mut found, mut enough, mut later) = (Vec::new(), None, Gathered::default());
        let by_time = |(spot, _): &(Spot, Event)| *spot;
        let cut = |found: &mut Vec<(Spot, Event)>, later: &mut Gathered| {
            found.sort_unstable_by_key(by_time);
            found.drain(most.min(found.len())..).for_each(|(spot, _)| later.push(spot));
        };
        let (db, query) = (self.db, self.query);
        let seen = self.rows(place, behind, |names, spot, row| {
            if enough.is_some_and(|enough| spot > enough) {
                later.push(spot);
                return Ok(());
            }
            let event = read::event(db, names, place, row)?;
            if query.matches(&event) {
                found.push((spot, event));
            }
            if found.len() >= most.saturating_mul(2) {
                cut(&mut found, &mut later);
                enough = found.last().map(by_time);
            }
            Ok(())
        })?;
        cut(&mut found, &mut later);
        match found.last() {
            Some(((at, number, _), _)) => self.spots.keep(place.no, self.query, (*at, *number), seen, later),
            None => self.spots.forget(),
        }
        Ok(found.into_iter().map(|((at, number, _), event)| (at, number, event)).collect())
    }

    /// Shows each row of the trace that may be meant, behind that moment and number, and gives back how many there are
    /// in all.
    fn rows(
        &mut self,
        place: &Place,
        behind: Option<(i64, i64)>,
        mut take: impl FnMut(&mut Names, Spot, &Row<'_>) -> Result<(), Unreadable>,
    ) -> rusqlite::Result<u64> {
        let wanted = self.sieve.columns;
        let mut rows = self.select.query([place.no])?;
        let mut seen = 0;
        while let Some(row) = rows.next()? {
            (self.progress.looked_at, seen) = (self.progress.looked_at + 1, seen + 1);
            let head = || -> rusqlite::Result<Head<'_>> {
                let name = |column| if wanted.names { row.get_ref(column) } else { Ok(ValueRef::Null) };
                Ok(Head {
                    kind: name(1)?,
                    status: if wanted.status { row.get(2)? } else { 0 },
                    name: name(4)?,
                    at: row.get(5)?,
                    duration: if wanted.duration { row.get(6)? } else { None },
                    service: name(7)?,
                    body: match wanted.body {
                        false => None,
                        true => Some(row.get_ref(10)?.as_blob().unwrap_or_default()),
                    },
                })
            };
            let Ok(head) = head() else {
                self.progress.unreadable += 1;
                continue;
            };
            self.progress.reached = Some(Timestamp::from_unix_nanos(head.at));
            let mut shown = || -> Result<(), Unreadable> {
                let passes = self.sieve.passes(self.db, self.names, &head)?;
                let spot: Spot = (head.at, row.get(11)?, row.get(0)?);
                if !passes || behind.is_some_and(|behind| (spot.0, spot.1) <= behind) {
                    return Ok(());
                }
                take(self.names, spot, row)
            };
            match shown() {
                Ok(()) => {}
                Err(Unreadable::Row) => self.progress.unreadable += 1,
                Err(Unreadable::File(error)) => return Err(error),
            }
        }
        Ok(seen)
    }

    /// The same where it is known from the page before which rows come next.
    fn known(
        &mut self,
        place: &Place,
        behind: (i64, i64),
        most: usize,
    ) -> rusqlite::Result<Option<Vec<(i64, i64, Event)>>> {
        let Some((spots, is_whole)) = self.spots.behind(place.no, self.query, behind) else { return Ok(None) };
        let mut select = self.db.prepare_cached(concat!(
            "SELECT ",
            event_columns!(),
            " FROM events WHERE trace = ?1 AND span = ?2 AND number = ?3"
        ))?;
        let mut found = Vec::new();
        for (at, number, span) in spots {
            if found.len() >= most {
                return Ok(Some(found));
            }
            let mut rows = select.query([place.no, *span, *number])?;
            // What was purged meanwhile is not there.
            let Some(row) = rows.next()? else { continue };
            self.progress.looked_at += 1;
            self.progress.reached = Some(Timestamp::from_unix_nanos(*at));
            match read::event(self.db, self.names, place, row) {
                Ok(event) if self.query.matches(&event) => found.push((*at, *number, event)),
                Ok(_) => {}
                Err(Unreadable::Row) => self.progress.unreadable += 1,
                Err(Unreadable::File(error)) => return Err(error),
            }
        }
        let is_full = found.len() >= most;
        if is_whole && !is_full {
            self.spots.forget();
        }
        Ok((is_whole || is_full).then_some(found))
    }
}
