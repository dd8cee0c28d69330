//! The door of every store: batches of clean events enter, traces and their summaries leave.

use std::path::PathBuf;
use std::time::Duration;

use tense_event::{CleanEvent, Timestamp, TraceId};

use crate::page::{Count, Cursor, Page, Tail};
use crate::{Found, Outcome, Purged, Query, Retention, Selector, Span, Trace};

/// Keeps events and finds traces again.
///
/// All calls are synchronous: a store lives on its sink's own thread, and one that needs the network owns its private
/// runtime.
pub trait Store: Send {
    /// Writes the whole batch or nothing of it.
    ///
    /// An event that is already there, by trace, span, type and status, is not written again: a sink may send a batch
    /// twice.
    ///
    /// # Errors
    ///
    /// Nothing of the batch was written, and the same batch can be sent again. That helps after [`StoreError::Busy`],
    /// and after [`StoreError::Full`] once there is room; not after [`StoreError::ReadOnly`], and rarely after any
    /// other.
    fn append(&mut self, batch: &[CleanEvent]) -> Result<Appended, StoreError>;

    /// The traces that pass the filter, newest first: by when they began, and of those that began at the same moment
    /// the one first of which the store heard last, as in [`search`](Self::search).
    ///
    /// # Errors
    ///
    /// [`StoreError::Busy`] may pass when it is asked again; [`StoreError::Database`] says that the list cannot be
    /// read.
    fn traces(&self, filter: &TraceFilter) -> Result<Vec<TraceSummary>, StoreError>;

    /// Everything that is known about one trace; `None` when no event of it is here.
    ///
    /// # Errors
    ///
    /// [`StoreError::Busy`] may pass when it is asked again; [`StoreError::Database`] says that the store cannot be
    /// read. A single event that cannot be read is no error: it is counted in
    /// [`Gaps::unreadable`](crate::Gaps::unreadable).
    fn trace(&self, id: TraceId) -> Result<Option<Trace>, StoreError>;

    /// Looks up what a person typed; of several traces that are the last one, or candidates, in the order of
    /// [`traces`](Self::traces). That nothing is found, or several traces are, is an answer and no error.
    ///
    /// # Errors
    ///
    /// [`StoreError::Busy`] may pass when it is asked again; [`StoreError::Database`] says that the store cannot be
    /// read.
    fn find(&self, selector: &Selector) -> Result<Found, StoreError>;

    /// The events that are asked for, behind the cursor, at most so many.
    ///
    /// The newest trace comes first, by when the store first heard of it, and within a trace events come in order of
    /// time. So pages are stable: whoever goes on from [`Page::next`] until there is none gets every event that was
    /// there at the begin, and none twice, whatever is written meanwhile.
    ///
    /// A call looks for about a tenth of a second, and then says how far it came: a page may have fewer events than
    /// were asked for, or none, and a `next`. It may take longer where a single trace does: one of a million events is
    /// looked through as a whole.
    ///
    /// # Errors
    ///
    /// [`StoreError::Cursor`]: the cursor is not from a search of this store. Else as for [`Store::traces`].
    fn search(&self, query: &Query, from: Option<&Cursor>, limit: usize) -> Result<Page, StoreError>;

    /// Counts the operations that the events tell of which are asked for, behind the cursor.
    ///
    /// Like a search, a call takes about a tenth of a second at most; [`Statistics::merge`](crate::Statistics::merge)
    /// puts parts together.
    ///
    /// # Errors
    ///
    /// [`StoreError::Cursor`]: the cursor is not from a count of this store. Else as for [`Store::traces`].
    fn statistics(&self, query: &Query, from: Option<&Cursor>) -> Result<Count, StoreError>;

    /// The events that have arrived behind the cursor, at most so many, in the order of arrival; without a cursor the
    /// last ones that have arrived, and with `limit` 0 none, so that its cursor means "from now on".
    ///
    /// Whoever goes on from [`Tail::next`] gets every event that arrives, by whatever connection it was written, and
    /// none twice; but for those that were purged before, or came so long ago that the store no longer knows in which
    /// order (the file: more than 4,096 batches), which [`Tail::is_torn`] tells. Cheap when there is nothing new: it
    /// may be asked ten times a second.
    ///
    /// # Errors
    ///
    /// [`StoreError::Cursor`]: the cursor is not from a tail of this store. Else as for [`Store::traces`].
    fn tail(&self, from: Option<&Cursor>, limit: usize) -> Result<Tail, StoreError>;

    /// Removes some of what is to be forgotten: as much as keeps a writer waiting for a few milliseconds only, and at
    /// least something if there is anything. Call it again as long as it says that there is [`more`](Purged::more).
    ///
    /// Whole traces go, those first that ended first; a large one may take several calls.
    ///
    /// # Errors
    ///
    /// Nothing was removed by this call; see [`Store::append`].
    fn purge(&mut self, retention: &Retention) -> Result<Purged, StoreError>;

    /// How much [`Store::purge`] would remove in all. What is to go by size is an estimate.
    ///
    /// # Errors
    ///
    /// As for [`Store::traces`].
    fn purgeable(&self, retention: &Retention) -> Result<Purged, StoreError>;
}

