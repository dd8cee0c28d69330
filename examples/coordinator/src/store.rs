//! Statements enter; the coordinator's own SQLite file is changed, or rows of it leave. Every statement goes through
//! [`Db::run`].
//!
//! [`runs`], [`log`], [`tokens`] and [`tables`] know the statements; `schema.sql` lays out the file.

pub(crate) mod runs;
pub(crate) mod log;
pub(crate) mod tokens;
pub(crate) mod tables;
#[cfg(test)]
mod statements;

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use rusqlite::{CachedStatement, Connection, OpenFlags, Params, Row};
use tense::traced;

/// The coordinator's database.
///
/// A std mutex on purpose: it is held for one transaction of microseconds, never across an await.
#[derive(Debug)]
pub(crate) struct Store(Mutex<Connection>);

/// Why the database did not do what it was asked to.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StoreError {
    #[error("use the coordinator's database")]
    Sqlite(#[from] rusqlite::Error),
    #[error("the coordinator's database holds something that is not understood")]
    Json(#[from] serde_json::Error),
    #[error("the coordinator's database holds the token {token} with the status `{status}`, which is not understood")]
    Status { token: String, status: String },
}

/// The database, within a transaction.
pub(crate) struct Db<'c>(&'c Connection);

impl Store {
    /// Opens the file, and makes it when it is not there.
    pub(crate) fn open(path: &Path) -> Result<Self, StoreError> {
        let store = Self::open_empty(path)?;
        let statements = include_str!("store/schema.sql").split(";\n").filter(|statement| !statement.is_empty());
        store.transaction(|db| statements.into_iter().try_for_each(|statement| db.command(statement)))?;
        Ok(store)
    }

    /// The same without our tables: for a catalog of its own.
    pub(crate) fn open_empty(path: &Path) -> Result<Self, StoreError> {
        let connection = Connection::open(path)?;
        connection.set_prepared_statement_cache_capacity(64);
        let store = Self(Mutex::new(connection));
        store.with(|db| {
            // Returns the mode that it has now, and some files cannot have this one.
            db.query("PRAGMA journal_mode = WAL", [], |_| Ok(()))?;
            // Survives a killed program; one that has to survive a power cut would say FULL.
            db.command("PRAGMA synchronous = NORMAL")
        })?;
        Ok(store)
    }

    /// Whether the file is a database of ours; it stays as it is.
    pub(crate) fn has_runs(path: &Path) -> Result<bool, StoreError> {
        let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        let known = "SELECT 1 FROM sqlite_schema WHERE name = 'runs'";
        Ok(!Db(&connection).query(known, [], |_| Ok(()))?.is_empty())
    }

    /// Asks, outside of a transaction.
    pub(crate) fn with<T, E>(&self, ask: impl FnOnce(&Db<'_>) -> Result<T, E>) -> Result<T, E> {
        ask(&Db(&self.0.lock().unwrap_or_else(PoisonError::into_inner)))
    }

    /// Changes everything that `work` changes, or nothing.
    pub(crate) fn transaction<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&Db<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        self.with(|db| {
            db.command("BEGIN IMMEDIATE")?;
            let open = OpenTransaction(Some(db));
            let out = work(db)?;
            open.commit()?;
            Ok(out)
        })
    }
}

/// A transaction that is rolled back unless it is committed: also when its work panics, or its commit fails.
struct OpenTransaction<'d, 'c>(Option<&'d Db<'c>>);

impl OpenTransaction<'_, '_> {
    fn commit(mut self) -> Result<(), StoreError> {
        if let Some(db) = self.0 {
            db.command("COMMIT")?;
        }
        self.0 = None;
        Ok(())
    }
}

impl Drop for OpenTransaction<'_, '_> {
    fn drop(&mut self) {
        if let Some(db) = self.0 {
            // What failed first is what is told.
            db.command("ROLLBACK").ok();
        }
    }
}

impl Db<'_> {
    /// Runs a statement that is about no rows.
    pub(crate) fn command(&self, statement: &str) -> Result<(), StoreError> {
        self.run(statement, |prepared| {
            prepared.execute([])?;
            Ok(((), None))
        })
    }

    /// Runs a statement that gives no rows; how many it changed.
    pub(crate) fn execute(&self, statement: &str, params: impl Params) -> Result<usize, StoreError> {
        self.run(statement, |prepared| {
            let changed = prepared.execute(params)?;
            Ok((changed, Some(changed)))
        })
    }

    /// Runs a statement that gives rows.
    pub(crate) fn query<T>(
        &self,
        statement: &str,
        params: impl Params,
        row: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, StoreError> {
        self.run(statement, |prepared| {
            let rows: Vec<T> = prepared.query_map(params, row)?.collect::<Result<_, _>>()?;
            let count = rows.len();
            Ok((rows, Some(count)))
        })
    }

    /// The number of the row that was inserted last.
    pub(crate) fn last_row(&self) -> i64 {
        self.0.last_insert_rowid()
    }

    /// The one door: whatever is asked of the database is seen here.
    #[traced(sql.query, fields(statement, rows = _))]
    fn run<T>(
        &self,
        statement: &str,
        work: impl FnOnce(&mut CachedStatement<'_>) -> rusqlite::Result<(T, Option<usize>)>,
    ) -> Result<T, StoreError> {
        let (out, rows) = work(&mut self.0.prepare_cached(statement)?)?;
        tense::record!(rows = rows);
        Ok(out)
    }
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use super::*;

    fn store() -> (tempfile::TempDir, Store) {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("state.db")).unwrap();
        (folder, store)
    }

    fn applied(store: &Store) -> usize {
        store.with(|db| db.query("SELECT 1 FROM batches", [], |_| Ok(()))).unwrap().len()
    }

    fn insert(db: &Db<'_>) -> Result<usize, StoreError> {
        db.execute("INSERT INTO batches (run, source) VALUES (1, 'start')", [])
    }

    #[test]
    fn a_panic_takes_back_what_was_changed() {
        let (_folder, store) = store();
        let panicked = catch_unwind(AssertUnwindSafe(|| {
            store.transaction(|db| {
                insert(db)?;
                if applied_within(db) == 1 {
                    panic!("in the middle");
                }
                Ok::<_, StoreError>(())
            })
        }));
        assert!(panicked.is_err());
        assert_eq!(applied(&store), 0);
        store.transaction(insert).unwrap();
        assert_eq!(applied(&store), 1);
    }

    fn applied_within(db: &Db<'_>) -> usize {
        db.query("SELECT 1 FROM batches", [], |_| Ok(())).unwrap().len()
    }

    #[test]
    fn a_commit_that_fails_takes_back_what_was_changed() {
        let (_folder, store) = store();
        store.with(|db| db.command("PRAGMA foreign_keys = ON")).unwrap();
        let child = "CREATE TABLE child (run INTEGER REFERENCES runs (number) DEFERRABLE INITIALLY DEFERRED)";
        store.with(|db| db.command(child)).unwrap();
        // Nobody has the number, and only the commit finds that out.
        let orphan = store.transaction(|db| {
            insert(db)?;
            db.execute("INSERT INTO child VALUES (7)", [])
        });
        assert!(orphan.is_err());
        assert_eq!(applied(&store), 0);
        store.transaction(insert).unwrap();
        assert_eq!(applied(&store), 1);
    }
}
