//! The store that needs nothing installed: a path enters, an open SQLite file of ours leaves, or a reason why not.
//!
//! | file | what it does |
//! |---|---|
//! | `schema` | lays out the tables, and brings a file up to date |
//! | `columns` | ids of spans, moments and statuses as columns hold them |
//! | `ids` | ids of traces as their column holds them |
//! | `bytes` | numbers, texts and values in few bytes |
//! | `names` | words that many events share, as numbers |
//! | `words` | texts that the events of one trace repeat |
//! | `labels` | by what traces are found |
//! | `body` | the keys of an event that have no column |
//! | `summary` | the row of a trace |
//! | `tally` | what ended in a block of traces, counted as it came |
//! | `batches` | what came together, for whoever follows |
//! | `insert` | a batch, in one transaction |
//! | `rows` | several rows in one statement |
//! | `ahead` | what was written ahead of the file, and how it is kept short |
//! | `still` | a file beside which nothing can be put |
//! | `wal` | what that looks like from outside, and who uses the file |
//! | `examine` | whether the file is sound |
//! | `programs` | what each program has counted |
//! | `read` | the events of a trace |
//! | `list` | traces, and what a person typed to name one |
//! | `sieve` | what of a query can be said of a row |
//! | `seek` | the traces in which something may be meant |
//! | `search` | a page of events |
//! | `count` | statistics |
//! | `follow` | what is new |
//! | `purge` | what is to be forgotten |

pub(crate) mod schema;
pub(crate) mod columns;
pub(crate) mod ids;
mod bytes;
pub(crate) mod names;
mod words;
mod labels;
mod body;
pub(crate) mod summary;
mod tally;
mod batches;
mod insert;
mod rows;
mod ahead;
mod still;
pub(crate) mod programs;
mod read;
mod list;
mod sieve;
mod seek;
mod search;
mod count;
mod follow;
mod purge;

pub(crate) mod examine;
pub(crate) mod wal;

