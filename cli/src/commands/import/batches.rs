//! Clean events enter, each with what its name was; they leave in batches for the database, and how many of them were
//! new is counted.

use std::path::PathBuf;

use anyhow::Context;
use tense_event::{CleanEvent, Timestamp};
use tense_store::{DEFAULT_RETENTION, Purged, Retention, SqliteStore, Store};

use crate::commands::ASKED;
use crate::layout::counted;
use crate::progress::Progress;
use crate::{database, moments};

/// Events that are written at once.
const BATCH: usize = 500;

/// What was found of an event's name.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    Plain,
    Renamed,
    Removed,
}

/// What is in the database now and was not before, by its kind; and what was.
#[derive(Default)]
pub(super) struct Stored {
    pub(super) plain: usize,
    pub(super) renamed: usize,
    pub(super) removed: usize,
    pub(super) known: usize,
    /// What the next program that writes there removes, some of this import among it.
    pub(super) too_old: Option<Purged>,
}

impl Stored {
    pub(super) fn all(&self) -> usize {
        self.plain + self.renamed + self.removed
    }
}

pub(super) struct Batches {
    db: Option<PathBuf>,
    /// Opened with the first batch, so that a file that cannot be read leaves no empty database.
    store: Option<SqliteStore>,
    /// One of each kind, since the store says how many of a batch it knew, and not which.
    waiting: [Vec<CleanEvent>; 3],
    stored: Stored,
    /// A trace that ended before is kept by no program that does not say so.
    before: Timestamp,
    has_old: bool,
    pub(super) progress: Progress,
}

impl Batches {
    pub(super) fn new(db: Option<PathBuf>) -> Self {
        let (waiting, before, progress) =
            ([const { Vec::new() }; 3], moments::ago(DEFAULT_RETENTION), Progress::endless());
        Self { db, store: None, waiting, stored: Stored::default(), before, has_old: false, progress }
    }

    pub(super) fn add(&mut self, kind: Kind, event: CleanEvent) -> anyhow::Result<()> {
        self.has_old |= event.timestamp < self.before;
        let batch = &mut self.waiting[kind as usize];
        batch.push(event);
        if batch.len() == BATCH { self.write(kind) } else { Ok(()) }
    }

    /// Writes what is left.
    pub(super) fn finish(mut self) -> anyhow::Result<Stored> {
        for kind in [Kind::Plain, Kind::Renamed, Kind::Removed] {
            self.write(kind)?;
        }
        self.stored.too_old = self.too_old()?;
        Ok(self.stored)
    }

    /// Into a file that somebody names, and that is no program's, one may put what is as old as one likes.
    fn too_old(&self) -> anyhow::Result<Option<Purged>> {
        let Some(store) = self.store.as_ref().filter(|_| self.has_old) else { return Ok(None) };
        let is_of_programs = self.db.is_none() || !store.programs().context(ASKED)?.is_empty();
        if !is_of_programs {
            return Ok(None);
        }
        let purged = store.purgeable(&Retention::nothing().ended_before(self.before)).context(ASKED)?;
        Ok((purged.events > 0).then_some(purged))
    }

    fn write(&mut self, kind: Kind) -> anyhow::Result<()> {
        let batch = &mut self.waiting[kind as usize];
        if batch.is_empty() {
            return Ok(());
        }
        let store = match &mut self.store {
            Some(store) => store,
            none => none.insert(database::open_to_write(self.db.clone())?),
        };
        let appended = store.append(batch).context("failed to write the events")?;
        batch.clear();
        self.stored.known += appended.known;
        let stored = match kind {
            Kind::Plain => &mut self.stored.plain,
            Kind::Renamed => &mut self.stored.renamed,
            Kind::Removed => &mut self.stored.removed,
        };
        *stored += appended.stored;
        let Stored { known, .. } = self.stored;
        let all = (self.stored.all() + known) as u64;
        self.progress.at(all, || format!("{} imported, {known} known already", counted(self.stored.all(), "event")));
        Ok(())
    }
}
