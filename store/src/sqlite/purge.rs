//! What is to be forgotten enters; the rows of some traces go, those first that ended first, and how many leaves.
//!
//! A step is a short transaction of its own, so that no writer waits long for it: of a large trace some spans go at a
//! time, and until the last step the trace is there with what is left of it, which is found by all that it has. Pages
//! that are free are given back to the system some at a time.
//!
//! Of a trace that goes in several steps nobody can say which of its labels lead to nothing that is left, before
//! the last one. So they are listed, in the table of labels itself: beside the numbers of real ones, none of which is
//! below 0, the complement of the number of the trace stands for "to be removed", with a label in place of a trace.

use std::borrow::Cow;

use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};
use tense_event::{Event, SpanId, Status, Timestamp};

use super::ahead::Ahead;
use super::body;
use super::bytes::{Malformed, Text};
use super::labels::{self, BLOCK, aged, label};
use super::names::Names;
use super::summary::{BELOW_NONE, BELOW_ROOT};
use super::tally;
use super::words::{self, Key};
use crate::{Purged, Retention, StoreError};

/// So many events are removed in one step.
const STEP: u64 = 2_000;
/// So many listed labels are removed for each of them.
const LISTED: u64 = 5;
/// For so many events a free page is given back: in one step a mebibyte.
const EACH_PAGE: u64 = 16;
/// So many marks are looked at when a block is gone; more than that only a file has that somebody wants to be slow.
const MARKS: usize = 4_096;

/// How much goes in a step: on a full disk less than else, because all that a step changes is written into the log
/// before there is more room.
#[derive(Debug)]
pub(crate) struct Steps {
    events: u64,
}

impl Default for Steps {
    fn default() -> Self {
        Self { events: STEP }
    }
}

impl Steps {
    /// Removes some of what is to be forgotten; see [`crate::Store::purge`].
    pub(crate) fn step(
        &mut self,
        db: &mut Connection,
        names: &mut Names,
        ahead: &Ahead,
        retention: &Retention,
    ) -> Result<Purged, StoreError> {
        // Each time an eighth of it, until one event is left.
        let (most, mut size) = (self.events, self.events);
        let removed = ahead.with_room(db, most.ilog2().div_ceil(3), |db, nth| {
            size = (most >> (3 * nth)).max(1);
            remove(db, names, retention, size).map_err(StoreError::sqlite("remove old traces"))
        });
        self.events = size;
        let purged = removed?;
        if self.events < STEP {
            // Each step needs the place that the one before had in the log.
            ahead.begin_anew(db);
        }
        if purged != Purged::default() {
            // Somebody else may be writing by now. What was removed is gone all the same, and the next step gives back
            // more.
            give_back(db, (self.events / EACH_PAGE).max(1)).ok();
        }
        if self.events < STEP {
            ahead.begin_anew(db);
            self.events = (self.events * 2).min(STEP);
        }
        Ok(purged)
    }
}

fn remove(db: &mut Connection, names: &mut Names, retention: &Retention, most: u64) -> rusqlite::Result<Purged> {
    let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let before = used(&tx)?;
    // First, since what they take would be taken for events that are too many.
    let mut purged = Purged { more: !unlabel_gone(&tx, most * LISTED)?, ..Purged::default() };
    while !purged.more
        && let Some(trace) = next(&tx, retention)?
    {
        if purged.events >= most {
            purged.more = true;
            break;
        }
        let (events, is_gone) = forget(&tx, names, trace, most - purged.events)?;
        purged.events += events;
        purged.traces += u64::from(is_gone);
        purged.more = is_gone && is_listed(&tx, trace)?;
    }
    purged.bytes = before.saturating_sub(used(&tx)?);
    tx.commit()?;
    Ok(purged)
}

/// The trace that is to go next.
fn next(db: &Connection, retention: &Retention) -> rusqlite::Result<Option<i64>> {
    let is_too_large = match retention.bytes {
        Some(bytes) => used(db)? > bytes,
        None => false,
    };
    // All of them, when there are too many.
    let before = if is_too_large { None } else { Some(retention.before.map_or(i64::MIN, Timestamp::unix_nanos)) };
    match before {
        Some(before) => db
            .prepare_cached("SELECT no FROM traces WHERE ended < ?1 ORDER BY ended, began LIMIT 1")?
            .query_row([before], |row| row.get(0))
            .optional(),
        None => db
            .prepare_cached("SELECT no FROM traces ORDER BY ended, began LIMIT 1")?
            .query_row([], |row| row.get(0))
            .optional(),
    }
}

