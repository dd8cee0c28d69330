//! How a person named a trace, or which ones are to be listed, enters; the rows of those traces leave.

use std::cmp::Reverse;

use rusqlite::{Connection, Row, params};
use tense_event::{Timestamp, TraceId};

use super::ids::{self, Ending, Kept};
use super::labels::{Ages, label};
use super::names::Names;
use super::read::{self, Place, Unreadable, event_columns};
use super::summary::{AT_ROOT, BEGAN, BELOW_NONE, BELOW_ROOT, COLUMNS, NUMBER, complete, read_summary};
use super::words::{self, Key};
use crate::CANDIDATES;
use crate::{Failures, Found, Selector, TraceFilter, TraceSummary};

/// Looks the selector up.
pub(crate) fn find(db: &Connection, names: &mut Names, selector: &Selector) -> rusqlite::Result<Found> {
    let newest = |names, filter| Ok(ids(db, names, &filter)?.first().map_or(Found::Nothing, |id| Found::One(*id)));
    match selector {
        Selector::Id(id) => {
            let known = db.prepare_cached("SELECT 1 FROM traces WHERE trace = ?1")?.exists([Kept::from(*id)])?;
            Ok(if known { Found::One(*id) } else { Found::Nothing })
        }
        Selector::Suffix(digits) | Selector::SuffixOrJob { digits, .. } => by_suffix(db, names, digits),
        Selector::Last => newest(names, TraceFilter::newest(1)),
        Selector::LastFailed => newest(names, TraceFilter::newest(1).failed()),
        Selector::Job(job) => newest(names, TraceFilter::newest(1).of_job(job)),
    }
}

/// The traces that pass the filter, newest first.
pub(crate) fn list(db: &Connection, names: &mut Names, filter: &TraceFilter) -> rusqlite::Result<Vec<TraceSummary>> {
    newest(db, names, filter, |names, row| {
        let mut summary = read_summary(db, names, row)?;
        if !filter.lets_pass(&summary) {
            return Ok(None);
        }
        complete(db, names, row, &mut summary)?;
        Ok(Some(summary))
    })
}

/// Their ids alone, in the same order.
pub(crate) fn ids(db: &Connection, names: &mut Names, filter: &TraceFilter) -> rusqlite::Result<Vec<TraceId>> {
    newest(db, names, filter, |names, row| {
        // Where it does not matter how a trace ended, its row need not be understood.
        let is_meant = filter.failures == Failures::Any || filter.lets_pass(&read_summary(db, names, row)?);
        Ok(if is_meant { Some(row.get::<_, Kept>(0)?.id()) } else { None })
    })
}

