//! Batches of clean events go in; the outside world gets them.

#[cfg(feature = "sqlite")]
pub(crate) mod sqlite;
mod json_lines;
mod stderr;
mod memory;
mod conformance;

use std::error::Error;

use tense_event::CleanEvent;

pub use conformance::conformance;
pub use json_lines::JsonLines;
pub use memory::Memory;
#[cfg(feature = "sqlite")]
pub use sqlite::Sqlite;
pub use stderr::Stderr;

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
    /// [`SinkError::NothingWritten`] when the same batch may be delivered again, [`SinkError::Refused`] when that would
    /// not help, [`SinkError::Failed`] when some of it may have arrived.
    fn deliver(&mut self, batch: &[CleanEvent]) -> Result<(), SinkError>;

    /// What it is called in [`Health`](crate::Health), unless the program names it.
    fn name(&self) -> &str {
        "sink"
    }

    /// How many events one call may bring, at most; asked once. Fewer come when fewer wait. A sink that pays for each
    /// call, as a database does for a transaction, wants many; one that takes its time over each event wants no more
    /// than it delivers within the [timeout](crate::Delivery::timeout).
    fn most(&self) -> usize {
        1000
    }
}

/// Why a batch was not delivered.
#[derive(Debug, thiserror::Error)]
pub enum SinkError {
    /// Not one of its events has arrived: the batch is tried again, for a while.
    #[error("nothing was written")]
    NothingWritten(#[source] Box<dyn Error + Send + Sync>),
    /// Not one of its events has arrived, and it would be the same next time: what is asked of the sink is wrong, and
    /// not the sink. A batch is halved until it is known which of its events are not taken; those are dropped and
    /// counted.
    #[error("the batch is refused")]
    Refused(#[source] Box<dyn Error + Send + Sync>),
    /// Some of its events may have arrived: the batch is dropped and counted, because an event is delivered at most
    /// once.
    #[error("the batch may be written in part")]
    Failed(#[source] Box<dyn Error + Send + Sync>),
}

/// Damaged databases that were set aside.
pub(crate) fn databases_set_aside() -> u64 {
    #[cfg(feature = "sqlite")]
    return sqlite::set_aside();
    #[cfg(not(feature = "sqlite"))]
    return 0;
}

/// The batch as lines of JSON, each of them whole.
fn lines(batch: &[CleanEvent]) -> Result<String, SinkError> {
    let mut lines = Vec::with_capacity(batch.len() * 512);
    for event in batch {
        serde_json::to_writer(&mut lines, event).map_err(|error| SinkError::Refused(error.into()))?;
        lines.push(b'\n');
    }
    String::from_utf8(lines).map_err(|error| SinkError::Refused(error.into()))
}