/// Removes a trace, or so many of its events when it has more; says how many, and whether it is gone.
fn forget(db: &Connection, names: &mut Names, trace: i64, most: u64) -> rusqlite::Result<(u64, bool)> {
    // The span behind the last one that goes.
    let rest: Option<i64> = db
        .prepare_cached("SELECT span FROM events WHERE trace = ?1 ORDER BY span LIMIT 1 OFFSET ?2")?
        .query_row(params![trace, most as i64], |row| row.get(0))
        .optional()?;
    let words: Option<Vec<u8>> =
        db.prepare_cached("SELECT words FROM traces WHERE no = ?1")?.query_row([trace], |row| row.get(0))?;
    let words = words.unwrap_or_default();
    // A span is small, and goes as a whole: that one too.
    let last = rest.unwrap_or(i64::MAX);
    if words::has_more(&words) {
        let remove = if rest.is_some() { list_label } else { remove_label };
        unlabel_events(db, names, trace, last, &words, remove)?;
    }
    db.prepare_cached(
        "UPDATE gone SET number = max(number,
             (SELECT coalesce(max(number), 0) FROM events WHERE trace = ?1 AND span <= ?2))",
    )?
    .execute([trace, last])?;
    tally::forget(db, trace >> BLOCK)?;
    let events =
        db.prepare_cached("DELETE FROM events WHERE trace = ?1 AND span <= ?2")?.execute([trace, last])? as u64;
    let is_gone = rest.is_none() || !db.prepare_cached("SELECT 1 FROM events WHERE trace = ?1")?.exists([trace])?;
    if is_gone {
        unlabel(db, names, trace, &words)?;
        db.prepare_cached("DELETE FROM traces WHERE no = ?1")?.execute([trace])?;
        db.prepare_cached("UPDATE gone SET trace = max(trace, ?1)")?.execute([trace])?;
        unmark(db, trace >> BLOCK)?;
    } else {
        // What is left may stay for long, when whoever removes it is killed: it is told by what is left of it, and not
        // by a root that is gone.
        db.prepare_cached(
            "UPDATE traces SET events = max(events - ?2, 0), root = NULL, root_name = NULL, root_began = NULL,
                 root_status = NULL, root_duration = NULL, failed = CASE failed WHEN ?3 THEN ?4 ELSE failed END
             WHERE no = ?1",
        )?
        .execute(params![trace, events as i64, BELOW_ROOT, BELOW_NONE])?;
    }
    Ok((events, is_gone))
}

/// Removes the labels of the words of a trace.
fn unlabel(db: &Connection, names: &mut Names, trace: i64, words: &[u8]) -> rusqlite::Result<()> {
    let mut all = Vec::new();
    // Those behind a damaged one stay; a label that leads nowhere is passed over.
    words::read(words, |key, text, _| all.extend(text.here().map(|text| (key, text)))).ok();
    for (key, text) in all {
        let label = match key {
            Key::Field(id) => names.text(db, id)?.map(|name| label(name, &labels::text_for(&text))),
            context => context.name().map(|name| label(name, &text)),
        };
        remove_label(db, label, trace)?;
    }
    Ok(())
}

fn remove_label(db: &Connection, label: Option<i64>, trace: i64) -> rusqlite::Result<()> {
    if let Some(label) = label {
        // With its age, and without one.
        db.prepare_cached("DELETE FROM labels WHERE label IN (?1, ?2) AND trace = ?3")?.execute([
            aged(label, trace),
            label,
            trace,
        ])?;
    }
    Ok(())
}

/// Lists a label, to be removed when the trace is gone.
fn list_label(db: &Connection, label: Option<i64>, trace: i64) -> rusqlite::Result<()> {
    if let Some(label) = label {
        db.prepare_cached(
            "INSERT OR IGNORE INTO labels (label, trace)
             SELECT ~trace, label FROM labels WHERE label IN (?1, ?2) AND trace = ?3",
        )?
        .execute([aged(label, trace), label, trace])?;
    }
    Ok(())
}

/// Whether labels of a trace are listed.
fn is_listed(db: &Connection, trace: i64) -> rusqlite::Result<bool> {
    db.prepare_cached("SELECT 1 FROM labels WHERE label = ?1")?.exists([!trace])
}

