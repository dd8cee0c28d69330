//! An open file of ours enters; what its rows say that they should not leaves: which of them are no events, and where
//! lists, searches and counts go by something else than the events say. The pages below may all be sound meanwhile.
//!
//! A block of neighbours is looked at in one moment of the file, so that nobody who writes waits or is waited for.
//! Where the time does not suffice for all blocks, those that were looked at lie all over the file.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::time::{Duration, Instant};

use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row};
use tense_event::{Event, Status, TraceId};

use super::super::labels::{self, About, BLOCK, aged, label, mark};
use super::super::names::{MOST_WITHIN, Named, Names};
use super::super::read::{self, Place, Unreadable, event_columns};
use super::super::tally::Tallies;
use super::super::words::{self, Key};
use super::super::{SqliteStore, columns, summary};
use crate::StoreError;

/// So many traces are named of each flaw.
const NAMED: usize = 3;
/// So many words are remembered of each kind; what comes from outside may bring any number.
const REMEMBERED: usize = 10_000;
/// After so many rows the clock is looked at.
const OFTEN: u64 = 64;

/// What the rows of a file say of themselves, from [`SqliteStore::examine_rows`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExaminedRows {
    /// Events that were read, or were to be.
    pub events: u64,
    /// Traces that they are of.
    pub traces: u64,
    /// Whether that was all of the file, and not a sample.
    pub is_whole: bool,
    /// What is wrong, each kind once, the worst first.
    pub flaws: Vec<Flawed>,
}

/// How much of the file has a flaw.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Flawed {
    /// What is wrong.
    pub flaw: Flaw,
    /// How many rows are wrong, or missing.
    pub rows: u64,
    /// How many traces have such a row; of [`Flaw::Miscounted`], how many groups of neighbours.
    pub traces: u64,
    /// Some of these traces, three at most.
    pub some: Vec<TraceId>,
}

/// What may be wrong with rows on pages that are sound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Flaw {
    /// A row is no event: what it holds does not decode, or it refers to a name that is not there.
    Unreadable,
    /// An event belongs to a trace that is not listed, so that nobody comes to see it.
    Unlisted,
    /// The row of a trace has another number of events than there are, another time, or does not say that it failed:
    /// lists are wrong.
    Misstated,
    /// An entry is missing that leads to a trace: searches pass it by.
    Unfindable,
    /// What was counted of some neighbours as they came is not what there is: statistics are wrong.
    Miscounted,
}

impl SqliteStore {
    /// Reads the rows of the file and holds them against each other, for at most that long; `None` reads all of them,
    /// which takes a few seconds for a million events. In a limited time a large file is read in samples that lie all
    /// over it.
    ///
    /// This finds what [`examine`](Self::examine) does not look for: pages that are sound, with rows in them that mean
    /// nothing. It is a reader as any other: nobody waits. `progress` is told how much of the file is done, as a part
    /// and the whole.
    ///
    /// ```
    /// use tense_store::SqliteStore;
    ///
    /// let folder = tempfile::tempdir()?;
    /// let store = SqliteStore::open(folder.path().join("tense.db"))?;
    /// let examined = store.examine_rows(None, |_, _| {})?;
    /// assert!(examined.is_whole && examined.flaws.is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`StoreError::Busy`] may pass when it is asked again; [`StoreError::Damaged`] says that the pages themselves
    /// cannot be read.
    pub fn examine_rows(
        &self,
        most: Option<Duration>,
        mut progress: impl FnMut(u64, u64),
    ) -> Result<ExaminedRows, StoreError> {
        let mut look = Look {
            db: &self.db,
            names: &mut self.names.borrow_mut(),
            until: most.map(|most| Instant::now() + most),
            found: ExaminedRows::default(),
            flaws: BTreeMap::new(),
            told: HashSet::new(),
            labelled: HashMap::new(),
            tags: HashMap::new(),
        };
        let looked = look.all(&mut progress).map(|()| look.found());
        self.told(looked.map_err(StoreError::sqlite("examine the rows of the database")))
    }
}

