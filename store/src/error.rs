//! What went wrong enters; what a caller can do about it leaves.

use std::path::PathBuf;

use crate::Cursor;

/// Why a store could not do what it was asked to. Nothing was written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// There is no file to read.
    #[error("open {}: there is no such file", path.display())]
    Missing {
        /// The file.
        path: PathBuf,
    },
    /// The file cannot be made or reached.
    #[error("open {}", path.display())]
    Unreachable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The file holds something else; it was not touched.
    #[error("open {}: this is not a tense database; move it away, or name another file", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// The file was written by a newer version of this crate; it was not touched.
    #[error("open {}: it has schema version {found}, and this program knows {known} at most; use a newer one", path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// The version in the file.
        found: i64,
        /// The newest version that can be read.
        known: i64,
    },
    /// The file was written before the first release, in a layout that nothing reads any more; it was not touched.
    #[error(
        "open {}: it has schema version {found}, from before the first release, which nothing reads any more; move it away and a new one is begun",
        path.display()
    )]
    TooOld {
        /// The file.
        path: PathBuf,
        /// The version in the file.
        found: i64,
    },
    /// The file holds nothing yet: no program has written to it, or one is making it right now.
    #[error("open {}: it is empty, and holds no trace yet", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// The file has yet to be brought to the present schema, which takes somebody who may write.
    #[error("open {}: it has the old schema version {found}; the program that writes to it has to open it first", path.display())]
    Older {
        /// The file.
        path: PathBuf,
        /// The version in the file.
        found: i64,
    },
    /// Nothing can be put beside the file, which lies on a volume that is only read or in a folder of somebody else;
    /// and what was written to it last is in its log, which cannot be read without that.
    #[error(
        "open {path}: what was written last is in its log, {path}-wal, which can only be read where the folder can be written to; copy \
         {path} together with what lies beside it, -wal and -shm, into a folder of yours, and read it there",
        path = path.display()
    )]
    LogUnread {
        /// The file.
        path: PathBuf,
    },
    /// Nothing can be put beside the file, so it was read as it lay there; and now somebody has written to it.
    #[error("read {}: a program has begun to write to it, so this cannot be trusted; ask again", path.display())]
    Changed {
        /// The file.
        path: PathBuf,
    },
    /// The store was opened to be read, or cannot be written to.
    #[error("{doing}: it can only be read from here")]
    ReadOnly {
        /// What was tried.
        doing: &'static str,
    },
    /// Another program kept the file locked for longer than we wait; trying again may help.
    #[error("{doing}: another program keeps the database locked")]
    Busy {
        /// What was tried.
        doing: &'static str,
    },
    /// The disk is full, or the file may not grow.
    #[error("{doing}: the disk is full")]
    Full {
        /// What was tried.
        doing: &'static str,
    },
    /// The cursor says no place that this store knows.
    #[error("go on from `{cursor}`: it is of another question or of another store; begin without it")]
    Cursor {
        /// The cursor.
        cursor: Cursor,
    },
    /// The file is damaged: what it holds cannot be trusted, and nothing can be added to it. The program that writes to
    /// it sets it aside, see [`set_aside`](crate::SqliteStore::set_aside).
    #[error("{doing}: the database is damaged")]
    Damaged {
        /// What was tried.
        doing: &'static str,
        /// What the database said.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The database said something else.
    #[error("{doing}")]
    Database {
        /// What was tried.
        doing: &'static str,
        /// What it said.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl StoreError {
    /// Sorts what SQLite says by what a caller can do about it.
    pub(crate) fn sqlite(doing: &'static str) -> impl Fn(rusqlite::Error) -> Self {
        use rusqlite::ErrorCode;
        move |error| match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy { doing },
            Some(ErrorCode::DiskFull) => Self::Full { doing },
            _ if crate::sqlite::has_no_room_beside(&error) => Self::Full { doing },
            Some(ErrorCode::ReadOnly) => Self::ReadOnly { doing },
            // What is no database when it is opened is told before; this one was ours, and somebody wrote over it.
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                Self::Damaged { doing, source: Box::new(error) }
            }
            _ => Self::Database { doing, source: Box::new(error) },
        }
    }
}
