//! The one thread that takes records out of the rings and puts clean events into the outlets.
//!
//! It wakes every 50 ms and when a ring is a quarter full. While it makes events it goes on emptying the rings, so that
//! a burst waits in memory that is there for it (`order`) and not in rings that are too small. A flush does the same
//! work at once, on the thread that asks.

mod process;
mod route;
#[cfg(test)]
mod memory;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering::{Relaxed, SeqCst};
use std::thread;
use std::time::{Duration, Instant};

use tense::__private::layer as runtime;
use tracing_core::dispatcher;

use crate::delivery::fallback;
use crate::foreign::{Recorder, deafen_thread};
use crate::health::Health;
use crate::mark::{Mark, ask_again_for_all};
use crate::outlet::Outlet;
use crate::scopes::Scopes;
use crate::settings::told;
use crate::watch::{Alarms, TypeHealth, Watch};
pub(crate) use process::InChild;
use process::{Known, Process, State, here};
pub(crate) use route::{Route, Wanted};

/// How often the rings are looked at. An ended span is on its way to the disk after that long.
const TICK: Duration = Duration::from_millis(50);

/// Records that are taken before the rings are emptied again, and one more for each ring. A thread that does nothing
/// but record fills its ring in some fifty microseconds, and to make a clean event takes more than one.
const BETWEEN_DRAINS: usize = 32;
/// How often the rings are emptied in one pass at most, so that a pass has an end.
const DRAINS: usize = 128;

/// From now on the records of that layer become events for that outlet; in a process that is forked off, for
/// those of `in_child`.
pub(crate) fn add(mark: Arc<Mark>, outlet: Outlet, wanted: Wanted, in_child: InChild, watch: Option<Watch>) {
    let Some(process) = here() else { return };
    let known = Known { mark: Arc::clone(&mark), wanted: wanted.clone(), in_child };
    process.known().push(known);
    // Made before the state is taken, which the drainer waits for: a thread may be started.
    let route = Route::new(mark, outlet, wanted, watch);
    process.state_from_outside().routes.push(route);
}

/// Starts the thread, once in a process. Says why it could not; the next one who asks tries again.
pub(crate) fn start() -> std::io::Result<()> {
    // Where nothing is recorded nobody is needed.
    let Some(process) = here() else { return Ok(()) };
    let mut start = process.start();
    if start.is_running {
        return Ok(());
    }
    if process.is_forked_off() && !start.has_taken_over {
        start.has_taken_over = true;
        process.take_over();
    }
    let drainer = thread::Builder::new().name("tense-drainer".to_owned()).spawn(|| run(process))?;
    runtime::set_drainer(drainer.thread().clone(), || {
        self::start().ok();
    });
    start.is_running = true;
    Ok(())
}

