//! The number of a block of neighbours enters; what is wrong with it is told: each of its rows is held against the row
//! of its trace, against the marks that lead to it, and against what was counted as it came.

use std::collections::BTreeMap;
use std::time::Instant;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row};
use tense_event::{Event, Status, TraceId};

use super::{Flaw, Look};
use crate::sqlite::labels::{About, BLOCK, label, mark};
use crate::sqlite::names::{MOST_WITHIN, Named};
use crate::sqlite::read::{self, Place, Unreadable, event_columns};
use crate::sqlite::tally::Tallies;
use crate::sqlite::{columns, summary, words};

/// After so many rows the clock is looked at.
const OFTEN: u64 = 64;

/// A trace of the block, as its row states it, and as its events do.
struct Stated {
    /// None where the row itself makes no sense.
    place: Option<Place>,
    began: i64,
    ended: i64,
    events: i64,
    has_failed: bool,
    has_more: bool,
    /// Events that were read or were to be.
    seen: i64,
    is_wrong: bool,
}

/// What is known of a block besides its traces.
#[derive(Default)]
struct Known {
    tallies: Tallies,
    /// What has to lead to the block, and a trace for whose sake.
    marks: BTreeMap<i64, TraceId>,
    is_readable: bool,
}

impl Look<'_> {
    /// Whether there was time for it.
    pub(super) fn block(&mut self, block: i64) -> rusqlite::Result<bool> {
        self.told.clear();
        // Somebody who writes may have changed it since the block before.
        self.labelled.clear();
        self.tags.clear();
        let tx = self.db.unchecked_transaction()?;
        let ends = [block << BLOCK, block << BLOCK | ((1 << BLOCK) - 1)];
        let mut traces = self.traces(&tx, ends)?;
        let mut known = Known { is_readable: true, ..Known::default() };
        let mut select = tx.prepare_cached(concat!(
            "SELECT ",
            event_columns!(),
            ", trace FROM events WHERE trace BETWEEN ?1 AND ?2"
        ))?;
        let mut rows = select.query(ends)?;
        while let Some(row) = rows.next()? {
            if self.found.events.is_multiple_of(OFTEN) && self.until.is_some_and(|until| Instant::now() > until) {
                return Ok(false);
            }
            self.found.events += 1;
            let no: i64 = row.get(12)?;
            let Some(stated) = traces.get_mut(&no) else {
                self.tell(Flaw::Unlisted, None, 1);
                known.is_readable = false;
                continue;
            };
            stated.seen += 1;
            let id = stated.place.as_ref().map(|place| place.id);
            let event = match &stated.place {
                Some(place) => read::event(&tx, self.names, place, row),
                None => Err(Unreadable::Row),
            };
            match event {
                Ok(event) => self.event(&tx, no, stated, &mut known, row, &event)?,
                Err(Unreadable::Row) => {
                    known.is_readable = false;
                    self.tell(Flaw::Unreadable, id, 1);
                }
                Err(Unreadable::File(error)) => return Err(error),
            }
        }
        let events = traces.values().map(|stated| stated.events).fold(0, i64::saturating_add);
        let some = traces.values().find_map(|stated| stated.place.as_ref()).map(|place| place.id);
        for (no, stated) in traces {
            self.found.traces += 1;
            let id = stated.place.as_ref().map(|place| place.id);
            if stated.is_wrong || stated.seen != stated.events {
                self.tell(Flaw::Misstated, id, 1);
            }
            if let Some(place) = &stated.place {
                self.labels_of_words(&tx, no, place)?;
            }
        }
        for (mark, id) in known.marks {
            let is_there =
                tx.prepare_cached("SELECT 1 FROM marks WHERE mark = ?1 AND block = ?2")?.exists([mark, block])?;
            if !is_there {
                self.tell(Flaw::Unfindable, Some(id), 1);
            }
        }
        // What cannot be read was counted when it could.
        if known.is_readable && !known.tallies.agree(&tx, block, events)? {
            self.tell(Flaw::Miscounted, some, 1);
        }
        Ok(true)
    }

    /// The rows of the traces of a block.
    fn traces(&mut self, db: &Connection, ends: [i64; 2]) -> rusqlite::Result<BTreeMap<i64, Stated>> {
        let mut select = db.prepare_cached(
            "SELECT trace, no, base, words, began, ended, events, failed, root_name FROM traces
             WHERE no BETWEEN ?1 AND ?2",
        )?;
        let mut rows = select.query(ends)?;
        let mut traces = BTreeMap::new();
        while let Some(row) = rows.next()? {
            let place = match Place::read(row) {
                Ok(place) => Some(place),
                Err(error @ rusqlite::Error::SqliteFailure(..)) => return Err(error),
                Err(_) => {
                    self.tell(Flaw::Unreadable, None, 1);
                    None
                }
            };
            let root = row.get_ref(8)?;
            let stated = Stated {
                place,
                began: row.get(4)?,
                ended: row.get(5)?,
                events: row.get(6)?,
                has_failed: row.get::<_, i64>(7)? == summary::AT_ROOT,
                has_more: words::has_more(row.get_ref(3)?.as_blob_or_null()?.unwrap_or_default()),
                seen: 0,
                is_wrong: root != ValueRef::Null && self.names.read(db, root)?.is_none(),
            };
            traces.insert(row.get(1)?, stated);
        }
        Ok(traces)
    }

    /// Holds an event against what the file says elsewhere.
    fn event(
        &mut self,
        db: &Connection,
        no: i64,
        stated: &mut Stated,
        known: &mut Known,
        row: &Row<'_>,
        event: &Event,
    ) -> rusqlite::Result<()> {
        let ended = event.timestamp.unix_nanos();
        let began = ended.saturating_sub(event.duration.map_or(0, columns::nanos));
        let is_root = event.parent_span_id.is_none();
        stated.is_wrong |= began < stated.began
            || ended > stated.ended
            || is_root && event.status == Status::Failed && !stated.has_failed;
        // What an event was made of has names in all of these.
        let (name, service) = (named(row.get_ref(4)?), named(row.get_ref(7)?));
        let Some(kind) = named(row.get_ref(1)?) else { return Ok(()) };
        known.tallies.add(event, (no, false), (kind, name, service));
        let mut lead = |mark: i64| {
            known.marks.entry(mark).or_insert(event.trace_id);
        };
        lead(mark(About::Type, kind));
        if event.status != Status::Success {
            lead(mark(About::Status, Named::Id(columns::status_number(event.status))));
        }
        service.into_iter().for_each(|service| lead(mark(About::Service, service)));
        for (key, value) in [("worker_id", &event.worker_id), ("machine_id", &event.machine_id)] {
            value.iter().for_each(|value| lead(label(key, value)));
        }
        for tag in &event.tags {
            let id = self.tag(db, tag)?;
            match id {
                // It may have come before there was room for its name, or after.
                Some(id) if id > MOST_WITHIN => {}
                Some(id) => lead(mark(About::Tag, Named::Id(id))),
                None => lead(mark(About::Tag, Named::Text(tag))),
            }
        }
        if stated.has_more { self.labels_of_event(db, no, event) } else { Ok(()) }
    }
}

/// What a column of a name holds.
fn named(column: ValueRef<'_>) -> Option<Named<'_>> {
    match column {
        ValueRef::Integer(id) => Some(Named::Id(id)),
        ValueRef::Text(text) => std::str::from_utf8(text).ok().map(Named::Text),
        _ => None,
    }
}
