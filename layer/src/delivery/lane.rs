//! Clean events go in without ever waiting; batches of them come out on the thread of one sink, while its breaker lets
//! them.
//!
//! All that is known of a sink is under one mutex, std's on purpose: it is held for a push or a swap, by the drainer,
//! by the thread of the sink, and by whoever flushes or looks.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use tense_event::{CleanEvent, Sanitizer};

use super::breaker::Breaker;
use super::counts::{Reason, SinkHealth};
use super::fallback::{self, Rate};
use super::last_error::LastError;
use super::options::{Delivery, Served, WhenFull, WhileResting};
use super::retry::Pauses;
use super::weight;

/// How often the drainer looks until an empty queue gives back its places: about a second.
const PATIENCE: u32 = 20;
/// Bytes of the events of one batch, unless a single one has more.
const AT_ONCE: usize = 8 << 20;
/// So many places are few.
const FEW: usize = 1024;

/// A sink's queue, its breaker, and what was counted.
pub(crate) struct Lane {
    options: Served,
    /// For what the sink says of its failures. It is there before the first event is.
    sanitizer: OnceLock<Sanitizer>,
    state: Mutex<State>,
    /// Something has come, or the end.
    filled: Condvar,
    /// Something has become of some events.
    settled: Condvar,
}

struct State {
    /// Each with what it takes.
    queue: VecDeque<(CleanEvent, usize)>,
    bytes: usize,
    /// For how many looks in a row it was empty.
    idle: u32,
    flight: Option<Flight>,
    breaker: Breaker,
    rate: Rate,
    health: SinkHealth,
    end: End,
}

/// A batch that was taken out and that nothing is known of yet.
struct Flight {
    events: u64,
    bytes: usize,
    /// The call that the sink is in.
    call: Option<Call>,
}

struct Call {
    since: Instant,
    timeouts: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    No,
    /// What is there is delivered still.
    Closed,
    /// All is delivered, and the sink is gone.
    Over,
    /// Nobody delivers anything any more.
    Dead,
}

impl Lane {
    pub(crate) fn new(name: &str, options: Delivery) -> Self {
        let options = options.served();
        let name = options.name.clone().unwrap_or_else(|| name.to_owned());
        let state = State {
            queue: VecDeque::new(),
            bytes: 0,
            idle: 0,
            flight: None,
            breaker: Breaker::new(options.breaker),
            rate: Rate::new(options.print_rate),
            health: SinkHealth::new(name),
            end: End::No,
        };
        Self {
            options,
            sanitizer: OnceLock::new(),
            state: Mutex::new(state),
            filled: Condvar::new(),
            settled: Condvar::new(),
        }
    }

    /// What cleans the errors of the sink.
    pub(super) fn sanitizer(&self) -> &Sanitizer {
        self.sanitizer.get_or_init(Sanitizer::default)
    }