use std::cell::RefCell;
use std::fs::{self, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use rusqlite::{Connection, OpenFlags};
use tense_event::{CleanEvent, TraceId};

use crate::query::Query;
use crate::{
    Appended, Count, Cursor, Found, Page, Program, Purged, Retention, Selector, Store, StoreError, Tail, Trace,
    TraceEvents, TraceFilter, TraceSummary,
};
use ahead::Ahead;
use names::Names;
use purge::Steps;
use schema::Kind;
use search::Spots;
use still::Still;

/// How long a call waits for another program that writes.
const PATIENCE: Duration = Duration::from_secs(2);
/// So many compiled statements a connection keeps, more than there are; each takes some KiB.
const STATEMENTS: usize = 128;

/// A [`Store`] in one SQLite file, readable by its owner only.
///
/// On Unix a new file, and an empty one that is found, is for its owner alone before anything is in it. A database that
/// is there keeps the mode that somebody has given it.
///
/// Any number of programs may write and read the same file; writers take turns, readers disturb nobody.
#[derive(Debug)]
pub struct SqliteStore {
    db: Connection,
    /// In a cell because asking learns names too, and a store is on one thread at a time.
    names: RefCell<Names>,
    /// Where the next page of a search begins.
    spots: RefCell<Spots>,
    ahead: Ahead,
    /// How much is purged at a time.
    steps: Steps,
    /// Where the file is taken not to change.
    still: Option<Still>,
}

impl SqliteStore {
    /// Opens the file to write and read, and makes it when it is not there.
    ///
    /// A file that is no database of ours, or one of a newer schema, is refused and left as it is.
    ///
    /// # Errors
    ///
    /// - [`Busy`](StoreError::Busy): another program kept the file locked; this waits up to 2 seconds for it. Calling
    ///   again may help; so it may for [`Full`](StoreError::Full) once there is room.
    /// - [`Unreachable`](StoreError::Unreachable): the file cannot be made, or not be kept from others.
    /// - [`Foreign`](StoreError::Foreign), [`Newer`](StoreError::Newer) and [`TooOld`](StoreError::TooOld): it holds
    ///   what this version must not write to.
    /// - [`ReadOnly`](StoreError::ReadOnly): it is write-protected and would have to be brought to the present schema.
    /// - [`Damaged`](StoreError::Damaged): what is in it cannot be read.
    /// - [`Database`](StoreError::Database): anything else that SQLite says.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        let path = path.as_ref();
        create(path).map_err(|source| StoreError::Unreachable { path: path.to_owned(), source })?;
        let failed = || StoreError::sqlite("open the database");
        let mut db = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE).map_err(failed())?;
        let found = schema::kind(&db);
        if found.as_ref().is_err_and(still::is_meant) {
            return Err(StoreError::ReadOnly { doing: "open the database to write" });
        }
        refuse_strangers(found, path)?;
        prepare_to_write(&db).map_err(failed())?;
        schema::migrate(&mut db).map_err(failed())?;
        // Somebody else may have made something else of an empty file in between.
        refuse_strangers(schema::kind(&db), path)?;
        Ok(Self::of(db, path, None))
    }

    fn of(db: Connection, path: &Path, still: Option<Still>) -> Self {
        let (names, spots, steps) = (RefCell::default(), RefCell::default(), Steps::default());
        Self { db, names, spots, ahead: Ahead::beside(path), steps, still }
    }

    /// Opens the file to read, while others write. Nothing is made that is not there, and nothing is left behind.
    ///
    /// Where nothing can be put beside the file, because the volume is only read or full, or the folder is somebody
    /// else's, and its log is empty, it is read as it lies there, as long as nobody writes to it:
    /// [`Changed`](StoreError::Changed) is then what every call says.
    ///
    /// # Errors
    ///
    /// - [`Busy`](StoreError::Busy): another program kept the file locked; this waits up to 2 seconds for it. Programs
    ///   that only write events keep no reader waiting. Calling again may help.
    /// - [`Missing`](StoreError::Missing), [`Empty`](StoreError::Empty) and [`Older`](StoreError::Older): the program
    ///   that writes has yet to open it, or is making it right now. Calling again helps once it has.
    /// - [`Unreachable`](StoreError::Unreachable): what is there cannot be looked at.
    /// - [`LogUnread`](StoreError::LogUnread): nothing can be put beside the file, and its log is not empty.
    /// - [`Foreign`](StoreError::Foreign), [`Newer`](StoreError::Newer) and [`TooOld`](StoreError::TooOld): it holds
    ///   what this version cannot read.
    /// - [`Damaged`](StoreError::Damaged): what is in it cannot be read.
    /// - [`Database`](StoreError::Database): anything else that SQLite says.
    pub fn open_read_only(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        let path = path.as_ref();
        match path.metadata() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(StoreError::Missing { path: path.to_owned() });
            }
            Err(source) => return Err(StoreError::Unreachable { path: path.to_owned(), source }),
            Ok(_) => {}
        }
        let failed = || StoreError::sqlite("open the database");
        // Not SQLITE_OPEN_READ_ONLY: such a connection cannot clear away the two files that any reader of a WAL
        // database has beside it while it reads. SQLite falls back to it by itself when the file is write-protected.
        let mut db = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE).map_err(failed())?;
        let (mut found, mut still) = (schema::kind(&db), None);
        if found.as_ref().is_err_and(|error| still::is_meant(error) || has_no_room_beside(error)) {
            let (unchanging, file) = Still::open(path)?;
            (db, still) = (unchanging, Some(file));
            found = schema::kind(&db);
        }
        db.pragma_update(None, "query_only", true).map_err(failed())?;
        match refuse_strangers(found, path)? {
            schema::VERSION => Ok(Self::of(db, path, still)),
            0 => Err(StoreError::Empty { path: path.to_owned() }),
            found => Err(StoreError::Older { path: path.to_owned(), found }),
        }
    }
}

