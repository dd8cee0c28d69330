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

/// The innermost is the last one.
pub(super) struct Deep(Mutex<Vec<Entry>>);

impl Deep {
    pub(super) const fn new() -> Self {
        Self(Mutex::new(Vec::new()))
    }

    pub(super) fn entries(&self) -> MutexGuard<'_, Vec<Entry>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts it on top, where there is room, and says how many there are then.
    pub(super) fn push(&self, entry: Entry) -> Option<usize> {
        let mut entries = self.entries();
        if entry.scope.is_none() && entries.len() >= DEEPEST - DEPTH {
            TOO_DEEP.fetch_add(1, Relaxed);
            return None;
        }
        entries.push(entry);
        Some(entries.len())
    }

    pub(super) fn clear(&self) {
        *self.entries() = Vec::new();
    }
}
