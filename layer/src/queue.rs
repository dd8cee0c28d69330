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

    /// How many events it has room for.
    pub(crate) fn limit(&self) -> usize {
        self.limit
    }

    /// Puts events in, until none is left of the batch; the newest are dropped and counted when there is no room.
    pub(crate) fn push_all(&self, batch: &mut Vec<CleanEvent>) {
        if batch.is_empty() {
            return;
        }
        let mut state = self.state();
        let was_empty = state.events.is_empty();
        let accepted = batch.len().min(self.limit.saturating_sub(state.events.len()));
        state.counts.queue_full += (batch.len() - accepted) as u64;
        state.accepted += accepted as u64;
        state.events.extend(batch.drain(..accepted));
        if was_empty && accepted > 0 {
            self.filled.notify_one();
        }
        drop(state);
        // What found no room is taken apart outside of the lock.
        batch.clear();
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

    /// Waits until everything that is here now has been delivered or given up, or until the deadline; what comes
    /// meanwhile is not waited for. Says whether it was in time.
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
        queue.push_all(&mut vec![event(0)]);
        let mut batch = (1..5).map(event).collect();
        queue.push_all(&mut batch);
        assert_eq!(batch, []);
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
        queue.push_all(&mut vec![event(1)]);
        queue.close();
        assert!(queue.take(10).is_some());
        assert!(!queue.wait_for_what_is_here(Some(Instant::now())));
        queue.done(true);
        assert!(queue.take(10).is_none());
    }
}