    pub(super) fn clean_with(&self, sanitizer: &Sanitizer) {
        self.sanitizer.set(sanitizer.clone()).ok();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Whoever panicked has left counts and events whole: every change is a single step.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts events in, until none is left of the batch; what finds no room, or nobody who would take it, is dropped and
    /// counted.
    pub(crate) fn push_all(&self, batch: &mut Vec<CleanEvent>, at: Instant) {
        if batch.is_empty() {
            return;
        }
        let mut dropped = Vec::new();
        let mut state = self.state();
        let was_empty = state.queue.is_empty();
        state.health.offered += batch.len() as u64;
        match state.end {
            End::No if state.prints(&self.options, at) => state.divert(batch.drain(..), Reason::BreakerOpen, at),
            End::No => {
                for event in batch.drain(..) {
                    state.push(event, &self.options, &mut dropped);
                }
            }
            End::Closed | End::Over => state.health.shut_down += batch.len() as u64,
            End::Dead => state.divert(batch.drain(..), Reason::WorkerDead, at),
        }
        let is_filled = was_empty && !state.queue.is_empty();
        drop(state);
        if is_filled {
            self.filled.notify_one();
        }
        // What was dropped is taken apart outside of the lock.
        batch.clear();
    }

    /// Takes up to that many events out for the sink, of 8 MiB at most, and waits for the first, and for the end of a
    /// rest. Nothing: the lane is closed, and has given away what it had.
    pub(crate) fn take(&self, most: usize, mut clock: impl FnMut() -> Instant) -> Option<Vec<CleanEvent>> {
        let mut state = self.state();
        loop {
            let at = clock();
            let wait = match (state.queue.is_empty(), state.end) {
                (true, End::No) => None,
                (true, _) => return None,
                (false, end) => match state.breaker.ask(at) {
                    Ok(()) => return Some(state.take(most)),
                    Err(until) if end == End::No => Some(until.saturating_duration_since(at)),
                    Err(_) => {
                        // Nobody waits for the end of a rest at the end of a program.
                        state.divert_all(Reason::BreakerOpen, at);
                        self.settled.notify_all();
                        return None;
                    }
                },
            };
            state = match wait {
                None => self.filled.wait(state).unwrap_or_else(PoisonError::into_inner),
                Some(rest) => self.filled.wait_timeout(state, rest).unwrap_or_else(PoisonError::into_inner).0,
            };
        }
    }

    /// The sink is called from now on.
    pub(super) fn calls(&self, at: Instant) {
        if let Some(flight) = &mut self.state().flight {
            flight.call = Some(Call { since: at, timeouts: 0 });
        }
    }

    /// It has taken so many events.
    pub(crate) fn delivered(&self, events: usize) {
        self.settle(events, |state| {
            state.breaker.succeeded();
            state.health.delivered += events as u64;
        });
    }

    /// It has refused so many, and is well.
    pub(super) fn refused(&self, events: usize) {
        self.settle(events, |state| {
            state.breaker.succeeded();
            state.health.refused += events as u64;
        });
    }

    /// That is why it did not take a batch.
    pub(super) fn said(&self, error: LastError) {
        self.state().health.last_error = Some(error);
    }

    /// A call has failed. Says whether the sink is to be left alone.
    pub(super) fn failed(&self, panicked: bool, at: Instant) -> bool {
        let mut state = self.state();
        if let Some(flight) = &mut state.flight {
            flight.call = None;
        }
        state.health.panics += u64::from(panicked);
        let is_resting = state.failed(at, &self.options);
        if is_resting {
            self.settled.notify_all();
        }
        is_resting
    }

    /// So many events will not be delivered.
    pub(super) fn lost(&self, events: usize) {
        self.settle(events, |state| state.health.failed += events as u64);
    }

    /// These have not been written, and the sink is left alone from now on.
    pub(super) fn gave_up(&self, events: &[CleanEvent], at: Instant) {
        self.settle(events.len(), |state| match self.options.while_resting {
            WhileResting::Print => state.divert(events.iter(), Reason::BreakerOpen, at),
            WhileResting::Keep => state.health.count(Reason::BreakerOpen, events.len() as u64),
        });
    }

    /// So many events of the batch that is under way have come to an end, which `count` writes down.
    fn settle(&self, events: usize, count: impl FnOnce(&mut State)) {
        let mut state = self.state();
        count(&mut state);
        state.land(events);
        self.settled.notify_all();
    }

    /// The pauses between the tries of a batch that was tried first at that moment.
    pub(super) fn pauses(&self, at: Instant) -> Pauses {
        Pauses::new(at, self.options.retry_for)
    }

    /// Waits before a batch is tried again, and says whether to try it: not once the lane is closed.
    pub(super) fn pause(&self, pause: Duration) -> bool {
        let mut state = self.state();
        if state.end == End::No {
            let until = |state: &mut State| state.end == End::No;
            state = self.filled.wait_timeout_while(state, pause, until).unwrap_or_else(PoisonError::into_inner).0;
        }
        state.health.retries += 1;
        state.end == End::No
    }

    /// Looks whether the sink has been in one call for too long. The drainer does, at each of its passes.
    pub(crate) fn watch(&self, at: Instant) {
        let mut state = self.state();
        let unused = state.unused();
        self.watch_call(&mut state, at);
        drop(state);
        // The operating system takes its time to take back much.
        drop(unused);
    }

    fn watch_call(&self, state: &mut State, at: Instant) {
        let Some(call) = state.flight.as_mut().and_then(|flight| flight.call.as_mut()) else { return };
        let call_since = call.since;
        let allowed = self.options.timeout.saturating_mul(call.timeouts + 1);
        if at.saturating_duration_since(call.since) >= allowed {
            call.timeouts += 1;
            state.health.timeouts += 1;
            let since = at.saturating_duration_since(call_since).as_secs_f64();
            let said = LastError::of_text(&format_args!("a call has not come back for {since} s"), self.sanitizer());
            state.health.last_error = Some(said);
            if state.failed(at, &self.options) {
                self.settled.notify_all();
            }
        }
    }

    /// Lets the thread end when it has delivered what is here.
    pub(crate) fn close(&self) {
        let mut state = self.state();
        if state.end == End::No {
            state.end = End::Closed;
        }
        drop(state);
        self.filled.notify_all();
    }

    /// The thread has ended as it should, and the sink is gone.
    pub(super) fn ended(&self) {
        self.state().end = End::Over;
        self.settled.notify_all();
    }

    /// The thread has died, or never was: nobody takes anything any more.
    pub(super) fn died(&self, at: Instant) {
        let mut state = self.state();
        state.end = End::Dead;
        let flight = state.flight.take().map_or(0, |flight| flight.events);
        state.health.worker_dead += flight;
        state.divert_all(Reason::WorkerDead, at);
        self.settled.notify_all();
    }

    /// Waits until something has become of everything that is here now, or until the deadline; what comes meanwhile is
    /// not waited for. Says whether it was in time.
    pub(crate) fn wait_for_what_is_here(&self, deadline: Option<Instant>) -> bool {
        let here = self.state().health.offered;
        self.wait_until(deadline, |state| state.health.settled() >= here)
    }

    /// Waits until the thread has ended, or until the deadline. Says whether it was in time.
    pub(super) fn wait_for_the_end(&self, deadline: Option<Instant>) -> bool {
        self.wait_until(deadline, |state| matches!(state.end, End::Over | End::Dead))
    }

    fn wait_until(&self, deadline: Option<Instant>, is_so: impl Fn(&State) -> bool) -> bool {
        let mut state = self.state();
        while !is_so(&state) {
            state = match deadline.map(|deadline| deadline.saturating_duration_since(Instant::now())) {
                None => self.settled.wait(state).unwrap_or_else(PoisonError::into_inner),
                Some(Duration::ZERO) => return false,
                Some(left) => self.settled.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0,
            };
        }
        true
    }

    /// Events that nobody has taken out yet.
    #[cfg(feature = "sqlite")]
    pub(super) fn waiting(&self) -> usize {
        self.state().queue.len()
    }

    /// What it takes, in bytes.
    pub(crate) fn memory(&self) -> usize {
        self.state().memory()
    }

    pub(crate) fn health(&self) -> SinkHealth {
        let state = self.state();
        let flight = state.flight.as_ref();
        SinkHealth {
            state: state.breaker.state(),
            opened: state.breaker.opened(),
            queued: state.queue.len() as u64 + flight.map_or(0, |flight| flight.events),
            queued_bytes: (state.bytes + flight.map_or(0, |flight| flight.bytes)) as u64,
            is_alive: state.end != End::Dead,
            ..state.health.clone()
        }
    }
}

impl State {
    /// The places that a burst took, when nothing has waited for a second.
    fn unused(&mut self) -> VecDeque<(CleanEvent, usize)> {
        self.idle = if self.queue.is_empty() { self.idle.saturating_add(1) } else { 0 };
        let is_too_large = self.idle > PATIENCE && self.queue.capacity() > FEW;
        if is_too_large { std::mem::take(&mut self.queue) } else { VecDeque::new() }
    }

