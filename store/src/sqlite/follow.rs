//! A cursor enters; the events that came behind it leave, in the order in which they came.

use rusqlite::{Connection, params};

use super::batches::{self, Spans};
use super::names::Names;
use super::read::{self, Place, Unreadable, event_columns};
use crate::StoreError;
use crate::page::{Cursor, Tail};

/// What has arrived behind the cursor; see [`crate::Store::tail`].
pub(crate) fn tail(db: &Connection, names: &mut Names, from: Option<&Cursor>, most: usize) -> Result<Tail, StoreError> {
    let from = match from {
        Some(cursor) => {
            let unknown = || StoreError::Cursor { cursor: cursor.clone() };
            let [from] = cursor.numbers('t').ok_or_else(unknown)?;
            Some(i64::try_from(from).map_err(|_| unknown())?)
        }
        None => None,
    };
    behind(db, names, from, most).map_err(StoreError::sqlite("read what is new"))
}

fn behind(db: &Connection, names: &mut Names, from: Option<i64>, most: usize) -> rusqlite::Result<Tail> {
    let cursor = |number: i64| Cursor::of('t', &[number.unsigned_abs()]);
    // One moment for all of it.
    let tx = db.unchecked_transaction()?;
    let last = batches::last(&tx)?;
    let mut wanted = match from {
        Some(from) if from >= last => Vec::new(),
        Some(from) => first_behind(&tx, from, most)?,
        None => last_ones(&tx, most)?,
    };
    let before =
        from.unwrap_or_else(|| wanted.iter().flat_map(|one| one.numbers.first()).min().map_or(last, |n| n - 1));
    let mut tail = Tail::from(cursor(before));
    let gone: i64 = tx.prepare_cached("SELECT number FROM gone")?.query_row([], |row| row.get(0))?;
    tail.is_torn = from.is_some() && gone > before;
    let told: usize = wanted.iter().map(|one| one.numbers.len()).sum();
    let mut events = Vec::new();
    for one in &mut wanted {
        read_some(&tx, names, one, &mut tail, |number, event| events.push((number, event)))?;
    }
    let told_last = wanted.iter().filter_map(|one| one.numbers.last().copied()).max();
    // Where all that is left was told, what is gone is told once, and what was there before is not looked for again.
    tail.next = cursor(if told < most { last.max(before) } else { told_last.unwrap_or(before) });
    events.sort_unstable_by_key(|(number, _)| *number);
    tail.events = events.into_iter().map(|(_, event)| event).collect();
    Ok(tail)
}

/// Events of a trace by their numbers, which are in order.
#[derive(Debug)]
struct Wanted {
    spans: Spans,
    numbers: Vec<i64>,
}

/// The first so many behind a number.
fn first_behind(db: &Connection, from: i64, most: usize) -> rusqlite::Result<Vec<Wanted>> {
    let mut batches = db.prepare_cached("SELECT last, spans FROM batches WHERE last > ?1 ORDER BY last")?;
    let mut batches = batches.query([from])?;
    let (mut wanted, mut count) = (Vec::new(), 0);
    while let Some(batch) = batches.next()? {
        if count >= most {
            break;
        }
        let some = numbers(db, batch.get_ref(1)?.as_blob()?, from, batch.get(0)?)?;
        count += some.iter().map(|one| one.numbers.len()).sum::<usize>();
        wanted.extend(some);
    }
    let mut all: Vec<i64> = wanted.iter().flat_map(|one| one.numbers.iter().copied()).collect();
    all.sort_unstable();
    let bound = most.checked_sub(1).map_or(i64::MIN, |at| all.get(at).copied().unwrap_or(i64::MAX));
    wanted.iter_mut().for_each(|one| one.numbers.retain(|number| *number <= bound));
    Ok(wanted)
}

/// The last so many of all.
fn last_ones(db: &Connection, most: usize) -> rusqlite::Result<Vec<Wanted>> {
    let mut batches = db.prepare_cached("SELECT last, spans FROM batches ORDER BY last DESC")?;
    let mut batches = batches.query([])?;
    let (mut wanted, mut count) = (Vec::new(), 0);
    while count < most
        && let Some(batch) = batches.next()?
    {
        let some = numbers(db, batch.get_ref(1)?.as_blob()?, 0, batch.get(0)?)?;
        count += some.iter().map(|one| one.numbers.len()).sum::<usize>();
        wanted.extend(some);
    }
    let mut all: Vec<i64> = wanted.iter().flat_map(|one| one.numbers.iter().copied()).collect();
    all.sort_unstable_by(|one, other| other.cmp(one));
    let bound = most.checked_sub(1).map_or(i64::MAX, |at| all.get(at).copied().unwrap_or(i64::MIN));
    wanted.iter_mut().for_each(|one| one.numbers.retain(|number| *number >= bound));
    Ok(wanted)
}

/// The numbers of the events of a batch that are behind `from`, trace by trace.
fn numbers(db: &Connection, spans: &[u8], from: i64, last: i64) -> rusqlite::Result<Vec<Wanted>> {
    let before: i64 = db
        .prepare_cached("SELECT coalesce(max(last), 0) FROM batches WHERE last < ?1")?
        .query_row([last], |row| row.get(0))?;
    let mut select = db.prepare_cached(
        "SELECT number FROM events WHERE trace = ?1 AND span BETWEEN ?2 AND ?3 AND number > ?4 AND number <= ?5",
    )?;
    let mut wanted = Vec::new();
    // A row that cannot be read says of no event.
    for spans in batches::unpack(spans).unwrap_or_default() {
        let range = params![spans.trace, spans.first, spans.last, from.max(before), last];
        let mut numbers = select.query_map(range, |row| row.get(0))?.collect::<rusqlite::Result<Vec<i64>>>()?;
        numbers.sort_unstable();
        if !numbers.is_empty() {
            wanted.push(Wanted { spans, numbers });
        }
    }
    Ok(wanted)
}

fn read_some(
    db: &Connection,
    names: &mut Names,
    Wanted { spans, numbers }: &Wanted,
    tail: &mut Tail,
    mut take: impl FnMut(i64, tense_event::Event),
) -> rusqlite::Result<()> {
    let (Some(first), Some(last)) = (numbers.first(), numbers.last()) else { return Ok(()) };
    let Some(place) = Place::numbered(db, spans.trace)? else { return Ok(()) };
    let mut select = db.prepare_cached(concat!(
        "SELECT ",
        event_columns!(),
        " FROM events WHERE trace = ?1 AND span BETWEEN ?2 AND ?3 AND number BETWEEN ?4 AND ?5"
    ))?;
    let mut rows = select.query(params![spans.trace, spans.first, spans.last, first, last])?;
    while let Some(row) = rows.next()? {
        match read::event(db, names, &place, row) {
            Ok(event) => take(row.get(11)?, event),
            Err(Unreadable::Row) => tail.unreadable += 1,
            Err(Unreadable::File(error)) => return Err(error),
        }
    }
    Ok(())
}