/// What is made of the rows that may pass the filter.
fn newest<T>(
    db: &Connection,
    names: &mut Names,
    filter: &TraceFilter,
    read: impl FnMut(&mut Names, &Row<'_>) -> rusqlite::Result<Option<T>>,
) -> rusqlite::Result<Vec<T>> {
    let since = filter.since.map_or(i64::MIN, Timestamp::unix_nanos);
    let last = match filter.until.map(|until| until.unix_nanos().checked_sub(1)) {
        None => i64::MAX,
        Some(Some(last)) => last,
        Some(None) => return Ok(Vec::new()),
    };
    // One moment for all of it: a trace whose failing root arrives goes from one of the conditions to another.
    let tx = db.unchecked_transaction()?;
    match &filter.job {
        None => of_all(&tx, names, filter, (since, last), read),
        Some(job) => of_job(&tx, names, (filter, job), (since, last), read),
    }
}

/// Of all traces that began within these moments. Their numbers are in the order in which the store heard of them, and
/// an index has them behind each moment, so that traces of the same moment are in order without being sorted.
fn of_all<T>(
    db: &Connection,
    names: &mut Names,
    filter: &TraceFilter,
    (since, last): (i64, i64),
    mut read: impl FnMut(&mut Names, &Row<'_>) -> rusqlite::Result<Option<T>>,
) -> rusqlite::Result<Vec<T>> {
    let mut found = Vec::new();
    for which in which(filter.failures) {
        let sql = format!(
            "SELECT {COLUMNS}, no FROM traces WHERE {which} began BETWEEN ?1 AND ?2 ORDER BY began DESC, no DESC"
        );
        let mut rows = db.prepare_cached(&sql)?;
        let mut rows = rows.query([since, last])?;
        let enough = found.len().saturating_add(filter.limit);
        while found.len() < enough
            && let Some(row) = rows.next()?
        {
            if let Some(one) = read(names, row)? {
                found.push((Reverse((row.get::<_, i64>(BEGAN)?, row.get::<_, i64>(NUMBER)?)), one));
            }
        }
    }
    found.sort_unstable_by_key(|(place, _)| *place);
    found.truncate(filter.limit);
    Ok(found.into_iter().map(|(_, one)| one).collect())
}

/// The same of the traces with an event of a job: its labels lead to them, however many others there are.
fn of_job<T>(
    db: &Connection,
    names: &mut Names,
    (filter, job): (&TraceFilter, &str),
    (since, last): (i64, i64),
    mut read: impl FnMut(&mut Names, &Row<'_>) -> rusqlite::Result<Option<T>>,
) -> rusqlite::Result<Vec<T>> {
    // A plus in front of a column keeps its index out of it, which leads through all traces.
    let mut labelled = db.prepare_cached(
        "SELECT no FROM traces
         WHERE no IN (SELECT labels.trace FROM json_each(?1) CROSS JOIN labels ON label = value)
             AND +began BETWEEN ?2 AND ?3 AND (?4 OR +failed > 0)
         ORDER BY +began DESC, no DESC",
    )?;
    let labels = Ages::up_to(db, i64::MAX)?.of(label("job_id", job)).concat();
    let is_any = filter.failures == Failures::Any;
    let numbers = labelled.query_map(params![format!("{labels:?}"), since, last, is_any], |row| row.get(0))?;
    let mut select = db.prepare_cached(&format!("SELECT {COLUMNS}, no FROM traces WHERE no = ?1"))?;
    let mut found = Vec::new();
    for no in numbers {
        if found.len() >= filter.limit {
            break;
        }
        let Some(place) = Place::numbered(db, no?)? else { continue };
        if may_be_of_job(place.words(), job) && is_of_job(db, names, &place, job)? {
            found.extend(select.query_row([place.no], |row| read(names, row))?);
        }
    }
    Ok(found)
}

/// Conditions of which each uses an index, and which together lead to all that may be meant.
fn which(failures: Failures) -> Vec<String> {
    let of = |failed: &[i64]| failed.iter().map(|failed| format!("failed > 0 AND failed = {failed} AND")).collect();
    match failures {
        Failures::Any => vec![String::new()],
        Failures::AtRoot => of(&[AT_ROOT, BELOW_NONE]),
        Failures::Anywhere => of(&[AT_ROOT, BELOW_ROOT, BELOW_NONE]),
    }
}

/// Whether an event of a trace may be of that job, as its words know. Two jobs may have one label; and a word may be
/// left over from an event that was there already with another job, or that is gone.
fn may_be_of_job(words: &[u8], job: &str) -> bool {
    let mut is_said = words::has_more(words);
    let read = words::read(words, |key, text, _| is_said |= key == Key::Job && text.here().as_deref() == Some(job));
    is_said || read.is_err()
}

/// Whether an event is: most often the first one is.
fn is_of_job(db: &Connection, names: &mut Names, place: &Place, job: &str) -> rusqlite::Result<bool> {
    let mut select = db.prepare_cached(concat!("SELECT ", event_columns!(), " FROM events WHERE trace = ?1"))?;
    let mut rows = select.query([place.no])?;
    while let Some(row) = rows.next()? {
        match read::event(db, names, place, row) {
            Ok(event) if event.job_id.as_deref() == Some(job) => return Ok(true),
            Ok(_) | Err(Unreadable::Row) => {}
            Err(Unreadable::File(error)) => return Err(error),
        }
    }
    Ok(false)
}

fn by_suffix(db: &Connection, names: &mut Names, digits: &str) -> rusqlite::Result<Found> {
    let Some(ending) = Ending::of(digits) else { return Ok(Found::Nothing) };
    let mut newest = db.prepare_cached(&format!(
        "SELECT began, no FROM traces WHERE trace BETWEEN ?1 AND ?2 ORDER BY began DESC, no DESC LIMIT {CANDIDATES}"
    ))?;
    let mut all: Vec<(i64, i64)> = Vec::new();
    for part in ids::parts(db)? {
        let Some(within) = ending.within(part) else { continue };
        for place in newest.query_map(within, |row| Ok((row.get(0)?, row.get(1)?)))? {
            all.push(place?);
        }
    }
    all.sort_unstable_by_key(|place| Reverse(*place));
    let mut row = db.prepare_cached(&format!("SELECT {COLUMNS} FROM traces WHERE no = ?1"))?;
    let mut found = Vec::new();
    for (_, no) in all.into_iter().take(CANDIDATES) {
        // Somebody may have removed it in between.
        let read = |row: &Row<'_>| -> rusqlite::Result<TraceSummary> {
            let mut summary = read_summary(db, names, row)?;
            complete(db, names, row, &mut summary)?;
            Ok(summary)
        };
        found.extend(row.query_and_then([no], read)?.next().transpose()?);
    }
    Ok(match found.as_slice() {
        [] => Found::Nothing,
        [one] => Found::One(one.id),
        _ => Found::Many(found),
    })
}

#[cfg(test)]
mod tests {
    use tense_event::{CleanEvent, Sanitizer, Status};

    use super::*;
    use crate::fixture::{TRACE, action};
    use crate::{SqliteStore, Store};

    /// The failing root of a trace arrives while the list is made: the trace is found where it was, or where it went.
    #[test]
    fn a_list_is_of_one_moment() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tense.db");
        let of = |trace: TraceId, span, parent| -> CleanEvent {
            let mut event = action(span, parent, "operation.ledger.debited", Status::Failed, 5..9);
            event.trace_id = trace;
            Sanitizer::default().clean(event)
        };
        let other = TraceId::from_bytes([7; 16]);
        let mut writer = SqliteStore::open(&path).unwrap();
        assert_eq!(writer.append(&[of(other, 1, 0), of(TRACE, 2, 1)]).unwrap().stored, 2);
        let reader = SqliteStore::open_read_only(&path).unwrap();

        let mut root = Some(of(TRACE, 1, 0));
        let mut names = Names::default();
        let found = newest(&reader.db, &mut names, &TraceFilter::newest(9).with_failures(), |_, row| {
            if let Some(root) = root.take() {
                assert_eq!(writer.append(&[root]).unwrap().stored, 1);
            }
            Ok(Some(row.get::<_, Kept>(0)?.id()))
        });
        assert_eq!(found.unwrap().len(), 2);
    }
}