fn run(process: &Process) {
    deafen_thread();
    // What its parent has found out need not be asked again, under a lock of `tracing`'s that may be held for ever.
    let mut is_global_known = process.is_forked_off() && runtime::has_global();
    let mut scopes = Scopes::new();
    loop {
        // Asks the host's subscribers, as `scopes` does: one that panics is not asked again.
        is_global_known = is_global_known || catch_unwind(find_global).unwrap_or(true);
        scopes.look();
        runtime::catch_up();
        if runtime::take_put_off() {
            catch_unwind(ask_again_for_all).ok();
        }
        runtime::follow();
        process.watch();
        let has_more = process.pass(Extent::Some);
        if !has_more {
            thread::park_timeout(TICK);
        } else if process.waiting.load(Relaxed) > 0 {
            // Whoever takes a lock again at once leaves it to nobody.
            thread::sleep(Duration::from_micros(100));
        }
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

/// How much a pass takes of what is there.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Extent {
    /// What can be done in a while: then others may want to look in, or spans have been open for long.
    Some,
    /// All that was written before it began, and perhaps more.
    All { until: Option<Instant> },
}

impl Process {
    /// Those of all layers, to be waited for without the state.
    fn outlets(&self) -> Vec<Outlet> {
        self.state_from_outside().routes.iter().map(|route| route.making.outlet.clone()).collect()
    }

    /// The same with the ways to their hooks.
    fn alarms(&self) -> Vec<Alarms> {
        self.state_from_outside().routes.iter().filter_map(|route| route.watching.alarms()).collect()
    }

    /// Looks whether a sink is stuck.
    fn watch(&self) {
        self.state().routes.iter().for_each(|route| route.making.outlet.watch());
    }

    /// Says whether it has left something that could be taken at once.
    fn pass(&self, extent: Extent) -> bool {
        self.pass_over(&mut self.state(), extent)
    }

    /// A pass that panics (only a bug of ours can) costs its records, and neither the thread nor a host that flushes.
    fn pass_over(&self, state: &mut State, extent: Extent) -> bool {
        catch_unwind(AssertUnwindSafe(|| self.try_pass(state, extent))).unwrap_or_else(|_| {
            self.gone().drainer_panics += 1;
            false
        })
    }

    fn try_pass(&self, State { order, routes }: &mut State, extent: Extent) -> bool {
        // Asked before the rings are drained: what a layer that is gone has recorded is then among these records.
        // One that is closed already has given its number to another layer, which is not gone.
        let gone = routes.iter().filter(|route| !route.is_closed && route.mark.is_gone.load(SeqCst));
        let gone: Vec<u8> = gone.map(|route| route.mark.id).collect();
        let line = runtime::line();
        for route in routes.iter_mut() {
            route.joiner.begin_pass(line);
        }
        // What a closed one still held open would be put into a queue that nobody empties.
        let mut take = |record: &runtime::Record<'_>| {
            let route = routes.iter_mut().find(|route| !route.is_closed && route.mark.id == record.layer);
            if let Some(route) = route {
                route.take(record);
            }
        };
        let mut has_more = true;
        for _ in 0..DRAINS {
            order.drain();
            has_more = order.take(BETWEEN_DRAINS + order.threads(), &line, &mut take);
            if !has_more {
                break;
            }
        }
        if let Extent::All { until } = extent {
            // Behind a burst that takes seconds; whoever flushes has said for how long he waits.
            while has_more && until.is_none_or(|until| Instant::now() < until) {
                has_more = order.take(BETWEEN_DRAINS + order.threads(), &line, &mut take);
            }
        }
        order.rest();
        let now = runtime::now();
        for route in routes.iter_mut().filter(|route| !route.is_closed) {
            route.end_pass(now);
        }
        if !gone.is_empty() && !has_more {
            self.retire(routes, &gone);
        }
        // Its queue may have been emptied long after the pass that closed it.
        if routes.iter().any(|route| route.is_closed) {
            self.let_go(routes, now);
        }
        has_more
    }

    /// Closes what belongs to layers that are gone and whose records are drained.
    fn retire(&self, routes: &mut [Route], gone: &[u8]) {
        let mut was_closed = false;
        for route in routes.iter_mut().filter(|route| !route.is_closed && gone.contains(&route.mark.id)) {
            // What was written while the rings were drained is taken by the next pass.
            route.passes_gone = route.passes_gone.saturating_add(1);
            if route.passes_gone > 1 && !route.joiner.is_waiting() {
                was_closed = true;
                route.close();
                self.known().retain(|known| !Arc::ptr_eq(&known.mark, &route.mark));
                route.mark.retire();
            }
        }
        if was_closed && runtime::has_global() {
            // `tracing` does not ask again by itself when a scoped default has ended; the direct way would stay closed.
            // Where no layer of ours is the global one there is none, and to ask would do harm: of a single subscriber
            // that is left `tracing` believes that it is this thread's, and would write down for all call sites that
            // nobody wants them. Nor is it done here: who is asked may look at the health of this process, or flush,
            // for which the state that this pass has is needed.
            runtime::put_off_asking();
        }
    }

    /// Keeps the counts of those that are closed, and have given away all that was in their queues.
    fn let_go(&self, routes: &mut Vec<Route>, now: u64) {
        routes.retain(|route| {
            let stays = !route.is_closed || route.making.outlet.health().queued > 0;
            if !stays {
                let mut health = Health {
                    open_spans: 0,
                    memory_bytes: 0,
                    sampling_ratio: 1.0,
                    failure_ratio: 1.0,
                    sinks: Vec::new(),
                    ..route.health(now)
                };
                // Its last minute would never be over.
                health.types.iter_mut().for_each(TypeHealth::forget_last_minute);
                *self.gone() += health;
            }
            stays
        });
    }
}

