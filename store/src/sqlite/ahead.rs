//! A file and its log enter; the log leaves, no larger than it may be.
//!
//! SQLite writes ahead into a log, moves that into the file now and then, and begins the log anew when nobody reads it.
//! Where somebody always reads, one short question after the other, that moment never comes by itself: whoever writes
//! has to wait for it once, and those who read then begin behind the log.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::Connection;

use super::log;

/// What a log may grow to, in bytes.
pub(crate) const LARGEST: u64 = 64 << 20;
/// After so many transactions its length is looked at.
const OFTEN: u32 = 16;
/// How long a writer waits for those who read. What they ask takes a tenth of a second at most.
const PATIENCE: Duration = Duration::from_millis(250);

/// The log beside a file.
#[derive(Debug)]
pub(crate) struct Ahead {
    path: PathBuf,
    /// Bytes from which on it is begun anew.
    largest: u64,
    writings: u32,
}

impl Ahead {
    /// Of the file at that path, which is there; a link leads to it, and the log lies beside it and not beside the link.
    pub(crate) fn beside(path: &Path) -> Self {
        let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        Self { path: log::beside(&path, "-wal"), largest: LARGEST, writings: 0 }
    }

    /// Begins it anew when it has become too large; to be called whenever something was written. That this does not
    /// succeed is no error of whoever writes: the next one comes here again.
    pub(crate) fn keep_short(&mut self, db: &Connection) {
        self.writings = self.writings.wrapping_add(1);
        if self.writings.is_multiple_of(OFTEN) && self.length() > self.largest {
            self.begin_anew(db);
        }
    }

    fn length(&self) -> u64 {
        self.path.metadata().map_or(0, |found| found.len())
    }

    fn begin_anew(&self, db: &Connection) {
        // It says itself whether somebody was in the way.
        let checkpoint = || db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
        db.busy_timeout(PATIENCE).and_then(|()| checkpoint()).ok();
        db.busy_timeout(super::PATIENCE).ok();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use tense_event::TraceId;

    use super::OFTEN;
    use crate::{Retention, SqliteStore, Store, fixture};

    #[test]
    fn whoever_purges_keeps_the_log_short_too() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = SqliteStore::open(folder.path().join("tense.db")).unwrap();
        store.ahead.largest = 0;
        let sanitizer = tense_event::Sanitizer::default();
        let batch: Vec<_> = fixture::loan().into_iter().map(|event| sanitizer.clean(event)).collect();
        assert_eq!(store.append(&batch).unwrap().known, 0);
        assert!(store.ahead.length() > 0);
        let everything = Retention::nothing().larger_than(0);
        for _ in 1..OFTEN {
            assert!(!store.purge(&everything).unwrap().more);
        }
        assert_eq!(store.ahead.length(), 0);
    }

    /// SQLite puts the log beside the file that a link leads to.
    #[cfg(unix)]
    #[test]
    fn the_log_of_a_file_behind_a_link_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let (there, link) = (folder.path().join("there"), folder.path().join("tense.db"));
        std::fs::create_dir(&there).unwrap();
        std::os::unix::fs::symlink(there.join("traces.db"), &link).unwrap();
        drop(SqliteStore::open(there.join("traces.db")).unwrap());
        let mut store = SqliteStore::open(&link).unwrap();
        let sanitizer = tense_event::Sanitizer::default();
        let batch: Vec<_> = fixture::loan().into_iter().map(|event| sanitizer.clean(event)).collect();
        assert_eq!(store.append(&batch).unwrap().known, 0);
        assert!(store.ahead.length() > 0);
    }

    /// Two that read in turns, so that there is always somebody.
    #[test]
    fn the_log_is_begun_anew_while_others_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tense.db");
        let mut store = SqliteStore::open(&path).unwrap();
        let sanitizer = tense_event::Sanitizer::default();
        let batch: Vec<_> = fixture::loan().into_iter().map(|event| sanitizer.clean(event)).collect();
        assert_eq!(store.append(&batch).unwrap().stored, batch.len());
        let is_over = AtomicBool::new(false);
        std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    let reader = SqliteStore::open_read_only(&path).unwrap();
                    while !is_over.load(Ordering::Relaxed) {
                        assert!(reader.trace(fixture::TRACE).unwrap().is_some());
                    }
                });
            }
            for nth in 1..200_u64 {
                let events = fixture::loan().into_iter().map(|mut event| {
                    event.trace_id = TraceId::from_halves(nth, 1);
                    sanitizer.clean(event)
                });
                assert_eq!(store.append(&events.collect::<Vec<_>>()).unwrap().known, 0);
            }
            assert!(store.ahead.length() > 0);
            // Somebody may just have been in the way for all of that time.
            for _ in 0..20 {
                store.ahead.begin_anew(&store.db);
                if store.ahead.length() == 0 {
                    break;
                }
            }
            is_over.store(true, Ordering::Relaxed);
            assert_eq!(store.ahead.length(), 0);
        });
    }
}
