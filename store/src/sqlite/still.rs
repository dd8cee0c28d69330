//! The path of a file enters that nothing can be put beside, because it lies on a volume that is only read or in a
//! folder of somebody else; a connection to it as it lies there leaves, and whether it still does.
//!
//! Readers of a file with a log have a map of the log beside it, which even they have to write to. Without it SQLite
//! can only be told that the file does not change. That is true as long as nobody writes to it from elsewhere, and what
//! is in a log is then not seen; so one with something in it is no such file, and every answer is held against a
//! change.

use std::fs::Metadata;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::wal;
use crate::StoreError;

/// A file that is taken not to change.
#[derive(Debug)]
pub(super) struct Still {
    path: PathBuf,
    log: PathBuf,
    found: Option<(u64, Option<SystemTime>)>,
}

/// Whether SQLite says so of a file beside which it cannot put its map.
pub(super) fn is_meant(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly))
}

impl Still {
    /// Opens the file as it lies there, unless its log holds something.
    pub(super) fn open(path: &Path) -> Result<(Connection, Self), StoreError> {
        // A link leads to a file, and its log lies beside that.
        let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let still = Self { log: wal::beside(&path, "-wal"), found: path.metadata().ok().map(looks), path };
        if still.has_log() {
            return Err(StoreError::LogUnread { path: still.path });
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let db = Connection::open_with_flags(unchanging(&still.path), flags);
        let db = db.map_err(StoreError::sqlite("open the database"))?;
        db.pragma_update(None, "trusted_schema", false).map_err(StoreError::sqlite("open the database"))?;
        Ok((db, still))
    }

    /// An answer holds when the file is as it was when it was opened.
    pub(super) fn holds<T>(&self, answer: Result<T, StoreError>) -> Result<T, StoreError> {
        if self.has_log() || self.path.metadata().ok().map(looks) != self.found {
            return Err(StoreError::Changed { path: self.path.clone() });
        }
        answer
    }

    fn has_log(&self) -> bool {
        self.log.metadata().is_ok_and(|log| log.len() > 0)
    }
}

fn looks(found: Metadata) -> (u64, Option<SystemTime>) {
    (found.len(), found.modified().ok())
}

/// How SQLite is told; a path is a path, whatever it has in it.
fn unchanging(path: &Path) -> String {
    let mut uri = "file:".to_owned();
    #[cfg(unix)]
    let bytes = std::os::unix::ffi::OsStrExt::as_bytes(path.as_os_str());
    #[cfg(not(unix))]
    let text = format!("/{}", path.to_string_lossy().trim_start_matches(r"\\?\").replace('\\', "/"));
    #[cfg(not(unix))]
    let bytes = text.as_bytes();
    for byte in bytes {
        match byte {
            b'/' | b'.' | b'-' | b'_' | b':' => uri.push(char::from(*byte)),
            byte if byte.is_ascii_alphanumeric() => uri.push(char::from(*byte)),
            byte => uri += &format!("%{byte:02x}"),
        }
    }
    uri + "?immutable=1"
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::{SqliteStore, Store, fixture};

    fn written(path: &Path) -> SqliteStore {
        let mut store = SqliteStore::open(path).unwrap();
        let sanitizer = tense_event::Sanitizer::default();
        let batch: Vec<_> = fixture::loan().into_iter().map(|event| sanitizer.clean(event)).collect();
        assert_eq!(store.append(&batch).unwrap().stored, batch.len());
        store
    }

    #[test]
    fn a_file_is_read_as_it_lies_there_until_somebody_writes_to_it() {
        let folder = tempfile::tempdir().unwrap();
        // With what means something else in a URI.
        let path = folder.path().join("a b?immutable=0#%41 ü.db");
        drop(written(&path));
        let (db, still) = Still::open(&path).unwrap();
        let traces = || db.query_row("SELECT count(*) FROM traces", [], |row| row.get::<_, i64>(0));
        assert_eq!(still.holds(Ok(traces().unwrap())).unwrap(), 1);
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1, "nothing is put beside it");

        let writer = written_more(&path);
        assert!(matches!(still.holds(Ok(())), Err(StoreError::Changed { .. })));
        assert!(matches!(Still::open(&path), Err(StoreError::LogUnread { .. })));
        drop(writer);
        assert!(matches!(still.holds(Ok(())), Err(StoreError::Changed { .. })), "also when the log is gone again");
        assert!(Still::open(&path).is_ok());
    }

    fn written_more(path: &Path) -> SqliteStore {
        let mut store = SqliteStore::open(path).unwrap();
        let mut event = fixture::event(77, "operation.tokens.created", tense_event::Status::Success, 5);
        event.trace_id = tense_event::TraceId::from_bytes([9; 16]);
        assert_eq!(store.append(&[tense_event::Sanitizer::default().clean(event)]).unwrap().stored, 1);
        store
    }
}
