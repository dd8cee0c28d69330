//! The one thread that takes records out of the rings and puts clean events into the outlets.
//!
//! It wakes every 50 ms and when a ring is half full. A flush does the same work at once, on the thread that asks.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::Ordering::SeqCst;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use tense::__private::layer as runtime;
use tense_event::Sanitizer;
use tracing_core::dispatcher;

use crate::emit;
use crate::foreign::{Recorder, deafen_thread};
use crate::health::Health;
use crate::join::Joiner;
use crate::mark::Mark;
use crate::outlet::Outlet;
use crate::scopes::Scopes;

/// How often the rings are looked at. An ended span is on its way to the disk after that long.
const TICK: Duration = Duration::from_millis(50);

static ROUTES: Mutex<Vec<Route>> = Mutex::new(Vec::new());
static SANITIZER: LazyLock<Sanitizer> = LazyLock::new(Sanitizer::default);

/// What is known of one layer between two passes.
struct Route {
    mark: Arc<Mark>,
    joiner: Joiner,
    outlet: Outlet,
    service: &'static str,
    emitted: u64,
    fields_absent: u64,
    /// Its layer is gone and its records are drained; it stays until its queue is empty.
    is_closed: bool,
}

/// What was counted of layers that are gone.
static GONE: Mutex<Health> = Mutex::new(Health::ZERO);

/// From now on the records of that layer become events for that outlet.
pub(crate) fn add(mark: Arc<Mark>, outlet: Outlet, service: &'static str) {
    routes().push(Route {
        mark,
        joiner: Joiner::default(),
        outlet,
        service,
        emitted: 0,
        fields_absent: 0,
        is_closed: false,
    });
}

/// Starts the thread, once in a process. Says why it could not.
pub(crate) fn start() -> Result<(), &'static std::io::Error> {
    static STARTED: OnceLock<std::io::Result<()>> = OnceLock::new();
    let started = STARTED.get_or_init(|| {
        let drainer = thread::Builder::new().name("tense-drainer".to_owned()).spawn(run)?;
        runtime::set_drainer(drainer.thread().clone());
        Ok(())
    });
    started.as_ref().copied()
}

fn run() {
    deafen_thread();
    let mut is_global_known = false;
    let mut scopes = Scopes::new();
    loop {
        is_global_known = is_global_known || find_global();
        scopes.look();
        runtime::follow();
        pass(&mut routes());
        thread::park_timeout(TICK);
    }
}

/// This thread has no scoped default, so what it sees is the global one.
fn find_global() -> bool {
    let mark = dispatcher::get_default(|dispatch| {
        let mark = Arc::clone(dispatch.downcast_ref::<Recorder>()?.mark());
        // A layer inside an `Option` is not told of its subscriber.
        mark.met(dispatch.downgrade());
        Some(mark)
    });
    mark.inspect(Mark::promote).is_some()
}

fn routes() -> MutexGuard<'static, Vec<Route>> {
    ROUTES.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A pass that panics (only a bug of ours can) costs its records, and neither the thread nor a host that flushes.
fn pass(routes: &mut Vec<Route>) {
    if catch_unwind(AssertUnwindSafe(|| try_pass(routes))).is_err() {
        GONE.lock().unwrap_or_else(PoisonError::into_inner).drainer_panics += 1;
    }
}

fn try_pass(routes: &mut Vec<Route>) {
    // Asked before the rings are drained: what a layer that is gone has recorded is then among these records.
    // One that is closed already has given its number to another layer, which is not gone.
    let gone = routes.iter().filter(|route| !route.is_closed && route.mark.is_gone.load(SeqCst));
    let gone: Vec<u8> = gone.map(|route| route.mark.id).collect();
    let mut records: Vec<Vec<_>> = routes.iter().map(|_| Vec::new()).collect();
    let drained_from = runtime::now();
    runtime::drain(|record| {
        let route = routes.iter().position(|route| !route.is_closed && route.mark.id == record.layer);
        if let Some(records) = route.and_then(|route| records.get_mut(route)) {
            records.push(record);
        }
    });
    let now = runtime::now();
    // What a closed one still held open would be put into a queue that nobody empties.
    for (route, records) in routes.iter_mut().zip(records).filter(|(route, _)| !route.is_closed) {
        route.pass(records, drained_from, now);
    }
    if !gone.is_empty() {
        retire(routes, &gone);
    }
}

impl Route {
    fn pass(&mut self, records: Vec<runtime::Record>, drained_from: u64, now: u64) {
        let Self { joiner, outlet, service, emitted, fields_absent, .. } = self;
        joiner.pass(records, drained_from, now, |joiner, step| {
            if let Some(event) = emit::event(joiner, &step, service) {
                *fields_absent += event.absent.len() as u64;
                outlet.put(SANITIZER.clean(event));
                *emitted += 1;
            }
        });
    }

    fn health(&self) -> Health {
        let counts = self.outlet.counts();
        Health {
            emitted: self.emitted,
            delivered: counts.delivered,
            queued: counts.queued,
            queue_full: counts.queue_full,
            sink_failed: counts.sink_failed,
            records_lost: self.joiner.lost,
            fields_absent: self.fields_absent,
            open_spans: self.joiner.open() as u64,
            ..Health::ZERO
        }
    }
}

fn retire(routes: &mut Vec<Route>, gone: &[u8]) {
    let mut was_closed = false;
    for route in routes.iter_mut() {
        if !route.is_closed && gone.contains(&route.mark.id) && !route.joiner.is_waiting() {
            route.is_closed = true;
            was_closed = true;
            route.outlet.close();
            route.mark.retire();
        }
    }
    routes.retain(|route| {
        let stays = !route.is_closed || route.outlet.counts().queued > 0;
        if !stays {
            *GONE.lock().unwrap_or_else(PoisonError::into_inner) += Health { open_spans: 0, ..route.health() };
        }
        stays
    });
    if was_closed && runtime::has_global() {
        // `tracing` does not ask again by itself when a scoped default has ended; the direct way would stay closed. Where no
        // layer of ours is the global one there is none, and to ask would do harm: of a single subscriber that is left
        // `tracing` believes that it is this thread's, and would write down for all call sites that nobody wants them.
        tracing_core::callsite::rebuild_interest_cache();
    }
}

/// Takes everything out of the rings that is in them now.
pub(crate) fn drain_now() {
    let mut routes = routes();
    // What is written while the first one drains is there at the second; after a third nothing waits any more.
    for _ in 0..3 {
        pass(&mut routes);
    }
}

/// Drains, and waits until every queue has given away what is in it then. Says whether that was so before the deadline;
/// without one it waits as long as it takes.
pub(crate) fn flush(deadline: Option<Instant>) -> bool {
    drain_now();
    let outlets: Vec<Outlet> = routes().iter().map(|route| route.outlet.clone()).collect();
    // All of them are waited for, also behind one that does not make it.
    outlets.iter().fold(true, |all, outlet| match outlet {
        Outlet::Queue(queue) => queue.wait_for_what_is_here(deadline) && all,
        Outlet::Memory(_) => all,
    })
}

pub(crate) fn health() -> Health {
    // The routes first: one that retires in between would be in neither of the two.
    let routes = routes();
    let mut all = *GONE.lock().unwrap_or_else(PoisonError::into_inner);
    for route in routes.iter() {
        all += route.health();
    }
    Health {
        ring_full: runtime::dropped(),
        stages_unseen: runtime::stages_unseen(),
        clock_is_counter: runtime::is_counter(),
        other_versions: crate::health::has_other_versions(),
        ..all
    }
}
