//! The book of one run: what became of each declared stage so far, and what can be undone.
//!
//! It is shared by stages that run side by side in one task, so it is locked; for one entry at a time, and never across
//! an await.

use std::fmt;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::report::{NotUndone, Report, StageEnding, StageReport};
use super::run::Cause;
use super::stage::Undo;

pub(crate) struct Ledger {
    book: Mutex<Book>,
    /// Whether somebody may tell the run to stop, so that it has to ask between its stages.
    pub(super) can_be_stopped: bool,
    pub(super) is_told_to_stop: AtomicBool,
}

#[derive(Default)]
struct Book {
    lines: Vec<Line>,
    /// In the order in which they finished.
    finished: Vec<Finished>,
}

struct Line {
    name: &'static str,
    standing: Standing,
    /// The pipeline that has missed its span.
    missed_by: Option<usize>,
}

enum Standing {
    NotBegun,
    Running(Instant),
    Ended(StageEnding, Option<Duration>),
    /// Left out by the pipeline whose line that is.
    Skipped(usize),
    Undoing(Option<Duration>),
}

/// A stage that is done, and can be undone.
pub(super) struct Finished {
    /// Its place in the row.
    pub(super) at: usize,
    pub(super) span: u64,
    /// The function that undoes it.
    pub(super) by: &'static str,
    pub(super) undo: Undo,
}

impl Ledger {
    pub(super) fn new(names: Vec<&'static str>, can_be_stopped: bool) -> Self {
        let lines =
            names.into_iter().map(|name| Line { name, standing: Standing::NotBegun, missed_by: None }).collect();
        let book = Mutex::new(Book { lines, finished: Vec::new() });
        Self { book, can_be_stopped, is_told_to_stop: AtomicBool::new(false) }
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn name(&self, at: usize) -> &'static str {
        self.book().lines.get(at).map_or("", |line| line.name)
    }

    pub(super) fn is_stopping(&self) -> bool {
        self.is_told_to_stop.load(Relaxed)
    }

    pub(super) fn begin(&self, at: usize) {
        self.set(at, |_| Standing::Running(Instant::now()));
    }

    pub(super) fn end(&self, at: usize, why: Option<&Cause>) {
        let ending = match why {
            None => StageEnding::Ran,
            Some(Cause::Failed(failure)) => StageEnding::Failed { message: failure.message().text().to_owned() },
            Some(Cause::Stopped) => StageEnding::Cancelled,
        };
        self.set(at, |standing| Standing::Ended(ending, standing.duration()));
    }

    /// What still runs of these stages has been dropped.
    pub(super) fn cancel(&self, stages: Range<usize>) {
        for line in self.book().lines.get_mut(stages).into_iter().flatten() {
            if let Standing::Running(since) = line.standing {
                line.standing = Standing::Ended(StageEnding::Cancelled, Some(since.elapsed()));
            }
        }
    }

    pub(super) fn keep(&self, finished: Finished) {
        self.book().finished.push(finished);
    }

    /// Leaves stages of that pipeline out; gives back the names of all that it has left out so far.
    pub(super) fn skip(&self, stages: Range<usize>, pipeline: usize) -> Vec<&'static str> {
        let mut book = self.book();
        for line in book.lines.get_mut(stages).into_iter().flatten() {
            line.standing = Standing::Skipped(pipeline);
        }
        book.names(|line| matches!(line.standing, Standing::Skipped(by) if by == pipeline))
    }

    /// A stage of that pipeline has left no span of its name; gives back the names of all of which it knows that.
    pub(super) fn note_unseen(&self, at: usize, pipeline: usize) -> Vec<&'static str> {
        let mut book = self.book();
        if let Some(line) = book.lines.get_mut(at) {
            line.missed_by = Some(pipeline);
        }
        book.names(|line| line.missed_by == Some(pipeline))
    }

    /// The last of these stages that is finished and can be undone. Whoever takes it undoes it.
    pub(super) fn take_last(&self, stages: &Range<usize>) -> Option<Finished> {
        let mut book = self.book();
        let place = book.finished.iter().rposition(|finished| stages.contains(&finished.at))?;
        let finished = book.finished.remove(place);
        drop(book);
        self.set(finished.at, |standing| Standing::Undoing(standing.duration()));
        Some(finished)
    }

    pub(super) fn undone(&self, at: usize, ending: StageEnding) {
        self.set(at, |standing| Standing::Ended(ending, standing.duration()));
    }

    fn set(&self, at: usize, standing: impl FnOnce(&Standing) -> Standing) {
        if let Some(line) = self.book().lines.get_mut(at) {
            line.standing = standing(&line.standing);
        }
    }

    pub(super) fn report(self) -> Report {
        let book = self.book.into_inner().unwrap_or_else(PoisonError::into_inner);
        let stages = book.lines.into_iter().map(|Line { name, standing, .. }| {
            let duration = standing.duration();
            let ending = match standing {
                Standing::NotBegun => StageEnding::NeverRan,
                // Only what a group has dropped runs no longer and has not ended, and it has said so.
                Standing::Running(_) => StageEnding::Cancelled,
                Standing::Ended(ending, _) => ending,
                Standing::Skipped(_) => StageEnding::Skipped,
                Standing::Undoing(_) => StageEnding::NotCompensated(NotUndone::Cancelled),
            };
            StageReport { name, ending, duration }
        });
        Report { stages: stages.collect() }
    }
}

impl Book {
    fn names(&self, which: impl Fn(&Line) -> bool) -> Vec<&'static str> {
        self.lines.iter().filter(|line| which(line)).map(|line| line.name).collect()
    }
}

impl Standing {
    fn duration(&self) -> Option<Duration> {
        match self {
            Self::NotBegun | Self::Skipped(_) => None,
            Self::Running(since) => Some(since.elapsed()),
            Self::Ended(_, duration) | Self::Undoing(duration) => *duration,
        }
    }
}

impl fmt::Debug for Ledger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ledger").finish_non_exhaustive()
    }
}
