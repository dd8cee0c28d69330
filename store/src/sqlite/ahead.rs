//! A file and its log enter; the log leaves, no larger than it may be.
//!
//! SQLite writes ahead into a log, moves that into the file now and then, and begins the log anew when nobody reads it.
//! Where somebody always reads, one short question after the other, that moment never comes by itself: whoever writes
//! has to wait for it once, and those who read then begin behind the log.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::Connection;

use super::wal;
use crate::StoreError;

/// What a log may grow to, in bytes.
pub(crate) const LARGEST: u64 = 64 << 20;
/// Bytes of a page.
pub(crate) const PAGE: i64 = 8192;
/// So many pages are moved into the file at once. The disk is waited for three times each time, however many they are;
/// and a page that was written again and again is moved once.
pub(crate) const MOVED_AT: i64 = LARGEST as i64 / 2 / PAGE;
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
    /// How long those who read are waited for.
    patience: Duration,
    writings: u32,
}

impl Ahead {
    /// Of the file at that path, which is there; a link leads to it, and the log lies beside it and not beside the
    /// link.
    pub(crate) fn beside(path: &Path) -> Self {
        let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        Self { path: wal::beside(&path, "-wal"), largest: LARGEST, patience: PATIENCE, writings: 0 }
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

    /// Writes something, and as long as there is no room for it on the disk, up to so many times again; which time that
    /// is, `write` is told. Before each the log is begun anew: what is in it takes room twice, and once it is in the
    /// file its room is free.
    pub(crate) fn with_room<T>(
        &self,
        db: &mut Connection,
        again: u32,
        mut write: impl FnMut(&mut Connection, u32) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        for nth in 0..again {
            match write(db, nth) {
                Err(StoreError::Full { .. }) => self.begin_anew(db),
                written => return written,
            }
        }
        write(db, again)
    }

    /// Moves what is in it into the file and gives back the room that it takes, unless somebody reads on.
    pub(crate) fn begin_anew(&self, db: &Connection) {
        // It says itself whether somebody was in the way.
        let checkpoint = || db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
        db.busy_timeout(self.patience).and_then(|()| checkpoint()).ok();
        db.busy_timeout(super::PATIENCE).ok();
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::sync::mpsc;
    use std::time::Duration;

    use rusqlite::Connection;
    use tense_event::{Event, Sanitizer, SpanId, Status, Timestamp, TraceId};

    use super::{LARGEST, OFTEN};
    use crate::{Retention, SqliteStore, Store, fixture};

    #[test]
    fn whoever_purges_keeps_the_log_short_too() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = SqliteStore::open(folder.path().join("tense.db")).unwrap();
        store.ahead.largest = 0;
        let sanitizer = Sanitizer::default();
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
        let sanitizer = Sanitizer::default();
        let batch: Vec<_> = fixture::loan().into_iter().map(|event| sanitizer.clean(event)).collect();
        assert_eq!(store.append(&batch).unwrap().known, 0);
        assert!(store.ahead.length() > 0);
    }

    /// Writes so many batches; each puts a megabyte into the log, most of it by hand, because that is quicker.
    fn append(store: &mut SqliteStore, batches: std::ops::Range<u64>) {
        let sanitizer = Sanitizer::default();
        for nth in batches {
            store.db.execute("INSERT INTO filler VALUES (randomblob(1 << 20))", []).unwrap();
            let (trace, at) = (TraceId::from_halves(nth + 1, 1), Timestamp::from_unix_nanos(nth as i64));
            let event = Event::new(trace, SpanId::new(1).unwrap(), "operation.page.kept", Status::Success, at);
            assert_eq!(store.append(&[sanitizer.clean(event)]).unwrap().stored, 1);
        }
    }

    fn begun(path: &Path) -> SqliteStore {
        let mut store = SqliteStore::open(path).unwrap();
        store.db.execute_batch("CREATE TABLE filler (bytes BLOB)").unwrap();
        append(&mut store, 0..1);
        store
    }

    #[test]
    fn a_log_is_moved_into_the_file_when_it_is_half_as_large_as_it_may_be() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tense.db");
        let mut store = begun(&path);
        let file = || path.metadata().unwrap().len();
        let (before, mut next) = (file(), 1);
        while file() == before {
            append(&mut store, next..next + 1);
            next += 1;
            assert!(next < 100, "{} bytes of a log", store.ahead.length());
        }
        let log = store.ahead.length();
        assert!((LARGEST / 2..LARGEST / 2 + (2 << 20)).contains(&log), "{log} bytes of a log");
    }

