//! Where the clean events of one layer go: to its sinks, or into the memory of a test.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use tense_event::{CleanEvent, Sanitizer};

use crate::delivery::Lanes;
use crate::health::Health;

#[derive(Clone)]
pub(crate) enum Outlet {
    Lanes(Lanes),
    Memory(Arc<Mutex<Vec<CleanEvent>>>),
}

impl Outlet {
    /// See [`Lanes::clean_with`].
    pub(crate) fn clean_with(&self, sanitizer: &Sanitizer) {
        if let Self::Lanes(lanes) = self {
            lanes.clean_with(sanitizer);
        }
    }

    /// Takes all events of a batch.
    pub(crate) fn put(&self, batch: &mut Vec<CleanEvent>) {
        match self {
            Self::Lanes(lanes) => lanes.put(batch),
            Self::Memory(events) => events.lock().unwrap_or_else(PoisonError::into_inner).append(batch),
        }
    }

    /// What was counted of its events.
    pub(crate) fn health(&self) -> Health {
        let mut health = Health::ZERO;
        match self {
            Self::Lanes(lanes) => lanes.health().for_each(|sink| health.add_sink(sink)),
            Self::Memory(events) => {
                health.delivered = events.lock().unwrap_or_else(PoisonError::into_inner).len() as u64;
                health.offered = health.delivered;
            }
        }
        health
    }

    /// What its queues take, in bytes. What a test keeps is the test's.
    pub(crate) fn memory(&self) -> usize {
        match self {
            Self::Lanes(lanes) => lanes.memory(),
            Self::Memory(_) => 0,
        }
    }

    /// Looks whether a sink is stuck.
    pub(crate) fn watch(&self) {
        if let Self::Lanes(lanes) = self {
            lanes.watch();
        }
    }

    /// Waits until something has become of everything that is here now; says whether it has before the deadline.
    pub(crate) fn wait_for_what_is_here(&self, deadline: Option<Instant>) -> bool {
        match self {
            Self::Lanes(lanes) => lanes.wait_for_what_is_here(deadline),
            Self::Memory(_) => true,
        }
    }

    /// Waits until the threads of closed sinks have ended; says whether they had before the deadline.
    pub(crate) fn wait_for_the_end(&self, deadline: Option<Instant>) -> bool {
        match self {
            Self::Lanes(lanes) => lanes.wait_for_the_end(deadline),
            Self::Memory(_) => true,
        }
    }

    pub(crate) fn close(&self) {
        if let Self::Lanes(lanes) = self {
            lanes.close();
        }
    }
}
