//! Where the clean events of one layer go: into the queue of a sink, or into the memory of a test.

use std::sync::{Arc, Mutex, PoisonError};

use tense_event::CleanEvent;

use crate::queue::{Counts, Queue};

#[derive(Clone)]
pub(crate) enum Outlet {
    Queue(Arc<Queue>),
    Memory(Arc<Mutex<Vec<CleanEvent>>>),
}

impl Outlet {
    /// Takes all events of a batch, under one lock.
    pub(crate) fn put(&self, batch: &mut Vec<CleanEvent>) {
        match self {
            Self::Queue(queue) => queue.push_all(batch),
            Self::Memory(events) => events.lock().unwrap_or_else(PoisonError::into_inner).append(batch),
        }
    }

    pub(crate) fn counts(&self) -> Counts {
        match self {
            Self::Queue(queue) => queue.counts(),
            Self::Memory(events) => {
                let delivered = events.lock().unwrap_or_else(PoisonError::into_inner).len() as u64;
                Counts { delivered, ..Counts::default() }
            }
        }
    }

    pub(crate) fn close(&self) {
        if let Self::Queue(queue) = self {
            queue.close();
        }
    }
}
