//! Records of one layer go in; they are joined, looked at for the program's own hook, and made into events (`making`).

mod making;

use std::sync::Arc;

use tense::__private::layer as runtime;
use tense_event::Sanitizer;

use crate::health::Health;
use crate::join::{Joiner, Step};
use crate::mark::Mark;
use crate::outlet::Outlet;
use crate::sampling::{Limits, Sampling};
use crate::watch::{Slowness, Watch, Watching};
use making::Making;

/// What a program wants of the events of a layer.
#[derive(Clone)]
pub(crate) struct Wanted {
    pub(crate) service: &'static str,
    pub(crate) sanitizer: Sanitizer,
    pub(crate) sampling: Sampling,
    pub(crate) limits: Limits,
    pub(crate) slowness: Slowness,
}

#[cfg(test)]
impl Wanted {
    /// Everything.
    pub(crate) fn all(service: &'static str) -> Self {
        let (sampling, limits) = (Sampling::new(), Limits::new());
        Self { service, sanitizer: Sanitizer::default(), sampling, limits, slowness: Slowness::unless_set(None) }
    }
}

/// What is known of one layer.
pub(crate) struct Route {
    pub(super) mark: Arc<Mark>,
    pub(crate) joiner: Joiner,
    pub(super) making: Making,
    pub(super) watching: Watching,
    /// Passes since its layer was found to be gone that have taken all they could.
    pub(super) passes_gone: u8,
    /// Its layer is gone and its records are drained; it stays until its queue is empty.
    pub(super) is_closed: bool,
}

impl Route {
    pub(crate) fn new(mark: Arc<Mark>, outlet: Outlet, wanted: Wanted, watch: Option<Watch>) -> Self {
        Self {
            joiner: Joiner::new(&wanted.limits),
            watching: Watching::new(wanted.slowness, &wanted.sanitizer, watch),
            making: Making::new(outlet, wanted, mark.id),
            mark,
            passes_gone: 0,
            is_closed: false,
        }
    }

    #[inline]
    pub(crate) fn take(&mut self, record: &runtime::Record<'_>) {
        let (joiner, mut emit) = self.parts();
        joiner.take(record, &mut emit);
    }

    pub(crate) fn end_pass(&mut self, now: u64) {
        let (joiner, mut emit) = self.parts();
        joiner.end_pass(now, &mut emit);
        drop(emit);
        let Self { joiner, making, watching, .. } = self;
        let mut unreported = Vec::new();
        watching.end_pass(joiner, now, |span| {
            if making.has_not_reported(span.id) {
                unreported.push(span.id);
            }
        });
        for span in unreported {
            // One that was above another such span has been reported with that.
            if let Some(span) = joiner.open_span(span).filter(|span| making.has_not_reported(span.id)) {
                making.take(joiner, &Step::StillOpen(span, now));
            }
        }
        making.end_pass(joiner, now);
    }

    /// Its layer is gone, and the number may be another one's soon.
    pub(super) fn close(&mut self) {
        self.is_closed = true;
        self.making.close();
        self.watching.tell_rest();
    }

    /// What joins, and what makes events of that.
    #[inline]
    fn parts(&mut self) -> (&mut Joiner, impl FnMut(&Joiner, Step<'_>)) {
        let Self { joiner, making, watching, .. } = self;
        let emit = move |joiner: &Joiner, step: Step<'_>| {
            // Before anything is left out.
            watching.see(&step);
            making.take(joiner, &step);
        };
        (joiner, emit)
    }

    /// At that moment.
    pub(super) fn health(&self, now: u64) -> Health {
        let alarms = self.watching.alarms().map(|alarms| alarms.counts()).unwrap_or_default();
        let making = self.making.health();
        Health {
            types: self.watching.health(now),
            alarms: alarms.told,
            alarms_lost: alarms.lost,
            hook_panics: alarms.panics,
            records_lost: self.joiner.lost,
            spans_given_up: self.joiner.given_up,
            values_lost: self.joiner.values_lost,
            open_spans: self.joiner.open() as u64,
            memory_bytes: making.memory_bytes + (self.joiner.bytes() + self.watching.bytes()) as u64,
            ..making
        }
    }
}

#[cfg(test)]
mod crowded;
#[cfg(test)]
mod program;
#[cfg(test)]
mod sampled;
#[cfg(test)]
mod hanging;

#[cfg(test)]
mod tests {
    use std::sync::{Mutex, PoisonError};

    use tense::__private::layer::{Kind, Line};
    use tense_event::{CleanEvent, Status};

    use super::making::BATCH;
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
        let outlet = Outlet::Memory(Arc::clone(&events));
        (Route::new(Mark::without_number(), outlet, Wanted::all("test"), None), events)
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
        assert_eq!(route.health(0).emitted, 2);
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
        let health = route.health(spans);
        assert_eq!((health.emitted, health.delivered, health.records_lost, health.open_spans), (spans, spans, 0, 0));
        assert!(route.making.room() <= BATCH);
    }
}
