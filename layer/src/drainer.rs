//! The one thread that takes records out of the rings and puts clean events into the outlets.
//!
//! It wakes every 50 ms and when a ring is a quarter full. While it makes events it goes on emptying the rings, so that
//! a burst waits in memory that is there for it (`order`) and not in rings that are too small. A flush does the same
//! work at once, on the thread that asks.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering::{Relaxed, SeqCst};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use tense::__private::layer as runtime;
use tense_event::{CleanEvent, Sanitizer, Status};
use tracing_core::dispatcher;

use crate::delivery::fallback;
use crate::emit;
use crate::foreign::{Recorder, deafen_thread};
use crate::health::Health;
use crate::join::{Joiner, Step};
use crate::mark::Mark;
use crate::order::Order;
use crate::outlet::Outlet;
use crate::scopes::Scopes;

/// How often the rings are looked at. An ended span is on its way to the disk after that long.
const TICK: Duration = Duration::from_millis(50);

/// Records that are taken before the rings are emptied again, and one more for each ring. A thread that does nothing
/// but record fills its ring in some fifty microseconds, and to make a clean event takes more than one.
const BETWEEN_DRAINS: usize = 32;
/// How often the rings are emptied in one pass at most, so that a pass has an end.
const DRAINS: usize = 128;
/// Events that are handed over together.
const BATCH: usize = 256;

static STATE: Mutex<State> = Mutex::new(State { order: Order::new(), routes: Vec::new() });
pub(crate) static SANITIZER: LazyLock<Sanitizer> = LazyLock::new(Sanitizer::default);

/// What is known between two passes.
struct State {
    order: Order,
    routes: Vec<Route>,
}

/// What is known of one layer.
struct Route {
    mark: Arc<Mark>,
    joiner: Joiner,
    outlet: Outlet,
    /// Events that are not handed over yet.
    batch: Vec<CleanEvent>,
    service: &'static str,
    emitted: u64,
    pending: u64,
    fields_absent: u64,
    /// Passes since its layer was found to be gone that have taken all they could.
    passes_gone: u8,
    /// Its layer is gone and its records are drained; it stays until its queue is empty.
    is_closed: bool,
}

/// What was counted of layers that are gone.
static GONE: Mutex<Health> = Mutex::new(Health::ZERO);

