//! An open file of ours enters; what its rows say that they should not leaves: which of them are no events, and where
//! lists, searches and counts go by something else than the events say. The pages below may all be sound meanwhile.
//!
//! A block of neighbours is looked at in one moment of the file, so that nobody who writes waits or is waited for.
//! Where the time does not suffice for all blocks, those that were looked at lie all over the file: `stride` says which
//! one is next, `block` looks at it, and `leads` whether labels lead to what is in it.

mod block;
mod leads;
mod stride;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::time::{Duration, Instant};

use rusqlite::Connection;
use tense_event::TraceId;

use crate::StoreError;
use crate::sqlite::SqliteStore;
use crate::sqlite::labels::BLOCK;
use crate::sqlite::names::Names;
use stride::stride;

/// So many traces are named of each flaw.
const NAMED: usize = 3;

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