    /// A reader within one moment of the file.
    fn pinned(path: &Path) -> Connection {
        let reader = Connection::open(path).unwrap();
        reader.execute_batch("BEGIN; SELECT count(*) FROM traces").unwrap();
        reader
    }

    #[test]
    fn a_log_that_one_reader_kept_too_large_is_begun_anew_when_it_has_gone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tense.db");
        let mut store = begun(&path);
        let reader = pinned(&path);
        let mut next = 1;
        while store.ahead.length() <= LARGEST {
            append(&mut store, next..next + 1);
            next += 1;
            assert!(next < 1_000, "{} bytes of a log", store.ahead.length());
        }
        // Whoever writes asks for it and is not kept: the reader still is where it was.
        let often = u64::from(OFTEN);
        append(&mut store, next..next + often);
        assert!(store.ahead.length() > LARGEST);
        drop(reader);
        append(&mut store, next + often..next + 2 * often);
        // When it is begun anew it keeps its place on the disk, up to there.
        let left = store.ahead.length();
        assert!(left <= LARGEST, "{left} bytes are left of the log");
        append(&mut store, next + 2 * often..next + 4 * often);
        assert!(store.ahead.length() <= LARGEST, "and it does not grow again");
        let traces: i64 = store.db.query_row("SELECT count(*) FROM traces", [], |row| row.get(0)).unwrap();
        assert_eq!(traces as u64, next + 4 * often, "nothing is lost by it");
    }

    /// Two that read in turns, so that there is always somebody: without anybody who waits for them the log would have
    /// no end. No clock has a say in it: each lets go when the other one has begun, and the writer waits for that.
    #[test]
    fn a_log_grows_no_larger_while_there_is_always_somebody_who_reads() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tense.db");
        let mut store = begun(&path);
        // Nobody can begin it anew at first, so it becomes too large.
        let first = pinned(&path);
        store.ahead.patience = Duration::ZERO;
        let mut next = 1;
        while store.ahead.length() <= LARGEST {
            append(&mut store, next..next + 1);
            next += 1;
            assert!(next < 1_000, "{} bytes of a log", store.ahead.length());
        }
        // Far more than both need to be heard, however busy the machine is.
        store.ahead.patience = Duration::from_secs(60);
        let is_over = AtomicBool::new(false);
        std::thread::scope(|scope| {
            let (to_one, of_one) = mpsc::sync_channel(1);
            let (to_other, of_other) = mpsc::sync_channel(1);
            for (begun, has_begun) in [(to_one, of_other), (to_other, of_one)] {
                let (path, is_over) = (&path, &is_over);
                scope.spawn(move || {
                    while !is_over.load(Ordering::Relaxed) {
                        let reader = pinned(path);
                        // Whoever ends leaves the other one alone.
                        if begun.send(()).is_err() || has_begun.recv().is_err() {
                            break;
                        }
                        drop(reader);
                    }
                });
            }
            // From here on these two read.
            drop(first);
            let (mut largest, mut least) = (0, u64::MAX);
            for nth in next..next + 100 {
                append(&mut store, nth..nth + 1);
                (largest, least) = (store.ahead.length().max(largest), store.ahead.length().min(least));
            }
            is_over.store(true, Ordering::Relaxed);
            assert!(largest < LARGEST + LARGEST / 2, "{largest} bytes of a log");
            // By the writer that waited; or by itself, as far as both read what is in the file already.
            assert!(least <= LARGEST, "it was never begun anew: {least} bytes are the least");
        });
    }
}
