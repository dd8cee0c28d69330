//! Events go in; rows of an SQLite file come out.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use tense::__private::layer::{now, unix_nanos};
use tense_event::{CleanEvent, Timestamp};
use tense_store::{DEFAULT_RETENTION, Program, Retention, SqliteStore, Store, StoreError};

use super::{Sink, SinkError};
use crate::delivery::waiting_here;

/// While more waits, the counters are written that often.
const REPORT_EVERY: Duration = Duration::from_secs(1);

/// How often is looked for what is too old or too much; while there is some, with every batch.
const PURGE_EVERY: Duration = Duration::from_secs(60);

/// Damaged files that were set aside, in the whole program.
static SET_ASIDE: AtomicU64 = AtomicU64::new(0);

pub(crate) fn set_aside() -> u64 {
    SET_ASIDE.load(Relaxed)
}

/// Writes every event to an SQLite file, where the command `tense` finds it. The sink that is there unless others are
/// given.
///
/// One that was moved or removed meanwhile is begun anew, as far as the system tells which file is which.
///
/// A file that turns out to be damaged is set aside under another name, counted in
/// [`Health::databases_set_aside`](crate::Health::databases_set_aside), and a new one is begun. One that is no database
/// of ours, or of a newer version, is left as it is, and every batch fails.
///
/// Traces that ended more than 90 days ago are removed, some with a batch, unless [`keep_for`](Self::keep_for) or
/// [`keep_bytes`](Self::keep_bytes) say otherwise.
///
/// ```no_run
/// use tense_layer::{builder, sink};
///
/// let both = builder().sink(sink::Sqlite::new("trace.db")).sink(sink::JsonLines::new("trace.jsonl"));
/// let _guard = both.init()?;
/// # Ok::<(), tense_layer::InitError>(())
/// ```
#[derive(Debug)]
pub struct Sqlite {
    path: PathBuf,
    store: Option<Open>,
    began: Timestamp,
    /// When the counters were written the last time.
    reported: Option<Instant>,
    kept_for: Option<Duration>,
    kept_bytes: Option<u64>,
    /// When nothing was found any more that is too old or too much.
    purged: Option<Instant>,
}

#[derive(Debug)]
struct Open {
    store: SqliteStore,
    /// Which file it is.
    file: Option<(u64, u64)>,
}

impl Sqlite {
    /// Opened by the first batch, so that this neither blocks nor fails.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            store: None,
            began: moment(),
            reported: None,
            kept_for: Some(DEFAULT_RETENTION),
            kept_bytes: None,
            purged: None,
        }
    }

    /// For how long traces are kept after their last event; `None`: for ever. The command `tense purge` removes them at
    /// once.
    ///
    /// ```
    /// use std::time::Duration;
    /// let a_week = tense_layer::sink::Sqlite::new("trace.db").keep_for(Some(Duration::from_secs(7 * 24 * 60 * 60)));
    /// ```
    #[must_use]
    pub fn keep_for(mut self, age: Option<Duration>) -> Self {
        self.kept_for = age;
        self
    }

    /// How many bytes the file may take, about; of what is too much the traces go that ended first. Nothing is too much
    /// unless this is set.
    #[must_use]
    pub fn keep_bytes(mut self, most: u64) -> Self {
        self.kept_bytes = Some(most);
        self
    }

    /// Opened at once.
    ///
    /// # Errors
    /// See [`SqliteStore::open`]; one that is damaged is set aside.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, StoreError> {
        let mut sink = Self::new(path);
        sink.with_store(|_| Ok(()))?;
        Ok(sink)
    }

    /// Gives the store to `work`. A file that turns out to be damaged is set aside, and a new one is begun.
    fn with_store<T>(
        &mut self,
        mut work: impl FnMut(&mut SqliteStore) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let before = identity(&self.path);
        // What is written to a file that has no name any more nobody finds. SQLite sees that it was moved, and leaves
        // alone what lies at its name by now.
        drop(self.store.take_if(|open| open.file != before));
        let mut attempt = |sink: &mut Self| {
            let open = match &mut sink.store {
                Some(open) => open,
                empty => {
                    let store = SqliteStore::open(&sink.path)?;
                    empty.insert(Open { store, file: identity(&sink.path) })
                }
            };
            work(&mut open.store)
        };
        match attempt(self) {
            Err(StoreError::Damaged { doing, source }) => {
                self.store = None;
                // Another process may have done it, and begun a new one.
                if identity(&self.path) == before {
                    if SqliteStore::set_aside(&self.path).is_err() {
                        return Err(StoreError::Damaged { doing, source });
                    }
                    SET_ASIDE.fetch_add(1, Relaxed);
                }
                attempt(self)
            }
            done => done,
        }
    }
}