    /// What waits and is under way takes so much, in bytes, with the places that are free.
    fn memory(&self) -> usize {
        let places = self.queue.capacity() * size_of::<(CleanEvent, usize)>();
        places + self.bytes + self.flight.as_ref().map_or(0, |flight| flight.bytes)
    }

    fn push(&mut self, event: CleanEvent, options: &Served, dropped: &mut Vec<CleanEvent>) {
        let bytes = weight::bytes(&event);
        // Dropped outside of the lock, unless there is no memory to keep it until then.
        let mut drop_one = |event: CleanEvent| {
            if dropped.try_reserve(1).is_ok() {
                dropped.push(event);
            }
        };
        let fits = |state: &Self| {
            state.queue.len() < options.queue_events && state.bytes.saturating_add(bytes) <= options.queue_bytes
        };
        if options.when_full == WhenFull::DropOldest && bytes <= options.queue_bytes {
            while !fits(self)
                && let Some((oldest, its_bytes)) = self.queue.pop_front()
            {
                self.bytes -= its_bytes;
                self.health.queue_full += 1;
                drop_one(oldest);
            }
        }
        // A queue that finds no memory to grow is full.
        if fits(self) && self.queue.try_reserve(1).is_ok() {
            self.bytes += bytes;
            self.queue.push_back((event, bytes));
        } else {
            self.health.queue_full += 1;
            drop_one(event);
        }
    }

