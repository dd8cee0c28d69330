//! Alarms go in without ever waiting; the program's hook is called with them, on a thread of its own.

use std::any::Any;
use std::cell::Cell;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::alarm::Alarm;
use super::settings::Hook;
use crate::foreign::deafen_thread;

/// For how long whoever has no deadline waits for a hook, which may hang.
const PATIENCE: Duration = Duration::from_secs(1);

/// The way to a hook. When the last one is gone, or at a shutdown, its thread ends.
#[derive(Clone)]
pub(crate) struct Alarms {
    shared: Arc<Shared>,
    _end: Arc<End>,
}

struct Shared {
    most: usize,
    state: Mutex<State>,
    /// Something has come, or the end.
    filled: Condvar,
    /// The hook has come back, or is gone.
    emptied: Condvar,
}

#[derive(Default)]
struct State {
    queue: VecDeque<Alarm>,
    is_calling: bool,
    is_closed: bool,
    /// The thread has ended, or never was.
    is_gone: bool,
    counts: AlarmCounts,
}

/// What became of the alarms.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct AlarmCounts {
    pub(crate) told: u64,
    pub(crate) lost: u64,
    pub(crate) panics: u64,
}

thread_local! {
    /// Set on a thread that calls a hook: it does not wait for itself.
    static IS_HOOKS: Cell<bool> = const { Cell::new(false) };
}

impl Alarms {
    /// Starts the thread. Where there is none, alarms are lost and counted, and the hook is kept for good: what it
    /// holds is the program's, and may block or panic where it is dropped, on a thread that only sets up a layer.
    pub(super) fn start(hook: Hook, most: usize) -> Self {
        Self::start_on(thread::Builder::new().name("tense-watch".to_owned()), hook, most)
    }

    pub(super) fn start_on(thread: thread::Builder, hook: Hook, most: usize) -> Self {
        let shared = Arc::new(Shared {
            most,
            state: Mutex::new(State::default()),
            filled: Condvar::new(),
            emptied: Condvar::new(),
        });
        // A thread that does not come takes what was meant for it along.
        let place = Arc::new(Mutex::new(Some(hook)));
        let (its, its_place) = (Arc::clone(&shared), Arc::clone(&place));
        let take = |place: &Mutex<Option<Hook>>| place.lock().unwrap_or_else(PoisonError::into_inner).take();
        let started = thread.spawn(move || {
            if let Some(hook) = take(&its_place) {
                drop(its_place);
                its.run(hook);
            }
        });
        if started.is_err() {
            std::mem::forget(take(&place));
            shared.state().is_gone = true;
        }
        Self { _end: Arc::new(End(Arc::clone(&shared))), shared }
    }

    pub(super) fn put(&self, alarm: Alarm) {
        let mut state = self.shared.state();
        if state.is_closed || state.is_gone || state.queue.len() >= self.shared.most {
            state.counts.lost += 1;
            return;
        }
        state.queue.push_back(alarm);
        drop(state);
        self.shared.filled.notify_one();
    }

    /// Waits until the hook has been given everything that is here, or until the deadline.
    pub(crate) fn wait(&self, deadline: Option<Instant>) {
        if IS_HOOKS.get() {
            return;
        }
        let deadline = deadline.unwrap_or_else(|| Instant::now() + PATIENCE);
        let mut state = self.shared.state();
        while !state.is_gone && (state.is_calling || !state.queue.is_empty()) {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            state = self.shared.emptied.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Lets the thread end when it has told what is here. Further alarms are lost.
    pub(crate) fn close(&self) {
        self.shared.close();
    }

    pub(crate) fn counts(&self) -> AlarmCounts {
        self.shared.state().counts
    }

    /// What waits, in bytes.
    pub(super) fn bytes(&self) -> usize {
        let queue = &self.shared.state().queue;
        queue.capacity() * size_of::<Alarm>() + queue.iter().map(|alarm| alarm.event_type.capacity()).sum::<usize>()
    }
}

/// Closes it for those who have forgotten it.
struct End(Arc<Shared>);

impl Drop for End {
    fn drop(&mut self) {
        self.0.close();
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        // Whoever panicked has left it whole: every change is a single step.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn close(&self) {
        self.state().is_closed = true;
        self.filled.notify_all();
    }

    fn run(&self, hook: Hook) {
        // What the hook traces is not the host's work.
        deafen_thread();
        IS_HOOKS.set(true);
        while let Some(alarm) = self.take() {
            let result = catch_unwind(AssertUnwindSafe(|| hook(&alarm)));
            let mut state = self.state();
            state.is_calling = false;
            state.counts.told += 1;
            state.counts.panics += u64::from(result.is_err());
            drop(state);
            self.emptied.notify_all();
            result.unwrap_or_else(discard);
        }
        catch_unwind(AssertUnwindSafe(|| drop(hook))).unwrap_or_else(discard);
        self.state().is_gone = true;
        self.emptied.notify_all();
    }

    fn take(&self) -> Option<Alarm> {
        let mut state = self.state();
        while state.queue.is_empty() && !state.is_closed {
            state = self.filled.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        let alarm = state.queue.pop_front();
        state.is_calling = alarm.is_some();
        alarm
    }
}

/// What a panic of the hook carries is the program's, and may panic once more when it goes.
fn discard(panic: Box<dyn Any + Send>) {
    catch_unwind(AssertUnwindSafe(|| drop(panic))).unwrap_or_else(std::mem::forget);
}