impl Sqlite {
    /// Writes down what the program has counted, for the command `tense health`: behind the last batch of all that
    /// waited here, and once a second. A busy file is no reason to do anything about it; the next batch brings it
    /// again.
    fn report(&mut self, batch: &[CleanEvent]) {
        // To ask for all counters takes a lock that the drainer holds through its passes.
        if waiting_here() > 0 && self.reported.is_some_and(|reported| reported.elapsed() < REPORT_EVERY) {
            return;
        }
        let mut health = crate::health();
        health.arrived(self.name(), batch.len() as u64);
        let Ok(health) = serde_json::to_value(&health) else { return };
        let program = Program {
            pid: std::process::id(),
            began: self.began,
            at: moment(),
            service: batch.last().map(|event| event.service.to_string()).unwrap_or_default(),
            health,
        };
        if let Some(open) = &mut self.store
            && open.store.report(&program).is_ok()
        {
            self.reported = Some(Instant::now());
        }
    }
}

impl Sqlite {
    /// Removes some of what is too old or too much. What does not succeed now is tried later.
    fn purge(&mut self) {
        if self.purged.is_some_and(|purged| purged.elapsed() < PURGE_EVERY) {
            return;
        }
        let mut retention = Retention::nothing();
        if let Some(age) = self.kept_for {
            let age = i64::try_from(age.as_nanos()).unwrap_or(i64::MAX);
            retention = retention.ended_before(Timestamp::from_unix_nanos(moment().unix_nanos().saturating_sub(age)));
        }
        if let Some(most) = self.kept_bytes {
            retention = retention.larger_than(most);
        }
        let is_done = match &mut self.store {
            Some(open) if retention != Retention::nothing() => {
                open.store.purge(&retention).is_ok_and(|done| !done.more)
            }
            _ => true,
        };
        self.purged = is_done.then(Instant::now);
    }
}

/// Now, as events tell it.
fn moment() -> Timestamp {
    Timestamp::from_unix_nanos(i64::try_from(unix_nanos(now())).unwrap_or(i64::MAX))
}

/// Which file lies there, as far as the system tells.
fn identity(path: &Path) -> Option<(u64, u64)> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        std::fs::metadata(path).ok().map(|found| (found.dev(), found.ino()))
    }
    #[cfg(not(unix))]
    {
        path.exists().then_some((0, 0))
    }
}

impl Sink for Sqlite {
    fn deliver(&mut self, batch: &[CleanEvent]) -> Result<(), SinkError> {
        // One transaction, and the store knows an event that it has: the same batch may always come again.
        let stored = self.with_store(|store| store.append(batch).map(drop));
        stored.map_err(|error| SinkError::NothingWritten(error.into()))?;
        self.report(batch);
        self.purge();
        Ok(())
    }

    fn name(&self) -> &str {
        "sqlite"
    }

    /// A transaction writes each page once that it touches, and the indexes of its traces are all over the file.
    fn most(&self) -> usize {
        10_000
    }
}

#[cfg(test)]
mod tests {
    use tense_event::{Event, Status, TraceId};
    use tense_store::{Span, TraceFilter};

    use std::sync::Arc;

    use super::*;
    use crate::delivery::{Delivery, Lane, serves};
    use crate::sink::conformance;

    /// A span of one event says all that the event did.
    fn event(trace: TraceId, span: &Span) -> Event {
        let status = if span.outcome.is_failure() { Status::Failed } else { Status::Success };
        let mut event = Event::new(trace, span.id, span.event_type.clone(), status, span.ended.unwrap());
        event.parent_span_id = span.parent_id;
        event.span_name = span.name.clone();
        event.duration = span.duration;
        (event.service, event.source, event.level) = (span.service.clone(), span.source.clone(), span.level);
        (event.data, event.tags) = (span.data.clone(), span.tags().to_vec());
        event.error = span.error.as_deref().cloned();
        (event.cut, event.absent) = (span.cut().to_vec(), span.absent().to_vec());
        (event.left_out, event.sample_weight) = (span.left_out(), span.sample_weight);
        for (key, value) in span.context.iter().cloned() {
            let place = match key {
                "job_id" => &mut event.job_id,
                "worker_id" => &mut event.worker_id,
                "machine_id" => &mut event.machine_id,
                "user_id" => &mut event.user_id,
                _ => &mut event.correlation_key,
            };
            *place = Some(value);
        }
        event
    }

    fn events(path: &Path) -> Vec<Event> {
        let store = SqliteStore::open_read_only(path).unwrap();
        let traces = store.traces(&TraceFilter::newest(10)).unwrap().into_iter().map(|found| found.id);
        traces
            .flat_map(|id| {
                let trace = store.trace(id).unwrap().unwrap();
                trace.spans().iter().map(|span| event(id, span)).collect::<Vec<_>>()
            })
            .collect()
    }