/// Takes everything out of the rings that is in them now.
pub(crate) fn drain_now() {
    drain_until(None);
}

/// Says whether everything was drained before the deadline.
fn drain_until(deadline: Option<Instant>) -> bool {
    let Some(process) = here() else { return false };
    let mut state = process.state_from_outside();
    // What is written while the first one drains is there at the second; after a third nothing waits any more.
    for _ in 0..3 {
        let has_more = process.pass_over(&mut state, Extent::All { until: deadline });
        if deadline.is_some_and(|deadline| Instant::now() >= deadline) {
            return !has_more;
        }
    }
    true
}

/// Drains, and waits until every queue has given away what is in it then. Says whether that was so before the deadline;
/// without one it waits as long as it takes.
pub(crate) fn flush(deadline: Option<Instant>) -> bool {
    let is_delivered = deliver(deadline);
    // A hook is nothing that a flush would be incomplete without.
    here().iter().flat_map(|process| process.alarms()).for_each(|alarms| alarms.wait(deadline));
    is_delivered
}

fn deliver(deadline: Option<Instant>) -> bool {
    let is_drained = drain_until(deadline);
    let Some(process) = here() else { return false };
    let outlets = process.outlets();
    // All of them are waited for, also behind one that does not make it.
    let late = outlets.iter().filter(|outlet| !outlet.wait_for_what_is_here(deadline)).count();
    fallback::wait(deadline);
    is_drained && late == 0
}

/// Flushes, and lets every sink go: what comes later is dropped and counted. Says whether all of that was done before
/// the deadline.
pub(crate) fn shut_down(deadline: Option<Instant>) -> bool {
    let is_flushed = deliver(deadline);
    let Some(process) = here() else { return false };
    let outlets = process.outlets();
    outlets.iter().for_each(Outlet::close);
    let late = outlets.iter().filter(|outlet| !outlet.wait_for_the_end(deadline)).count();
    fallback::wait(deadline);
    process.state_from_outside().routes.iter_mut().for_each(|route| route.watching.tell_rest());
    for alarms in process.alarms() {
        alarms.close();
        alarms.wait(deadline);
    }
    is_flushed && late == 0
}

/// For a test: does something while the drainer cannot be asked anything.
#[cfg(test)]
pub(crate) fn while_the_drainer_works<T>(work: impl FnOnce() -> T) -> T {
    let state = here().map(Process::state);
    let done = work();
    drop(state);
    done
}

pub(crate) fn health() -> Health {
    let clock_is_counter = runtime::is_counter();
    let (switched_off, settings) = (told::is_switched_off(), told::told());
    let Some(process) = here() else { return Health { clock_is_counter, switched_off, settings, ..Health::ZERO } };
    // The routes first: one that retires in between would be in neither of the two.
    let state = process.state_from_outside();
    let mut all = process.gone().clone();
    let now = runtime::now();
    for route in &state.routes {
        all += route.health(now);
    }
    Health {
        memory_bytes: all.memory_bytes + (runtime::ring_memory() + state.order.bytes()) as u64,
        ring_full: runtime::dropped(),
        lost_at_fork: runtime::lost_at_fork(),
        entered_too_deep: runtime::entered_too_deep(),
        stages_unseen: process.stages_unseen(),
        clock_is_counter,
        subscriber_panics: runtime::panics_of_subscribers(),
        databases_set_aside: crate::sink::databases_set_aside(),
        other_versions: crate::health::has_other_versions(),
        switched_off,
        settings,
        ..all
    }
}
