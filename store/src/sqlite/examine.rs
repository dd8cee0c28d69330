//! An open file of ours enters; what it says of its own state leaves: whether its pages are sound, which time it
//! covers, and what events there are from the future. Whether what is on these pages means anything [`rows`] finds out;
//! what lies beside the file [`wal`](super::wal) looks at.

pub(crate) mod rows;

use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use rusqlite::ErrorCode;
use tense_event::Timestamp;

use super::SqliteStore;
use crate::StoreError;

/// So many mistakes are told; where there is one there are more.
const TOLD: usize = 10;
/// Up to this size all of a file is looked at, its indexes too; of a larger one each page, unless more is asked for.
const SMALL: u64 = 64 << 20;
/// How long after it a look that is over is told so again.
const AGAIN: Duration = Duration::from_millis(1);
/// Traces from the future are counted up to here.
const COUNTED: u32 = 1000;

/// What a file says of its own state, from [`SqliteStore::examine`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Examination {
    /// Whether what is in it can be trusted.
    pub integrity: Integrity,
    /// When the first and the last of its traces began; none where it holds no trace.
    pub covers: Option<(Timestamp, Timestamp)>,
    /// Traces that began later than now, counted up to 1,000.
    pub from_the_future: u32,
    /// The size of its pages together, in bytes; what is in the log beside it counts as well.
    pub bytes: u64,
    /// What of that is free for new events, in bytes.
    pub free_bytes: u64,
}

/// Whether what is in a file can be trusted.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Integrity {
    /// All that was looked at is as it should be: its pages, and with `indexes` what finds them as well.
    Sound {
        /// Whether the indexes were held against what they lead to.
        indexes: bool,
    },
    /// The time was over before all was looked at; nothing wrong was found until then.
    Unfinished,
    /// What is wrong, in SQLite's words: at least one, at most ten.
    Damaged(Vec<String>),
}