/// From now on the records of that layer become events for that outlet.
pub(crate) fn add(mark: Arc<Mark>, outlet: Outlet, service: &'static str) {
    state_from_outside().routes.push(Route::new(mark, outlet, service));
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
    // Its rules take milliseconds to compile, in which the first burst of records would be lost.
    LazyLock::force(&SANITIZER);
    let mut is_global_known = false;
    let mut scopes = Scopes::new();
    loop {
        // Asks the host's subscribers, as `scopes` does: one that panics is not asked again.
        is_global_known = is_global_known || catch_unwind(find_global).unwrap_or(true);
        scopes.look();
        runtime::follow();
        let has_more = {
            let mut state = state();
            state.routes.iter().for_each(|route| route.outlet.watch());
            pass(&mut state, Extent::Some)
        };
        if !has_more {
            thread::park_timeout(TICK);
        } else if WAITING.load(Relaxed) > 0 {
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

fn state() -> MutexGuard<'static, State> {
    STATE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How many wait for the state while the drainer's thread has it.
static WAITING: AtomicU32 = AtomicU32::new(0);

/// The state, for somebody else than the drainer's thread.
fn state_from_outside() -> MutexGuard<'static, State> {
    WAITING.fetch_add(1, Relaxed);
    let state = state();
    WAITING.fetch_sub(1, Relaxed);
    state
}

/// How much a pass takes of what is there.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Extent {
    /// What can be done in a while: then others may want to look in, or spans have been open for long.
    Some,
    /// All that was written before it began, and perhaps more.
    All { until: Option<Instant> },
}

/// Says whether it has left something that could be taken at once. A pass that panics (only a bug of ours can) costs
/// its records, and neither the thread nor a host that flushes.
fn pass(state: &mut State, extent: Extent) -> bool {
    catch_unwind(AssertUnwindSafe(|| try_pass(state, extent))).unwrap_or_else(|_| {
        GONE.lock().unwrap_or_else(PoisonError::into_inner).drainer_panics += 1;
        false
    })
}

fn try_pass(State { order, routes }: &mut State, extent: Extent) -> bool {
    // Asked before the rings are drained: what a layer that is gone has recorded is then among these records.
    // One that is closed already has given its number to another layer, which is not gone.
    let gone = routes.iter().filter(|route| !route.is_closed && route.mark.is_gone.load(SeqCst));
    let gone: Vec<u8> = gone.map(|route| route.mark.id).collect();
    let line = runtime::line();
    for route in routes.iter_mut() {
        route.joiner.begin_pass(line);
    }
    // What a closed one still held open would be put into a queue that nobody empties.
    let mut take = |record: runtime::Record<'_>| {
        let route = routes.iter_mut().find(|route| !route.is_closed && route.mark.id == record.layer);
        if let Some(route) = route {
            route.take(&record);
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
        retire(routes, &gone);
    }
    has_more
}

impl Route {
    fn new(mark: Arc<Mark>, outlet: Outlet, service: &'static str) -> Self {
        Self {
            mark,
            joiner: Joiner::new(),
            outlet,
            batch: Vec::new(),
            service,
            emitted: 0,
            pending: 0,
            fields_absent: 0,
            passes_gone: 0,
            is_closed: false,
        }
    }

    fn take(&mut self, record: &runtime::Record<'_>) {
        let (joiner, mut emit) = self.parts();
        joiner.take(record, &mut emit);
    }

    fn end_pass(&mut self, now: u64) {
        let (joiner, mut emit) = self.parts();
        joiner.end_pass(now, &mut emit);
        drop(emit);
        self.emitted += self.batch.len() as u64;
        self.outlet.put(&mut self.batch);
        self.batch.shrink_to(BATCH);
    }

    /// What joins, and what makes events of that.
    #[inline]
    fn parts(&mut self) -> (&mut Joiner, impl FnMut(&Joiner, Step<'_>)) {
        let Self { joiner, outlet, batch, service, emitted, pending, fields_absent, .. } = self;
        let emit = |joiner: &Joiner, step: Step<'_>| {
            if let Some(event) = emit::event(joiner, &step, service) {
                *pending += u64::from(event.status == Status::Pending);
                *fields_absent += event.absent.len() as u64;
                batch.push(SANITIZER.clean(event));
                if batch.len() >= BATCH {
                    *emitted += batch.len() as u64;
                    outlet.put(batch);
                }
            }
        };
        (joiner, emit)
    }

    fn health(&self) -> Health {
        Health {
            emitted: self.emitted,
            pending: self.pending,
            records_lost: self.joiner.lost,
            spans_given_up: self.joiner.given_up,
            values_lost: self.joiner.values_lost,
            fields_absent: self.fields_absent,
            open_spans: self.joiner.open() as u64,
            ..self.outlet.health()
        }
    }
}

fn retire(routes: &mut Vec<Route>, gone: &[u8]) {
    let mut was_closed = false;
    for route in routes.iter_mut().filter(|route| !route.is_closed && gone.contains(&route.mark.id)) {
        // What was written while the rings were drained is taken by the next pass.
        route.passes_gone = route.passes_gone.saturating_add(1);
        if route.passes_gone > 1 && !route.joiner.is_waiting() {
            route.is_closed = true;
            was_closed = true;
            route.outlet.close();
            route.mark.retire();
        }
    }
    routes.retain(|route| {
        let stays = !route.is_closed || route.outlet.health().queued > 0;
        if !stays {
            *GONE.lock().unwrap_or_else(PoisonError::into_inner) +=
                Health { open_spans: 0, sinks: Vec::new(), ..route.health() };
        }
        stays
    });
    if was_closed && runtime::has_global() {
        // `tracing` does not ask again by itself when a scoped default has ended; the direct way would stay closed.
        // Where no layer of ours is the global one there is none, and to ask would do harm: of a single subscriber that
        // is left `tracing` believes that it is this thread's, and would write down for all call sites that nobody
        // wants them.
        tracing_core::callsite::rebuild_interest_cache();
    }
}

/// Takes everything out of the rings that is in them now.
pub(crate) fn drain_now() {
    drain_until(None);
}

/// Says whether everything was drained before the deadline.
fn drain_until(deadline: Option<Instant>) -> bool {
    let mut state = state_from_outside();
    // What is written while the first one drains is there at the second; after a third nothing waits any more.
    for _ in 0..3 {
        let has_more = pass(&mut state, Extent::All { until: deadline });
        if deadline.is_some_and(|deadline| Instant::now() >= deadline) {
            return !has_more;
        }
    }
    true
}

/// Drains, and waits until every queue has given away what is in it then. Says whether that was so before the deadline;
/// without one it waits as long as it takes.
pub(crate) fn flush(deadline: Option<Instant>) -> bool {
    if runtime::is_forked_off() {
        return false;
    }
    let is_drained = drain_until(deadline);
    let outlets: Vec<Outlet> = state_from_outside().routes.iter().map(|route| route.outlet.clone()).collect();
    // All of them are waited for, also behind one that does not make it.
    let is_delivered = outlets.iter().fold(is_drained, |all, outlet| outlet.wait_for_what_is_here(deadline) && all);
    fallback::wait(deadline);
    is_delivered
}

/// Flushes, and lets every sink go: what comes later is dropped and counted. Says whether all of that was done before
/// the deadline.
pub(crate) fn shut_down(deadline: Option<Instant>) -> bool {
    if runtime::is_forked_off() {
        return false;
    }
    let is_flushed = flush(deadline);
    let outlets: Vec<Outlet> = state_from_outside().routes.iter().map(|route| route.outlet.clone()).collect();
    outlets.iter().for_each(Outlet::close);
    let late = outlets.iter().filter(|outlet| !outlet.wait_for_the_end(deadline)).count();
    fallback::wait(deadline);
    is_flushed && late == 0
}

pub(crate) fn health() -> Health {
    if runtime::is_forked_off() {
        // What the parent had counted is the parent's to tell.
        return Health { clock_is_counter: runtime::is_counter(), ..Health::ZERO };
    }
    // The routes first: one that retires in between would be in neither of the two.
    let state = state_from_outside();
    let mut all = GONE.lock().unwrap_or_else(PoisonError::into_inner).clone();
    for route in &state.routes {
        all += route.health();
    }
    Health {
        ring_full: runtime::dropped(),
        stages_unseen: runtime::stages_unseen(),
        clock_is_counter: runtime::is_counter(),
        other_versions: crate::health::has_other_versions(),
        databases_set_aside: crate::sink::databases_set_aside(),
        ..all
    }
}

#[cfg(test)]
mod tests {
    use tense::__private::layer::{Kind, Line};

    use super::*;
    use crate::join::tests::record;

    const SECOND: u64 = 1_000_000_000;

    /// A pass at that moment over what a ring held.
    fn pass(route: &mut Route, now: u64, ring: Vec<u64>) {
        let mut order = Order::new();
        order.drain_of(now, &[ring]);
        route.joiner.begin_pass(Line::SAME);
        while order.take(7, &Line::SAME, |record| route.take(&record)) {}
        route.end_pass(now);
    }

    fn route() -> (Route, Arc<Mutex<Vec<CleanEvent>>>) {
        let events = Arc::new(Mutex::new(Vec::new()));
        (Route::new(Mark::without_number(), Outlet::Memory(Arc::clone(&events)), "test"), events)
    }

    #[test]
    fn a_span_that_is_open_for_a_second_is_told_once_by_the_name_of_the_span() {
        let (mut route, events) = route();
        pass(&mut route, 10, record(Kind::Begin, 5, 7, 0, &[(1, 3)]));
        for second in 1..5 {
            pass(&mut route, second * SECOND + 4, Vec::new());
        }
        pass(&mut route, 9 * SECOND, record(Kind::End, 6 * SECOND + 5, 7, 0, &[]));
        let events = std::mem::take(&mut *events.lock().unwrap_or_else(PoisonError::into_inner));
        let [report, end] = events.as_slice() else { panic!("{events:?}") };
        assert_eq!((report.status, end.status), (Status::Pending, Status::Success));
        assert_eq!(
            (report.event_type.as_ref(), report.span_name.as_ref()),
            ("operation.work.done", "operation.work.done")
        );
        let took = |event: &CleanEvent| event.duration.map_or(0, |duration| duration.as_nanos() as u64);
        assert_eq!((took(report), took(end)), (2 * SECOND - 1, 6 * SECOND), "at the first look after a second");
        assert_eq!(report.data.get("count").and_then(serde_json::Value::as_u64), Some(3));
        assert_eq!(route.emitted, 2);
    }

    #[test]
    fn events_come_in_batches_and_none_is_left_behind() {
        let (mut route, events) = route();
        let spans = 3 * BATCH as u64 + 1;
        let ring = (1..=spans).flat_map(|n| [record(Kind::Begin, n, n, 0, &[]), record(Kind::End, n, n, 0, &[])]);
        pass(&mut route, spans, ring.flatten().collect());
        let ids: Vec<u64> =
            events.lock().unwrap_or_else(PoisonError::into_inner).iter().map(|event| event.span_id.get()).collect();
        assert!(ids.iter().copied().eq(1..=spans));
        let health = route.health();
        assert_eq!((health.emitted, health.delivered, health.records_lost, health.open_spans), (spans, spans, 0, 0));
        assert!(route.batch.capacity() <= BATCH);
    }
}