impl SqliteStore {
    /// Gives a damaged file another name, `NAME.damaged-SECONDS`, together with what SQLite keeps beside it, so that a
    /// new one can be begun; says which. Nothing of it is lost, and `sqlite3 FILE .recover` may save some of it.
    ///
    /// # Errors
    ///
    /// What the system says when it cannot be renamed. What was renamed until then stays so.
    pub fn set_aside(path: impl AsRef<Path>) -> io::Result<PathBuf> {
        let path = path.as_ref();
        let seconds = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let names = (0..).map(|nth: u32| match nth {
            0 => format!(".damaged-{seconds}"),
            nth => format!(".damaged-{seconds}-{nth}"),
        });
        let mut aside = names.map(|end| wal::beside(path, &end)).filter(|aside| !aside.exists());
        let aside = aside.next().ok_or(io::ErrorKind::AlreadyExists)?;
        // The log first: a new file must never meet the log of an old one.
        for end in ["-wal", "-shm", ""] {
            match fs::rename(wal::beside(path, end), wal::beside(&aside, end)) {
                Err(error) if !end.is_empty() && error.kind() == io::ErrorKind::NotFound => {}
                done => done?,
            }
        }
        Ok(aside)
    }
}

impl SqliteStore {
    /// Keeps what a program has counted, in the place of what it said before. The last 64 programs are remembered.
    ///
    /// # Errors
    ///
    /// Nothing was written; see [`Store::append`].
    pub fn report(&mut self, program: &Program) -> Result<(), StoreError> {
        programs::report(&mut self.db, self.names.get_mut(), program).map_err(StoreError::sqlite("write counters"))
    }

    /// The last word of each program that has written here, the one that reported last in front.
    ///
    /// # Errors
    ///
    /// [`StoreError::Busy`] may pass when it is asked again; [`StoreError::Database`] says that the store cannot be
    /// read.
    pub fn programs(&self) -> Result<Vec<Program>, StoreError> {
        let programs = programs::list(&self.db, &mut self.names.borrow_mut());
        self.told(programs.map_err(StoreError::sqlite("read counters")))
    }
}

impl SqliteStore {
    /// What an answer is worth: nothing where the file was taken not to change, and has.
    fn told<T>(&self, answer: Result<T, StoreError>) -> Result<T, StoreError> {
        match &self.still {
            Some(still) => still.holds(answer),
            None => answer,
        }
    }
}

impl Store for SqliteStore {
    fn append(&mut self, batch: &[CleanEvent]) -> Result<Appended, StoreError> {
        let names = self.names.get_mut();
        let appended = self.ahead.with_room(&mut self.db, 1, |db, _| insert::insert(db, names, batch));
        self.ahead.keep_short(&self.db);
        appended
    }

    fn traces(&self, filter: &TraceFilter) -> Result<Vec<TraceSummary>, StoreError> {
        self.told(list::list(&self.db, &mut self.names.borrow_mut(), filter).map_err(StoreError::sqlite("list traces")))
    }

    fn trace_ids(&self, filter: &TraceFilter) -> Result<Vec<TraceId>, StoreError> {
        self.told(list::ids(&self.db, &mut self.names.borrow_mut(), filter).map_err(StoreError::sqlite("list traces")))
    }

    fn events(&self, id: TraceId) -> Result<TraceEvents, StoreError> {
        let events = read::of_trace(&self.db, &mut self.names.borrow_mut(), id);
        self.told(events.map_err(StoreError::sqlite("read the events of a trace")))
    }

    fn trace(&self, id: TraceId) -> Result<Option<Trace>, StoreError> {
        self.told(read::trace(&self.db, &mut self.names.borrow_mut(), id).map_err(StoreError::sqlite("read a trace")))
    }

    fn find(&self, selector: &Selector) -> Result<Found, StoreError> {
        let found = list::find(&self.db, &mut self.names.borrow_mut(), selector);
        self.told(found.map_err(StoreError::sqlite("look up a trace")))
    }

    fn search(&self, query: &Query, from: Option<&Cursor>, limit: usize) -> Result<Page, StoreError> {
        let known = (&mut *self.names.borrow_mut(), &mut *self.spots.borrow_mut());
        self.told(search::page(&self.db, known, query, from, limit))
    }

    fn statistics(&self, query: &Query, from: Option<&Cursor>) -> Result<Count, StoreError> {
        self.told(count::part(&self.db, &mut self.names.borrow_mut(), query, from))
    }

    fn tail(&self, from: Option<&Cursor>, limit: usize) -> Result<Tail, StoreError> {
        self.told(follow::tail(&self.db, &mut self.names.borrow_mut(), from, limit))
    }