/// What became of a batch: `stored + known` is its length.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[must_use]
pub struct Appended {
    /// Events that are new.
    pub stored: usize,
    /// Events that were there before.
    pub known: usize,
}

/// Which traces to list.
///
/// ```
/// let last_failures = tense_store::TraceFilter::newest(20).failed();
/// assert!(last_failures.only_failed);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TraceFilter {
    /// At most so many.
    pub limit: usize,
    /// Only those that failed: [`TraceStatus::Failed`].
    pub only_failed: bool,
    /// Only those in which something failed: the whole, or something below a root that ended well.
    pub with_failures: bool,
    /// Only those that began then or later.
    pub since: Option<Timestamp>,
    /// Only those that began before.
    pub until: Option<Timestamp>,
}

impl TraceFilter {
    /// The newest traces, at most so many.
    pub const fn newest(limit: usize) -> Self {
        Self { limit, only_failed: false, with_failures: false, since: None, until: None }
    }

    /// The same, of those that failed.
    #[must_use]
    pub const fn failed(self) -> Self {
        Self { only_failed: true, ..self }
    }

    /// The same, of those in which something failed, be it below a root that ended well.
    #[must_use]
    pub const fn failures(self) -> Self {
        Self { with_failures: true, ..self }
    }

    /// The same, of those that began then or later.
    #[must_use]
    pub const fn since(self, since: Timestamp) -> Self {
        Self { since: Some(since), ..self }
    }

    /// The same, of those that began before.
    #[must_use]
    pub const fn until(self, until: Timestamp) -> Self {
        Self { until: Some(until), ..self }
    }

    /// Whether a trace may be in the list.
    pub fn lets_pass(&self, summary: &TraceSummary) -> bool {
        (!self.only_failed || summary.status == TraceStatus::Failed)
            && (!self.with_failures || summary.status == TraceStatus::Failed || summary.failed_below)
            && self.since.is_none_or(|since| summary.began >= since)
            && self.until.is_none_or(|until| summary.began < until)
    }
}

/// What a list shows of a trace.
///
/// Where none of its root spans is here, because it began in a program that writes elsewhere, those stand for them that
/// it has called.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct TraceSummary {
    /// The trace.
    pub id: TraceId,
    /// When its first span began.
    pub began: Timestamp,
    /// When its last event happened.
    pub ended: Timestamp,
    /// How its root spans ended.
    pub status: TraceStatus,
    /// Whether a span failed below, though no root did. Lines of a log are none, and what was dropped before it
    /// finished may have lost a race.
    pub failed_below: bool,
    /// The name of the first root span; none when nothing stands for one.
    pub root_name: Option<String>,
    /// How long the first root span took; none when it has not ended.
    pub root_duration: Option<Duration>,
    /// How many events there are.
    pub events: u64,
}

impl TraceSummary {
    /// Of a trace of which no more is known than that it is there. A store fills in the rest.
    ///
    /// ```
    /// use tense_event::{Timestamp, TraceId};
    /// use tense_store::{TraceStatus, TraceSummary};
    ///
    /// let mut summary = TraceSummary::new(TraceId::from_bytes([7; 16]), Timestamp::from_unix_nanos(5));
    /// summary.root_name = Some("dispatch.loan".to_owned());
    /// assert_eq!((summary.status, summary.ended), (TraceStatus::Open, summary.began));
    /// ```
    pub const fn new(id: TraceId, began: Timestamp) -> Self {
        Self {
            id,
            began,
            ended: began,
            status: TraceStatus::Open,
            failed_below: false,
            root_name: None,
            root_duration: None,
            events: 0,
        }
    }

    /// Fills in what can only be told of a trace without a root by looking at all of it.
    pub(crate) fn look_at(&mut self, trace: &Trace) {
        let top = || trace.seen_roots();
        let failed = |span: &Span| matches!(span.outcome, Outcome::Failed | Outcome::Panicked) && !span.is_log();
        self.status = match top().next() {
            _ if top().any(|root| root.outcome.is_failure()) => TraceStatus::Failed,
            Some(_) if top().all(|root| root.outcome != Outcome::Open) => TraceStatus::Succeeded,
            _ => TraceStatus::Open,
        };
        self.failed_below = self.status != TraceStatus::Failed && trace.spans().iter().any(failed);
        let root = trace.first_root();
        self.root_name = root.map(|root| root.name.to_string());
        self.root_duration = root.and_then(|root| root.duration);
    }
}

/// How a trace ended, by its root spans: those without a parent, or, where there is none, those that another program
/// has called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TraceStatus {
    /// A root span failed.
    Failed,
    /// The first root span ended well, and none failed.
    Succeeded,
    /// No root span has ended, or none is here.
    Open,
}

impl TraceStatus {
    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::Succeeded => "success",
            Self::Open => "open",
        }
    }
}

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
            Some(ErrorCode::DatabaseCorrupt) => Self::Damaged { doing, source: Box::new(error) },
            _ => Self::Database { doing, source: Box::new(error) },
        }
    }
}
