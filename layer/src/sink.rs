//! Batches of clean events go in; the outside world gets them. The SQLite file is the sink that comes with this crate.

use std::error::Error;

use tense_event::CleanEvent;

/// Where events are delivered. Called on a thread of its own, so it may block; what comes meanwhile is queued, and
/// dropped and counted when the queue is full.
///
/// ```
/// use tense_layer::{Sink, SinkError};
/// use tense_event::CleanEvent;
///
/// struct Lines(std::fs::File);
///
/// impl Sink for Lines {
///     fn deliver(&mut self, batch: &[CleanEvent]) -> Result<(), SinkError> {
///         use std::io::Write;
///         for event in batch {
///             // A line may be there in part, so it must not come a second time.
///             let line = serde_json::to_string(event).map_err(|error| SinkError::Failed(error.into()))?;
///             writeln!(self.0, "{line}").map_err(|error| SinkError::Failed(error.into()))?;
///         }
///         Ok(())
///     }
/// }
/// ```
pub trait Sink: Send {
    /// Delivers all of the batch, or says what became of it.
    ///
    /// # Errors
    /// [`SinkError::NothingWritten`] when the same batch may be delivered again, [`SinkError::Failed`] when not.
    fn deliver(&mut self, batch: &[CleanEvent]) -> Result<(), SinkError>;
}

/// Why a batch was not delivered.
#[derive(Debug, thiserror::Error)]
pub enum SinkError {
    /// Not one of its events has arrived: the batch is tried again, a few times.
    #[error("nothing was written")]
    NothingWritten(#[source] Box<dyn Error + Send + Sync>),
    /// Some of its events may have arrived: the batch is dropped and counted, because an event is delivered at most
    /// once.
    #[error("the batch may be written in part")]
    Failed(#[source] Box<dyn Error + Send + Sync>),
}

#[cfg(feature = "sqlite")]
pub(crate) mod lines;

#[cfg(feature = "sqlite")]
pub(crate) mod sqlite {
    //! Events go in; rows of an SQLite file come out.

    use std::path::PathBuf;

    use tense_event::CleanEvent;
    use tense_store::{SqliteStore, Store, StoreError};

    use super::{Sink, SinkError};

    /// The file that is written to: `TENSE_DB`, else `tense.db` in the current folder.
    pub(crate) fn default_path() -> PathBuf {
        std::env::var_os("TENSE_DB")
            .filter(|path| !path.is_empty())
            .map_or_else(|| PathBuf::from("tense.db"), PathBuf::from)
    }

    /// Opened by the first batch when it was not opened before, so that making a layer neither blocks nor fails.
    pub(crate) struct Sqlite {
        path: PathBuf,
        store: Option<SqliteStore>,
    }

    impl Sqlite {
        pub(crate) fn later(path: PathBuf) -> Self {
            Self { path, store: None }
        }

        pub(crate) fn open(path: PathBuf) -> Result<Self, StoreError> {
            let store = SqliteStore::open(&path)?;
            Ok(Self { path, store: Some(store) })
        }

        fn store(&mut self) -> Result<&mut SqliteStore, StoreError> {
            match &mut self.store {
                Some(store) => Ok(store),
                empty => Ok(empty.insert(SqliteStore::open(&self.path)?)),
            }
        }
    }

    impl Sink for Sqlite {
        fn deliver(&mut self, batch: &[CleanEvent]) -> Result<(), SinkError> {
            // One transaction, and the store knows an event that it has: the same batch may always come again.
            let stored = self.store().and_then(|store| store.append(batch));
            stored.map(|_| ()).map_err(|error| SinkError::NothingWritten(error.into()))
        }
    }
}
