//! How a person named a trace, or which ones are to be listed, enters; the rows of those traces leave.

use std::cmp::Reverse;

use rusqlite::Connection;
use tense_event::{Timestamp, TraceId};

use super::ids::{self, Ending, Kept};
use super::labels::{Ages, label};
use super::names::Names;
use super::read::{self, Place, Unreadable, event_columns};
use super::summary::{AT_ROOT, BEGAN, BELOW_NONE, BELOW_ROOT, COLUMNS, NUMBER, read_summary};
use super::words::{self, Key};
use crate::{Found, Selector, TraceFilter, TraceStatus, TraceSummary};

/// So many candidates are shown of an ambiguous suffix.
const CANDIDATES: usize = 20;

/// Looks the selector up.
pub(crate) fn find(db: &Connection, names: &mut Names, selector: &Selector) -> rusqlite::Result<Found> {
    let newest = |names, filter| Ok(list(db, names, &filter)?.first().map_or(Found::Nothing, |one| Found::One(one.id)));
    match selector {
        Selector::Id(id) => {
            let known = db.prepare_cached("SELECT 1 FROM traces WHERE trace = ?1")?.exists([Kept::from(*id)])?;
            Ok(if known { Found::One(*id) } else { Found::Nothing })
        }
        Selector::Suffix(digits) | Selector::SuffixOrJob { digits, .. } => by_suffix(db, names, digits),
        Selector::Last => newest(names, TraceFilter::newest(1)),
        Selector::LastFailed => newest(names, TraceFilter::newest(1).failed()),
        Selector::Job(job) => by_job(db, names, job),
    }
}

/// The traces that pass the filter, newest first. Their numbers are in the order in which the store heard of them, and
/// an index has them behind each moment, so that traces of the same moment are in order without being sorted.
pub(crate) fn list(db: &Connection, names: &mut Names, filter: &TraceFilter) -> rusqlite::Result<Vec<TraceSummary>> {
    let since = filter.since.map_or(i64::MIN, Timestamp::unix_nanos);
    let last = match filter.until.map(|until| until.unix_nanos().checked_sub(1)) {
        None => i64::MAX,
        Some(Some(last)) => last,
        Some(None) => return Ok(Vec::new()),
    };
    let mut found = Vec::new();
    for which in which(filter.only_failed, filter.with_failures) {
        let sql = format!(
            "SELECT {COLUMNS}, no FROM traces WHERE {which} began BETWEEN ?1 AND ?2 ORDER BY began DESC, no DESC"
        );
        let mut rows = db.prepare_cached(&sql)?;
        let mut rows = rows.query([since, last])?;
        let enough = found.len().saturating_add(filter.limit);
        while found.len() < enough
            && let Some(row) = rows.next()?
        {
            let (summary, no) = (read_summary(db, names, row)?, row.get::<_, i64>(NUMBER)?);
            if filter.lets_pass(&summary) {
                found.push((Reverse((summary.began, no)), summary));
            }
        }
    }
    found.sort_unstable_by_key(|(place, _)| *place);
    found.truncate(filter.limit);
    Ok(found.into_iter().map(|(_, summary)| summary).collect())
}

/// Conditions of which each uses an index, and which together lead to all that may be meant.
fn which(only_failed: bool, with_failures: bool) -> Vec<String> {
    let of = |failed: &[i64]| failed.iter().map(|failed| format!("failed > 0 AND failed = {failed} AND")).collect();
    match (only_failed, with_failures) {
        (true, _) => of(&[AT_ROOT, BELOW_NONE]),
        (false, true) => of(&[AT_ROOT, BELOW_ROOT, BELOW_NONE]),
        (false, false) => vec![String::new()],
    }
}

/// The ids of the traces that began since then and before that moment, the oldest first.
pub(crate) fn ids(
    db: &Connection,
    names: &mut Names,
    since: Option<Timestamp>,
    until: Option<Timestamp>,
    only_failed: bool,
) -> rusqlite::Result<Vec<TraceId>> {
    let since = since.map_or(i64::MIN, Timestamp::unix_nanos);
    let last = until.map_or(i64::MAX, |until| until.unix_nanos().saturating_sub(1));
    let mut found = Vec::new();
    for which in which(only_failed, false) {
        let sql = format!("SELECT {COLUMNS}, no FROM traces WHERE {which} began BETWEEN ?1 AND ?2");
        let mut rows = db.prepare_cached(&sql)?;
        let mut rows = rows.query([since, last])?;
        while let Some(row) = rows.next()? {
            let is_meant = !only_failed || read_summary(db, names, row)?.status == TraceStatus::Failed;
            if is_meant {
                found.push((row.get::<_, i64>(BEGAN)?, row.get::<_, i64>(NUMBER)?, row.get::<_, Kept>(0)?.id()));
            }
        }
    }
    found.sort_unstable();
    Ok(found.into_iter().map(|(.., id)| id).collect())
}

/// Of the traces with an event of that job, the one that began last.
fn by_job(db: &Connection, names: &mut Names, job: &str) -> rusqlite::Result<Found> {
    let mut traces = db.prepare_cached(
        "SELECT trace, no, base, words FROM traces
         WHERE no IN (SELECT labels.trace FROM json_each(?1) CROSS JOIN labels ON label = value)
         ORDER BY began DESC, no DESC",
    )?;
    let rows = Ages::up_to(db, i64::MAX)?.of(label("job_id", job)).concat();
    let mut traces = traces.query([format!("{rows:?}")])?;
    while let Some(row) = traces.next()? {
        let place = Place::read(row)?;
        let words = row.get_ref(3)?.as_blob_or_null()?.unwrap_or_default();
        if may_be_of_job(words, job) && is_of_job(db, names, &place, job)? {
            return Ok(Found::One(place.id));
        }
    }
    Ok(Found::Nothing)
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
        found.extend(row.query_and_then([no], |row| read_summary(db, names, row))?.next().transpose()?);
    }
    Ok(match found.as_slice() {
        [] => Found::Nothing,
        [one] => Found::One(one.id),
        _ => Found::Many(found),
    })
}
