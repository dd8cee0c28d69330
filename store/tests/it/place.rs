//! A folder of its own for a database, which goes when its test is over; and events as a store takes them.

use std::path::PathBuf;

use rusqlite::Connection;
use tense_event::{CleanEvent, Event, Sanitizer};
use tense_store::SqliteStore;

pub(crate) struct Place {
    _folder: tempfile::TempDir,
    pub(crate) path: PathBuf,
}

impl Place {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { path: folder.path().join("tense.db"), _folder: folder }
    }

    pub(crate) fn open(&self) -> SqliteStore {
        SqliteStore::open(&self.path).unwrap()
    }

    /// The file, past the store.
    pub(crate) fn raw(&self) -> Connection {
        Connection::open(&self.path).unwrap()
    }

    pub(crate) fn execute(&self, sql: &str) {
        self.raw().execute_batch(sql).unwrap();
    }

    /// How many rows a table has.
    pub(crate) fn count(&self, table: &str) -> i64 {
        self.raw().query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap()
    }
}

pub(crate) fn clean(events: impl IntoIterator<Item = Event>) -> Vec<CleanEvent> {
    let sanitizer = Sanitizer::default();
    events.into_iter().map(|event| sanitizer.clean(event)).collect()
}