    fn purge(&mut self, retention: &Retention) -> Result<Purged, StoreError> {
        let purged = self.steps.step(&mut self.db, self.names.get_mut(), &self.ahead, retention)?;
        self.ahead.keep_short(&self.db);
        Ok(purged)
    }

    fn purgeable(&self, retention: &Retention) -> Result<Purged, StoreError> {
        self.told(purge::estimate(&self.db, retention))
    }
}

/// Makes the file when it is not there, readable by its owner only from its first moment on; the files that SQLite puts
/// beside it take their mode from it.
fn create(path: &Path) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => keep_from_others(path),
        Err(error) => Err(error),
    }
}

/// An empty file that somebody else made, `touch` or `mktemp`, is about to become a database: nobody but its owner may
/// read it from now on. By path, because to close a file drops the locks that this process has on it.
fn keep_from_others(path: &Path) -> io::Result<()> {
    let found = fs::metadata(path)?;
    // Also what is no file may be empty: /dev/null.
    if !found.is_file() || found.len() > 0 {
        return Ok(());
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = found.permissions().mode();
        if mode & 0o077 != 0 {
            fs::set_permissions(path, fs::Permissions::from_mode(mode & 0o600))?;
        }
    }
    Ok(())
}

/// Whether SQLite says so because there is no room for the map that it puts beside the file.
pub(crate) fn has_no_room_beside(error: &rusqlite::Error) -> bool {
    error.sqlite_error().is_some_and(|error| error.extended_code == rusqlite::ffi::SQLITE_IOERR_SHMSIZE)
}

fn connect(path: &Path, mode: OpenFlags) -> rusqlite::Result<Connection> {
    // Absolute, because SQLite takes `:memory:` and `file:..` for something else; here a path is a path.
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let db = Connection::open_with_flags(path, mode | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    db.busy_timeout(PATIENCE)?;
    // The file may come from anywhere: functions named in its schema are not called.
    db.pragma_update(None, "trusted_schema", false)?;
    // All that one connection asks again and again; compiling some of it takes as long as a batch.
    db.set_prepared_statement_cache_capacity(STATEMENTS);
    Ok(db)
}

/// The schema version of a file that is ours or empty (0).
fn refuse_strangers(found: rusqlite::Result<Kind>, path: &Path) -> Result<i64, StoreError> {
    let path = || PathBuf::from(path);
    match found.map_err(StoreError::sqlite("open the database"))? {
        Kind::Empty => Ok(0),
        Kind::Ours(found) if found > schema::VERSION => {
            Err(StoreError::Newer { path: path(), found, known: schema::VERSION })
        }
        Kind::Ours(found) if found < schema::OLDEST => Err(StoreError::TooOld { path: path(), found }),
        Kind::Ours(version) => Ok(version),
        Kind::Foreign => Err(StoreError::Foreign { path: path() }),
    }
}

fn prepare_to_write(db: &Connection) -> rusqlite::Result<()> {
    // Both count only for a file that has no page yet; to one that has, the second would write, and change nothing.
    // What is deleted is given back in small steps.
    if db.pragma_query_value(None, "page_count", |row| row.get::<_, i64>(0))? == 0 {
        db.pragma_update(None, "page_size", ahead::PAGE)?;
        db.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
    }
    write_ahead(db)?;
    // A power cut may lose the last moments, never the file.
    db.pragma_update(None, "synchronous", "NORMAL")?;
    db.pragma_update(None, "journal_size_limit", ahead::LARGEST as i64)?;
    db.pragma_update(None, "wal_autocheckpoint", ahead::MOVED_AT)?;
    // In KiB when negative. The index of a batch of new traces is all over the file.
    db.pragma_update(None, "cache_size", -8 * 1024)
}

/// Two programs that make the same file at the same moment meet here, and SQLite does not wait by itself in this one
/// place.
fn write_ahead(db: &Connection) -> rusqlite::Result<()> {
    let given_up = Instant::now() + PATIENCE;
    loop {
        match db.pragma_update(None, "journal_mode", "WAL") {
            Err(error)
                if error.sqlite_error_code() == Some(rusqlite::ErrorCode::DatabaseBusy)
                    && Instant::now() < given_up =>
            {
                std::thread::sleep(Duration::from_millis(5));
            }
            done => return done,
        }
    }
}