impl SqliteStore {
    /// Looks at the whole file, for at most that long; `None` takes what it takes, about a second for each gigabyte, or
    /// three for one that has to come from the disk.
    ///
    /// While it lasts, this is a reader as any other: nobody waits, and the log beside the file is not begun anew.
    /// `now` is what the events are held against.
    ///
    /// ```
    /// use std::time::Duration;
    /// use tense_event::Timestamp;
    /// use tense_store::{Integrity, SqliteStore};
    ///
    /// let folder = tempfile::tempdir()?;
    /// let store = SqliteStore::open(folder.path().join("tense.db"))?;
    /// let now = Timestamp::from_unix_nanos(1_795_255_200_000_123_000);
    /// let examined = store.examine(now, Some(Duration::from_secs(2)))?;
    /// assert_eq!(examined.integrity, Integrity::Sound { indexes: true });
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`StoreError::Busy`] may pass when it is asked again. That the file is damaged is no error but an answer, as far
    /// as it lets itself be asked at all.
    pub fn examine(&self, now: Timestamp, most: Option<Duration>) -> Result<Examination, StoreError> {
        self.told(self.examined(now, most))
    }

    fn examined(&self, now: Timestamp, most: Option<Duration>) -> Result<Examination, StoreError> {
        let failed = || StoreError::sqlite("examine the database");
        let pragma = |name: &str| self.db.pragma_query_value(None, name, |row| row.get::<_, u32>(0)).map(u64::from);
        let page = pragma("page_size").map_err(failed())?;
        let bytes = page.saturating_mul(pragma("page_count").map_err(failed())?);
        let free_bytes = page.saturating_mul(pragma("freelist_count").map_err(failed())?);
        let integrity = self.integrity(bytes, most).map_err(failed())?;
        if matches!(integrity, Integrity::Damaged(_)) {
            // What the tables say then means nothing, and to read them may fail.
            return Ok(Examination { integrity, covers: None, from_the_future: 0, bytes, free_bytes });
        }
        let covers = "SELECT (SELECT min(began) FROM traces), (SELECT max(began) FROM traces)";
        let covers: (Option<i64>, Option<i64>) =
            self.db.query_row(covers, [], |row| Ok((row.get(0)?, row.get(1)?))).map_err(failed())?;
        let later = "SELECT count(*) FROM (SELECT 1 FROM traces WHERE began > ?1 LIMIT ?2)";
        let later = self.db.query_row(later, [now.unix_nanos(), COUNTED.into()], |row| row.get(0)).map_err(failed())?;
        let moment = Timestamp::from_unix_nanos;
        Ok(Examination {
            integrity,
            covers: covers.0.zip(covers.1).map(|(first, last)| (moment(first), moment(last))),
            from_the_future: later,
            bytes,
            free_bytes,
        })
    }

    fn integrity(&self, bytes: u64, most: Option<Duration>) -> rusqlite::Result<Integrity> {
        let indexes = most.is_none() || bytes <= SMALL;
        let check = if indexes { "integrity_check" } else { "quick_check" };
        let interrupt = self.db.get_interrupt_handle();
        let (done, over) = mpsc::channel::<()>();
        let told = thread::scope(|scope| {
            let watch = most.map(|most| {
                thread::Builder::new().spawn_scoped(scope, move || {
                    let mut wait = most;
                    while over.recv_timeout(wait) == Err(RecvTimeoutError::Timeout) {
                        // SQLite forgets it where nothing runs yet, so it is said until somebody has heard it.
                        interrupt.interrupt();
                        wait = AGAIN;
                    }
                })
            });
            // Without somebody who ends it, this would take what it takes.
            let told = match watch {
                Some(Err(_)) => Ok(Vec::new()),
                _ => self.told_by(check),
            };
            drop(done);
            told
        });
        match told {
            Ok(told) if told.is_empty() => Ok(Integrity::Unfinished),
            Ok(told) if told == ["ok"] => Ok(Integrity::Sound { indexes }),
            Ok(told) => Ok(Integrity::Damaged(told)),
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::OperationInterrupted) => {
                Ok(Integrity::Unfinished)
            }
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseCorrupt) => {
                Ok(Integrity::Damaged(vec![error.to_string()]))
            }
            Err(error) => Err(error),
        }
    }

    fn told_by(&self, check: &str) -> rusqlite::Result<Vec<String>> {
        let mut check = self.db.prepare(&format!("PRAGMA {check}({TOLD})"))?;
        // A message may have several lines.
        let told = check.query_map([], |row| row.get::<_, String>(0))?.collect::<rusqlite::Result<Vec<_>>>()?;
        Ok(told.iter().flat_map(|told| told.lines()).take(TOLD).map(str::to_owned).collect())
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use tense_event::{Event, Sanitizer, SpanId, Status, TraceId};

    use super::*;
    use crate::Store;

    const NOW: Timestamp = Timestamp::from_unix_nanos(1_795_255_200_000_000_000);

    fn filled(path: &std::path::Path, moments: impl IntoIterator<Item = i64>) -> SqliteStore {
        let mut store = SqliteStore::open(path).unwrap();
        let events = moments.into_iter().enumerate().map(|(nth, at)| {
            let (trace, span) = (TraceId::from_bytes((nth as u128 + 1).to_be_bytes()), SpanId::new(nth as u64 + 1));
            let at = Timestamp::from_unix_nanos(at);
            Sanitizer::default().clean(Event::new(
                trace,
                span.unwrap(),
                "operation.tokens.created",
                Status::Success,
                at,
            ))
        });
        let events: Vec<_> = events.collect();
        assert_eq!(store.append(&events).unwrap().stored, events.len());
        store
    }

    #[test]
    fn what_a_sound_file_covers_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let now = NOW.unix_nanos();
        let store = filled(&folder.path().join("tense.db"), [now - 5, now, now + 1, now + 2]);
        let examined = store.examine(NOW, Some(Duration::from_secs(60))).unwrap();
        assert_eq!(examined.integrity, Integrity::Sound { indexes: true });
        let moment = Timestamp::from_unix_nanos;
        assert_eq!((examined.covers, examined.from_the_future), (Some((moment(now - 5), moment(now + 2))), 2));
        assert!(examined.bytes > examined.free_bytes, "{examined:?}");
    }

    #[test]
    fn a_look_that_has_no_time_is_told_as_unfinished() {
        let folder = tempfile::tempdir().unwrap();
        let store = filled(&folder.path().join("tense.db"), (0..50_000).map(|nth| NOW.unix_nanos() + nth));
        for nth in 0..100 {
            // However the two threads come to run.
            let examined = store.examine(NOW, Some(Duration::from_nanos(nth))).unwrap();
            assert_eq!(examined.integrity, Integrity::Unfinished, "{nth}");
            assert_eq!(examined.from_the_future, COUNTED);
        }
        // and what was broken off keeps nobody
        assert_eq!(store.examine(NOW, None).unwrap().integrity, Integrity::Sound { indexes: true });
    }

    #[test]
    fn a_page_of_noise_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tense.db");
        drop(filled(&path, (0..2_000).map(|nth| NOW.unix_nanos() - nth)));
        let mut bytes = fs::read(&path).unwrap();
        let half = bytes.len() / 2;
        bytes[half..].fill(0xa5);
        fs::write(&path, bytes).unwrap();
        let store = SqliteStore::open_read_only(&path).unwrap();
        let examined = store.examine(NOW, None).unwrap();
        let Integrity::Damaged(told) = examined.integrity else { panic!("{examined:?}") };
        assert!(!told.is_empty() && told.len() <= TOLD, "{told:?}");
    }
}
