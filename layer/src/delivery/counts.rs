//! What became of the events that came to one sink. Each is counted once, except that those which were printed are
//! dropped ones.

use serde::Serialize;

use super::breaker::BreakerState;
use super::last_error::LastError;

/// Why an event goes to standard error instead of its sink.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reason {
    BreakerOpen,
    WorkerDead,
}

/// One sink: how it does, and what became of the events for it.
///
/// `offered == delivered + dropped() + queued`, always.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct SinkHealth {
    /// See [`Delivery::name`](crate::Delivery::name).
    pub name: String,
    /// What its circuit breaker does.
    pub state: BreakerState,
    /// How often the breaker has opened.
    pub opened: u64,
    /// Events that were made for it.
    pub offered: u64,
    /// Events that it has taken.
    pub delivered: u64,
    /// Events that wait for it, or are on their way.
    pub queued: u64,
    /// Memory that those take, in bytes.
    pub queued_bytes: u64,
    /// Events dropped because its queue was full.
    pub queue_full: u64,
    /// Events dropped because it failed, panicked, or did not recover in time.
    pub failed: u64,
    /// Events dropped because it said that it will never take them.
    pub refused: u64,
    /// Events dropped because its breaker was open.
    pub breaker_open: u64,
    /// Events dropped because its thread has died, or could not be started.
    pub worker_dead: u64,
    /// Events dropped because they came after the shutdown.
    pub shut_down: u64,
    /// Of the dropped ones, those that went to standard error instead.
    pub printed: u64,
    /// Calls of it that failed.
    pub failures: u64,
    /// Calls of it that panicked; they count as failures too.
    pub panics: u64,
    /// Times that a call of it took longer than the time-out; they count as failures too.
    pub timeouts: u64,
    /// Batches that were tried again, each time.
    pub retries: u64,
    /// What it said last when it did not take a batch, or did not come back in time. It stays when the sink is well
    /// again.
    pub last_error: Option<LastError>,
    /// Whether it has its thread. Where that has died, which is told on standard error once, or could not be started,
    /// what is for the sink counts as `worker_dead`. After a shutdown the thread has ended as it should.
    pub is_alive: bool,
}

impl SinkHealth {
    pub(super) const fn new(name: String) -> Self {
        Self {
            name,
            state: BreakerState::Delivering,
            opened: 0,
            offered: 0,
            delivered: 0,
            queued: 0,
            queued_bytes: 0,
            queue_full: 0,
            failed: 0,
            refused: 0,
            breaker_open: 0,
            worker_dead: 0,
            shut_down: 0,
            printed: 0,
            failures: 0,
            panics: 0,
            timeouts: 0,
            retries: 0,
            last_error: None,
            is_alive: true,
        }
    }

    pub(super) const fn count(&mut self, reason: Reason, events: u64) {
        let counter = match reason {
            Reason::BreakerOpen => &mut self.breaker_open,
            Reason::WorkerDead => &mut self.worker_dead,
        };
        *counter += events;
    }

    /// Events that the sink did not get and will not get, for whatever reason.
    pub const fn dropped(&self) -> u64 {
        self.queue_full + self.failed + self.refused + self.breaker_open + self.worker_dead + self.shut_down
    }

    /// Events of which is known what became of them.
    pub(super) const fn settled(&self) -> u64 {
        self.delivered + self.dropped()
    }
}
