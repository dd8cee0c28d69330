//! What the drainer of one process has. A process that is forked off has one of its own: it finds out which layers
//! there are, and makes a queue and a sink of its own for each of them.

use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{AtomicU32, AtomicU64};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, TryLockError};

use tense::__private::layer as runtime;
use tense_event::{CleanEvent, Sanitizer};

use super::route::Route;
use crate::health::Health;
use crate::mark::Mark;
use crate::order::Order;
use crate::outlet::Outlet;
use crate::queue::Queue;
use crate::sink::{Sink, SinkError};
use crate::worker;

/// Makes the sink of a process that was forked off.
pub(crate) type SinkOfChild = Arc<dyn Fn() -> Box<dyn Sink> + Send + Sync>;

/// A layer, as far as a process has to know that is forked off.
#[derive(Clone)]
pub(super) struct Known {
    pub(super) mark: Arc<Mark>,
    pub(super) service: &'static str,
    /// How many events its queue has room for.
    pub(super) sanitizer: Sanitizer,
    pub(super) queue_events: usize,
    /// Nothing: what such a process records of it cannot be delivered.
    pub(super) sink: Option<SinkOfChild>,
}

pub(super) struct Process {
    state: Mutex<State>,
    /// How many wait for the state while the drainer's thread has it.
    pub(super) waiting: AtomicU32,
    /// What was counted of layers that are gone.
    gone: Mutex<Health>,
    /// The layers that were made here and are not gone.
    known: Mutex<Vec<Known>>,
    pub(super) started: OnceLock<std::io::Result<()>>,
    /// Stages unseen that its parent had counted.
    stages_of_parent: AtomicU64,
}

/// What is known between two passes.
pub(super) struct State {
    pub(super) order: Order,
    pub(super) routes: Vec<Route>,
}

static PROCESSES: [Process; runtime::GENERATIONS] = [const { Process::new() }; runtime::GENERATIONS];

/// This process's. `None`: see [`runtime::GENERATIONS`].
pub(super) fn here() -> Option<&'static Process> {
    PROCESSES.get(runtime::arrive()?)
}

impl Process {
    const fn new() -> Self {
        Self {
            state: Mutex::new(State { order: Order::new(), routes: Vec::new() }),
            waiting: AtomicU32::new(0),
            gone: Mutex::new(Health::ZERO),
            known: Mutex::new(Vec::new()),
            started: OnceLock::new(),
            stages_of_parent: AtomicU64::new(0),
        }
    }

    pub(super) fn is_forked_off(&self) -> bool {
        PROCESSES.first().is_some_and(|first| !std::ptr::eq(first, self))
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The state, for somebody else than the drainer's thread.
    pub(super) fn state_from_outside(&self) -> MutexGuard<'_, State> {
        self.waiting.fetch_add(1, Relaxed);
        let state = self.state();
        self.waiting.fetch_sub(1, Relaxed);
        state
    }

    pub(super) fn gone(&self) -> MutexGuard<'_, Health> {
        self.gone.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn known(&self) -> MutexGuard<'_, Vec<Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn stages_unseen(&self) -> u64 {
        runtime::stages_unseen().saturating_sub(self.stages_of_parent.load(Relaxed))
    }

    /// Takes the layers of the processes that this one was forked off from, each with a queue and a sink of its own.
    pub(super) fn take_over(&self) {
        self.stages_of_parent.store(runtime::stages_unseen(), Relaxed);
        let former = PROCESSES.iter().take_while(|former| !std::ptr::eq(*former, self));
        let known = former.flat_map(|former| match former.known.try_lock() {
            Ok(known) => known.clone(),
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner().clone(),
            // A layer was being made or was going just when the process forked. Nobody will let go of that lock.
            Err(TryLockError::WouldBlock) => Vec::new(),
        });
        let routes = known.filter(|known| !known.mark.is_gone.load(Relaxed)).map(|known| {
            let queue = Arc::new(Queue::new(known.queue_events));
            let sink = known.sink.map_or_else(|| Box::new(OfParent) as Box<dyn Sink>, |sink| sink());
            // Without its thread the queue fills up, and drops and counts.
            worker::start(Arc::clone(&queue), sink).ok();
            Route::new(known.mark, Outlet::Queue(queue), known.service, known.sanitizer)
        });
        let routes: Vec<Route> = routes.collect();
        self.state_from_outside().routes.extend(routes);
    }
}

/// Stands for a sink that stayed with the process that it was made in: what comes is counted as not delivered.
struct OfParent;

impl Sink for OfParent {
    fn deliver(&mut self, _: &[CleanEvent]) -> Result<(), SinkError> {
        Err(SinkError::Failed("the sink belongs to the process that this one was forked off from".into()))
    }
}
