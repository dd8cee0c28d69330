//! Clean events enter, each with what its name was; they leave in batches for the database, and how many of them were
//! new is counted.

use std::path::PathBuf;

use anyhow::Context;
use tense_event::CleanEvent;
use tense_store::{SqliteStore, Store};

use crate::database;

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
}

impl Batches {
    pub(super) fn new(db: Option<PathBuf>) -> Self {
        Self { db, store: None, waiting: [const { Vec::new() }; 3], stored: Stored::default() }
    }

    pub(super) fn add(&mut self, kind: Kind, event: CleanEvent) -> anyhow::Result<()> {
        let batch = &mut self.waiting[kind as usize];
        batch.push(event);
        if batch.len() == BATCH { self.write(kind) } else { Ok(()) }
    }

    /// Writes what is left.
    pub(super) fn finish(mut self) -> anyhow::Result<Stored> {
        for kind in [Kind::Plain, Kind::Renamed, Kind::Removed] {
            self.write(kind)?;
        }
        Ok(self.stored)
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
        Ok(())
    }
}