/// Looks at one block after the other.
struct Look<'l> {
    db: &'l Connection,
    names: &'l mut Names,
    until: Option<Instant>,
    found: ExaminedRows,
    flaws: BTreeMap<Flaw, Flawed>,
    /// Of which traces of this block what is told already.
    told: HashSet<(Flaw, TraceId)>,
    /// Which fields are searched by label.
    labelled: HashMap<String, bool>,
    /// The numbers of tags.
    tags: HashMap<String, Option<i64>>,
}

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
    fn all(&mut self, progress: &mut impl FnMut(u64, u64)) -> rusqlite::Result<()> {
        let ends = "SELECT (SELECT min(no) FROM traces), (SELECT min(trace) FROM events),
                           (SELECT max(no) FROM traces), (SELECT max(trace) FROM events)";
        let ends = self
            .db
            .query_row(ends, [], |row| Ok([row.get::<_, Option<i64>>(0)?, row.get(1)?, row.get(2)?, row.get(3)?]))?;
        let first = [ends[0], ends[1]].into_iter().flatten().min();
        let last = [ends[2], ends[3]].into_iter().flatten().max();
        self.found.is_whole = true;
        let (Some(first), Some(last)) = (first.map(|no| no >> BLOCK), last.map(|no| no >> BLOCK)) else {
            return Ok(());
        };
        let blocks = last.abs_diff(first).saturating_add(1);
        let stride = if self.until.is_none() { 1 } else { stride(blocks) };
        let (mut nth, mut place) = (0, 0_u64);
        while nth < blocks {
            let block = first.saturating_add_unsigned(place);
            if !self.block(block)? {
                self.found.is_whole = false;
                return Ok(());
            }
            progress(nth, blocks);
            // One behind the other nothing has to be looked for where nothing is.
            let step = if stride == 1 { self.next(block, last)?.abs_diff(block) } else { 1 };
            nth = nth.saturating_add(step);
            place = (u128::from(place) + u128::from(stride) * u128::from(step)).rem_euclid(u128::from(blocks)) as u64;
        }
        Ok(())
    }

    /// The next block of which there is anything; behind the last one where there is none.
    fn next(&self, block: i64, last: i64) -> rusqlite::Result<i64> {
        let next = "SELECT min(no) FROM (SELECT min(no) AS no FROM traces WHERE no > ?1
                                         UNION ALL SELECT min(trace) FROM events WHERE trace > ?1)";
        let behind = block << BLOCK | ((1 << BLOCK) - 1);
        let next: Option<i64> = self.db.prepare_cached(next)?.query_row([behind], |row| row.get(0))?;
        Ok(next.map_or(last.saturating_add(1), |no| no >> BLOCK))
    }

    /// Whether there was time for it.
    fn block(&mut self, block: i64) -> rusqlite::Result<bool> {
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
            let id = match self.tags.get(tag.as_ref()) {
                Some(id) => *id,
                None => {
                    let id = Names::find(db, tag)?;
                    if self.tags.len() >= REMEMBERED {
                        self.tags.clear();
                    }
                    self.tags.insert(tag.to_string(), id);
                    id
                }
            };
            match id {
                // It may have come before there was room for its name, or after.
                Some(id) if id > MOST_WITHIN => {}
                Some(id) => lead(mark(About::Tag, Named::Id(id))),
                None => lead(mark(About::Tag, Named::Text(tag))),
            }
        }
        if stated.has_more { self.labels_of_event(db, no, event) } else { Ok(()) }
    }

    /// What the words of a trace are, and whether each leads to it.
    fn labels_of_words(&mut self, db: &Connection, no: i64, place: &Place) -> rusqlite::Result<()> {
        let mut all = Vec::new();
        if words::read(place.words(), |key, text, _| all.push((key, text.here()))).is_err() {
            self.tell(Flaw::Unreadable, Some(place.id), 1);
        }
        for (key, text) in all {
            let (Some(text), true) = (text, !matches!(key, Key::Worker | Key::Machine)) else { continue };
            let wanted = match (key, key.name()) {
                (Key::Field(id), _) => match self.names.text(db, id)?.cloned() {
                    Some(name) if self.is_labelled(db, &name)? => Some(label(&name, &labels::text_for(&text))),
                    Some(_) => None,
                    None => {
                        self.tell(Flaw::Unreadable, Some(place.id), 1);
                        None
                    }
                },
                (_, Some(name)) => Some(label(name, &text)),
                (_, None) => None,
            };
            self.lead(db, no, place.id, wanted)?;
        }
        Ok(())
    }

    /// The same of a trace that is found by more than its words.
    fn labels_of_event(&mut self, db: &Connection, no: i64, event: &Event) -> rusqlite::Result<()> {
        let context =
            [("job_id", &event.job_id), ("user_id", &event.user_id), ("correlation_key", &event.correlation_key)];
        for (name, value) in context {
            self.lead(db, no, event.trace_id, value.as_ref().map(|value| label(name, value)))?;
        }
        for (name, value) in event.data.iter() {
            if let Some(text) = labels::text_of(value)
                && self.is_labelled(db, name)?
            {
                self.lead(db, no, event.trace_id, Some(label(name, &text)))?;
            }
        }
        Ok(())
    }

    /// Tells where a label does not lead to its trace, with its age or without one.
    fn lead(&mut self, db: &Connection, no: i64, id: TraceId, wanted: Option<i64>) -> rusqlite::Result<()> {
        let Some(wanted) = wanted else { return Ok(()) };
        let is_there = db.prepare_cached("SELECT 1 FROM labels WHERE label IN (?1, ?2) AND trace = ?3")?.exists([
            aged(wanted, no),
            wanted,
            no,
        ])?;
        if !is_there {
            self.tell(Flaw::Unfindable, Some(id), 1);
        }
        Ok(())
    }

    fn is_labelled(&mut self, db: &Connection, field: &str) -> rusqlite::Result<bool> {
        if let Some(is) = self.labelled.get(field) {
            return Ok(*is);
        }
        let is = Names::is_labelled(db, field)?;
        if self.labelled.len() >= REMEMBERED {
            self.labelled.clear();
        }
        self.labelled.insert(field.to_owned(), is);
        Ok(is)
    }

    fn tell(&mut self, flaw: Flaw, id: Option<TraceId>, rows: u64) {
        let told = self.flaws.entry(flaw).or_insert(Flawed { flaw, rows: 0, traces: 0, some: Vec::new() });
        told.rows += rows;
        let Some(id) = id else { return };
        if self.told.insert((flaw, id)) {
            told.traces += 1;
            if told.some.len() < NAMED {
                told.some.push(id);
            }
        }
    }

    fn found(self) -> ExaminedRows {
        ExaminedRows { flaws: self.flaws.into_values().collect(), ..self.found }
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

/// A step by which one comes to each of so many places once, and soon has been everywhere.
fn stride(places: u64) -> u64 {
    let gcd = |mut one: u64, mut other: u64| {
        while other > 0 {
            (one, other) = (other, one % other);
        }
        one
    };
    let golden = (u128::from(places) * 618_034 / 1_000_000) as u64;
    (golden.max(1)..places).find(|step| gcd(*step, places) == 1).unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::stride;

    #[test]
    fn steps_come_everywhere_and_far_soon() {
        for places in (1..200).chain([1 << 20, 999_983, 1 << 17 | 1]) {
            let step = stride(places);
            if places < 200 {
                let mut seen: Vec<u64> = (0..places).map(|nth| nth * step % places).collect();
                seen.sort_unstable();
                assert_eq!(seen, (0..places).collect::<Vec<_>>(), "{places}");
            } else {
                // Of a hundred steps each tenth of the file has some.
                let tenths: Vec<u64> = (0..100).map(|nth| nth * step % places * 10 / places).collect();
                assert!((0..10).all(|tenth| tenths.iter().filter(|at| **at == tenth).count() > 5), "{places}");
            }
        }
    }
}