    /// Behind a batch that others follow the counters are not asked for: that would take the lock of the drainer, which
    /// makes the batches that wait.
    #[test]
    fn between_two_batches_nobody_waits_for_the_drainer() {
        let folder = tempfile::tempdir().unwrap();
        let sanitizer = tense_event::Sanitizer::default();
        let batch = |n: u64| {
            let (span, at) = (tense_event::SpanId::new(n).unwrap(), Timestamp::from_unix_nanos(1));
            vec![sanitizer.clean(Event::new(TraceId::from_halves(0, 1), span, "operation.x.done", Status::Success, at))]
        };
        let lane = Arc::new(Lane::new("sqlite", Delivery::new()));
        let mut sink = Sqlite::new(folder.path().join("trace.db"));
        serves(&lane);
        sink.deliver(&batch(1)).unwrap();
        assert!(sink.reported.is_some());
        // However slow the machine is, less than a second passes.
        sink.reported = Some(Instant::now() + Duration::from_secs(3600));
        lane.push_all(&mut batch(2), Instant::now());

        let (told, done) = std::sync::mpsc::channel();
        let thread = crate::drainer::while_the_drainer_works(|| {
            let (lane, next) = (Arc::clone(&lane), batch(3));
            let thread = std::thread::spawn(move || {
                serves(&lane);
                sink.deliver(&next).unwrap();
                told.send(()).unwrap();
                sink
            });
            assert!(done.recv_timeout(Duration::from_secs(60)).is_ok(), "it waits for the drainer");
            thread
        });
        let mut sink = thread.join().unwrap();
        // Behind the last one they are written at once.
        let before = sink.reported;
        lane.take(1, Instant::now).unwrap();
        sink.deliver(&batch(4)).unwrap();
        assert_ne!(sink.reported, before);
    }

    #[test]
    fn what_is_too_old_goes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("trace.db");
        let now = moment().unix_nanos();
        let day = 24 * 60 * 60 * 1_000_000_000;
        let deliver = |mut sink: Sqlite| {
            let sanitizer = tense_event::Sanitizer::default();
            let batch = [100, 80, 10, 0].map(|days| {
                let at = Timestamp::from_unix_nanos(now - days * day);
                let trace = TraceId::from_halves(1, days as u64 + 1);
                let span = tense_event::SpanId::new(1).unwrap();
                sanitizer.clean(Event::new(trace, span, "operation.orders.placed", Status::Success, at))
            });
            sink.deliver(&batch).unwrap();
            events(&path).len()
        };
        let week = Duration::from_secs(7 * 24 * 60 * 60);
        assert_eq!(deliver(Sqlite::new(&path).keep_for(None)), 4);
        assert_eq!(deliver(Sqlite::new(&path)), 3);
        assert_eq!(deliver(Sqlite::new(&path).keep_for(Some(week))), 1);
    }

    #[test]
    fn what_is_too_much_goes_with_the_batches_that_come() {
        const MOST: u64 = 1 << 20;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("trace.db");
        let sanitizer = tense_event::Sanitizer::default();
        let mut sink = Sqlite::new(&path).keep_bytes(MOST);
        let batch = |nth: u64| {
            let of_batch = (0..500_u64).map(|span| {
                let at = Timestamp::from_unix_nanos(moment().unix_nanos() + nth as i64);
                let (trace, span) = (TraceId::from_halves(1, nth + 1), tense_event::SpanId::new(span + 1).unwrap());
                let mut event = Event::new(trace, span, "operation.orders.placed", Status::Success, at);
                event.data.insert("note", format!("{:0200}", nth * 1_000 + span.get()));
                sanitizer.clean(event)
            });
            of_batch.collect::<Vec<_>>()
        };
        let used = || {
            let db = SqliteStore::open_read_only(&path).unwrap();
            let all = Retention::nothing().larger_than(0);
            db.purgeable(&all).unwrap().bytes
        };
        sink.deliver(&batch(0)).unwrap();
        for nth in 1..40 {
            // As if a minute had passed since it was looked.
            sink.purged = None;
            sink.deliver(&batch(nth)).unwrap();
            assert!(used() <= MOST, "{} bytes behind batch {nth}", used());
        }
        let left: Vec<_> = events(&path).into_iter().map(|event| event.trace_id).collect();
        assert!(left.contains(&TraceId::from_halves(1, 40)) && !left.contains(&TraceId::from_halves(1, 1)));
    }

    #[test]
    fn it_conforms() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("trace.db");
        // Its events happened long ago.
        conformance(|| Sqlite::new(&path).keep_for(None), || events(&path));
    }
}
