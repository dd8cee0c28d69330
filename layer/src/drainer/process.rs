//! What the drainer of one process has. A process that is forked off has one of its own: it finds out which layers
//! there are, and makes a queue and a sink of its own for each of them.

use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{AtomicU32, AtomicU64};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};

use tense::__private::layer as runtime;
use tense_event::CleanEvent;

use super::route::{Route, Wanted};
use crate::delivery::{Delivery, Lanes};
use crate::health::Health;
use crate::mark::Mark;
use crate::order::Order;
use crate::outlet::Outlet;
use crate::sink::{Sink, SinkError};

/// Makes the sinks of a process that was forked off. None: what it records of a layer cannot be delivered.
pub(crate) type InChild = Option<Arc<dyn Fn() -> Vec<(Box<dyn Sink>, Delivery)> + Send + Sync>>;

/// A layer, as far as a process has to know that is forked off.
#[derive(Clone)]
pub(super) struct Known {
    pub(super) mark: Arc<Mark>,
    pub(super) wanted: Wanted,
    pub(super) in_child: InChild,
}

pub(super) struct Process {
    state: Mutex<State>,
    /// How many wait for the state while the drainer's thread has it.
    pub(super) waiting: AtomicU32,
    /// What was counted of layers that are gone.
    gone: Mutex<Health>,
    /// The layers that were made here and are not gone.
    known: Mutex<Vec<Known>>,
    start: Mutex<Start>,
    /// Stages unseen that its parent had counted.
    stages_of_parent: AtomicU64,
}

/// What is known between two passes.
pub(super) struct State {
    pub(super) order: Order,
    pub(super) routes: Vec<Route>,
}

/// How far a process has come towards a drainer.
pub(super) struct Start {
    pub(super) is_running: bool,
    /// It has the layers of the processes that it was forked off from.
    pub(super) has_taken_over: bool,
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
            start: Mutex::new(Start { is_running: false, has_taken_over: false }),
            stages_of_parent: AtomicU64::new(0),
        }
    }

    pub(super) fn is_forked_off(&self) -> bool {
        PROCESSES.first().is_some_and(|first| !std::ptr::eq(first, self))
    }

    pub(super) fn start(&self) -> MutexGuard<'_, Start> {
        self.start.lock().unwrap_or_else(PoisonError::into_inner)
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

    /// Takes the layers of the processes that this one was forked off from, each with sinks of its own.
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
            let of_parent = || vec![(Box::new(OfParent) as Box<dyn Sink>, Delivery::new().print_rate(0))];
            let sinks = known.in_child.map_or_else(of_parent, |sinks| sinks());
            // What is for a sink without a thread is dropped and counted.
            let (lanes, _) = Lanes::start(sinks);
            lanes.clean_with(&known.wanted.sanitizer);
            // The hook stayed with its thread.
            Route::new(known.mark, Outlet::Lanes(lanes), known.wanted, None)
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
