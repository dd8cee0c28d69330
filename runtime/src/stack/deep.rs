//! What is deeper than there are places: entries go in and out as they do above, under a lock that nobody else takes.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::{DEPTH, Entry};

/// How many spans deep a thread is followed at all: each costs a lock then, and nothing is looked up in a place of its
/// own. Scopes are never leaked as guards are, so they find room behind that as well.
pub(crate) const DEEPEST: usize = 16 * DEPTH;

static TOO_DEEP: AtomicU64 = AtomicU64::new(0);

/// How often a span was entered where the thread is not followed any more.
pub fn entered_too_deep() -> u64 {
    TOO_DEEP.load(Relaxed)
}

pub(super) struct Deep {
    /// The innermost is the last one.
    entries: Mutex<Vec<Entry>>,
    /// Spans that were too deep and have not been left yet, so that nobody looks for them among those that were not.
    /// Beyond a bound they are looked for.
    missed: Mutex<Vec<u64>>,
}

/// Half a megabyte, of a thread that is in a recursion without an end.
const MOST_MISSED: usize = 1 << 16;

impl Deep {
    pub(super) const fn new() -> Self {
        Self { entries: Mutex::new(Vec::new()), missed: Mutex::new(Vec::new()) }
    }

    pub(super) fn entries(&self) -> MutexGuard<'_, Vec<Entry>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn missed(&self) -> MutexGuard<'_, Vec<u64>> {
        self.missed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether that span, which is left now, was too deep. The last ones come first, as calls return; one that comes
    /// out of turn is looked for.
    pub(super) fn was_missed(&self, span: u64) -> bool {
        let mut missed = self.missed();
        let found = missed.last() == Some(&span);
        if found {
            missed.pop();
            if missed.is_empty() {
                *missed = Vec::new();
            }
        }
        found
    }

    /// Puts it on top, where there is room, and says how many there are then.
    pub(super) fn push(&self, entry: Entry) -> Option<usize> {
        let mut entries = self.entries();
        if entry.scope.is_none() && entries.len() >= DEEPEST - DEPTH {
            TOO_DEEP.fetch_add(1, Relaxed);
            let mut missed = self.missed();
            if missed.len() < MOST_MISSED {
                missed.push(entry.span);
            }
            return None;
        }
        entries.push(entry);
        Some(entries.len())
    }

    pub(super) fn clear(&self) {
        *self.entries() = Vec::new();
        *self.missed() = Vec::new();
    }
}
