//! A value of which every process has one of its own, behind a lock that no other process has held.
//!
//! A lock that a thread held when its process forked is held for ever in the child. So it is only ever waited for by a
//! process that has made sure of its number, and whose own threads alone can hold it.

use std::sync::atomic::Ordering::{Acquire, Relaxed};
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};

use super::{FOUND, GENERATIONS, PROCESSES, generation};

/// One for each process. What is done while it is locked is short, and nobody else's code.
#[derive(Debug, Default)]
pub struct Apiece<T>([Mutex<T>; GENERATIONS]);

/// What is looked for may be behind a lock that nobody will let go of any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutOfReach;

impl<T> Apiece<T> {
    /// These, the first for a process that was not forked off.
    pub const fn of(all: [Mutex<T>; GENERATIONS]) -> Self {
        Self(all)
    }

    /// This process's. `None` where it has no room, see [`GENERATIONS`]; there nothing is recorded.
    ///
    /// A process that does not know yet that it was forked off gets its parent's where that is free.
    pub fn lock(&self) -> Option<MutexGuard<'_, T>> {
        let found = FOUND.load(Relaxed);
        // Who locks has its number written down: otherwise a child could take this place for its own.
        let is_known = PROCESSES.get(found).is_some_and(|process| process.load(Acquire) != 0);
        if is_known && let Some(here) = self.0.get(found).and_then(|here| try_lock(here).ok()) {
            return Some(here);
        }
        Some(self.0.get(generation()?)?.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// What `look` finds in this process's, or else in those of the processes that it was forked off from: the thread
    /// that forked goes on with what it had begun. For those nobody waits.
    pub fn find<R>(&self, mut look: impl FnMut(&mut T) -> Option<R>) -> Result<Option<R>, OutOfReach> {
        let Some(mut here) = self.lock() else { return Err(OutOfReach) };
        let found = look(&mut here);
        drop(here);
        let former = FOUND.load(Relaxed);
        if found.is_some() || former == 0 {
            return Ok(found);
        }
        let mut answer = Ok(None);
        for former in self.0.iter().take(former) {
            match try_lock(former) {
                Ok(mut former) => {
                    if let Some(found) = look(&mut former) {
                        return Ok(Some(found));
                    }
                }
                Err(out_of_reach) => answer = Err(out_of_reach),
            }
        }
        answer
    }
}

fn try_lock<T>(lock: &Mutex<T>) -> Result<MutexGuard<'_, T>, OutOfReach> {
    match lock.try_lock() {
        Ok(locked) => Ok(locked),
        Err(TryLockError::Poisoned(poisoned)) => Ok(poisoned.into_inner()),
        Err(TryLockError::WouldBlock) => Err(OutOfReach),
    }
}
