//! Records of one layer go in; clean events, in batches, leave for its outlet.

use std::sync::Arc;

use tense::__private::layer as runtime;
use tense_event::{CleanEvent, Sanitizer, Status};

use crate::emit;
use crate::health::Health;
use crate::join::{Joiner, Step};
use crate::mark::Mark;
use crate::outlet::Outlet;

/// Events that are handed over together.
const BATCH: usize = 256;

/// What is known of one layer.
pub(super) struct Route {
    pub(super) mark: Arc<Mark>,
    pub(super) joiner: Joiner,
    pub(super) outlet: Outlet,
    /// Events that are not handed over yet.
    batch: Vec<CleanEvent>,
    service: &'static str,
    sanitizer: Sanitizer,
    emitted: u64,
    pending: u64,
    fields_absent: u64,
    /// Passes since its layer was found to be gone that have taken all they could.
    pub(super) passes_gone: u8,
    /// Its layer is gone and its records are drained; it stays until its queue is empty.
    pub(super) is_closed: bool,
}

impl Route {
    pub(super) fn new(mark: Arc<Mark>, outlet: Outlet, service: &'static str, sanitizer: Sanitizer) -> Self {
        Self {
            mark,
            joiner: Joiner::new(),
            outlet,
            batch: Vec::new(),
            service,
            sanitizer,
            emitted: 0,
            pending: 0,
            fields_absent: 0,
            passes_gone: 0,
            is_closed: false,
        }
    }

    pub(super) fn take(&mut self, record: &runtime::Record<'_>) {
        let (joiner, mut emit) = self.parts();
        joiner.take(record, &mut emit);
    }

    pub(super) fn end_pass(&mut self, now: u64) {
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
        let Self { joiner, outlet, batch, service, sanitizer, emitted, pending, fields_absent, .. } = self;
        let emit = |joiner: &Joiner, step: Step<'_>| {
            if let Some(event) = emit::event(joiner, &step, service) {
                *pending += u64::from(event.status == Status::Pending);
                *fields_absent += event.absent.len() as u64;
                batch.push(sanitizer.clean(event));
                if batch.len() >= BATCH {
                    *emitted += batch.len() as u64;
                    outlet.put(batch);
                }
            }
        };
        (joiner, emit)
    }

    pub(super) fn health(&self) -> Health {
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

#[cfg(test)]
mod tests {
    use std::sync::{Mutex, PoisonError};

    use tense::__private::layer::{Kind, Line};

    use super::*;
    use crate::join::tests::record;
    use crate::order::Order;

    const SECOND: u64 = 1_000_000_000;

    /// A pass at that moment over what a ring held.
    fn pass(route: &mut Route, now: u64, ring: Vec<u64>) {
        let mut order = Order::new();
        order.drain_of(now, &[ring]);
        route.joiner.begin_pass(Line::SAME);
        while order.take(7, &Line::SAME, |record| route.take(record)) {}
        route.end_pass(now);
    }

    fn route() -> (Route, Arc<Mutex<Vec<CleanEvent>>>) {
        let events = Arc::new(Mutex::new(Vec::new()));
        (Route::new(Mark::without_number(), Outlet::Memory(Arc::clone(&events)), "test", Sanitizer::default()), events)
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