/// Removes the listed labels of traces that are gone, or many of them; says whether that were all.
fn unlabel_gone(db: &Connection, most: u64) -> rusqlite::Result<bool> {
    let mut next = db.prepare_cached("SELECT min(label) FROM labels WHERE label > ?1 AND label < 0")?;
    let mut listed = db.prepare_cached("SELECT trace FROM labels WHERE label = ?1 LIMIT ?2")?;
    let mut is_there = db.prepare_cached("SELECT 1 FROM traces WHERE no = ?1")?;
    let mut remove = db.prepare_cached("DELETE FROM labels WHERE label = ?1 AND trace = ?2")?;
    let (mut place, mut room) = (i64::MIN, most);
    for _ in 0..MARKS {
        let Some(list) = next.query_row([place], |row| row.get::<_, Option<i64>>(0))? else { break };
        place = list;
        if is_there.exists([!list])? {
            continue;
        }
        let labels = listed.query_map(params![list, room as i64], |row| row.get(0))?;
        for label in labels.collect::<rusqlite::Result<Vec<i64>>>()? {
            remove.execute([label, !list])?;
            remove.execute([list, label])?;
            room -= 1;
        }
        if room == 0 {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Removes or lists the labels of what found no room among the words: it stands in the events.
fn unlabel_events(
    db: &Connection,
    names: &mut Names,
    trace: i64,
    last: i64,
    words: &[u8],
    remove: fn(&Connection, Option<i64>, i64) -> rusqlite::Result<()>,
) -> rusqlite::Result<()> {
    let mut known = Vec::new();
    words::read(words, |_, text, _| known.push(text.here())).ok();
    let mut select = db.prepare_cached("SELECT body FROM events WHERE trace = ?1 AND span <= ?2")?;
    let mut rows = select.query([trace, last])?;
    while let Some(row) = rows.next()? {
        let Ok(Some(body)) = row.get_ref(0)?.as_blob_or_null() else { continue };
        let Some(id) = SpanId::new(1) else { continue };
        let nobody = tense_event::TraceId::from_bytes([1; 16]);
        let mut event = Event::new(nobody, id, "", Status::Pending, Timestamp::from_unix_nanos(0));
        let mut find = |text: Text<'_>| match text {
            Text::Word(at) => known.get(at).cloned().flatten().map(Cow::Owned).ok_or(Malformed),
            Text::Name(id) => names.text(db, id).ok().flatten().cloned().ok_or(Malformed),
            here => here.here().map(Cow::Owned).ok_or(Malformed),
        };
        if body::unpack(body, &mut event, &mut find).is_err() {
            continue;
        }
        let context =
            [("job_id", &event.job_id), ("user_id", &event.user_id), ("correlation_key", &event.correlation_key)];
        for (name, value) in context {
            remove(db, value.as_ref().map(|value| label(name, value)), trace)?;
        }
        for (name, value) in event.data.iter() {
            remove(db, labels::text_of(value).map(|text| label(name, &text)), trace)?;
        }
    }
    Ok(())
}

/// Removes the marks of a block without traces.
fn unmark(db: &Connection, block: i64) -> rusqlite::Result<()> {
    let (low, high) = (block << BLOCK, block << BLOCK | ((1 << BLOCK) - 1));
    if db.prepare_cached("SELECT 1 FROM traces WHERE no BETWEEN ?1 AND ?2")?.exists([low, high])? {
        return Ok(());
    }
    // From each mark to the next, without looking at all the blocks in between.
    let mut next = db.prepare_cached("SELECT min(mark) FROM marks WHERE mark > ?1")?;
    let mut mark = i64::MIN;
    for _ in 0..MARKS {
        let Some(found) = next.query_row([mark], |row| row.get::<_, Option<i64>>(0))? else { break };
        mark = found;
        db.prepare_cached("DELETE FROM marks WHERE mark = ?1 AND block = ?2")?.execute([mark, block])?;
    }
    Ok(())
}

/// Gives some free pages back to the system.
fn give_back(db: &Connection, pages: u64) -> rusqlite::Result<()> {
    let mut vacuum = db.prepare_cached(&format!("PRAGMA incremental_vacuum({pages})"))?;
    let mut rows = vacuum.query([])?;
    while rows.next()?.is_some() {}
    Ok(())
}

/// How many bytes are in use, beyond those of a file without events: a page for each table and index, the first one,
/// and the map that says who needs which. Traces that find room in there take one byte. Pages that were freed are used
/// again before the file grows.
fn used(db: &Connection) -> rusqlite::Result<u64> {
    let pages = "SELECT max(EXISTS (SELECT 1 FROM traces), page_size * (page_count - freelist_count - 2
                     - (SELECT count(*) FROM sqlite_schema WHERE rootpage > 0)))
                 FROM pragma_page_count, pragma_freelist_count, pragma_page_size";
    db.prepare_cached(pages)?.query_row([], |row| row.get::<_, i64>(0)).map(|bytes| u64::try_from(bytes).unwrap_or(0))
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
        let mut select = db.prepare("SELECT ended, events FROM traces ORDER BY ended, began")?;
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
