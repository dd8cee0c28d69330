//! What is on its way is delivered, and said to be, where a program ends or asks.

use std::time::{Duration, Instant};

use crate::drainer;
use crate::health::Health;

/// Flushes when it is dropped, for at most two seconds. Bind it to a name: `let _guard`, not `let _`.
#[derive(Debug)]
#[must_use = "dropped at once it flushes at once; bind it to a name that lives as long as the program"]
pub struct Guard {
    deadline: Duration,
}

/// A guard for a program that added [`layer`](crate::layer()) to a subscriber of its own.
///
/// ```
/// let _guard = tense_layer::guard(); // flushes when `main` ends
/// ```
pub const fn guard() -> Guard {
    Guard::new()
}

impl Guard {
    pub(super) const fn new() -> Self {
        Self { deadline: Self::DEADLINE }
    }

    const DEADLINE: Duration = Duration::from_secs(2);

    /// See [`flush`].
    ///
    /// ```
    /// let guard = tense_layer::guard();
    /// let report = guard.flush(std::time::Duration::from_secs(1));
    /// assert!(report.is_complete);
    /// ```
    pub fn flush(&self, timeout: Duration) -> FlushReport {
        flush(timeout)
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        flush(self.deadline);
    }
}

/// Delivers everything that has been recorded until now, and waits for it for at most that long, from any thread,
/// inside and outside of a runtime. What is recorded meanwhile is not waited for.
///
/// ```
/// let report = tense_layer::flush(std::time::Duration::from_secs(1));
/// assert!(report.is_complete);
/// ```
pub fn flush(timeout: Duration) -> FlushReport {
    // A time-out beyond the end of the clock is none.
    let is_complete = drainer::flush(Instant::now().checked_add(timeout));
    FlushReport { is_complete, health: drainer::health() }
}

/// Says to a process that was just forked off that it was: from here on what the calling thread records is its own. For
/// a program that forks with a layer installed, first thing in the child.
///
/// Such a process delivers what it records by itself, in threads of its own, which begin with its first record. What
/// its parent had not delivered yet stays the parent's. Its events go to a file of JSON lines of its own, beside the
/// database and named after it and the process, `tense.db.forked-4711.jsonl`, which `tense import` brings into a
/// database: SQLite must not be used on both sides of a fork, not even by a new connection, because its locks are
/// copied as they were. A [`sink`](crate::Builder::sink) of the program's own cannot be made again, so there the events
/// are counted as `sink_failed`. All of this is avoided by calling [`init`](crate::init) in the child and not before.
///
/// Without this call the process finds out by itself: at once on its new threads; on the one that forked, where a trace
/// begins a millisecond later, where a quarter of its ring is full, or at a flush. What that thread recorded before is
/// in doubt and counted in [`Health::lost_at_fork`]. A worker that is forked off within an annotated call and lives for
/// a few moments only may so deliver nothing of what its first thread did. Takes some microseconds; in a process that
/// was not forked it does nothing.
///
/// ```
/// // In the child, where the program uses `fork` or a server that does:
/// tense_layer::forked();
/// ```
pub fn forked() {
    tense::__private::layer::forked();
}

/// The end: delivers everything that has been recorded until now, and closes every sink, for at most that long. What is
/// recorded later is dropped and counted in [`Health::shut_down`]. From any thread, inside and outside of a runtime; a
/// second one, also at the same moment, finds nothing left to do.
///
/// A [`Guard`] flushes and leaves the sinks open, which is all that the end of `main` needs. This is for a program that
/// ends in another way, or wants its files closed before it goes on.
///
/// ```
/// let report = tense_layer::shutdown(std::time::Duration::from_secs(5));
/// assert!(report.is_complete);
/// assert_eq!(report.health.queued, 0);
/// ```
pub fn shutdown(timeout: Duration) -> FlushReport {
    let is_complete = drainer::shut_down(Instant::now().checked_add(timeout));
    FlushReport { is_complete, health: drainer::health() }
}

/// What a flush has reached.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct FlushReport {
    /// Nothing was left when it returned.
    pub is_complete: bool,
    /// The counters at that moment; `queued` is what was left.
    pub health: Health,
}

impl FlushReport {
    /// A sentence for the person at the terminal about what the trace database does not have; nothing when it has
    /// everything.
    ///
    /// ```
    /// let report = tense_layer::flush(std::time::Duration::from_secs(1));
    /// if let Some(sentence) = report.loss() {
    ///     eprintln!("{sentence}");
    /// }
    /// ```
    pub fn loss(&self) -> Option<String> {
        let Self { is_complete, health } = self;
        let lost = health.losses(if *is_complete { 0 } else { health.queued });
        match lost.as_slice() {
            [] if *is_complete => None,
            [] => Some("the trace database does not have everything: it was not ready in time".to_owned()),
            lost => Some(format!("the trace database does not have everything: it lacks {}", lost.join(", "))),
        }
    }
}
