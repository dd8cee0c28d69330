//! What is to be forgotten enters; the rows of some traces go, those first that ended first, and how many leaves.

use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};
use tense_event::Timestamp;

use crate::{Purged, Retention, StoreError};

/// So many events are removed in one step, or one trace when it has more.
const STEP: u64 = 5_000;

/// Removes some of what is to be forgotten; see [`crate::Store::purge`].
pub(crate) fn step(db: &mut Connection, retention: &Retention) -> Result<Purged, StoreError> {
    remove(db, retention).map_err(StoreError::sqlite("remove old traces"))
}

fn remove(db: &mut Connection, retention: &Retention) -> rusqlite::Result<Purged> {
    let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let before = used(&tx)?;
    let mut purged = Purged::default();
    while let Some(trace) = next(&tx, retention)? {
        if purged.events >= STEP {
            purged.more = true;
            break;
        }
        tx.execute(
            "UPDATE purged SET number = max(number, (SELECT max(number) FROM arrivals WHERE trace = ?1))",
            [&trace],
        )?;
        tx.execute("DELETE FROM arrivals WHERE trace = ?1", [&trace])?;
        purged.events += tx.execute("DELETE FROM events WHERE trace = ?1", [&trace])? as u64;
        tx.execute("DELETE FROM traces WHERE trace = ?1", [&trace])?;
        purged.traces += 1;
    }
    purged.bytes = before.saturating_sub(used(&tx)?);
    tx.commit()?;
    Ok(purged)
}

/// The trace that is to go next.
fn next(db: &Connection, retention: &Retention) -> rusqlite::Result<Option<Vec<u8>>> {
    let is_too_large = match retention.bytes {
        Some(bytes) => used(db)? > bytes,
        None => false,
    };
    let before = retention.before.map_or(i64::MIN, Timestamp::unix_nanos);
    db.prepare_cached("SELECT trace FROM traces WHERE ended < ?1 OR ?2 ORDER BY ended, trace LIMIT 1")?
        .query_row(params![before, is_too_large], |row| row.get(0))
        .optional()
}

/// How many bytes are in use: pages that were freed are used again before the file grows.
pub(crate) fn used(db: &Connection) -> rusqlite::Result<u64> {
    let pages = "SELECT (page_count - freelist_count) * page_size
                 FROM pragma_page_count, pragma_freelist_count, pragma_page_size";
    db.query_row(pages, [], |row| row.get::<_, i64>(0)).map(|bytes| u64::try_from(bytes).unwrap_or(0))
}

/// How much there is to forget; see [`crate::Store::purgeable`].
pub(crate) fn estimate(db: &Connection, retention: &Retention) -> Result<Purged, StoreError> {
    let all = || -> rusqlite::Result<Purged> {
        let used = used(db)?;
        let total: i64 = db.query_row("SELECT coalesce(sum(events), 0) FROM traces", [], |row| row.get(0))?;
        // What an event takes, on average.
        let each = used as f64 / (total.max(1) as f64);
        let too_much = retention.bytes.map_or(0.0, |bytes| used.saturating_sub(bytes) as f64);
        let before = retention.before.map_or(i64::MIN, Timestamp::unix_nanos);
        let mut select = db.prepare("SELECT ended, events FROM traces ORDER BY ended, trace")?;
        let mut rows = select.query([])?;
        let (mut traces, mut events) = (0, 0_u64);
        while let Some(row) = rows.next()? {
            if row.get::<_, i64>(0)? >= before && events as f64 * each >= too_much {
                break;
            }
            traces += 1;
            events += u64::try_from(row.get::<_, i64>(1)?).unwrap_or(0);
        }
        Ok(Purged { traces, events, bytes: (events as f64 * each) as u64, more: false })
    };
    all().map_err(StoreError::sqlite("measure old traces"))
}
