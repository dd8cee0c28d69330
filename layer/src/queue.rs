//! Clean events go in without ever waiting; batches of them come out on the worker's thread.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tense_event::CleanEvent;

/// A bounded queue. std's mutex on purpose: it is held for a push or for a swap, by our own two threads and by a flush.
pub(crate) struct Queue {
    state: Mutex<State>,
    /// Something has come.
    filled: Condvar,
    /// A batch has been delivered or given up.
    settled: Condvar,
    limit: usize,
}

#[derive(Default)]
struct State {
    events: VecDeque<CleanEvent>,
    /// Taken out, and not yet delivered or given up.
    in_flight: usize,
    /// Ever let in.
    accepted: u64,
    closed: bool,
    counts: Counts,
}

/// What became of the events that came to a queue.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) delivered: u64,
    pub(crate) queue_full: u64,
    pub(crate) sink_failed: u64,
    /// Waiting or on their way.
    pub(crate) queued: u64,
}

impl Queue {
    pub(crate) fn new(limit: usize) -> Self {
        Self { state: Mutex::default(), filled: Condvar::new(), settled: Condvar::new(), limit: limit.max(1) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Whoever panicked has left counts and events whole: every change is a single step.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts an event in; the newest is dropped and counted when there is no room.
    pub(crate) fn push(&self, event: CleanEvent) {
        let mut state = self.state();
        if state.events.len() >= self.limit {
            state.counts.queue_full += 1;
            return;
        }
        state.events.push_back(event);
        state.accepted += 1;
        if state.events.len() == 1 {
            self.filled.notify_one();
        }
    }

    /// Takes up to that many events out, and waits for the first. Nothing: the queue is closed and empty.
    pub(crate) fn take(&self, most: usize) -> Option<Vec<CleanEvent>> {
        let mut state = self.state();
        loop {
            if !state.events.is_empty() {
                let some = state.events.len().min(most);
                let batch: Vec<_> = state.events.drain(..some).collect();
                state.in_flight = batch.len();
                return Some(batch);
            }
            if state.closed {
                return None;
            }
            state = self.filled.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Says what became of the batch that was taken last.
    pub(crate) fn done(&self, delivered: bool) {
        let mut state = self.state();
        let events = std::mem::take(&mut state.in_flight) as u64;
        if delivered {
            state.counts.delivered += events;
        } else {
            state.counts.sink_failed += events;
        }
        self.settled.notify_all();
    }

    /// Waits until everything that is here now has been delivered or given up, or until the deadline; what comes meanwhile
    /// is not waited for. Says whether it was in time.
    pub(crate) fn wait_for_what_is_here(&self, deadline: Option<Instant>) -> bool {
        let mut state = self.state();
        let here = state.accepted;
        while state.counts.delivered + state.counts.sink_failed < here {
            state = match deadline.map(|deadline| deadline.saturating_duration_since(Instant::now())) {
                None => self.settled.wait(state).unwrap_or_else(PoisonError::into_inner),
                Some(Duration::ZERO) => return false,
                Some(left) => self.settled.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0,
            };
        }
        true
    }

    /// Lets the worker end when it has delivered what is here.
    pub(crate) fn close(&self) {
        self.state().closed = true;
        self.filled.notify_all();
    }

    pub(crate) fn counts(&self) -> Counts {
        let state = self.state();
        Counts { queued: (state.events.len() + state.in_flight) as u64, ..state.counts }
    }
}

#[cfg(test)]
mod tests {
    use tense_event::{Event, Sanitizer, SpanId, Status, Timestamp, TraceId};

    use super::*;

    fn event(n: u64) -> CleanEvent {
        let at = Timestamp::from_unix_nanos(0);
        let id = SpanId::new(n + 1).unwrap();
        Sanitizer::default().clean(Event::new(TraceId::from_bytes([1; 16]), id, "sql.query", Status::Success, at))
    }

    #[test]
    fn what_comes_is_delivered_dropped_or_there() {
        let queue = Queue::new(3);
        (0..5).for_each(|n| queue.push(event(n)));
        assert_eq!(queue.counts(), Counts { delivered: 0, queue_full: 2, sink_failed: 0, queued: 3 });
        assert_eq!(queue.take(2).unwrap().len(), 2);
        assert_eq!(queue.counts().queued, 3, "what is on its way still counts");
        queue.done(true);
        assert_eq!(queue.take(2).unwrap().len(), 1);
        queue.done(false);
        assert_eq!(queue.counts(), Counts { delivered: 2, queue_full: 2, sink_failed: 1, queued: 0 });
        assert!(queue.wait_for_what_is_here(Some(Instant::now())));
    }

    #[test]
    fn a_closed_queue_gives_what_it_has_and_then_ends() {
        let queue = Queue::new(3);
        queue.push(event(1));
        queue.close();
        assert!(queue.take(10).is_some());
        assert!(!queue.wait_for_what_is_here(Some(Instant::now())));
        queue.done(true);
        assert!(queue.take(10).is_none());
    }
}