    fn take(&mut self, most: usize) -> Vec<CleanEvent> {
        let most = self.queue.len().min(most);
        let (mut batch, mut bytes) = (Vec::with_capacity(most), 0);
        let is_room = |bytes: usize, its_bytes: usize| bytes == 0 || bytes.saturating_add(its_bytes) <= AT_ONCE;
        while batch.len() < most
            && let Some((event, its_bytes)) = self.queue.pop_front_if(|(_, its_bytes)| is_room(bytes, *its_bytes))
        {
            bytes += its_bytes;
            batch.push(event);
        }
        self.bytes -= bytes;
        self.flight = Some(Flight { events: batch.len() as u64, bytes, call: None });
        batch
    }

    /// Something has become of so many events of the batch that is under way.
    fn land(&mut self, events: usize) {
        if let Some(flight) = &mut self.flight {
            flight.events = flight.events.saturating_sub(events as u64);
            flight.call = None;
            if flight.events == 0 {
                self.flight = None;
            }
        }
    }

    /// Says whether the sink is to be left alone.
    fn failed(&mut self, at: Instant, options: &Served) -> bool {
        self.health.failures += 1;
        let is_resting = self.breaker.failed(at);
        if is_resting && options.while_resting == WhileResting::Print {
            self.divert_all(Reason::BreakerOpen, at);
        }
        is_resting
    }

    fn prints(&self, options: &Served, at: Instant) -> bool {
        options.while_resting == WhileResting::Print && self.breaker.is_resting(at)
    }

    fn divert_all(&mut self, reason: Reason, at: Instant) {
        let queue = std::mem::take(&mut self.queue);
        self.bytes = 0;
        self.divert(queue.into_iter().map(|(event, _)| event), reason, at);
    }

    /// Drops them, and prints what the rate allows.
    fn divert<E: std::borrow::Borrow<CleanEvent>>(
        &mut self,
        events: impl Iterator<Item = E>,
        reason: Reason,
        at: Instant,
    ) {
        let (mut all, mut printed) = (0, 0);
        for event in events {
            all += 1;
            if self.rate.allows_one(at) {
                printed += u64::from(fallback::print(event.borrow()));
            }
        }
        self.health.count(reason, all);
        self.health.printed += printed;
    }
}
